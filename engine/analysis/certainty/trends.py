"""How facts go while one of them rises: constant, one for one, rising, falling, or none of these for sure.

Derived facts are put together from functions of which it is known how they go. So it can be shown of a test
that comes out alike at two values of the changing fact that it comes out so at every value between.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import date
from enum import Enum
from typing import Any as AnyType
from typing import Final

from engine.advising.derive import DerivedFacts
from engine.language.conditions import HOLDS, tests_of, verdict_of
from engine.language.functions import FUNCTIONS
from engine.language.model import Comparison, Condition, FactReference, Scalar
from engine.language.policy_set import Banded, Computation, Computed, Implied, ParameterValue


class Trend(Enum):
    """How a fact goes along a stretch. `SHIFTS`: a date or a number that rises one for one."""

    CONSTANT = "constant"
    SHIFTS = "shifts"
    RISES = "rises"
    FALLS = "falls"
    UNSURE = "unsure"


CONSTANT, SHIFTS, RISES, FALLS, UNSURE = Trend
_UP: Final = frozenset({SHIFTS, RISES})


class Trends:
    """How each fact goes between two values of one of them."""

    def __init__(
        self,
        varied: str,
        affected: Collection[str],
        steps: Iterable[Computation],
        first: DerivedFacts,
        last: DerivedFacts,
    ) -> None:
        self._first, self._last = first, last
        self._affected = affected
        self._known: dict[str, Trend] = {
            varied: SHIFTS if first.values[varied] != last.values[varied] else CONSTANT
        }
        for step in steps:
            if step.fact != varied:
                self._known[step.fact] = self._course(step)

    def _of(self, name: str) -> Trend:
        if name not in self._affected:
            return CONSTANT
        return self._known.get(name, UNSURE)  # of a date of the calendar nothing is known

    def _status(self, name: str) -> bool:
        """Whether the fact is known, unknown or absent at both ends alike."""
        known = (name in self._first.values) == (name in self._last.values)
        return known and (name in self._first.absent) == (name in self._last.absent)

    def _values_alike(self, name: str) -> bool:
        return self._first.values.get(name) == self._last.values.get(name)

    def _course(self, step: AnyType) -> Trend:
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

    def _called(self, fact: str, function: str, items: Sequence[Scalar]) -> Trend:
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
            for test in tests_of(condition)
        )

    def settled(self, test: Comparison, right: str | None) -> bool:
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
        for derived in (self._first, self._last):
            right = derived.values.get(other) if isinstance(other, str) else other
            pairs.append((derived.values.get(name), right))
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


_TURNED: Final[Mapping[Trend, Trend]] = {
    CONSTANT: CONSTANT, SHIFTS: FALLS, RISES: FALLS, FALLS: RISES, UNSURE: UNSURE,
}  # fmt: skip


def _together(courses: Iterable[Trend]) -> Trend:
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
    courses: Sequence[Trend],
    chosen: int | None,
    derived: DerivedFacts,
) -> Trend:
    """How a function goes when its arguments go so."""
    if function == "multiply":
        return _multiplied(items, courses, derived)
    if function == "first_known":
        return courses[chosen] if chosen is not None else UNSURE
    called = FUNCTIONS[function]
    if called.aggregate and len(courses) == 1:  # of one, it is that one
        return courses[0]
    if not called.moves:
        return UNSURE
    moves = called.moves * len(courses) if called.aggregate else called.moves
    moving = [pair for pair in zip(moves, courses, strict=True) if pair[1] is not CONSTANT]
    if moving == [("shifts", SHIFTS)]:
        return SHIFTS
    return _together(_TURNED[course] if move == "falls" else course for move, course in moving)


def _multiplied(items: Sequence[Scalar], courses: Sequence[Trend], derived: DerivedFacts) -> Trend:
    """A product rises or falls when one of the two factors is constant."""
    for constant, moving in ((0, 1), (1, 0)):
        if courses[constant] is CONSTANT:
            item = items[constant]
            factor: AnyType = derived.values.get(item) if isinstance(item, str) else item
            course = courses[moving]
            return _together([course if factor > 0 else _TURNED[course] if factor < 0 else CONSTANT])
    return UNSURE
