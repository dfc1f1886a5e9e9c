"""A fact's range cut into stretches on which nothing that is tested changes: exact, never sampled.

A stretch is kept whole only when it is shown that no test can come out otherwise within it (`courses`). One
of which that cannot be shown is halved, down to single values.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from decimal import Decimal
from typing import Any as AnyType
from typing import Final

from engine.advising.advisor import Advisor
from engine.advising.derive import Contradicted, DerivedFacts, Part
from engine.analysis.certainty.trends import Trends
from engine.base.diagnostic import CommandLine, InvalidInput
from engine.base.record import record
from engine.language.conditions import tests_of, verdict_of
from engine.language.facts import Facts
from engine.language.model import Comparison, Condition, Fact, FactReference, Scalar
from engine.language.operators import ORDERED
from engine.language.policy_set import Implied, PolicySet, conditions_of

MOST_EVALUATIONS: Final = 100_000
"""A range that takes more evaluations is refused: it would take minutes."""


@record
class Interval:
    """Values of a fact from `low` to `high`, both included, between which no test changes.

    `first` and `last` are the situations at the two ends, or why such facts are refused. Of two stretches
    with the same `outcomes` the same comes (None: nothing of the kind is known).
    """

    low: Scalar
    high: Scalar
    count: int
    first: DerivedFacts | Contradicted
    last: DerivedFacts | Contradicted
    outcomes: tuple[int, ...] | None


class Grid:
    """The values of an ordered fact from `low` to `high` at its precision; of another, its values."""

    def __init__(self, fact: Fact, low: Scalar | None, high: Scalar | None) -> None:
        self._values: tuple[Scalar, ...] = ()
        self.ordered = fact.type in ORDERED
        if not self.ordered:
            self._values = (True, False) if fact.type == "boolean" else tuple(name for name, _ in fact.values)
            self.count = len(self._values)
            return
        self._low: AnyType = low
        self._step = fact.step
        first, last = self._position(low), self._position(high)
        self.count = int(last - first) + 1

    def _position(self, value: AnyType) -> Decimal:
        return Decimal(value.toordinal()) if isinstance(value, date) else Decimal(value) / self._step

    def at(self, index: int) -> Scalar:
        """The value with this number, from 0."""
        if not self.ordered:
            return self._values[index]
        if isinstance(self._low, date):
            return self._low + timedelta(days=index)
        if self._step == 1:
            found: Scalar = self._low + index
            return found
        value = Decimal(self._low) + self._step * index
        return int(value) if value == value.to_integral_value() else value.normalize()

    def steps(self, value: AnyType, other: AnyType) -> Decimal:
        """How far one value is above another, in the fact's own unit (of dates: days)."""
        distance = self._position(value) - self._position(other)
        return distance if isinstance(value, date) else distance * self._step

    def index(self, value: AnyType) -> int:
        """The number of the last value that is not above this one; -1 below the first."""
        return max(
            -1, int((self._position(value) - self._position(self._low)).to_integral_value("ROUND_FLOOR"))
        )


