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
from engine.language.model import Comparison, Condition, Scalar
from engine.language.policy_set import (
    Banded,
    Computation,
    Computed,
    Implied,
    ParameterValue,
    Tabled,
    conditions_of,
)
from engine.language.tables import references_in


class Trend(Enum):
    """How a fact goes along an interval. `SHIFTS`: a date or a number that rises one for one."""

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
                self._known[step.fact] = self._trend(step)

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

    def _trend(self, step: AnyType) -> Trend:
        if not self._status(step.fact):
            return UNSURE
        match step:
            case Implied(fact, by):
                settled = all(self._all_settled(implication.when) for implication, _ in by)
                return CONSTANT if settled and self._values_alike(fact) else UNSURE
            case Tabled(fact, table, output):
                named = all(self._of(name) is CONSTANT for name in references_in(table, output))
                known = named and all(map(self._status, table.columns))
                settled = known and all(map(self._all_settled, conditions_of(step)))
                return CONSTANT if settled and self._values_alike(fact) else UNSURE
            case Banded(_, _, ranges):
                return CONSTANT if all(self._all_settled(condition) for _, condition in ranges) else UNSURE
            case ParameterValue(fact, parameter, on):
                if parameter.by is not None and self._of(parameter.by) is not CONSTANT:
                    return UNSURE
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
        trends = [self._of(item) if isinstance(item, str) else CONSTANT for item in items]
        if all(trend is CONSTANT for trend in trends):
            return CONSTANT
        if UNSURE in trends:
            return UNSURE
        values = self._first.values
        if fact not in values:
            # Without a value at both ends, for an argument that is so all along.
            without = (item for item in items if isinstance(item, str) and item not in values)
            return CONSTANT if any(self._of(item) is CONSTANT for item in without) else UNSURE
        if function == "first_known":
            known = (
                trend
                for item, trend in zip(items, trends, strict=True)
                if not isinstance(item, str) or item in values
            )
            trend = next(known, UNSURE)
        else:
            trend = _trend_of(function, items, trends, self._first)
        return CONSTANT if trend is not UNSURE and self._values_alike(fact) else trend

    # -- tests -----------------------------------------------------------------------------------

    def _all_settled(self, condition: Condition) -> bool:
        return all(map(self.settled, tests_of(condition)))

    def settled(self, test: Comparison) -> bool:
        """Whether a test that comes out alike at both ends does so all along."""
        left, right = self._of(test.fact), test.against
        if right is None and left is CONSTANT:
            return True
        if left is UNSURE:
            return False
        if test.operator == "known":
            return True
        if right is not None and test.operator not in ("one_of", "none_of"):
            return self.same_side(test.fact, right)
        if right is not None and self._of(right) is not CONSTANT:
            return False
        operand = test.operand if right is None else self._first.values.get(right, ())
        literals = operand if isinstance(operand, tuple) else (operand,)
        one, other = self._first.values.get(test.fact), self._last.values.get(test.fact)
        if one is None or other is None:
            return one is None and other is None
        return all(_side(one, literal) == _side(other, literal) for literal in literals)

    def same_side(self, name: str, other: AnyType) -> bool:
        """Whether one fact stays on one side of another (or of a date)."""
        trend = self._of(name)
        other_trend = self._of(other) if isinstance(other, str) else CONSTANT
        if name == other or (trend is CONSTANT and other_trend is CONSTANT):
            return True
        if UNSURE in (trend, other_trend):
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
        if trend is SHIFTS and other_trend is SHIFTS:
            return True
        if (trend in _UP and other_trend in _UP) or (trend is FALLS and other_trend is FALLS):
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


def _together(trends: Iterable[Trend]) -> Trend:
    """The trend of something that goes with each of these."""
    moving = {trend for trend in trends if trend is not CONSTANT}
    if not moving:
        return CONSTANT
    if UNSURE in moving:
        return UNSURE
    if moving <= _UP:
        return RISES
    return FALLS if moving == {FALLS} else UNSURE


def _trend_of(
    function: str, items: Sequence[Scalar], trends: Sequence[Trend], derived: DerivedFacts
) -> Trend:
    """How a function other than `first_known` goes when its arguments go so."""
    if function == "multiply":
        return _multiplied(items, trends, derived)
    called = FUNCTIONS[function]
    if called.rounds:
        return _rounded(function, items, trends, derived)
    if called.aggregate and len(trends) == 1:  # of one, it is that one
        return trends[0]
    if not called.moves:
        return UNSURE
    moves = called.moves * len(trends) if called.aggregate else called.moves
    moving = [pair for pair in zip(moves, trends, strict=True) if pair[1] is not CONSTANT]
    if moving == [("shifts", SHIFTS)]:
        return SHIFTS
    return _together(_TURNED[trend] if move == "falls" else trend for move, trend in moving)


def _rounded(function: str, items: Sequence[Scalar], trends: Sequence[Trend], derived: DerivedFacts) -> Trend:
    """What is rounded goes as it did before, in steps; a quotient as its dividend, or the other way."""
    trend, *others = trends
    if any(other is not CONSTANT for other in others):
        return UNSURE
    if function != "divide":
        return _together([trend])
    divisor: AnyType = derived.values.get(items[1]) if isinstance(items[1], str) else items[1]
    return _together([trend if divisor > 0 else _TURNED[trend]])


def _multiplied(items: Sequence[Scalar], trends: Sequence[Trend], derived: DerivedFacts) -> Trend:
    """A product rises or falls when one of the two factors is constant."""
    for constant, moving in ((0, 1), (1, 0)):
        if trends[constant] is CONSTANT:
            item = items[constant]
            factor: AnyType = derived.values.get(item) if isinstance(item, str) else item
            trend = trends[moving]
            return _together([trend if factor > 0 else _TURNED[trend] if factor < 0 else CONSTANT])
    return UNSURE
