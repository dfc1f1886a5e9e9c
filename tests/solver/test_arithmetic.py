"""Quotients, rounding and parameters, proved: on small vocabularies every applicant there can be is tried."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.advising.advisor import Advisor
from engine.language.facts import nested, read_facts
from engine.language.policy_set import PolicySet
from engine.solver.goal import holds
from engine.solver.limits import Clock
from engine.solver.prover import Prover
from tests.support.small_policies import (
    ADVICE,
    DAY,
    GIVEN,
    HEAD,
    RANKING,
    RULE,
    SOURCES,
    Everybody,
    policy_set,
    verdicts_of_rules,
)
from tests.support.strategies import DETERMINISTIC

pytestmark = pytest.mark.slow

CITED = {"cites": ["s#a"]}
PARAMETERS: Mapping[str, Any] = {
    "p.step": {"values": {"2020-01-01": 0.5, "2026-09-15": 0.2}, "dated_by": "x.day", **CITED},
    "p.by": {
        "by": "x.kind",
        "dated_by": "x.day",
        "values": {"2026-09-15": {"pear": -1, "apple": 0}, "2026-09-16": {"apple": 3}},
        **CITED,
    },
    "p.list": {"values": {"2026-09-15": [-1, 2], "2026-09-16": [0]}, "dated_by": "x.day", **CITED},
    "p.kinds": {"values": {"2020-01-01": ["apple"]}, **CITED},
    "p.keyed_list": {"by": "x.kind", "values": {"2020-01-01": {"pear": [0, 1]}}, **CITED},
}
NUMBERS = ["x.low", "x.high", -2, 0, 3, 0.3, {"parameter": "p.by"}]
STEPS = [1, 0.5, 0.1, 2, {"parameter": "p.step"}]
LITERALS = [-1, 0, 0.5, 1, 2, 0.2, -3.5]
WAYS = ["up", "down", "half-even"]


@st.composite
def computations(draw: st.DrawFn) -> dict[str, Any]:
    number, by, step = (st.sampled_from(each) for each in (NUMBERS, NUMBERS, STEPS))
    arguments = {"of": draw(number), "to": draw(step), "way": draw(st.sampled_from(WAYS))}
    if draw(st.booleans()):
        return {"divide": {**arguments, "by": draw(by)}}
    return {"round": arguments}


@st.composite
def written_tests(draw: st.DrawFn) -> dict[str, Any]:
    fact = draw(st.sampled_from(["y.made", "y.twice", "x.low"]))
    operator = draw(st.sampled_from(["is", "is_not", "at_least", "above", "below", "list", "known", "keyed"]))
    literal = draw(st.sampled_from([-1, 0, 2] if fact == "x.low" else LITERALS))
    match operator:
        case "list":
            name = draw(st.sampled_from(["p.list", "p.keyed_list"]))
            listed: Any = draw(st.sampled_from([{"parameter": name}, [literal, {"parameter": name}]]))
            return {fact: {draw(st.sampled_from(["one_of", "none_of"])): listed}}
        case "known":
            name = draw(st.sampled_from([fact, "p.by", "p.list", "p.keyed_list"]))
            return {name: {"known": draw(st.booleans())}}
        case "keyed":
            wanted = draw(st.sampled_from([{"at_least": {"parameter": "p.by"}}, {"is": {"fact": "x.low"}}]))
            return draw(st.sampled_from([{fact: wanted}, {"x.kind": {"one_of": {"parameter": "p.kinds"}}}]))
    return {fact: {operator: literal}}


@st.composite
def folders(draw: st.DrawFn) -> PolicySet:
    made = {"title": "M", "type": "number", "precision": 0.1, "range": {"at_least": -30, "at_most": 30}}
    names = ["x.low", "x.high", "x.kind", "x.day"]
    twice = draw(
        st.sampled_from([{"sum": ["y.made", "x.low"]}, {"round": {"of": "y.made", "way": "up", "to": 1}}])
    )
    vocabulary = {
        "advise_language": 2, "vocabulary": "v", **HEAD,
        "facts": {
            "as_of": {"title": "D", "type": "date", "question": "?"},
            **{name: {"title": name, "question": "?", **GIVEN[name]} for name in names},
        },
        "derived": {
            "y.made": {**made, "compute": draw(computations())},
            "y.twice": {**made, "compute": twice},
        },
        "parameters": PARAMETERS,
    }  # fmt: skip
    condition = st.recursive(
        written_tests(),
        lambda inner: st.one_of(
            st.lists(inner, min_size=1, max_size=3).map(lambda parts: {"all": parts}),
            st.lists(inner, min_size=1, max_size=3).map(lambda parts: {"any": parts}),
            inner.map(lambda part: {"not": part}),
        ),
        max_leaves=4,
    )
    rules = draw(st.lists(condition, min_size=2, max_size=3))
    policy = {
        "advise_language": 2, "policy": "p", **HEAD,
        "rules": [{"id": f"r{n}", **RULE, "when": when, "advise": ADVICE} for n, when in enumerate(rules)],
    }  # fmt: skip
    files = {
        "vocabulary.yaml": vocabulary,
        "p.yaml": policy,
        "sources.yaml": SOURCES,
        "ranking.yaml": RANKING,
    }
    return policy_set(files)


@settings(DETERMINISTIC, max_examples=60)
@given(folders())
def test_what_is_proved_is_what_trying_everybody_finds(policies: PolicySet) -> None:
    everybody, prover = Everybody(policies), Prover(policies, DAY, Clock(60))
    everybody.hold_against(prover, verdicts_of_rules(policies))
    goal = holds(policies.rules[0].when)
    expected, smallest = everybody.first(goal), prover.smallest(goal)
    assert (smallest and smallest.given) == (expected and expected.given)


@settings(DETERMINISTIC, max_examples=20)
@given(folders(), st.data())
def test_both_engines_agree(policies: PolicySet, data: st.DataObject) -> None:
    """durable-rules gets what is worked out as facts; where it differs from the evaluator, this raises."""
    advisor = Advisor(policies)
    people = st.sampled_from([applicant.given for applicant in Everybody(policies).applicants])
    for given_facts in data.draw(st.lists(people, min_size=5, max_size=20)):
        advisor.report(read_facts(nested(given_facts), policies.facts))
