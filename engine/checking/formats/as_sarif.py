"""For code scanning: SARIF 2.1.0, with a rule for each code, what would fix it, and what is allowed."""

from __future__ import annotations

import json
import os
from pathlib import PurePath
from typing import Any, Final
from urllib.parse import quote

from engine.base.diagnostic import Diagnostic, Location
from engine.base.version import VERSION
from engine.checking.check import Checked
from engine.checking.codes import explain

SCHEMA: Final = "https://json.schemastore.org/sarif-2.1.0.json"


def render(checked: Checked) -> str:
    """All that was found, as a SARIF log of one run."""
    results: list[tuple[Diagnostic, str | None]] = [(diagnostic, None) for diagnostic in checked.diagnostics]
    results += [(each.diagnostic, each.reason) for each in checked.suppressed]
    levels = {diagnostic.code: diagnostic.severity for diagnostic, _ in results}
    codes = sorted(levels)
    driver = {
        "name": "advise",
        "version": VERSION,
        "semanticVersion": VERSION,
        "rules": [_rule(code, levels[code]) for code in codes],
    }
    notifications = [
        {
            "level": "note",
            "message": {"text": f"Not settled: {left.about}: {left.reason}"},
            "associatedRule": {"id": left.code},
        }
        for left in checked.unfinished
    ]
    run = {
        "tool": {"driver": driver},
        "columnKind": "unicodeCodePoints",
        "invocations": [{"executionSuccessful": True, "toolExecutionNotifications": notifications}],
        "results": [_result(diagnostic, reason, codes) for diagnostic, reason in results],
    }
    log = {"$schema": SCHEMA, "version": "2.1.0", "runs": [run]}
    return json.dumps(log, indent=2, ensure_ascii=False) + "\n"


def _rule(code: str, level: str) -> dict[str, Any]:
    page = explain(code)
    assert page is not None, code
    return {
        "id": code,
        "name": "".join(part.capitalize() for part in code.split("-")),
        "shortDescription": {"text": page.title},
        "fullDescription": {"text": page.text.partition("\n\n")[0].replace("\n", " ")},
        "defaultConfiguration": {"level": level},
        "help": {"text": page.as_text(), "markdown": page.as_markdown()},
        "properties": {"tags": ["policy"]},
    }


def _result(diagnostic: Diagnostic, reason: str | None, codes: list[str]) -> dict[str, Any]:
    result: dict[str, Any] = {
        "ruleId": diagnostic.code,
        "ruleIndex": codes.index(diagnostic.code),
        "level": diagnostic.severity,
        "message": {"text": " ".join(filter(None, [diagnostic.message, diagnostic.help]))},
        "locations": [{"physicalLocation": _physical(diagnostic.location, diagnostic)}],
    }
    if diagnostic.related:
        result["relatedLocations"] = [
            {"id": number, "physicalLocation": _physical(other.at), "message": {"text": other.message}}
            for number, other in enumerate(diagnostic.related, 1)
        ]
    if diagnostic.replacement is not None:
        place = _physical(diagnostic.location, diagnostic)
        replacement = {"deletedRegion": place["region"], "insertedContent": {"text": diagnostic.replacement}}
        change = {"artifactLocation": place["artifactLocation"], "replacements": [replacement]}
        text = f"Write `{diagnostic.replacement}`." if diagnostic.replacement else "Remove it."
        result["fixes"] = [{"description": {"text": text}, "artifactChanges": [change]}]
    if diagnostic.witness is not None:
        result["properties"] = {"witness": diagnostic.witness}
    if reason is not None:
        result["suppressions"] = [{"kind": "inSource", "justification": reason}]
    return result


def uri_of(path: PurePath) -> str:
    """A path as SARIF refers to it: with its scheme where it is absolute, else as it leads from here."""
    return path.as_uri() if path.is_absolute() else quote(os.fsencode(path.as_posix()))


def _physical(at: Location, diagnostic: Diagnostic | None = None) -> dict[str, Any]:
    region: dict[str, Any] = {"startLine": at.line, "startColumn": at.column}
    if diagnostic is not None and diagnostic.words and "\n" not in diagnostic.words:
        region["endColumn"] = at.column + len(diagnostic.words)
    if diagnostic is not None and diagnostic.shown_line is not None:
        region["snippet"] = {"text": diagnostic.shown_line}
    return {"artifactLocation": {"uri": uri_of(PurePath(at.path))}, "region": region}
