"""A fact's range cut into stretches on which nothing that is tested changes: exact, never sampled.

A stretch is kept whole only when it is shown that no test can come out otherwise within it: each fact that
rests on the changing one is constant on it, or rises or falls (derived facts are put together from functions
of which that is known), so that a test that comes to the same at both ends with the same side of its right
hand comes to that in between. A stretch of which it cannot be shown is halved, down to single values.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date, timedelta
from decimal import Decimal
from enum import Enum
from typing import Any as AnyType
from typing import Final

from engine.advisor import Advisor
from engine.derive import Contradicted, Part, Situation
from engine.diagnostic import Diagnostic, Location, Refused
from engine.evaluate import HOLDS, verdict_of
from engine.facts import Facts
from engine.model import All, Any, Condition, Fact, FactReference, Not, Scalar, Test
from engine.policyset import Banded, Computed, Implied, ParameterValue, PolicySet
from engine.record import record
from engine.values import ORDERED

MOST_EVALUATIONS: Final = 100_000
"""A range that takes more evaluations is refused: it would take minutes."""


class Course(Enum):
    """How a fact goes along a stretch. `SHIFTS`: a date or a number that rises one for one."""

    CONSTANT = "constant"
    SHIFTS = "shifts"
    RISES = "rises"
    FALLS = "falls"
    UNSURE = "unsure"


CONSTANT, SHIFTS, RISES, FALLS, UNSURE = Course
_UP: Final = frozenset({SHIFTS, RISES})


@record
class Stretch:
    """Values of a fact from `low` to `high`, both included, between which no test changes.

    `first` and `last` are the situations at the two ends, or why such facts are refused. Of two stretches
    with the same `outcomes` the same comes (None: nothing of the kind is known).
    """

    low: Scalar
    high: Scalar
    count: int
    first: Situation | Contradicted
    last: Situation | Contradicted
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


class Stretches:
    """The stretches of one given fact, on one policy set."""

    def __init__(self, advisor: Advisor, fact: str) -> None:
        policies = advisor.policies
        self._policies, self._fact = policies, policies.facts[fact]
        self._advisor = advisor
        self._part: Part = advisor.part([fact])
        self._steps = [step for step in policies.computations if step.fact in self._part.affected]
        self._tests = tuple(self._tests_of(policies))
        self._right = [self._right_of(test) for test in self._tests]
        dues = {rule.due for rule in policies.rules if rule.due is not None}
        self._dues = sorted(str(due) for due in dues if isinstance(due, str) and due in self._part.affected)
        self.orders_dues = bool(self._dues)
        self._other_dues = sorted((due for due in dues if due not in self._dues), key=str)

    def _tests_of(self, policies: PolicySet) -> Iterator[Test]:
        """Every test that looks at something that can change, once."""
        conditions: list[Condition] = [rule.when for rule in policies.rules]
        conditions += [rule.when for rule in policies.consistency]
        for step in self._steps:
            match step:
                case Implied(fact, by):
                    conditions += [implication.when for implication, _ in by]
                    if fact == self._fact.name:  # which contradicts every other value
                        conditions += [Test(fact, "is", v, rule.at) for rule, v in by if v is not None]
                case Banded(_, _, ranges):
                    conditions += [condition for _, condition in ranges]
                case Computed(_, call, only_when):
                    conditions += [each for each in (call.condition, only_when) if each is not None]
        seen = set()
        for condition in conditions:
            for test in _tests(condition):
                right = self._right_of(test)
                key = (test.fact, test.operator, right, repr(test.operand) if right is None else None)
                if key not in seen and (test.fact in self._part.affected or right in self._part.affected):
                    seen.add(key)
                    yield test

    def _right_of(self, test: Test) -> AnyType:
        return test.operand.fact if isinstance(test.operand, FactReference) else None

    def between(
        self, facts: Facts, situation: Situation, low: Scalar | None, high: Scalar | None
    ) -> tuple[Stretch, ...]:
        """The stretches from `low` to `high` for an applicant, all other facts being as given.

        Neighbouring stretches may turn out alike. Raises Refused when there are too many values to look at.
        """
        run = _Run(self, facts, situation, Grid(self._fact, low, high))
        return tuple(run.stretches())

    # -- what a stretch is proved with ---------------------------------------------------------------

    def situation(self, facts: Facts, situation: Situation, value: Scalar) -> Situation | Contradicted:
        """What follows with another value, or why it is refused."""
        name = self._fact.name
        as_of = value if name == "as_of" else situation.values["as_of"]
        assert isinstance(as_of, date)
        changed = Facts({**facts.values, name: value}, facts.digest, facts.path, facts.locate)
        try:
            return self._part.situation(changed, as_of, situation)
        except Contradicted as refused:
            return refused

    def outcomes(self, situation: Situation | Contradicted) -> tuple[int, ...] | None:
        """How every test comes out; None when values are out of range."""
        if isinstance(situation, Contradicted) and situation.out_of_range:
            return None
        values = _situation(situation).values
        return tuple([verdict_of(test, values) for test in self._tests])

    def cuts(self, situation: Situation) -> Iterator[AnyType]:
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

    def proves(self, first: Situation, last: Situation) -> bool:
        """Whether nothing tested can change between two situations in which every test comes out alike."""
        courses = _Courses(self, first, last)
        for test, right in zip(self._tests, self._right, strict=True):
            if not courses.settled(test, right):
                return False
        others = (*self._dues, *self._other_dues, "as_of")
        return all(courses.same_side(due, other) for due in self._dues for other in others)


def _situation(found: Situation | Contradicted) -> Situation:
    return found.situation if isinstance(found, Contradicted) else found


class _Run:
    """One applicant's range while it is cut."""

    def __init__(self, stretches: Stretches, facts: Facts, situation: Situation, grid: Grid) -> None:
        self._stretches, self._facts, self._situation, self._grid = stretches, facts, situation, grid
        self._found: dict[int, tuple[Situation | Contradicted, tuple[int, ...] | None]] = {}

    def _at(self, index: int) -> tuple[Situation | Contradicted, tuple[int, ...] | None]:
        found = self._found.get(index)
        if found is None:
            if len(self._found) >= MOST_EVALUATIONS:
                message = f"On the range of `{self._stretches._fact.name}` too much changes."
                raise Refused(
                    [Diagnostic("range-too-long", message, Location("--set"), "Write a narrower range.")]
                )
            value = self._grid.at(index)
            situation = self._stretches.situation(self._facts, self._situation, value)
            found = self._found[index] = situation, self._stretches.outcomes(situation)
        return found

    def stretches(self) -> Iterator[Stretch]:
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

    def _cut(self, first: int, last: int) -> Iterator[Stretch]:
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

    def _stretch(self, first: int, last: int) -> Stretch:
        low, high = self._grid.at(first), self._grid.at(last)
        (one, outcomes), (other, _) = self._at(first), self._at(last)
        known = None if self._stretches.orders_dues else outcomes
        return Stretch(low, high, last - first + 1, one, other, known)


