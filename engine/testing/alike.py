"""Whether two conditions mean the same, shown by exact reasoning; what cannot be shown is taken to differ.

Where a condition looks at a fact, only so many values differ: those between two literals are all alike. So
the two are tried on one value of each such cell, and on unknown, for every fact they look at. A test of one
fact against another is taken to go any way, whatever the facts are elsewhere: that may miss that two
conditions are alike, and never says so of two that differ. A band stands for the bounds of its ranges. What
follows from the day alone is known.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Mapping
from datetime import timedelta
from typing import Any as AnyType
from typing import Final

from engine.base.record import replace
from engine.language.conditions import HOLDS, tests_of, verdict_of
from engine.language.model import AllOf, AnyOf, Comparison, Condition, Fact, FactReference, Not, Value
from engine.language.policy_set import Banded, PolicySet
from engine.testing.coverage import known_from_the_day

MOST_TRIALS: Final = 20_000
"""Conditions that would take more are not looked at: they are taken to differ."""


class Meanings:
    """What the conditions of a policy set mean."""

    def __init__(self, policies: PolicySet) -> None:
        self._facts = policies.facts
        self._certain = known_from_the_day(policies)
        self._bands = {step.fact: step for step in policies.computations if isinstance(step, Banded)}

    def alike(self, one: Condition, other: Condition, *, only_holding: bool = False) -> bool:
        """Whether two conditions are shown to have the same verdict for every applicant.

        With `only_holding`, to hold for the same applicants: where that is all that matters.
        """
        one, other = _what_matters(self._spelled_out(one), self._spelled_out(other))
        cells = self._cells(one, other)
        trials = 1
        for values in cells.values():
            trials *= len(values)
        if trials > MOST_TRIALS:
            return False
        for chosen in itertools.product(*cells.values()):
            situation = {name: value for name, value in zip(cells, chosen, strict=True) if value is not None}
            verdicts = verdict_of(one, situation), verdict_of(other, situation)
            if verdicts[0] != verdicts[1] and not (only_holding and HOLDS not in verdicts):
                return False
        return True

    def never_together(self, *conditions: Condition) -> bool:
        """Whether conditions are shown never to hold together, because of what they ask of some one fact."""
        by_fact: dict[str, list[Condition]] = {}
        for condition in conditions:
            spelled_out = self._spelled_out(condition)
            for part in spelled_out.parts if isinstance(spelled_out, AllOf) else (spelled_out,):
                names = {test.fact for test in tests_of(part)}
                if len(names) == 1:
                    by_fact.setdefault(names.pop(), []).append(part)
        return any(self._none_holds(name, parts) for name, parts in by_fact.items())

    def _none_holds(self, name: str, parts: list[Condition]) -> bool:
        for value in self._cells(*parts)[name]:
            situation = {} if value is None else {name: value}
            if all(verdict_of(part, situation) == HOLDS for part in parts):
                return False
        return True

    def _spelled_out(self, condition: Condition) -> Condition:
        """The condition with tests of bands, and of one fact against another, in terms of single facts."""
        match condition:
            case Not(part):
                return replace(condition, part=self._spelled_out(part))
            case AllOf(parts) | AnyOf(parts):
                return replace(condition, parts=tuple(map(self._spelled_out, parts)))
            case Comparison(fact, "known", operand) if fact in self._certain:
                return AllOf((), condition.at) if operand else AnyOf((), condition.at)
            case Comparison(fact, operator, FactReference(other)):
                return _compared(fact, operator, other, condition)
            case Comparison(fact, operator, operand) if fact in self._bands:
                return self._of_band(self._bands[fact], operator, operand, condition)
        return condition

    def _of_band(self, banded: Banded, operator: str, operand: AnyType, test: Comparison) -> Condition:
        if any(
            isinstance(bound.operand, FactReference)
            for _, bounds in banded.ranges
            for bound in tests_of(bounds)
        ):
            return test
        if operator == "known":
            return replace(test, fact=banded.of)
        chosen = operand if isinstance(operand, tuple) else (operand,)
        among = AnyOf(tuple(condition for name, condition in banded.ranges if name in chosen), test.at)
        return among if operator in ("is", "one_of") else Not(among, test.at)

    def _cells(self, *conditions: Condition) -> Mapping[str, list[Value | None]]:
        """For each fact a value of each cell, and None for unknown."""
        literals: dict[str, set[AnyType]] = {}
        for condition in conditions:
            for test in tests_of(condition):
                found = literals.setdefault(test.fact, set())
                if test.operator != "known":
                    found.update(test.operand if isinstance(test.operand, tuple) else (test.operand,))
        return {name: [*self._representatives(name, found), None] for name, found in literals.items()}

    def _representatives(self, name: str, literals: set[AnyType]) -> Iterator[Value]:
        fact = self._facts.get(name)
        if fact is None:  # a comparison of two facts: which way it goes
            yield from (-1, 0, 1)
        elif fact.type == "enum":
            yield from sorted(fact.value_names)
        elif fact.type == "boolean":
            yield from (True, False)
        elif fact.type in ("integer", "number", "date"):
            yield from _around(literals, fact)
        elif fact.type == "list":
            ordered = sorted(literals, key=str)
            for count in range(len(ordered) + 1):
                yield from itertools.combinations(ordered, count)
        else:
            yield from sorted(literals)
            yield "".join(sorted(literals)) + "?"


def _around(literals: set[AnyType], fact: Fact) -> Iterator[Value]:
    """Each literal, and the values one step to either side: no test tells the rest from these."""
    low, high = fact.limits
    step: AnyType = timedelta(days=1) if fact.type == "date" else fact.step
    found = {value for literal in literals for value in (literal - step, literal, literal + step)}
    yield from sorted({value for value in found if low <= value <= high} or {low})


def _compared(fact: str, operator: str, other: str, test: Comparison) -> Condition:
    """A test of two facts as one of which way they compare: below 0, 0 or above 0."""
    name = f"{fact} against {other}"
    match operator:
        case "is" | "is_not":
            return replace(test, fact=name, operator="is" if operator == "is" else "is_not", operand=0)
        case "at_least" | "at_most" | "above" | "below":
            return replace(test, fact=name, operand=0)
    return replace(test, fact=f"{fact} {operator} {other}", operator="is", operand=0)


def _what_matters(one: Condition, other: Condition) -> tuple[Condition, Condition]:
    """The two without those parts that both have and that look at no fact of the others.

    When the rest is alike, so are the two.
    """
    if not (isinstance(one, AllOf) and isinstance(other, AllOf)):
        return one, other
    left = [part for part in one.parts if part not in other.parts]
    right = [part for part in other.parts if part not in one.parts]
    both = [part for part in one.parts if part in other.parts]
    looked_at = {test.fact for part in (*left, *right) for test in tests_of(part)}
    kept: list[Condition] = []
    while True:
        more = [
            part for part in both if part not in kept and any(t.fact in looked_at for t in tests_of(part))
        ]
        if not more:
            break
        kept += more
        looked_at |= {test.fact for part in more for test in tests_of(part)}
        if len(looked_at) > 6:  # enough: what is left out only makes it harder to show
            break
    return AllOf((*left, *kept), one.at), AllOf((*right, *kept), other.at)
