"""Explanation, what-if and reach of constructs of version 2 of the language."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from engine.advising.advisor import Advisor, Case
from engine.analysis.explain.explainer import Explainer
from engine.analysis.recourse.goal import goal_of
from engine.analysis.recourse.recourse import Recourse, RecourseResult
from engine.analysis.what_if.change import read_changes
from engine.analysis.what_if.outcome import difference, outcome_of
from engine.base.diagnostic import InvalidInput
from engine.language.facts import read_facts
from engine.language.policy_set import PolicySet
from engine.rendering.as_json import as_data
from tests.support.case_files import load_set

MORE: dict[str, Any] = {
    "facts": {
        "harvest.kilos": {
            "type": "integer", "range": {"at_least": 0, "at_most": 60}, "mutability": "improvable",
            "better": "higher", "near": {"parameter": "small"}, "changeable": {"cost": {"parameter": "cost"}},
        },
        "harvest.helpers": {
            "type": "integer", "range": {"at_least": 0, "at_most": 9}, "mutability": "improvable",
            "better": "higher", "near": 1, "changeable": {"cost": 3},
        },
    },
    "parameters": {
        "cost": {"values": {"2026-01-01": 1, "2026-09-01": 9}, "cites": ["statutes#plots"]},
        "small": {"values": {"2026-01-01": 10}, "cites": ["statutes#plots"]},
        "by_kind": {
            "by": "gardener.kind",
            "values": {"2026-01-01": {"adult": 20, "child": 10}, "2026-12-01": {"adult": 30, "child": 10}},
            "cites": ["statutes#plots"],
        },
    },
    "derived": {
        "harvest.share": {
            "title": "Share", "type": "number", "precision": 0.1,
            "compute": {"divide": {"of": "harvest.kilos", "by": "plot.beds", "way": "half-even"}},
        },
    },
    "exclusive": [{"id": "apart", "findings": ["note.first", "note.second"]}],
}  # fmt: skip
POLICY: dict[str, Any] = {
    "applies_to": {"gardener.kind": "adult"},
    "rules": [
        {
            "id": "much",
            "when": {"harvest.kilos": {"at_least": {"parameter": "by_kind"}}},
            "conclude": ["note.first"],
        },
        {"id": "helped", "when": {"harvest.helpers": {"above": 2}}, "conclude": ["note.second"]},
        {"id": "share", "when": {"harvest.share": {"above": 2}}, "advise": {"text": "{harvest.share}"}},
    ],
}
ADULT = {"gardener": {"kind": "adult"}, "harvest": {"kilos": 15, "helpers": 1}, "plot": {"beds": 7}}
CHILD = {**ADULT, "gardener": {"kind": "child"}}


def policies_on(day: str) -> PolicySet:
    return load_set({"field": "allotment", "language": 2, "as_of": day, "more": MORE, "policy": POLICY})


def case_of(facts: dict[str, Any], day: str = "2026-09-15") -> tuple[Advisor, Case]:
    policies = policies_on(day)
    advisor = Advisor(policies, engine="evaluator")
    return advisor, advisor.case(read_facts(facts, policies.facts))


def how(fact: str, facts: dict[str, Any]) -> tuple[str, str, str]:
    advisor, case = case_of(facts)
    rule = "p/share" if fact == "harvest.share" else "p/much"
    explained = Explainer(advisor.policies).rule(rule, case)
    origin = explained.facts[fact]
    return origin.kind, origin.text, origin.how


def test_a_quotient_is_explained() -> None:
    words = (
        "harvest.kilos (15) divided by Beds (7), rounded to the nearest, halves to the even, to a step of 0.1"
    )
    assert how("harvest.share", ADULT) == ("derived", "2.1", words)


def test_a_quotient_by_nothing_is_explained() -> None:
    kind, text, _ = how("harvest.share", {**ADULT, "plot": {"beds": 0}})
    assert (kind, text) == ("absent", "without an answer")


def test_a_keyed_parameter_is_explained() -> None:
    kind, text, words = how("by_kind@as_of", ADULT)
    assert (kind, text) == ("parameter", "20")
    assert "for Kind of member (of age); from 2026-12-01 it is 30" in words


def test_a_finding_that_is_not_applicable_is_told_as_that() -> None:
    advisor, adult = case_of(ADULT)
    _, child = case_of(CHILD)
    changed = difference(outcome_of(adult), outcome_of(child), advisor.policies).findings
    assert sorted((each.name, each.before, each.after) for each in changed) == [
        ("note.first", "no", "not applicable"),
        ("note.second", "no", "not applicable"),
    ]
    assert as_data(child.report)["not_applicable"] == ("note.first", "note.second")
    assert as_data(child.report)["findings"]["note.first"] is None
    assert "not_applicable" not in as_data(adult.report)


@pytest.mark.slow
@pytest.mark.parametrize(("day", "cost"), [("2026-08-31", "0.5"), ("2026-09-15", "4.5")])
def test_a_parameter_says_what_a_change_costs(day: str, cost: str) -> None:
    """Five kilos are half a small step of ten, at 1, and from September at 9."""
    answer = reach("note.first=true", day, ADULT).answers[0]
    assert [(name, value) for name, _, value in answer.changes] == [("harvest.kilos", 20)]
    assert answer.cost == Decimal(cost)


def reach(goal: str, day: str, facts: dict[str, Any]) -> RecourseResult:
    advisor, case = case_of(facts, day)
    return Recourse(advisor).reach(case, goal_of(goal, advisor.policies, lambda name: name, stop=False))


@pytest.mark.slow
def test_nothing_is_proposed_that_exclusive_findings_refuse() -> None:
    """Who is helped by three cannot have harvested much, too."""
    helped = {**ADULT, "harvest": {"kilos": 15, "helpers": 3}}
    result = reach("note.first=true", "2026-09-15", helped)
    assert result.answers == ()
    assert any("exclusive findings `apart`" in why for why in result.because)


def test_what_if_refuses_what_a_report_refuses() -> None:
    advisor, case = case_of({**ADULT, "harvest": {"kilos": 15, "helpers": 3}})
    changes = read_changes(["harvest.kilos=20"], [], advisor.policies)
    with pytest.raises(InvalidInput, match="exclude each other"):
        advisor.case(changes.apply(case.facts))


def test_the_cost_must_be_above_nothing() -> None:
    nothing = {"values": {"2026-01-01": 0}, "cites": ["statutes#plots"]}
    more = {**MORE, "parameters": {**MORE["parameters"], "cost": nothing}}
    with pytest.raises(InvalidInput) as refused:
        load_set({"field": "allotment", "language": 2, "as_of": "2026-09-15", "more": more, "policy": POLICY})
    assert [problem.code for problem in refused.value.diagnostics] == ["type-mismatch"]
