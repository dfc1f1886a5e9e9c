"""Where conditions look at one fact alone, each value that can matter is tried. No solver is needed.

Between two neighbouring values that conditions name, nothing changes. So the fact is tried unknown, at each
such value, a step below and a step above it, and at the ends of its range; bands of the fact go with it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date
from math import ceil, floor

from engine.language.conditions import HOLDS, tests_of, verdict_of
from engine.language.model import Condition, Fact, FactReference, Scalar, Value
from engine.language.policy_set import Banded, PolicySet
from engine.solver.goal import Goal, conditions_of, met
from engine.solver.scale import Texts, number_of, plainness, scale_of, value_of

Values = dict[str, Value]


class OneFact:
    """The facts of a policy set, each by itself. `days` are those that `as_of` may be."""

    def __init__(self, policies: PolicySet, day: date, days: tuple[date, date]) -> None:
        self._facts = policies.facts
        self._day = day
        self._days = days
        self._bands = {
            step.fact: step
            for step in policies.computations
            if isinstance(step, Banded) and all(_plain(condition) for _, condition in step.ranges)
        }

    def decides(self, goal: Goal) -> str | None:
        """The fact that alone decides a goal; None where there is no such fact."""
        found: set[str] = set()
        for condition in conditions_of(goal):
            for test in tests_of(condition):
                if not _plain(test):
                    return None
                band = self._bands.get(test.fact)
                found.add(band.of if band else test.fact)
        if len(found) != 1:
            return None
        fact = self._facts[found.pop()]
        return None if fact.type == "list" or fact.origin in ("finding", "band") else fact.name

    def showing(self, goal: Goal, fact: str) -> Iterator[Values]:
        """What may be known of the fact (with its bands) for a goal to be met, the plainest first.

        Nothing at all: no applicant meets it. Whether an applicant can be so is another question.
        """
        bands = [band for band in self._bands.values() if band.of == fact]
        named = self._named(goal, bands)
        for value in self._tried(self._facts[fact], named):
            values: Values = {} if value is None else {fact: value}
            for band in bands:
                inside = (name for name, condition in band.ranges if verdict_of(condition, values) == HOLDS)
                name = next(inside, None)
                if name is not None:
                    values[band.fact] = name
            if met(goal, values):
                yield values

    @staticmethod
    def _named(goal: Goal, bands: Iterable[Banded]) -> list[Scalar]:
        """The values that conditions and bands compare with."""
        conditions = [*conditions_of(goal), *(condition for band in bands for _, condition in band.ranges)]
        found: list[Scalar] = []
        for condition in conditions:
            for test in tests_of(condition):
                if test.operator != "known":
                    found.extend(test.operand if isinstance(test.operand, tuple) else (test.operand,))  # type: ignore[arg-type]  # literals
        return found

    def _tried(self, fact: Fact, named: Iterable[Scalar]) -> Iterator[Value | None]:
        scale, texts = scale_of(fact), Texts()
        numbers = {number_of(value, scale, texts) for value in named if _of_kind(value, scale.kind)}
        tried = {
            whole
            for number in numbers
            for whole in (floor(number) - 1, floor(number), ceil(number), ceil(number) + 1)
        }
        low, high = scale.low, scale.high
        if fact.name == "as_of":
            low, high = (day.toordinal() for day in self._days)
        else:
            yield None
        if low is None or high is None:
            tried.add(-1)
        elif high - low <= 50:
            tried.update(range(low, high + 1))
        else:
            tried.update((low, high, min(max(0, low), high), min(max(self._day.toordinal(), low), high)))
        possible = [n for n in tried if (low is None or low <= n) and (high is None or n <= high)]
        if scale.kind == "text":
            possible = [n for n in possible if n == -1 or n in numbers]
        for number in sorted(possible, key=lambda number: plainness(number, fact, scale, self._day)):
            yield value_of(number, scale, texts)


def _of_kind(value: Scalar, kind: str) -> bool:
    """Whether a value that conditions name is one of the fact itself, not of its band."""
    kinds = {"boolean": bool, "date": date, "enum": str, "text": str}
    return type(value) is kinds[kind] if kind in kinds else not isinstance(value, bool | str | date)


def _plain(condition: Condition) -> bool:
    """Whether every test is against what is written down."""
    return all(not isinstance(test.operand, FactReference) for test in tests_of(condition))
