"""The smallest set of tests that would have to come out otherwise for a condition to hold.

>>> from engine.base.diagnostic import Location
>>> from engine.language.model import AllOf, Comparison
>>> here = Location("p.yaml")
>>> parts = (Comparison("passed", "is", True, here), Comparison("score", "at_least", 225, here))
>>> values = {"passed": True, "score": 220}
>>> [(wanted.test.fact, wanted.holds) for wanted in minimal_unmet(AllOf(parts, here), values)]
[('score', True)]
"""

from __future__ import annotations

from collections.abc import Hashable, Iterable
from typing import Final

from engine.base.record import record
from engine.language.conditions import FAILS, HOLDS, Values, verdict_of
from engine.language.model import AllOf, AnyOf, Comparison, Condition, Not

MOST_WAYS: Final = 64
"""Of more ways than this to make a part hold, the shortest are followed up."""


@record
class RequiredTest:
    """A test that has to hold (or, with `holds` false, to fail); `now` tells whether it does already."""

    test: Comparison
    holds: bool
    now: bool = False


Way = dict[Hashable, RequiredTest]


def minimal_unmet(condition: Condition, values: Values) -> tuple[RequiredTest, ...] | None:
    """The smallest set of tests that must change for a condition to hold; () when it holds.

    The tests are taken to be independent of each other. None: no outcome of its tests makes it hold.
    """
    ways = _ways(condition, values, True)
    return tuple(wanted for wanted in ways[0].values() if not wanted.now) if ways else None


def key_of(test: Comparison) -> Hashable:
    """What makes two tests the same wherever they stand."""
    return test.fact, test.operator, type(test.operand), test.against or test.operand


def _ways(condition: Condition, values: Values, holds: bool) -> list[Way]:
    match condition:
        case Not(part):
            return _ways(part, values, not holds)
        case Comparison():
            now = verdict_of(condition, values) == (HOLDS if holds else FAILS)
            return [{key_of(condition): RequiredTest(condition, holds, now)}]
        case AllOf(parts) | AnyOf(parts):
            each = [_ways(part, values, holds) for part in parts]
            if isinstance(condition, AllOf) == holds:
                return _together(each)
            return _shortest(way for ways in each for way in ways)


def _together(each: Iterable[list[Way]]) -> list[Way]:
    """Every way to have all of them, without those that want a test to hold and to fail."""
    combined: list[Way] = [{}]
    for ways in each:
        combined = _shortest(
            {**before, **way}
            for before in combined
            for way in ways
            if all(before[key].holds == wanted.holds for key, wanted in way.items() if key in before)
        )
    return combined


def _shortest(ways: Iterable[Way]) -> list[Way]:
    # Sorting is stable: of equals, the one written first.
    return sorted(ways, key=lambda way: sum(not wanted.now for wanted in way.values()))[:MOST_WAYS]
