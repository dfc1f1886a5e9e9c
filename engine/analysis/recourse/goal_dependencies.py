"""What a test rests on: given facts, and the conditions that conclude or choose what it looks at."""

from __future__ import annotations

from engine.language.model import AnyOf, Comparison, Condition, FactReference
from engine.language.policy_set import Banded, PolicySet


class GoalDependencies:
    """What tests rest on, in one policy set."""

    def __init__(self, policies: PolicySet) -> None:
        self._policies = policies
        self._ranges: dict[str, dict[str, Condition]] = {
            step.fact: dict(step.ranges) for step in policies.computations if isinstance(step, Banded)
        }

    def given_behind(self, test: Comparison) -> list[str]:
        """The given facts on which a test rests, `as_of` among them, in the order of the vocabulary."""
        names = [test.fact, *([test.operand.fact] if isinstance(test.operand, FactReference) else [])]
        behind = set(self._policies.dependencies.given_behind(names))
        return [name for name in self._policies.facts if name in behind]

    def instead_of(self, test: Comparison) -> tuple[Condition, bool] | None:
        """What decides a test of a finding or a range: a condition, and whether they come to the same."""
        if test.operator not in ("is", "is_not"):
            return None
        same = test.operator == "is"
        if concluding := self._policies.concluding.get(test.fact):
            return AnyOf(tuple(rule.when for rule in concluding), test.at), same == test.operand
        condition = self._ranges.get(test.fact, {}).get(str(test.operand))
        return None if condition is None else (condition, same)
