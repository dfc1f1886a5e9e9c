"""A condition with definitions written out, so that both sides can be compared in terms that they share."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date

from engine.base.record import replace
from engine.language.conditions import tests_of
from engine.language.model import AllOf, AnyOf, Comparison, Condition, FactReference, Not
from engine.language.policy_set import Banded, Computed, PolicySet


class Expanding:
    """Writes out what is `touched`: bands as their ranges, findings as the conditions of their rules.

    A parameter becomes its value, where that is the same on all the `days`. What cannot be written out so
    that it comes to the same verdict, unknown included, stays as it is.
    """

    def __init__(self, policies: PolicySet, touched: frozenset[str], days: tuple[date, date]) -> None:
        self._policies = policies
        self._touched = touched
        self._days = days
        self._steps = {step.fact: step for step in policies.computations if step.fact in touched}

    def of(self, condition: Condition) -> Condition:
        """The condition, written out."""
        match condition:
            case AllOf(parts):
                return AllOf(tuple(map(self.of, parts)), condition.at)
            case AnyOf(parts):
                return AnyOf(tuple(map(self.of, parts)), condition.at)
            case Not(part):
                return Not(self.of(part), condition.at)
            case Comparison():
                return self._test(condition)

    def _test(self, test: Comparison) -> Condition:
        if isinstance(test.operand, FactReference):
            value = self._parameter(test.operand.fact)
            return test if value is None else replace(test, operand=value)
        if test.fact not in self._touched:
            return test
        step = self._steps.get(test.fact)
        if isinstance(step, Banded):
            return self._band(step, test)
        truth = self._truth(test.fact)
        if truth is None or test.operator not in ("is", "is_not") or not isinstance(test.operand, bool):
            return test
        return truth if test.operand == (test.operator == "is") else Not(truth, test.at)

    def _parameter(self, name: str) -> object:
        parameter, _, on = name.partition("@")
        if on != "as_of":
            return None
        first, last = self._days
        declared = self._policies.parameters[parameter]
        later = {value for day, value in declared.values if first < day <= last}
        value = declared.value_on(first)
        return value if later <= {value} else None

    def _band(self, band: Banded, test: Comparison) -> Condition:
        ranges = {name: self.of(condition) for name, condition in band.ranges}
        if any(isinstance(each.operand, FactReference) for each in _tests(ranges.values())):
            return test  # of a parameter that is unknown, a range may fail while the band is unknown
        if test.operator == "known":
            return replace(test, fact=band.of)
        names = test.operand if isinstance(test.operand, tuple) else (test.operand,)
        inside = AnyOf(tuple(ranges[str(name)] for name in names if name in ranges), test.at)
        return inside if test.operator in ("is", "one_of") else Not(inside, test.at)

    def _truth(self, name: str) -> Condition | None:
        step = self._steps.get(name)
        if isinstance(step, Computed):
            plain = step.only_when is None and step.call.condition is not None
            return self.of(step.call.condition) if plain else None  # type: ignore[arg-type]  # it is not None
        rules = [rule for rule in self._policies.rules if name in dict(rule.rule.conclude)]
        return AnyOf(tuple(self.of(rule.when) for rule in rules), rules[0].when.at) if rules else None


def _tests(conditions: Iterable[Condition]) -> Iterator[Comparison]:
    for condition in conditions:
        yield from tests_of(condition)