class _Courses:
    """How each fact goes between two situations."""

    def __init__(self, stretches: Stretches, first: Situation, last: Situation) -> None:
        self._first, self._last = first, last
        self._affected = stretches._part.affected
        self._policies = stretches._policies
        varied = stretches._fact
        self._known: dict[str, Course] = {
            varied.name: SHIFTS if first.values[varied.name] != last.values[varied.name] else CONSTANT
        }
        calendar = self._policies.calendar
        if calendar is not None and calendar.keyed_by in self._affected:
            self._known.update(dict.fromkeys(calendar.facts, UNSURE))
        for step in stretches._steps:
            if step.fact != varied.name:
                self._known[step.fact] = self._course(step)

    def _of(self, name: str) -> Course:
        if name not in self._affected:
            return CONSTANT
        return self._known.get(name, UNSURE)

    def _status(self, name: str) -> bool:
        """Whether the fact is known, unknown or absent at both ends alike."""
        known = (name in self._first.values) == (name in self._last.values)
        return known and (name in self._first.absent) == (name in self._last.absent)

    def _values_alike(self, name: str) -> bool:
        return self._first.values.get(name) == self._last.values.get(name)

    def _course(self, step: AnyType) -> Course:
        if not self._status(step.fact):
            return UNSURE
        match step:
            case Implied(fact, by):
                settled = all(self._all_settled(implication.when) for implication, _ in by)
                return CONSTANT if settled and self._values_alike(fact) else UNSURE
            case Banded(_, _, ranges):
                return CONSTANT if all(self._all_settled(condition) for _, condition in ranges) else UNSURE
            case ParameterValue(fact, parameter, on):
                if self._of(on) is CONSTANT:
                    return CONSTANT
                days = [self._first.values.get(on), self._last.values.get(on)]
                begun = {
                    sum(1 for first, _ in parameter.values if first <= day)
                    for day in days
                    if isinstance(day, date)
                }
                alike = self._of(on) is not UNSURE and None not in days and len(begun) == 1
                return CONSTANT if alike and self._values_alike(fact) else UNSURE
            case Computed(_, call, only_when):
                if only_when is not None:
                    if not self._all_settled(only_when):
                        return UNSURE
                    if verdict_of(only_when, self._first.values) != HOLDS:
                        return CONSTANT
                if call.condition is not None:
                    return CONSTANT if self._all_settled(call.condition) else UNSURE
                return self._called(step.fact, call.function, call.items)
        return UNSURE

    def _called(self, fact: str, function: str, items: Sequence[Scalar]) -> Course:
        courses = [self._of(item) if isinstance(item, str) else CONSTANT for item in items]
        if all(course is CONSTANT for course in courses):
            return CONSTANT
        if UNSURE in courses:
            return UNSURE
        if fact not in self._first.values:
            # Without a value at both ends, for an argument that is so all along.
            return CONSTANT if self._stays_without(items) else UNSURE
        course = _course_of(function, items, courses, self._chosen(function, items), self._first)
        return CONSTANT if course in (SHIFTS, RISES, FALLS) and self._values_alike(fact) else course

    def _stays_without(self, items: Sequence[Scalar]) -> bool:
        return any(
            isinstance(item, str) and item not in self._first.values and self._of(item) is CONSTANT
            for item in items
        )

    def _chosen(self, function: str, items: Sequence[Scalar]) -> int | None:
        """Which argument `first_known` takes."""
        if function != "first_known":
            return None
        return next(
            (
                index
                for index, item in enumerate(items)
                if isinstance(item, str) and item in self._first.values
            ),
            None,
        )

    # -- tests -----------------------------------------------------------------------------------

    def _all_settled(self, condition: Condition) -> bool:
        return all(
            self.settled(test, test.operand.fact if isinstance(test.operand, FactReference) else None)
            for test in _tests(condition)
        )

    def settled(self, test: Test, right: str | None) -> bool:
        """Whether a test that comes out alike at both ends does so all along."""
        left_course = self._of(test.fact)
        if right is None and left_course is CONSTANT:
            return True
        if left_course is UNSURE:
            return False
        if test.operator == "known":
            return True
        if right is not None:
            return self.same_side(test.fact, right)
        literals = test.operand if isinstance(test.operand, tuple) else (test.operand,)
        one, other = self._first.values.get(test.fact), self._last.values.get(test.fact)
        if one is None or other is None:
            return one is None and other is None
        return all(_side(one, literal) == _side(other, literal) for literal in literals)

    def same_side(self, name: str, other: AnyType) -> bool:
        """Whether one fact stays on one side of another (or of a date)."""
        course = self._of(name)
        other_course = self._of(other) if isinstance(other, str) else CONSTANT
        if name == other or (course is CONSTANT and other_course is CONSTANT):
            return True
        if UNSURE in (course, other_course):
            return False
        pairs = []
        for situation in (self._first, self._last):
            right = situation.values.get(other) if isinstance(other, str) else other
            pairs.append((situation.values.get(name), right))
        if any(None in pair for pair in pairs):
            # Their status is the same all along: one of the two is without a value at both ends.
            return all(None in pair for pair in pairs)
        if _side(*pairs[0]) != _side(*pairs[1]):
            return False
        if course is SHIFTS and other_course is SHIFTS:
            return True
        if (course in _UP and other_course in _UP) or (course is FALLS and other_course is FALLS):
            # Both go the same way: they cannot meet when even the nearest two ends are apart.
            return _side(pairs[0][0], pairs[1][1]) == _side(pairs[1][0], pairs[0][1]) == _side(*pairs[0])
        return True


