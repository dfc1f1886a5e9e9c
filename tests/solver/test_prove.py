"""Proofs against brute force: on small vocabularies every applicant there can be is tried."""

from __future__ import annotations

import itertools
from datetime import date
from typing import Any, get_args

import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from engine.language import functions
from engine.language.conditions import HOLDS, verdict_of
from engine.language.functions import add_months, apply
from engine.language.model import Condition, Rounding
from engine.language.operators import OPERATORS, Operator
from engine.language.policy_set import PolicySet
from engine.solver.goal import ProofGoal, differ, fails, holds
from engine.solver.limits import Clock, Unsettled
from engine.solver.months import (
    days_in_months,
    full_months,
    full_years,
    months_stay,
    span_of_months,
    span_within,
)
from engine.solver.prover import Prover
from tests.support.case_files import load_set
from tests.support.small_policies import DAY, Everybody, folders
from tests.support.strategies import DETERMINISTIC

pytestmark = pytest.mark.slow

SOME = settings(DETERMINISTIC, max_examples=50)


def goals_of(policies: PolicySet) -> list[ProofGoal]:
    conditions_of: list[Condition] = [rule.when for rule in policies.rules]
    pairs = itertools.combinations(conditions_of, 2)
    return [
        *map(holds, conditions_of),
        *map(fails, conditions_of),
        *(differ(one, other) for one, other in pairs),
    ]


@SOME
@given(folders())
def test_what_is_proved_is_what_trying_everybody_finds(policies: PolicySet) -> None:
    everybody, prover = Everybody(policies), Prover(policies, DAY, Clock(60))
    everybody.hold_against(prover, goals_of(policies))


@SOME
@given(folders())
def test_the_smallest_applicant_is_the_smallest_of_all(policies: PolicySet) -> None:
    everybody, prover = Everybody(policies), Prover(policies, DAY, Clock(60))
    for goal in goals_of(policies)[:4]:
        expected, found = everybody.first(goal), prover.smallest(goal)
        assert (found and found.given) == (expected and expected.given)


# --- the calendar


@settings(DETERMINISTIC, max_examples=300)
@given(st.dates(date(1600, 1, 1), date(2400, 1, 1)), st.integers(0, 3000))
def test_what_is_certain_of_months_is_so(day: date, months: int) -> None:
    later, earlier = (
        (add_months(day, n) - day).days if day.year + n // 12 > 1 else 0 for n in (months, -months)
    )
    least, most = days_in_months(months)
    for span in (later, -earlier) if earlier else (later,):
        assert least <= span <= most
        assert 5 * span >= 152 * months - 20
        assert 2 * span <= 61 * months + 6
    assert span_of_months(later, months) is True


@settings(DETERMINISTIC, max_examples=300)
@given(st.dates(date(1600, 1, 1), date(2400, 1, 1)), st.integers(0, 60_000), st.sampled_from([1, 12]))
def test_what_is_certain_of_the_time_between_is_so(day: date, span: int, unit: int) -> None:
    start = day.toordinal()
    between = (full_months if unit == 1 else full_years)(start, start + span)
    assert span_within(span, between, unit) is True
    assert months_stay(start, unit * between)[0] <= span < months_stay(start, unit * (between + 1))[0]


def test_days_in_months_are_reached() -> None:
    assert [days_in_months(months) for months in (0, 1, 6, 12, 84)] == [
        (0, 0), (28, 31), (181, 184), (365, 366), (2555, 2557),
    ]  # fmt: skip


FUNCTIONS = {
    "add_months": {"z.made": {"title": "M", "type": "date", "compute": {"add_months": ["z.one", "z.count"]}}},
    "months_between": {
        "z.made": {"title": "M", "type": "integer", "compute": {"months_between": ["z.one", "z.two"]}}
    },
    "years_between": {
        "z.made": {"title": "M", "type": "integer", "compute": {"years_between": ["z.one", "z.two"]}}
    },
    "year": {"z.made": {"title": "M", "type": "integer", "compute": {"years_between": [2000, "z.two"]}}},
}
DATES = st.dates(date(1950, 1, 1), date(2150, 1, 1))


