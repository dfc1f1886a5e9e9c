"""Applicants made up to order: given facts for which some conditions come out as wanted.

A search, not a proof: it begins with facts that are already near, changes one given fact at a time (or two),
and keeps what brings more of the conditions to what is wanted. Every answer was worked out by the engine
itself. Where nothing is found, there may still be such an applicant.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import date, timedelta
from decimal import Decimal
from functools import cache
from typing import Any as AnyType
from typing import Final

from engine.advising.decide import Decider
from engine.advising.derive import Derivation
from engine.analysis.catalogue.query import behind
from engine.base.diagnostic import InvalidInput, Location
from engine.language.conditions import FAILS, HOLDS, UNKNOWN, Values, Verdict, facts_of, verdict_of
from engine.language.facts import Facts
from engine.language.model import AllOf, AnyOf, Comparison, Condition, Fact, FactReference, Not, Scalar, Value
from engine.language.policy_set import Banded, Computed, Implied, PolicySet
from engine.testing.coverage import tests_in

Goal = tuple[Condition, Verdict]
"""A condition, and the verdict that is wanted of it."""

Given = Mapping[str, Value]
"""Given facts, `as_of` among them."""

Change = tuple[int, str, Value | None]
"""A given fact with another value (None: it is not given), and the place of that value among those to try."""

MOST_TRIES: Final = 1_000
"""For one search; each try takes some tenths of a millisecond."""

_DAYS: Final = (0, 1, 6, 14, 21, 30, 45, 60, 90, 120, 180, 270, 365, 540, 730, 1095, 1825, 2555, 3650)
"""How far before and after the day of advice dates are tried; exact bounds are found between them."""


class Applicants:
    """Makes up applicants for the policies of a day. `near` are given facts to begin with."""

    def __init__(self, policies: PolicySet, near: Iterable[Given]) -> None:
        self._policies = policies
        self._derivation = Derivation(policies)
        self._decider = Decider(policies, None)
        self._concluding = {
            finding.name: tuple(
                rule.when
                for rule in policies.rules
                if any(concluded == finding.name for concluded, _ in rule.rule.conclude)
            )
            for finding in policies.findings
        }
        self._literals = _literals(policies)
        self._behind = cache(self._given_behind)
        self._values_of = cache(lambda name: tuple(self._possible(policies.facts[name])))
        self._near = [(given, values) for given in near if (values := self.outcome(given)) is not None]

    def outcome(self, given: Given) -> Values | None:
        """Everything known of an applicant, findings included; None where the facts contradict each other."""
        rest = {name: value for name, value in given.items() if name != "as_of"}
        day = given["as_of"]
        assert isinstance(day, date)
        try:
            situation = self._derivation.situation(Facts(rest, "", "made up", _nowhere), day)
        except InvalidInput:
            return None
        return self._decider.decide(situation).values

    def find(self, goals: Sequence[Goal], start: Given | None = None) -> Given | None:
        """An applicant who meets the goals: changed from `start`, else from the nearest ones."""
        goals = tuple(part for condition, wanted in goals for part in self._steps(condition, wanted))
        if start is not None:
            return self._climb(goals, start)
        ranked = sorted(self._near, key=lambda pair: (_unmet(goals, pair[1]), len(pair[0])))
        for given, _ in ranked[:4]:
            found = self._climb(goals, given)
            if found is not None:
                return found
        return None

    def _steps(self, condition: Condition, wanted: Verdict) -> Iterator[Goal]:
        """A goal as several that can be met one by one; a finding by way of the rules that conclude it."""
        match condition:
            case Not(part) if wanted != UNKNOWN:
                yield from self._steps(part, Verdict(2 - wanted))
            case AllOf(parts) if wanted == HOLDS:
                yield from (goal for part in parts for goal in self._steps(part, wanted))
            case AnyOf(parts) if wanted == FAILS:
                yield from (goal for part in parts for goal in self._steps(part, wanted))
            case Comparison(finding, "is", operand) if finding in self._concluding and wanted != UNKNOWN:
                some = AnyOf(self._concluding[finding], condition.at)
                yield from self._steps(some, HOLDS if operand == (wanted == HOLDS) else FAILS)
            case _:
                yield condition, wanted

    def _climb(self, goals: Sequence[Goal], start: Given) -> Given | None:
        values = self.outcome(start)
        given, left = start, MOST_TRIES
        while values is not None:
            missing = _unmet(goals, values)
            if not missing:
                return given
            singles = list(self._changes(goals, given, values))
            best: tuple[int, Given, Values] | None = None
            for changes in (singles, _pairs(singles)):
                for change in itertools.islice(changes, left):
                    left -= 1
                    changed = _with(given, *change)
                    found = self.outcome(changed)
                    if found is not None and (count := _unmet(goals, found)) < (best[0] if best else missing):
                        best = count, changed, found
                        if count == 0:
                            return changed
                if best is not None:
                    break
            if best is None:
                return None
            _, given, values = best
        return None

    def _changes(self, goals: Sequence[Goal], given: Given, values: Values) -> Iterator[tuple[Change, ...]]:
        """Each other value of each given fact behind an unmet goal."""
        unmet = [condition for condition, wanted in goals if verdict_of(condition, values) != wanted]
        for name in dict.fromkeys(name for condition in unmet for name in self._behind(condition)):
            for rank, value in enumerate(self._values_of(name)):
                if value != given.get(name):
                    yield ((rank, name, value),)

    def _given_behind(self, condition: Condition) -> tuple[str, ...]:
        """The given facts from which a condition's facts come, the nearest first."""
        facts = self._policies.facts
        names = dict.fromkeys(facts_of(condition))
        further = {name for looked_at in names for name in behind(looked_at, self._policies)}
        calendar = self._policies.calendar
        if calendar is not None and any(facts[name].origin == "calendar" for name in (*names, *further)):
            further.add(calendar.keyed_by)
        implied = {step.fact: step for step in self._policies.computations if isinstance(step, Implied)}
        every = (*names, *sorted(further))
        causes = {
            cause
            for name in every
            if name in implied
            for implication, _ in implied[name].by
            for cause in facts_of(implication.when)
        }
        found = dict.fromkeys((*every, *sorted(causes)))
        return tuple(name for name in found if facts[name].origin == "given" and not facts[name].private)

    def _possible(self, fact: Fact) -> Iterator[Value | None]:
        """Values that are worth trying for a given fact; None leaves it out."""
        literals = self._literals.get(fact.name, set())
        if fact.name == "as_of":
            yield from self._days_in_force()
            return
        yield None
        if fact.type == "list":
            yield from _lists(fact, self._policies.as_of)
        else:
            yield from _scalars(fact, literals, self._policies.as_of)

    def _days_in_force(self) -> Iterator[date]:
        policies = self._policies
        seasons = policies.calendar.seasons.values() if policies.calendar is not None else ()
        days = {day for dates in seasons for day in dates.values()}
        days |= {policies.as_of + timedelta(days=count) for count in _DAYS}
        near = {day + timedelta(days=step) for day in days for step in (-1, 0, 1)}
        for day in sorted(near, key=lambda day: abs(day - policies.as_of)):
            if (policies.since or day) <= day < (policies.changes_on or date.max):
                yield day

    def least(self, given: Given, keeps: Callable[[Values], bool]) -> Given:
        """The applicant without the facts that are not needed for what is to be kept."""
        found = dict(given)
        for name in sorted(given, key=list(self._policies.facts).index, reverse=True):
            if name != "as_of":
                fewer = {other: value for other, value in found.items() if other != name}
                values = self.outcome(fewer)
                if values is not None and keeps(values):
                    found = fewer
        return found

    def edge(self, one: Given, other: Given, side: Callable[[Values], bool | None]) -> tuple[Given, Given]:
        """Two applicants on two sides, from two that are; if it can be, one step of one ordered fact apart.

        `side` tells on which side an applicant lies, None where neither counts.
        """

        def side_of(given: Given) -> bool | None:
            values = self.outcome(given)
            return None if values is None else side(values)

        here = side_of(one)
        name = ""
        for changed in [name for name in {**one, **other} if one.get(name) != other.get(name)]:
            nearer = _with(one, (0, changed, other.get(changed)))
            found = side_of(nearer)
            if found == here:
                one = nearer
            elif found is not None:
                name, other = changed, nearer
                break
        fact = self._policies.facts.get(name)
        low, high = one.get(name), other.get(name)
        if fact is None or fact.type not in ("integer", "number", "date"):
            return one, other
        if low is None or high is None:
            return one, other
        first, last = _counted(low, fact), _counted(high, fact)
        while abs(last - first) > 1:
            middle = (first + last) // 2
            found = side_of({**one, name: _value_at(middle, fact)})
            if found is None:
                break
            first, last = (middle, last) if found == here else (first, middle)
        return {**one, name: _value_at(first, fact)}, {**one, name: _value_at(last, fact)}


