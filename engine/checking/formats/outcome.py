"""How much was found, in words."""

from __future__ import annotations

from engine.base.counted import counted
from engine.checking.check import Checked


def outcome(checked: Checked) -> str:
    """One line: what was looked at, how many problems there are, what is allowed, what is left undone."""
    errors, warnings = checked.count("error"), checked.count("warning")
    problems = (
        f"{counted(errors, 'error')}, {counted(warnings, 'warning')}"
        if checked.diagnostics
        else "no problems"
    )
    more = []
    if checked.suppressed:
        more.append(f"{counted(len(checked.suppressed), 'warning')} allowed")
    if checked.unfinished:
        more.append("not everything is settled")
    looked_at = f"{checked.summary}: " if checked.summary else ""
    return f"{looked_at}{'; '.join([problems, *more])}."