@pytest.mark.parametrize("function", sorted(FUNCTIONS))
def test_functions_of_the_calendar_are_exact(function: str) -> None:
    """For any arguments the result is the real one, and no other; and arguments are found for a result."""
    more = {
        "facts": {"z.one": {"type": "date"}, "z.two": {"type": "date"}, "z.count": {"type": "integer"}},
        "derived": FUNCTIONS[function],
    }

    @settings(DETERMINISTIC, max_examples=8)
    @given(DATES, DATES, st.integers(-30, 130))
    def exact(one: date, two: date, count: int) -> None:
        arguments: list[Any] = {"add_months": [one, count], "year": [2000, two]}.get(function, [one, two])
        real = apply("years_between" if function == "year" else function, arguments)
        real_text = real.isoformat() if isinstance(real, date) else real
        facts = {"z.one": one.isoformat(), "z.two": two.isoformat(), "z.count": count}
        policies = load_set(
            {
                "field": "allotment",
                "as_of": str(DAY),
                "more": more,
                "policy": {
                    "rules": [
                        {"id": "real", "when": {**facts, "z.made": real_text}},
                        {"id": "other", "when": {**facts, "z.made": {"is_not": real_text}}},
                        {"id": "found", "when": {"z.made": real_text, "z.one": {"at_least": "1999-05-31"}}},
                    ]
                },
            }
        )
        prover = Prover(policies, DAY, Clock(60))
        rules = {rule.rule.id: holds(rule.when) for rule in policies.rules}
        assert prover.find(rules["real"]) is not None
        assert prover.find(rules["other"]) is None
        assert prover.find(rules["found"]) is not None

    exact()


ARGUMENTS: dict[functions.ArgumentKind, tuple[str, st.SearchStrategy[Any]]] = {
    "date": ("date", DATES),
    "year": ("date", DATES),
    "number": ("integer", st.integers(-30, 130)),
    "any": ("integer", st.integers(-30, 130)),
    "list": ("list", st.lists(DATES, min_size=1, max_size=3, unique=True).map(tuple)),
    "dates": ("list", st.lists(DATES, min_size=1, max_size=3, unique=True).map(tuple)),
    "months": ("", st.just(12)),
    "place": ("", st.just(1)),
    "step": ("", st.just(1)),
}


@pytest.mark.parametrize("name", functions.FUNCTIONS)
def test_every_function_means_to_the_solver_what_it_gives(name: str) -> None:
    """`engine/solver/apply.py` follows `engine/language/functions.py`, for whatever arguments are known."""
    function = functions.FUNCTIONS[name]
    kinds = function.kinds * 2 if function.aggregate else function.kinds
    facts = {
        f"z.n{number}": {"type": kind} | ({"of": "date"} if kind == "list" else {})
        for number, (kind, _) in enumerate(map(ARGUMENTS.__getitem__, kinds))
        if kind
    }
    results = {"item": "date", "same": "integer", "number": "integer", "step": "integer"}
    result = results.get(function.result, function.result)
    ways = get_args(Rounding) if function.rounds else (None,)

    # A function that the solver does not know fails at once: there is nothing to shrink.
    @settings(DETERMINISTIC, max_examples=4, phases=[Phase.explicit, Phase.generate])
    @given(st.tuples(*(ARGUMENTS[kind][1] for kind in kinds)), st.sampled_from(ways))
    def same(arguments: tuple[Any, ...], way: Rounding | None) -> None:
        given = {f"z.n{number}": argument for number, argument in enumerate(arguments)}
        call: Any = [fact if fact in facts else argument for fact, argument in given.items()]
        if function.names:
            call = dict(zip(function.names, call, strict=True)) | ({"way": way} if way else {})
        elif len(kinds) == 1:
            (call,) = call
        result_given = apply(name, arguments, way)
        real = {"known": False} if result_given is functions.ABSENT else as_written(result_given)
        other = {"known": True} if result_given is functions.ABSENT else {"is_not": real}
        when = [
            {fact: {"includes": str(day)}} if isinstance(each, tuple) else {fact: as_written(each)}
            for fact, each in given.items()
            if fact in facts
            for day in (each if isinstance(each, tuple) else (each,))
        ]
        lengths = {fact: len(each) for fact, each in given.items() if isinstance(each, tuple)}
        counts = {
            f"{fact}.count": {"title": "C", "type": "integer", "compute": {"count": fact}} for fact in lengths
        }
        when += [{f"{fact}.count": length} for fact, length in lengths.items()]
        policies = load_set(
            {
                "field": "allotment",
                "as_of": str(DAY),
                "language": 2,
                "more": {
                    "facts": facts,
                    "derived": {"z.made": {"title": "M", "type": result, "compute": {name: call}}, **counts},
                },
                "policy": {
                    "rules": [
                        {"id": "real", "when": {"all": [*when, {"z.made": real}]}},
                        {"id": "other", "when": {"all": [*when, {"z.made": other}]}},
                    ]
                },
            }
        )
        prover = Prover(policies, DAY, Clock(60))
        rules = {rule.rule.id: holds(rule.when) for rule in policies.rules}
        assert prover.find(rules["real"]) is not None
        assert prover.find(rules["other"]) is None

    same()


