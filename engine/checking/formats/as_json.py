"""For programs: `schemas/check.schema.json` says what stands where."""

from __future__ import annotations

from typing import Any, Final

from engine.base.diagnostic import Diagnostic
from engine.checking.check import Checked
from engine.rendering.as_json import json_text
from engine.rendering.pieces import point

CHECK_FORMAT: Final = 1


def render(checked: Checked) -> str:
    """All that was found, as one JSON object."""
    whole = {
        "check_format": CHECK_FORMAT,
        "looked_at": checked.summary or None,
        "errors": checked.count("error"),
        "warnings": checked.count("warning"),
        "notes": checked.count("note"),
        "problems": [_problem(diagnostic) for diagnostic in checked.diagnostics],
        "allowed": [
            {"problem": _problem(each.diagnostic), "reason": each.reason} for each in checked.suppressed
        ],
        "unfinished": [
            {"code": left.code, "about": left.about, "reason": left.reason} for left in checked.unfinished
        ],
    }
    return json_text(whole)


def _problem(diagnostic: Diagnostic) -> dict[str, Any]:
    return {
        "code": diagnostic.code,
        "severity": diagnostic.severity,
        "message": diagnostic.message,
        "help": diagnostic.help,
        "at": point(diagnostic.at),
        "line_text": diagnostic.shown_line,
        "words": diagnostic.words,
        "instead": diagnostic.replacement,
        "related": [{"at": point(other.at), "message": other.message} for other in diagnostic.related],
        "witness": diagnostic.witness,
    }