def _side(left: AnyType, right: AnyType) -> int:
    """Below, equal or above; two values without an order are equal or not."""
    if isinstance(left, (str, bool, tuple)):
        return 0 if left == right else 2
    return int(left > right) - int(left < right)


_TURNED: Final[Mapping[Course, Course]] = {
    CONSTANT: CONSTANT, SHIFTS: FALLS, RISES: FALLS, FALLS: RISES, UNSURE: UNSURE,
}  # fmt: skip


def _together(courses: Iterable[Course]) -> Course:
    """The course of something that goes with each of these."""
    moving = {course for course in courses if course is not CONSTANT}
    if not moving:
        return CONSTANT
    if UNSURE in moving:
        return UNSURE
    if moving <= _UP:
        return RISES
    return FALLS if moving == {FALLS} else UNSURE


def _course_of(
    function: str,
    items: Sequence[Scalar],
    courses: Sequence[Course],
    chosen: int | None,
    situation: Situation,
) -> Course:
    """How a function goes when its arguments go so."""
    match function:
        case "days_between" | "months_between" | "years_between":
            return _shift(
                _together((_TURNED[courses[0]], courses[1])), function == "days_between", courses[1]
            )
        case "subtract":
            return _together((courses[0], _TURNED[courses[1]]))
        case "add_days" | "add_weeks" | "add_months":
            return _shift(_together(courses), function != "add_months" and courses[1] is CONSTANT, courses[0])
        case "earliest" | "latest" | "largest" | "smallest" | "sum":
            return _together(courses)
        case "multiply":
            return _multiplied(items, courses, situation)
        case "first_known":
            return courses[chosen] if chosen is not None else UNSURE
    return UNSURE


def _shift(course: Course, one_for_one: bool, of: Course) -> Course:
    return SHIFTS if course is RISES and one_for_one and of is SHIFTS else course


def _multiplied(items: Sequence[Scalar], courses: Sequence[Course], situation: Situation) -> Course:
    """A product rises or falls when one of the two factors is constant."""
    for constant, moving in ((0, 1), (1, 0)):
        if courses[constant] is CONSTANT:
            item = items[constant]
            factor: AnyType = situation.values.get(item) if isinstance(item, str) else item
            course = courses[moving]
            return _together([course if factor > 0 else _TURNED[course] if factor < 0 else CONSTANT])
    return UNSURE


def _tests(condition: Condition) -> Iterator[Test]:
    match condition:
        case All(parts) | Any(parts):
            for part in parts:
                yield from _tests(part)
        case Not(part):
            yield from _tests(part)
        case Test():
            yield condition