def as_written(value: Any) -> Any:
    return value.isoformat() if isinstance(value, date) else value


OPERANDS: dict[str, tuple[Any, st.SearchStrategy[Any]]] = {
    "values": ({"type": "enum", "values": ["a", "b", "c"]}, st.sampled_from("abc")),
    "ordered": ({"type": "number", "precision": 0.1}, st.integers(0, 3)),
    "lists": ({"type": "list", "of": "integer"}, st.integers(0, 3)),
    "every": ({"type": "integer"}, st.integers(0, 3)),
}


@pytest.mark.parametrize("name", OPERATORS)
def test_every_operator_means_to_the_solver_what_it_compares(name: Operator) -> None:
    """`engine/solver/encode.py` follows `engine/language/operators.py`."""
    spec = OPERATORS[name]
    fact, values = OPERANDS[spec.fits]
    operands = {
        "one": values,
        "many": st.lists(values, min_size=1, max_size=2),
        "range": st.tuples(values, values).map(sorted),
        "truth": st.booleans(),
    }[spec.operand]

    @settings(DETERMINISTIC, max_examples=6)
    @given(values, operands)
    def same(value: Any, operand: Any) -> None:
        here = {"z.one": {"includes": value}, "z.count": 1} if spec.fits == "lists" else {"z.one": value}
        test = {"z.one": {name: operand}}
        case = {
            "field": "allotment",
            "as_of": str(DAY),
            "more": {"facts": {"z.one": fact}},
            "policy": {
                "rules": [
                    {"id": "holds", "when": {"all": [here, test]}},
                    {"id": "fails", "when": {"all": [here, {"not": test}]}},
                    {"id": "test", "when": test},
                ]
            },
        }
        if spec.fits == "lists":
            count = {"title": "C", "type": "integer", "compute": {"count": "z.one"}}
            case["more"] |= {"derived": {"z.count": count}}  # type: ignore[operator]  # a mapping
        policies = load_set(case)
        prover = Prover(policies, DAY, Clock(60))
        rules = {rule.rule.id: rule.when for rule in policies.rules}
        known = {"z.one": (value,) if spec.fits == "lists" else value}
        real = verdict_of(rules["test"], known) == HOLDS
        assert (prover.find(holds(rules["holds"])) is not None) == real
        assert (prover.find(holds(rules["fails"])) is not None) == (not real)

    same()


# --- limits


def shipped_like() -> PolicySet:
    return load_set(
        {
            "field": "allotment",
            "as_of": str(DAY),
            "policy": {"rules": [{"id": "two", "when": {"plot.beds": {"above": {"fact": "plot.trees"}}}}]},
        }
    )


def test_out_of_time_nothing_is_claimed() -> None:
    policies = shipped_like()
    with pytest.raises(Unsettled, match="the time was up"):
        Prover(policies, DAY, Clock(0)).find(holds(policies.rules[0].when))


def test_long_lists_are_counted() -> None:
    """More items than are kept apart."""
    case = {
        "field": "allotment",
        "as_of": str(DAY),
        "more": {
            "derived": {"z.count": {"title": "C", "type": "integer", "compute": {"count": "work.days"}}}
        },
        "conditions": {"HOLDS": [{"z.count": 30, "work.days": {"includes": "2026-01-01"}}]},
    }
    policies = load_set(case)
    found = Prover(policies, DAY, Clock(60)).smallest(holds(policies.rules[0].when))
    assert found is not None
    assert len(found.given["work.days"]) == 30  # type: ignore[arg-type]  # a list


def test_every_verdict_is_told_apart() -> None:
    policies = shipped_like()
    prover = Prover(policies, DAY, Clock(60))
    when = policies.rules[0].when
    for goal in (holds(when), fails(when)):
        found = prover.smallest(goal)
        assert found is not None
        assert verdict_of(when, found.values) == goal.to  # type: ignore[union-attr]  # Comes
