"""For a terminal: each problem with its line and a caret, what was not settled, and one line on the whole."""

from __future__ import annotations

from engine.base.diagnostic_text import format_diagnostics, printable
from engine.checking.check import Checked
from engine.checking.formats.outcome import outcome


def render(checked: Checked) -> str:
    """All that was found, as text."""
    parts = [format_diagnostics(checked.diagnostics)] if checked.diagnostics else []
    if checked.unfinished:
        lines = [
            printable(f"  {left.about}: {left.reason}".replace("\n", " ")) + f" [{left.code}]"
            for left in checked.unfinished
        ]
        parts.append("\n".join(["Not settled:", *lines]))
    return "\n\n".join([*parts, outcome(checked)]) + "\n"
