"""Where conditions look at one fact alone, each value that can matter is tried: quicker than the solver.

Between two neighbouring values that conditions name, nothing changes. So the fact is tried unknown, and at
one value of each such stretch; bands of the fact go with it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date

from engine.language.conditions import HOLDS, tests_of, verdict_of
from engine.language.domain import domain_of
from engine.language.model import Condition, Fact, FactReference, Scalar, Value
from engine.language.operators import ORDERED
from engine.language.policy_set import Banded, PolicySet
from engine.solver.goal import Goal, conditions_of, met
from engine.solver.texts import Texts, plainness

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
        """The values that can matter: the plainest of all those that no comparison tells apart."""
        domain = domain_of(fact)
        compared = [value for value in named if _of_kind(value, domain.kind)]
        if fact.name == "as_of":
            domain = domain.between(*self._days)
        else:
            yield None
        if domain.kind == "text":
            yield from dict.fromkeys((Texts(map(str, compared)).text(-1), *compared))
            return
        if domain.kind in ORDERED:
            day = self._day.toordinal() if domain.kind == "date" else 0
            begins = domain.cuts(compared)
            ends = [*(number - 1 for number in begins[1:]), domain.ends[1]]
            tried = [min(max(day, first), last) for first, last in zip(begins, ends, strict=True)]
        else:
            tried = [*range(domain.ends[1] + 1)]
        for number in sorted(tried, key=lambda number: plainness(number, fact, domain, self._day)):
            yield domain.value(number)


def _of_kind(value: Scalar, kind: str) -> bool:
    """Whether a value that conditions name is one of the fact itself, not of its band."""
    kinds = {"boolean": bool, "date": date, "enum": str, "text": str}
    return type(value) is kinds[kind] if kind in kinds else not isinstance(value, bool | str | date)


def _plain(condition: Condition) -> bool:
    """Whether every test is against what is written down."""
    return all(not isinstance(test.operand, FactReference) for test in tests_of(condition))
