"""What a test rests on: given facts, and the conditions that conclude or choose what it looks at."""

from __future__ import annotations

from engine.analysis.catalogue.query import behind
from engine.language.model import AnyOf, Comparison, Condition, FactReference
from engine.language.policy_set import Banded, PolicySet


class GoalDependencies:
    """What tests rest on, in one policy set."""

    def __init__(self, policies: PolicySet) -> None:
        self._policies = policies
        self._behind: dict[str, frozenset[str]] = {}
        self._concluded: dict[str, list[Condition]] = {}
        self._ranges: dict[str, dict[str, Condition]] = {}
        for rule in policies.rules:
            for finding, _ in rule.rule.conclude:
                self._concluded.setdefault(finding, []).append(rule.when)
        for step in policies.computations:
            if isinstance(step, Banded):
                self._ranges[step.fact] = dict(step.ranges)

    def given_behind(self, test: Comparison) -> list[str]:
        """The given facts on which a test rests, `as_of` among them, in the order of the vocabulary."""
        names = [test.fact, *([test.operand.fact] if isinstance(test.operand, FactReference) else [])]
        cones = [self._cone(name) for name in names]
        facts = self._policies.facts
        return [name for name in facts if facts[name].origin == "given" and any(name in c for c in cones)]

    def _cone(self, name: str) -> frozenset[str]:
        cone = self._behind.get(name)
        if cone is None:
            cone = behind(name, self._policies) | {name}
            calendar = self._policies.calendar
            if calendar is not None and not cone.isdisjoint(calendar.facts):
                cone |= behind(calendar.keyed_by, self._policies) | {calendar.keyed_by}
            self._behind[name] = cone = frozenset(cone)
        return cone

    def instead_of(self, test: Comparison) -> tuple[Condition, bool] | None:
        """What decides a test of a finding or a range: a condition, and whether they come to the same."""
        if test.operator not in ("is", "is_not"):
            return None
        same = test.operator == "is"
        if test.fact in self._concluded:
            return AnyOf(tuple(self._concluded[test.fact]), test.at), same == test.operand
        condition = self._ranges.get(test.fact, {}).get(str(test.operand))
        return None if condition is None else (condition, same)