def _unmet(goals: Sequence[Goal], values: Values) -> int:
    return sum(verdict_of(condition, values) != wanted for condition, wanted in goals)


def _with(given: Given, *changes: Change) -> dict[str, Value]:
    changed = dict(given)
    for _, name, value in changes:
        if value is None:
            changed.pop(name, None)
        else:
            changed[name] = value
    return changed


def _pairs(singles: Sequence[tuple[Change, ...]]) -> Sequence[tuple[Change, ...]]:
    """Two changes at a time. The values of a fact stand in the order of their likelihood; so do the pairs."""
    found = [(one, other) for (one,), (other,) in itertools.combinations(singles, 2) if one[1] != other[1]]
    return sorted(found, key=lambda pair: pair[0][0] + pair[1][0])


def _nowhere(_pointer: AnyType, _name: bool) -> Location:
    return Location("made up")


def _literals(policies: PolicySet) -> Mapping[str, set[AnyType]]:
    """What each fact is compared with, anywhere in the policies."""
    conditions: list[Condition] = [rule.when for rule in policies.rules]
    conditions += [rule.when for rule in policies.consistency]
    for step in policies.computations:
        if isinstance(step, Implied):
            conditions += [implication.when for implication, _ in step.by]
        elif isinstance(step, Banded):
            conditions += [condition for _, condition in step.ranges]
        elif isinstance(step, Computed):
            conditions += [each for each in (step.only_when, step.call.condition) if each is not None]
    found: dict[str, set[AnyType]] = {}
    for condition in conditions:
        for test in tests_in(condition):
            if test.operator == "known":
                continue
            if isinstance(test.operand, FactReference):
                parameter = policies.parameters.get(test.operand.fact.partition("@")[0])
                compared: tuple[AnyType, ...] = tuple(
                    value for _, value in (parameter.values if parameter is not None else ())
                )
            else:
                compared = test.operand if isinstance(test.operand, tuple) else (test.operand,)
            found.setdefault(test.fact, set()).update(compared)
    return found


