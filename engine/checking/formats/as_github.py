"""For GitHub Actions: one workflow command a problem, shown beside the line in a pull request."""

from __future__ import annotations

from engine.base.diagnostic import Diagnostic
from engine.checking.check import Checked
from engine.checking.formats.outcome import details, outcome
from engine.rendering.github import command, data


def render(checked: Checked) -> str:
    """All that was found, as workflow commands."""
    lines = [_annotation(diagnostic) for diagnostic in checked.diagnostics]
    lines += [
        command("notice", {"title": left.code}, f"Not settled: {left.about}: {left.reason}")
        for left in checked.unfinished
    ]
    return "\n".join([*lines, data(outcome(checked))]) + "\n"


def _annotation(diagnostic: Diagnostic) -> str:
    at = diagnostic.location
    properties: dict[str, object] = {
        "file": at.path, "line": at.line, "col": at.column, "title": diagnostic.code,
    }  # fmt: skip
    if diagnostic.words and "\n" not in diagnostic.words:
        properties["endColumn"] = at.column + len(diagnostic.words)
    message = "\n".join(filter(None, [diagnostic.message, diagnostic.help, *details(diagnostic)]))
    kind = "notice" if diagnostic.severity == "note" else diagnostic.severity
    return command(kind, properties, message)
