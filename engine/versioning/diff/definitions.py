"""What stands behind the facts that rules test, side by side: which facts do not mean the same on both."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from engine.base.record import record
from engine.language.conditions import facts_of
from engine.language.model import Condition, Fact
from engine.language.policy_set import Banded, Computation, Computed, Implied, ParameterValue, PolicySet
from engine.loading.resolve_derivations import needs_of
from engine.versioning.diff.canonical import canonical


@record
class Definition:
    """How a fact comes by its values: the same `meaning` for the same, from the facts it `needs`."""

    meaning: Any
    needs: frozenset[str]


class Definitions:
    """The facts of two policy sets, compared.

    `differing` are defined otherwise on one side than on the other (or on one side only), `touched` are those
    and all that rest on them.
    """

    def __init__(self, old: PolicySet, new: PolicySet) -> None:
        self._sides = (_definitions(old), _definitions(new))
        before, after = self._sides
        self.differing = frozenset(
            name for name in {*before, *after} if _meaning(before, name) != _meaning(after, name)
        )
        self.touched = self._resting_on(self.differing)

    def behind(self, conditions: Iterable[Condition]) -> frozenset[str]:
        """The facts that conditions look at, and all that these rest on, on either side."""
        found: set[str] = set()
        pending = [name for condition in conditions for name in facts_of(condition)]
        while pending:
            name = pending.pop()
            if name not in found:
                found.add(name)
                pending.extend(self._needs(name))
        return frozenset(found)

    def _needs(self, name: str) -> frozenset[str]:
        found = [side[name].needs for side in self._sides if name in side]
        return frozenset().union(*found)

    def _resting_on(self, names: frozenset[str]) -> frozenset[str]:
        found = set(names)
        everything = {name for side in self._sides for name in side}
        while more := {name for name in everything - found if self._needs(name) & found}:
            found |= more
        return frozenset(found)


def _meaning(side: Mapping[str, Definition], name: str) -> Any:
    return side[name].meaning if name in side else None


def _definitions(policies: PolicySet) -> dict[str, Definition]:
    steps = {step.fact: step for step in policies.computations}
    concluding: dict[str, list[Condition]] = {}
    for rule in policies.rules:
        for finding, _ in rule.rule.conclude:
            concluding.setdefault(finding, []).append(rule.when)
    found = {}
    for name, fact in policies.facts.items():
        declared = _values(fact)
        if name in steps:
            step = steps[name]
            found[name] = Definition((*declared, _computation(step)), needs_of(step))
        elif fact.origin == "finding":
            conditions = concluding.get(name, [])
            needs = frozenset(used for condition in conditions for used in facts_of(condition))
            found[name] = Definition((*declared, _as_a_set(map(canonical, conditions))), needs)
        elif fact.origin == "calendar":
            found[name] = Definition((*declared, _dates(name, policies)), _key(policies))
        else:
            found[name] = Definition(declared, frozenset())
    return found


def _values(fact: Fact) -> tuple[Any, ...]:
    """Who gives a fact its value, and which values it can have; its words do not matter."""
    kind = fact.item_type if fact.type == "list" else fact.type
    limits = fact.limits if kind in ("integer", "number", "date") else None
    step = fact.step if kind == "number" else None
    return fact.origin, fact.private, fact.type, kind, limits, step, fact.value_names, fact.distinct


def _computation(step: Computation) -> Any:
    match step:
        case Implied(_, by):
            return _as_a_set((canonical(rule.when), repr(value)) for rule, value in by)
        case Computed(_, call, only_when):
            conditions = (call.condition, only_when)
            told = [None if condition is None else canonical(condition) for condition in conditions]
            return (call.function, tuple(map(repr, call.items)), *told)
        case Banded(_, of, ranges):
            return of, _as_a_set((name, canonical(condition)) for name, condition in ranges)
        case ParameterValue(_, parameter, on):
            return on, parameter.values


def _as_a_set(things: Iterable[Any]) -> tuple[Any, ...]:
    """Things in an order of their own, none twice."""
    return tuple(sorted(set(things), key=repr))


def _dates(name: str, policies: PolicySet) -> Any:
    calendar = policies.calendar
    if calendar is None or name not in calendar.facts:
        return None
    dates = {season: days[name] for season, days in calendar.seasons.items() if name in days}
    return calendar.keyed_by, _as_a_set(dates.items())


def _key(policies: PolicySet) -> frozenset[str]:
    return frozenset() if policies.calendar is None else frozenset({policies.calendar.keyed_by})
