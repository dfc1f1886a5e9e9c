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
        "problems": [_problem(found) for found in checked.diagnostics],
        "allowed": [
            {"problem": _problem(each.diagnostic), "reason": each.reason} for each in checked.allowed
        ],
        "unfinished": [
            {"code": found.code, "about": found.about, "reason": found.reason} for found in checked.unfinished
        ],
    }
    return json_text(whole)


def _problem(found: Diagnostic) -> dict[str, Any]:
    return {
        "code": found.code,
        "severity": found.severity,
        "message": found.message,
        "help": found.help,
        "at": point(found.at),
        "line_text": found.line_text,
        "words": found.words,
        "instead": found.instead,
        "related": [{"at": point(other.at), "message": other.message} for other in found.related],
        "witness": found.witness,
    }
