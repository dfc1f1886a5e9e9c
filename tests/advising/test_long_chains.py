"""Long chains and wide ladders: nothing is worked out twice, nor by recursion."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.support.case_files import run

FIELD = {"field": "allotment", "as_of": "2026-09-15", "facts": {}}


def rungs(count: int, width: int) -> list[dict[str, Any]]:
    """Rules of which each supersedes every rule of the rung below."""
    return [
        {"id": f"r{n}-{side}", "advise": {}}
        | ({"supersedes": [f"p/r{n - 1}-{other}" for other in range(width)]} if n else {})
        for n in range(count)
        for side in range(width)
    ]


def test_a_wide_ladder_of_outranking_rules() -> None:
    report, _ = run({**FIELD, "policy": {"rules": rungs(40, 4)}})
    assert [item.rule for item in report.advice] == [f"p/r39-{side}" for side in range(4)]
    assert {entry.by for entry in report.suppressed} == {"p/r39-0"}


@pytest.mark.slow
def test_a_long_chain_of_outranking_rules() -> None:
    report, _ = run({**FIELD, "policy": {"rules": rungs(1_100, 1)}})
    assert [item.rule for item in report.advice] == ["p/r1099-0"]
    assert len(report.suppressed) == 1_099


def test_a_long_chain_of_derived_facts() -> None:
    derived = {
        f"d{n}": {"title": "T", "type": "integer", "compute": {"sum": [f"d{n - 1}" if n else "plot.beds", 1]}}
        for n in range(1_100)
    }
    policy = {"rules": [{"id": "a", "when": {"d1099": 1_103}, "advise": {}}]}
    case = {**FIELD, "more": {"derived": derived}, "policy": policy}
    report, _ = run({**case, "facts": {"plot": {"beds": 3}}})
    assert [item.rule for item in report.advice] == ["p/a"]
    report, _ = run(case)
    assert [(entry.rule, entry.needs) for entry in report.undetermined] == [("p/a", ("plot.beds",))]


@pytest.mark.slow
def test_a_long_chain_of_findings() -> None:
    findings = {f"f{n}": {"title": "T", "polarity": "worse"} for n in range(400)}
    rules: list[dict[str, Any]] = [
        {"id": f"r{n}", "when": {f"f{n - 1}": True} if n else {"plot.beds": 3}, "conclude": [f"f{n}"]}
        for n in range(400)
    ]
    rules.append({"id": "last", "when": {"f399": True}, "advise": {}})
    declared = "\n".join(f"  {name}: {json.dumps(finding)}" for name, finding in findings.items())
    edit = {"vocabulary.yaml": [["# more sections", declared]]}
    case = {**FIELD, "edit": edit, "policy": {"rules": rules}}
    report, _ = run({**case, "facts": {"plot": {"beds": 3}}})
    assert [item.rule for item in report.advice] == ["p/last"]
    report, _ = run(case)
    assert report.undetermined[0].needs == ("plot.beds",)