def _scalars(fact: Fact, literals: set[AnyType], day: date) -> Iterator[Scalar]:
    low, high = fact.limits
    if fact.type == "boolean":
        yield from (True, False)
    elif fact.type == "enum":
        yield from (name for name, _ in fact.values)
    elif fact.type == "date":
        days = {day + timedelta(days=sign * count) for count in _DAYS for sign in (-1, 1)} | literals
        yield from sorted((each for each in days if low <= each <= high), key=lambda each: abs(each - day))
    elif fact.type in ("integer", "number"):
        near = {literal + count * fact.step for literal in literals for count in (-1, 0, 1)}
        spread = {low + count * (high - low) // 8 for count in range(9)} if high - low < 10**6 else set()
        small = {low + count for count in range(5)} if low > -(10**6) else set(range(5))
        years = {day.year + count for count in range(-12, 3)}
        for value in sorted(near | spread | small | years):
            if low <= value <= high:
                yield int(value) if value == int(value) else Decimal(value).normalize()
    else:
        yield "x"


def _lists(fact: Fact, day: date) -> Iterator[tuple[Scalar, ...]]:
    yield ()
    if fact.item_type == "date":
        single = [day - timedelta(days=count) for count in (*_DAYS[1:], 4380)]
        yield from ((each,) for each in single)
        for length in (2, 3, 4):
            for last in single:
                dates = [last - timedelta(days=150 * back) for back in range(length)]
                yield tuple(sorted(dates))
    elif fact.item_type == "enum":
        names = [name for name, _ in fact.values]
        for length in (1, 2):
            yield from itertools.combinations(names, length)


def _counted(value: Value, fact: Fact) -> int:
    """A value of an ordered fact as a whole number of its steps."""
    return value.toordinal() if isinstance(value, date) else int(Decimal(str(value)) / fact.step)


def _value_at(count: int, fact: Fact) -> Value:
    if fact.type == "date":
        return date.fromordinal(count)
    value = count * fact.step
    return int(value) if value == int(value) else value.normalize()
