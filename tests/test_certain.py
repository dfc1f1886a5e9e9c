"""What is called certain holds in every completion; where all can be tried, all that is certain is found."""

from __future__ import annotations

from datetime import timedelta
from itertools import product
from random import Random
from typing import Any

import pytest

from engine.advisor import Advisor
from engine.diagnostic import Refused
from engine.evaluate import HOLDS
from engine.facts import Facts, read_facts, with_changes
from engine.model import Fact, Value
from engine.source import read_yaml
from engine.whatif.certain import Certainty
from engine.whatif.whatif import Explorer
from tests.case_files import load_set
from tests.process import ROOT
from tests.shipped_cases import case_of

POLICIES = ROOT / "tests" / "facts" / "certain.yaml"
FINITE = ("plot.tended", "plot.fenced", "pet.kind", "gardener.kind", "plot.beds", "plot.trees")
BEDS = (0, 4, 5, 6, 20)
TREES = (0, 3, 5, 25)


def values_of(fact: Fact) -> tuple[Value, ...]:
    if fact.type == "boolean":
        return (True, False)
    if fact.type == "enum":
        return tuple(name for name, _ in fact.values)
    return BEDS if fact.name == "plot.beds" else TREES


@pytest.mark.parametrize(
    "given",
    [
        {},
        {"plot": {"tended": False}},
        {"plot": {"trees": 3}},
        {"pet": {"kind": "goat"}},
        {"plot": {"tended": True, "beds": 5}},
        {"gardener": {"kind": "child"}},
    ],
)
def test_certain_is_what_holds_in_every_completion(given: dict[str, Any]) -> None:
    policies = load_set(read_yaml(POLICIES.read_bytes(), "case").data)
    advisor = Advisor(policies, engine="evaluator")
    certainty = Certainty(Explorer(advisor))
    case = advisor.case(read_facts(given, policies.facts))
    unknown = [
        name for name in FINITE if name not in case.decisions.values and name not in case.decisions.absent
    ]
    always = {rule.name for rule in policies.rules}
    completions = 0
    for values in product(*(values_of(policies.facts[name]) for name in unknown)):
        facts = with_changes(case.facts, dict(zip(unknown, values, strict=True)), str)
        try:
            always &= advisor.decisions(facts).holding
        except Refused:
            continue
        completions += 1
    assert completions
    rules = {rule.name for rule in policies.rules}
    standings = {name: certainty.of_rule(name, case) for name in rules}
    certain = {name for name, standing in standings.items() if standing == "certain"}
    assert certain <= always
    # What cannot be shown: a test of two ordered facts. What is left out: a test of what is missing.
    assert always - certain <= {"p/two-ordered", "p/says-missing"}
    assert standings["p/says-missing"] == "missing"
    assert {"p/either", "p/stretches", "p/by-implication", "p/by-consistency", "p/by-finding"} <= certain


def test_certain_on_the_shipped_policies_in_random_completions() -> None:
    advisor, case = case_of(
        {
            "applicant": {"category": "non_us_img", "target_specialty": "med_peds"},
            "step2_ck": {"status": "failed"},
        }
    )
    standings = Certainty(Explorer(advisor)).of_case(case)
    certain = {name for name, standing in standings.items() if standing == "certain"}
    assert certain
    random = Random(7)
    for _ in range(6):
        facts = completed(advisor, case.facts, random)
        verdicts = advisor.decisions(facts).verdicts
        for name in certain:
            assert verdicts[name] is HOLDS, name


def completed(advisor: Advisor, facts: Facts, random: Random) -> Facts:
    """A random completion, but for the facts of which no value was found that fits."""
    names = [name for name, fact in advisor.policies.facts.items() if fact.origin == "given"]
    random.shuffle(names)
    for name in names:
        situation = advisor.situation(facts)
        if name in situation.values or name in situation.absent:
            continue
        for _ in range(3):
            tried = with_changes(
                facts, {name: some_value(advisor, advisor.policies.facts[name], random)}, str
            )
            try:
                advisor.situation(tried)
            except Refused:
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
    standings = Certainty(Explorer(advisor)).of_case(case)
    assert standings["baseline/exam-status"] == "missing"
    assert set(standings.values()) == {"certain", "possible", "missing"}
