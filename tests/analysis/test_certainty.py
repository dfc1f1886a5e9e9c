"""What is called certain holds in every completion; where all can be tried, all that is certain is found."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from itertools import product
from random import Random
from typing import Any

import pytest

from engine.advising.advisor import Advisor, Case
from engine.analysis.certainty.case_split import CaseSplit
from engine.analysis.certainty.report_certainty import ReportCertainty, certainty_of
from engine.base.diagnostic import InvalidInput
from engine.base.read import read_yaml
from engine.language.conditions import HOLDS
from engine.language.facts import Facts, read_facts, with_changes
from engine.language.model import Fact, Value
from engine.language.policy_set import PolicySet
from engine.language.report import Certainty
from tests.support.case_files import load_set
from tests.support.process import ROOT
from tests.support.shipped_cases import case_of

pytestmark = pytest.mark.slow

POLICIES = ROOT / "tests" / "facts" / "certain.yaml"
FINITE = ("plot.tended", "plot.fenced", "pet.kind", "gardener.kind", "plot.beds", "plot.trees")
BEDS = (0, 4, 5, 6, 20)
TREES = (-1, 0, 3, 25)


def values_of(fact: Fact) -> tuple[Value, ...]:
    if fact.type == "boolean":
        return (True, False)
    if fact.type == "enum":
        return tuple(name for name, _ in fact.values)
    return BEDS if fact.name == "plot.beds" else TREES


def always_and_ever(advisor: Advisor, case: Case) -> tuple[set[str], set[str]]:
    """The rules that hold in every consistent completion, and those that do in one; every one is tried.

    A fact that has no answer when the others have theirs (`absent`), or follows from them, may be left out.
    """
    declared = advisor.policies.facts
    unknown = [name for name in FINITE if name not in case.facts.values]
    always, ever = {rule.name for rule in advisor.policies.rules}, set[str]()
    for values in product(*((*values_of(declared[name]), None) for name in unknown)):
        changes = dict(zip(unknown, values, strict=True))
        given = {name: value for name, value in changes.items() if value is not None}
        try:
            found = advisor.decide(advisor.derive(with_changes(case.facts, given, str)))
        except InvalidInput:
            continue
        if all(name in found.absent or name in found.values for name in changes):
            always &= found.holding
            ever |= found.holding
    return always, ever


def certain_everywhere(advisor: Advisor, case: Case) -> dict[str, Certainty]:
    """Where each rule stands; the report and each rule asked for alone must say the same."""
    rules = [rule.name for rule in advisor.policies.rules]
    found = CaseSplit(advisor).of_rules(rules, case)
    told = certainty_of(ReportCertainty(advisor).completed(case).report)
    assert told == {name: found[name] for name in told}
    advising = {rule.name for rule in advisor.policies.rules if rule.rule.advise is not None}
    entries = {item.rule for item in case.report.advice} | {each.rule for each in case.report.undetermined}
    assert told.keys() == advising & entries
    return found


GIVEN: Sequence[dict[str, Any]] = (
    {},
    {"plot": {"tended": False}},
    {"plot": {"trees": 3}},
    {"pet": {"kind": "goat"}},
    {"pet": {"kind": "cat"}},
    {"plot": {"tended": True, "beds": 5}},
    {"gardener": {"kind": "child"}},
    {"gardener": {"kind": "senior"}, "plot": {"beds": 3, "fenced": True}},
)


@pytest.mark.parametrize("given", GIVEN)
def test_certain_is_what_holds_in_every_completion(given: dict[str, Any]) -> None:
    policies = load_set(read_yaml(POLICIES.read_bytes(), "case").data)
    advisor = Advisor(policies, engine="evaluator")
    case = advisor.case(read_facts(given, policies.facts))
    always, ever = always_and_ever(advisor, case)
    assert ever
    certainty = certain_everywhere(advisor, case)
    certain = {name for name, each in certainty.items() if each == "certain"}
    assert certain <= always
    assert not ever & {name for name, each in certainty.items() if each == "impossible"}
    # What cannot be shown: a test of two ordered facts. What is left out: a test of what is missing.
    missing = {name for name, each in certainty.items() if each == "missing"}
    assert always - certain - missing <= {"p/two-ordered"}
    says_missing = {"p/says-missing", "p/not-known", "p/known-or-tested"}
    tended = case.decisions.values.get("plot.tended")
    assert missing & says_missing == (says_missing if tended is None else set())
    if tended is not None:
        assert certainty["p/says-missing"] == ("certain" if tended else "impossible")
    assert {"p/either", "p/stretches", "p/by-implication", "p/by-consistency", "p/by-finding"} <= certain
    assert {"p/finding-known", "p/seniors-beds"} <= certain


@pytest.mark.parametrize("bound", ["MOST_CASES", "MOST_IN_ALL"])
def test_what_is_not_shown_in_time_is_possible(bound: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(f"engine.analysis.certainty.case_split.{bound}", 2)
    policies = load_set(read_yaml(POLICIES.read_bytes(), "case").data)
    advisor = Advisor(policies, engine="evaluator")
    certainty = certain_everywhere(advisor, advisor.case(read_facts({}, policies.facts)))
    assert set(certainty.values()) == {"possible", "missing"}


def some_condition(random: Random, depth: int = 2) -> dict[str, Any]:
    """A condition on facts of which every value can be tried."""
    if depth and random.random() < 0.6:
        parts = [some_condition(random, depth - 1) for _ in range(random.randint(2, 3))]
        kind = random.choice(("all", "any", "any", "not"))
        return {"not": parts[0]} if kind == "not" else {kind: parts}
    fact = random.choice(("plot.tended", "plot.fenced", "pet.kind", "gardener.kind", "plot.beds"))
    if random.random() < 0.2:
        return {fact: {"known": random.random() < 0.5}}
    if fact.startswith("plot.") and fact != "plot.beds":
        return {fact: random.random() < 0.5}
    if fact == "plot.beds":
        return {fact: {random.choice(("at_least", "below", "is")): random.choice((4, 5, 6))}}
    kinds = ("cat", "dog", "goat") if fact == "pet.kind" else ("child", "adult", "senior")
    return {fact: random.sample(kinds, random.randint(1, 2))}


def some_policies(random: Random) -> PolicySet:
    """Random rules, findings, derived facts, implications and consistency rules, `known` everywhere."""
    more = {
        "derived": {
            "d.truth": {"title": "D", "type": "boolean", "compute": {"truth": some_condition(random)}},
            "d.first": {
                "title": "D",
                "type": "integer",
                "compute": {"first_known": ["d.guarded", "plot.beds"]},
            },
            "d.guarded": {
                "title": "D",
                "type": "integer",
                "compute": {"sum": ["plot.beds", 1]},
                "only_when": some_condition(random),
            },
        },
        "implications": [
            {
                "id": "some",
                "when": {
                    "pet.kind": random.choice(("cat", "dog")),
                    "plot.tended": {"known": random.random() < 0.5},
                },
                "then": {"plot.beds": random.choice(({"known": False}, 5))},
            }
        ],
        "consistency": [
            {
                "id": "some",
                "when": {"all": [some_condition(random, 1), some_condition(random, 1)]},
                "message": "?",
            }
        ],
    }
    inner: list[dict[str, Any]] = [
        {"id": f"concludes-{number}", "conclude": ["note.first"], "when": some_condition(random)}
        for number in (1, 2)
    ]
    derived: list[dict[str, Any]] = [
        {"d.truth": True},
        {"d.first": {"at_least": 5}},
        {"d.guarded": {"known": True}},
        {"note.first": True},
        {"note.first": {"known": False}},
    ]
    outer = [{"advise": {}, "when": some_condition(random)} for _ in range(6)] + [
        {"advise": {}, "when": {random.choice(("all", "any")): [some_condition(random, 1), each]}}
        for each in derived
    ]
    rules = inner + [{"id": f"r{number}", **rule} for number, rule in enumerate(outer)]
    return load_set({"field": "allotment", "as_of": "2026-09-15", "more": more, "policy": {"rules": rules}})


@pytest.mark.parametrize("seed", range(12))
def test_nothing_is_certain_or_impossible_that_some_completion_belies(seed: int) -> None:
    random = Random(seed)
    advisor = Advisor(some_policies(random), engine="evaluator")
    pools = {name: values_of(advisor.policies.facts[name]) for name in FINITE if name != "plot.trees"}
    for _ in range(4):
        known = {name: random.choice(pool) for name, pool in pools.items() if random.random() < 0.4}
        try:
            case = advisor.case(
                with_changes(read_facts({}, advisor.policies.facts), {**known, "plot.trees": 3}, str)
            )
        except InvalidInput:
            continue  # of such an applicant nothing is said at all
        always, ever = always_and_ever(advisor, case)
        certainty = certain_everywhere(advisor, case)
        assert {name for name, each in certainty.items() if each == "certain"} <= always
        assert not ever & {name for name, each in certainty.items() if each == "impossible"}


def test_certain_on_the_shipped_policies_in_random_completions() -> None:
    advisor, case = case_of(
        {
            "applicant": {"category": "non_us_img", "target_specialty": "med_peds"},
            "step2_ck": {"status": "failed"},
        }
    )
    certainty = certainty_of(ReportCertainty(advisor).completed(case).report)
    certain = {name for name, each in certainty.items() if each == "certain"}
    assert certain
    random = Random(7)
    for _ in range(6):
        facts = completed(advisor, case.facts, random)
        verdicts = advisor.decide(advisor.derive(facts)).verdicts
        for name in certain:
            assert verdicts[name] is HOLDS, name


def completed(advisor: Advisor, facts: Facts, random: Random) -> Facts:
    """A random completion, but for the facts of which no value was found that fits."""
    names = [name for name, fact in advisor.policies.facts.items() if fact.origin == "given"]
    random.shuffle(names)
    for name in names:
        derived = advisor.derive(facts)
        if name in derived.values or name in derived.absent:
            continue
        for _ in range(3):
            tried = with_changes(
                facts, {name: some_value(advisor, advisor.policies.facts[name], random)}, str
            )
            try:
                advisor.derive(tried)
            except InvalidInput:
                continue
            facts = tried
            break
    return facts


def some_value(advisor: Advisor, fact: Fact, random: Random) -> Value:
    day = advisor.policies.as_of + timedelta(days=random.randint(-700, 300))
    if fact.type == "list":
        return (day,) if random.random() < 0.5 else ()
    if fact.type == "date":
        return day
    if fact.type in ("boolean", "enum"):
        return random.choice(values_of(fact))
    if fact.type == "text":
        return "x"
    low, high = fact.limits
    return random.randint(int(low), int(min(high, low + 300)))


def test_what_rests_on_what_is_missing_is_labelled() -> None:
    advisor, case = case_of({"applicant": {"category": "non_us_img", "target_specialty": "med_peds"}})
    certainty = certainty_of(ReportCertainty(advisor).completed(case).report)
    assert certainty["baseline/exam-status"] == "missing"
    assert set(certainty.values()) == {"certain", "possible", "missing"}
