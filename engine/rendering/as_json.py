"""The report as JSON: `schemas/report.schema.json`, the same bytes on every Python.

The standard library's encoder is used for strings only: it would print a Decimal by way of a float.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from datetime import date
from decimal import Decimal
from typing import Any

from engine.language.report import Because, Item, PolicyInForce, Report
from engine.rendering.pieces import cited
from engine.rendering.wording import position

REPORT_FORMAT = 1

# Escaped though JSON allows them raw: the output is also read in terminals and logs, where C1 controls
# and direction marks act, and a lone surrogate cannot be written as UTF-8 at all.
_ESCAPED = re.compile(r"[\x7f-\x9f\u061c\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f\ufeff\ud800-\udfff]")

_encoded = json.JSONEncoder(ensure_ascii=False).encode


def render(report: Report) -> str:
    """The whole report, keys in a fixed order, indented by two."""
    return json_text(as_data(report))


def json_text(data: Any) -> str:
    """Plain mappings, sequences and scalars (dates and Decimals too) as JSON, indented by two."""
    parts: list[str] = []
    _write(data, "", parts.append)
    return "".join(parts) + "\n"


def as_data(report: Report) -> dict[str, Any]:
    """The report as plain mappings and sequences; dates and Decimals still as such."""
    return {
        "report_format": REPORT_FORMAT,
        "as_of": report.as_of,
        "applicant": report.applicant,
        "facts_digest": report.facts_digest,
        "policies": {
            "digest": report.policies_digest,
            "in_force": [_policy(policy) for policy in report.in_force],
        },
        "banners": [{"kind": banner.kind, "text": banner.text} for banner in report.banners],
        "headline": [{"fact": h.fact, "title": h.title, "value": h.value} for h in report.headline],
        "bands": dict(report.bands),
        "findings": dict(report.findings),
        **({"not_applicable": report.not_applicable} if report.not_applicable else {}),
        "advice": [_item(item, report) for item in report.advice],
        "undetermined": [
            {
                "rule": rule.rule,
                "needs": rule.needs,
                "moot": rule.moot,
                "matters": rule.matters,
                "standing": rule.standing,
            }
            for rule in report.undetermined
        ],
        "ask_next": [
            {"fact": asked.fact, "question": asked.question, "decides": asked.decides}
            for asked in report.ask_next
        ],
        "suppressed": [
            {"rule": hidden.rule, "by": hidden.by, "reason": hidden.reason} for hidden in report.suppressed
        ],
        "produced_by": {"tool": report.tool, "engine": report.engine, "python": report.python},
    }


def _policy(policy: PolicyInForce) -> dict[str, Any]:
    return {
        "policy": policy.policy,
        "version": policy.version,
        "path": policy.path,
        "digest": policy.digest,
        "effective": {"from": policy.effective_from, "until": policy.effective_until},
    }


def _item(item: Item, report: Report) -> dict[str, Any]:
    provisional = item.provisional
    return {
        "rank": item.rank,
        "rule": item.rule,
        "version": item.version,
        "at": {"path": item.path, "line": item.line},
        "title": item.title,
        "text": item.text,
        "steps": item.steps,
        "severity": item.severity,
        "category": item.category,
        "tier": item.tier,
        "due": item.due,
        "overdue": item.overdue,
        "cites": cited(item.cites),
        "because": _reasons(item.because),
        "provisional": provisional and {"rule": provisional.rule, "needs": provisional.needs},
        "standing": item.standing,
        **_chosen(item),
        # Places in ranking.yaml's orders, counted from 1: sorting by them gives the report's order.
        "ranked_by": {key: _place(key, item, report) for key in report.sort},
    }


def _chosen(item: Item) -> dict[str, Any]:
    """What only items have whose rule says it in variants, or dates its steps."""
    said: dict[str, Any] = {}
    if item.heading is not None:
        said["heading"] = item.heading
    if item.step_dues:
        said["step_dues"] = item.step_dues
    if item.chosen:
        said["chosen"] = [
            {"part": each.part, "variant": each.number, "because": _reasons(each.because)}
            for each in item.chosen
        ]
    return said


def _reasons(because: tuple[Because, ...]) -> list[dict[str, Any]]:
    return [
        {"fact": reason.fact, "value": reason.value, "test": reason.test, "holds": reason.holds}
        for reason in because
    ]


def _place(key: str, item: Item, report: Report) -> Any:
    match key:
        case "severity":
            return position(report.severities, item.severity) + 1
        case "tier":
            return position(report.tiers, item.tier) + 1
        case "category":
            return position(report.categories, item.category) + 1
        case "due":
            return item.due
    return item.rule


def _write(value: Any, indent: str, put: Callable[[str], None]) -> None:
    deeper = indent + "  "
    if isinstance(value, dict) and value:
        before = "{\n"
        for key, member in value.items():
            put(f"{before}{deeper}{_string(key)}: ")
            _write(member, deeper, put)
            before = ",\n"
        put(f"\n{indent}}}")
    elif isinstance(value, list | tuple) and value:
        before = "[\n"
        for member in value:
            put(before + deeper)
            _write(member, deeper, put)
            before = ",\n"
        put(f"\n{indent}]")
    else:
        put(_scalar(value))


def _scalar(value: Any) -> str:
    match value:
        case None:
            return "null"
        case bool():
            return "true" if value else "false"
        case int():
            return str(value)
        case Decimal():
            if not value.is_finite():
                raise ValueError(f"{value} is no JSON number")
            return format(value, "f")
        case date():
            return f'"{value.isoformat()}"'
        case str():
            return _string(value)
        case dict():
            return "{}"
        case list() | tuple():
            return "[]"
    raise TypeError(f"{type(value).__name__} has no place in an output")


def _string(text: str) -> str:
    return _ESCAPED.sub(lambda match: f"\\u{ord(match[0]):04x}", _encoded(text))
