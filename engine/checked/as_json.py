"""For programs: `schemas/check.schema.json` says what stands where."""

from __future__ import annotations

import json
from typing import Any, Final

from engine.check import Checked
from engine.diagnostic import Diagnostic, Location

CHECK_FORMAT: Final = 1


def render(checked: Checked) -> str:
    """All that was found, as one JSON object."""
    whole = {
        "check_format": CHECK_FORMAT,
        "looked_at": checked.summary or None,
        "errors": checked.count("error"),
        "warnings": checked.count("warning"),
        "problems": [_problem(found) for found in checked.diagnostics],
        "allowed": [{**_problem(each.diagnostic), "reason": each.reason} for each in checked.allowed],
        "unfinished": [
            {"code": found.code, "about": found.about, "reason": found.reason} for found in checked.unfinished
        ],
    }
    return json.dumps(whole, indent=2, ensure_ascii=False) + "\n"


def _problem(found: Diagnostic) -> dict[str, Any]:
    return {
        "code": found.code,
        "severity": found.severity,
        "message": found.message,
        "help": found.help,
        "at": _place(found.at),
        "line": found.line_text,
        "words": found.words,
        "instead": found.instead,
        "related": [{"at": _place(other.at), "message": other.message} for other in found.related],
        "witness": found.witness,
    }


def _place(at: Location) -> dict[str, Any]:
    return {"path": at.path, "line": at.line, "column": at.column}
