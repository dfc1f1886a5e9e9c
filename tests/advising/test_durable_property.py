"""The engines agree: on random vocabularies, conditions and applicants, durable-rules fires what is true."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.advising.condition_matrix import KEPT_VALUES, ConditionMatrix
from engine.advising.durable.encode import _RELATIONS
from engine.advising.durable.network import AVAILABLE, Network
from engine.language.conditions import FAILS, HOLDS, UNKNOWN, Values, Verdict, compile_condition, verdict_of
from engine.language.model import AllOf, Comparison, Condition, Not
from engine.language.operators import COMPARISONS
from tests.support.strategies import AT, DETERMINISTIC, Case, cases


@pytest.mark.slow
@pytest.mark.skipif(not AVAILABLE, reason="durable-rules cannot be imported on this Python")
@DETERMINISTIC
@given(cases())
def test_a_condition_fires_exactly_when_it_holds_and_its_twin_when_it_fails(case: Case) -> None:
    named: dict[str, Condition] = dict(case.conditions)
    named.update({f"not {name}": Not(condition, AT) for name, condition in case.conditions.items()})
    with Network(named, case.facts) as network:
        for values in case.applicants:
            verdicts = {name: verdict_of(condition, values) for name, condition in case.conditions.items()}
            expected = {name for name, verdict in verdicts.items() if verdict == HOLDS}
            expected |= {f"not {name}" for name, verdict in verdicts.items() if verdict == FAILS}
            assert network.fire(values) == expected


@pytest.mark.slow
@DETERMINISTIC
@given(cases())
def test_the_compiled_evaluator_means_the_same(case: Case) -> None:
    for condition in case.conditions.values():
        compiled = compile_condition(condition)
        for values in case.applicants:
            assert compiled(values) == verdict_of(condition, values)


def batched(batch: ConditionMatrix, values: Values) -> list[Verdict]:
    """The verdict of each condition, in order, each of which exactly one of the three sets must hold."""
    sets = zip(*map(batch.selectors, batch.decide(values)), strict=True)
    return [{(1, 0, 0): HOLDS, (0, 1, 0): UNKNOWN, (0, 0, 1): FAILS}[one] for one in sets]


@pytest.mark.slow
@DETERMINISTIC
@given(cases(), st.data())
def test_conditions_decided_together_mean_the_same(case: Case, data: st.DataObject) -> None:
    alone = list(case.conditions.values())
    parts = st.lists(st.sampled_from(alone), min_size=1, max_size=4)
    whole = [AllOf(tuple(found), AT) for found in data.draw(st.lists(parts, max_size=6))]  # most rules are so
    conditions = [*alone, *whole]
    batch = ConditionMatrix(conditions)
    for values in (*case.applicants, *case.applicants):  # the second time from what was kept
        assert batched(batch, values) == [verdict_of(condition, values) for condition in conditions]


def test_more_values_of_a_fact_than_are_kept_change_nothing() -> None:
    batch = ConditionMatrix([Comparison("score", "at_least", 300, AT)])
    for score in (*range(2 * KEPT_VALUES), *range(2 * KEPT_VALUES)):
        assert batched(batch, {"score": score}) == [HOLDS if score >= 300 else FAILS]


def test_durable_rules_has_a_relation_for_every_operator() -> None:
    missing = {*COMPARISONS, "known"} ^ _RELATIONS.keys()
    assert not missing, f"engine/advising/durable/encode.py and engine/language/operators.py: {missing}"