class Intervals:
    """The stretches of one given fact, on one policy set."""

    def __init__(self, advisor: Advisor, fact: str) -> None:
        policies = advisor.policies
        self._fact = policies.facts[fact]
        self._advisor = advisor
        self._part: Part = advisor.part([fact])
        self._steps = [step for step in policies.computations if step.fact in self._part.affected]
        self._tests = tuple(self._tests_of(policies))
        self._right = [self._right_of(test) for test in self._tests]
        dues = {rule.due for rule in policies.rules if rule.due is not None}
        self._dues = sorted(str(due) for due in dues if isinstance(due, str) and due in self._part.affected)
        self.orders_dues = bool(self._dues)
        self._other_dues = sorted((due for due in dues if due not in self._dues), key=str)

    def _tests_of(self, policies: PolicySet) -> Iterator[Comparison]:
        """Every test that looks at something that can change, once."""
        conditions: list[Condition] = [rule.when for rule in policies.rules]
        conditions += [rule.when for rule in policies.consistency]
        for step in self._steps:
            conditions += conditions_of(step)
            if isinstance(step, Implied) and step.fact == self._fact.name:  # which contradicts other values
                conditions += [
                    Comparison(step.fact, "is", v, rule.at) for rule, v in step.by if v is not None
                ]
        seen = set()
        for condition in conditions:
            for test in tests_of(condition):
                right = self._right_of(test)
                key = (test.fact, test.operator, right, repr(test.operand) if right is None else None)
                if key not in seen and (test.fact in self._part.affected or right in self._part.affected):
                    seen.add(key)
                    yield test

    def _right_of(self, test: Comparison) -> AnyType:
        return test.operand.fact if isinstance(test.operand, FactReference) else None

    def between(
        self, facts: Facts, situation: DerivedFacts, low: Scalar | None, high: Scalar | None
    ) -> tuple[Interval, ...]:
        """The stretches from `low` to `high` for an applicant, all other facts being as given.

        Neighbouring stretches may turn out alike. Raises InvalidInput when there are too many values.
        """
        return tuple(self.one_by_one(facts, situation, low, high))

    def one_by_one(
        self, facts: Facts, situation: DerivedFacts, low: Scalar | None, high: Scalar | None
    ) -> Iterator[Interval]:
        """The same, each worked out when it is asked for."""
        return _Run(self, facts, situation, Grid(self._fact, low, high)).stretches()

    # -- what a stretch is proved with ---------------------------------------------------------------

    def situation(self, facts: Facts, situation: DerivedFacts, value: Scalar) -> DerivedFacts | Contradicted:
        """What follows with another value, or why it is refused."""
        name = self._fact.name
        as_of = value if name == "as_of" else situation.values["as_of"]
        assert isinstance(as_of, date)
        changed = Facts({**facts.values, name: value}, facts.digest, facts.path, facts.locate)
        try:
            return self._part.situation(changed, as_of, situation)
        except Contradicted as refused:
            return refused

    def outcomes(self, situation: DerivedFacts | Contradicted) -> tuple[int, ...] | None:
        """How every test comes out; None when values are out of range."""
        if isinstance(situation, Contradicted) and situation.out_of_range:
            return None
        values = _situation(situation).values
        return tuple([verdict_of(test, values) for test in self._tests])

    def cuts(self, situation: DerivedFacts) -> Iterator[AnyType]:
        """Values at which a test of the fact itself comes out otherwise."""
        name = self._fact.name
        for test, right in zip(self._tests, self._right, strict=True):
            if test.operator == "known":
                continue
            if test.fact == name:
                found = situation.values.get(right) if right else test.operand
                yield from found if isinstance(found, tuple) else (found,)
            elif right == name:
                yield situation.values.get(test.fact)

    def proves(self, first: DerivedFacts, last: DerivedFacts) -> bool:
        """Whether nothing tested can change between two situations in which every test comes out alike."""
        courses = Trends(self._fact.name, self._part.affected, self._steps, first, last)
        for test, right in zip(self._tests, self._right, strict=True):
            if not courses.settled(test, right):
                return False
        others = (*self._dues, *self._other_dues, "as_of")
        return all(courses.same_side(due, other) for due in self._dues for other in others)


def _situation(found: DerivedFacts | Contradicted) -> DerivedFacts:
    return found.situation if isinstance(found, Contradicted) else found


class _Run:
    """One applicant's range while it is cut."""

    def __init__(self, stretches: Intervals, facts: Facts, situation: DerivedFacts, grid: Grid) -> None:
        self._stretches, self._facts, self._situation, self._grid = stretches, facts, situation, grid
        self._found: dict[int, tuple[DerivedFacts | Contradicted, tuple[int, ...] | None]] = {}

    def _at(self, index: int) -> tuple[DerivedFacts | Contradicted, tuple[int, ...] | None]:
        found = self._found.get(index)
        if found is None:
            if len(self._found) >= MOST_EVALUATIONS:
                message = f"On the range of `{self._stretches._fact.name}` too much changes."
                raise InvalidInput.error(
                    "range-too-long", message, CommandLine("--set"), "Write a narrower range."
                )
            value = self._grid.at(index)
            situation = self._stretches.situation(self._facts, self._situation, value)
            found = self._found[index] = situation, self._stretches.outcomes(situation)
        return found

    def stretches(self) -> Iterator[Interval]:
        if not self._grid.ordered:
            for index in range(self._grid.count):
                yield self._stretch(index, index)
            return
        starts = self._starts()
        for first, following in zip(starts, (*starts[1:], self._grid.count), strict=True):
            yield from self._cut(first, following - 1)

    def _starts(self) -> list[int]:
        """Where stretches begin at least: at each value that the fact is held against, and behind it."""
        found = {0}
        first = self._at(0)[0]
        for value in self._stretches.cuts(_situation(first)):
            if value is not None and not isinstance(value, (str, bool)):
                index = self._grid.index(value)
                found.update(place for place in (index, index + 1) if 0 <= place < self._grid.count)
        return sorted(found)

    def _cut(self, first: int, last: int) -> Iterator[Interval]:
        pending = [(first, last)]
        while pending:
            first, last = pending.pop()
            if first == last or self._is_one(first, last):
                yield self._stretch(first, last)
            else:
                middle = (first + last) // 2
                pending += [(middle + 1, last), (first, middle)]

    def _is_one(self, first: int, last: int) -> bool:
        (one, outcomes), (other, other_outcomes) = self._at(first), self._at(last)
        if outcomes is None or outcomes != other_outcomes:
            return False
        if isinstance(one, Contradicted) != isinstance(other, Contradicted):
            return False
        return self._stretches.proves(_situation(one), _situation(other))

    def _stretch(self, first: int, last: int) -> Interval:
        low, high = self._grid.at(first), self._grid.at(last)
        (one, outcomes), (other, _) = self._at(first), self._at(last)
        known = None if self._stretches.orders_dues else outcomes
        return Interval(low, high, last - first + 1, one, other, known)
