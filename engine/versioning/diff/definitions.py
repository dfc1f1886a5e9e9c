"""What stands behind the facts that rules test, side by side: which facts do not mean the same on both."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from engine.language.model import Fact
from engine.language.policy_set import (
    Banded,
    Computation,
    Computed,
    Implied,
    ParameterValue,
    PolicySet,
    Tabled,
)
from engine.versioning.diff.canonical import canonical
from engine.versioning.diff.decision_tables import table_meaning


class Definitions:
    """The facts of two policy sets, compared.

    `differing` are defined otherwise on one side than on the other (or on one side only), `touched` are those
    and all that rest on them. `dependencies` are those of both sides together.
    """

    def __init__(self, old: PolicySet, new: PolicySet) -> None:
        before, after = _meanings(old), _meanings(new)
        self.differing = frozenset(name for name in {*before, *after} if before.get(name) != after.get(name))
        self.dependencies = old.dependencies | new.dependencies
        self.touched = self.dependencies.resting_on(self.differing)


def _meanings(policies: PolicySet) -> dict[str, Any]:
    """How each fact comes by its values: the same for the same."""
    steps = policies.steps
    meanings = {}
    for name, fact in policies.facts.items():
        meanings[name] = declared = _values(fact)
        if name in steps:
            meanings[name] = (*declared, _computation(steps[name]))
        elif fact.origin == "finding":
            conditions = (rule.when for rule in policies.concluding.get(name, ()))
            applies = policies.applicability.get(name)
            where = () if applies is None else (canonical(applies),)
            meanings[name] = (*declared, _as_a_set(map(canonical, conditions)), *where)
        elif fact.origin == "calendar":
            meanings[name] = (*declared, _dates(name, policies))
    return meanings


def _values(fact: Fact) -> tuple[Any, ...]:
    """Who gives a fact its value, and which values it can have; its words do not matter."""
    kind = fact.value_type
    limits = fact.limits if kind in ("integer", "number", "date") else None
    step = fact.step if kind == "number" else None
    return fact.origin, fact.private, fact.type, kind, limits, step, fact.value_names, fact.distinct


def _computation(step: Computation) -> Any:
    match step:
        case Implied(_, by):
            return _as_a_set((canonical(rule.when), repr(value)) for rule, value in by)
        case Computed(_, call, only_when):
            conditions = (call.condition, only_when)
            conditions_read = [
                None if condition is None else canonical(condition) for condition in conditions
            ]
            return (call.function, call.way, tuple(map(repr, call.items)), *conditions_read)
        case Banded(_, of, ranges):
            return of, _as_a_set((name, canonical(condition)) for name, condition in ranges)
        case ParameterValue(_, parameter, on):
            return on, parameter.by, parameter.values
        case Tabled(_, table, output):
            return table_meaning(table, output)


def _as_a_set(things: Iterable[Any]) -> tuple[Any, ...]:
    """Things in an order of their own, none twice."""
    return tuple(sorted(set(things), key=repr))


def _dates(name: str, policies: PolicySet) -> Any:
    calendar = policies.calendar
    if calendar is None or name not in calendar.facts:
        return None
    dates = {season: days[name] for season, days in calendar.seasons.items() if name in days}
    return calendar.keyed_by, _as_a_set(dates.items())
