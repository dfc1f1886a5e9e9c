"""For GitHub Actions: one workflow command a problem, shown beside the line in a pull request."""

from __future__ import annotations

from engine.base.diagnostic import Diagnostic
from engine.checking.check import Checked
from engine.checking.formats.outcome import outcome


def render(checked: Checked) -> str:
    """All that was found, as workflow commands."""
    lines = [_command(found) for found in checked.diagnostics]
    lines += [
        f"::notice title={_property(found.code)}::" + _data(f"Not settled: {found.about}: {found.reason}")
        for found in checked.unfinished
    ]
    return "\n".join([*lines, _data(outcome(checked))]) + "\n"


def _command(found: Diagnostic) -> str:
    at = found.at
    place = {"file": at.path, "line": at.line, "col": at.column, "title": found.code}
    if found.words and "\n" not in found.words:
        place["endColumn"] = at.column + len(found.words)
    properties = ",".join(f"{name}={_property(str(value))}" for name, value in place.items())
    related = [f"{other.message} ({other.at})" for other in found.related]
    witness = [f"An applicant that shows it: {found.witness}"] if found.witness else []
    said = "\n".join(filter(None, [found.message, found.help, *related, *witness]))
    return f"::{found.severity} {properties}::{_data(said)}"


def _data(text: str) -> str:
    """Text as the runner decodes it; a line of ours must not begin a command of its own."""
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")
