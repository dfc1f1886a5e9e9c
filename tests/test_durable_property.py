"""The engines agree: on random vocabularies, conditions and applicants, durable-rules fires what is true."""

from __future__ import annotations

import pytest
from hypothesis import given

from engine.durable import AVAILABLE, Network
from engine.evaluate import FAILS, HOLDS, compile_condition, verdict_of
from engine.model import Condition, Not
from tests.strategies import AT, DETERMINISTIC, Case, cases


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


@DETERMINISTIC
@given(cases())
def test_the_compiled_evaluator_means_the_same(case: Case) -> None:
    for condition in case.conditions.values():
        compiled = compile_condition(condition)
        for values in case.applicants:
            assert compiled(values) == verdict_of(condition, values)
