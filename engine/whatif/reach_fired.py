"""Answers that were fired: changes of facts, and the engine's word that they bring the goal about."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Final

from engine.advisor import Advisor, Case
from engine.diagnostic import Refused
from engine.evaluate import HOLDS, verdict_of
from engine.facts import Facts, with_changes
from engine.model import Value
from engine.policyset import PolicySet
from engine.record import record, replace
from engine.whatif.changeable import Changes, cost_of
from engine.whatif.reach_goal import Goal

MOST_ANSWERS: Final = 3


@record
class Answer:
    """Changes that bring the goal about, each with the value before, and what they cost together.

    `least` tells that nothing cheaper does, as was proved: but for what has all the changes of an answer
    before it.
    """

    changes: tuple[tuple[str, Value | None, Value], ...]
    cost: Decimal
    case: Case
    least: bool


class Fired:
    """Fires the rules on one applicant whose facts are changed to bring a goal about."""

    def __init__(self, advisor: Advisor, case: Case, goal: Goal) -> None:
        self._advisor, self.case, self.goal = advisor, case, goal
        self._stays = what_stays(case, advisor.policies)

    def answer(self, changes: Changes, *, least: bool) -> Answer | None:
        """The answer; None where such facts are refused, the goal does not hold, or the past is another."""
        advisor, policies = self._advisor, self._advisor.policies
        if "as_of" in changes:
            advisor = Advisor(replace(policies, as_of=day_of(changes, policies)))
        try:
            case = advisor.case(changed(self.case.facts, changes))
        except Refused:
            return None
        if verdict_of(self.goal.condition, case.decisions.values) is not HOLDS:
            return None
        before = self.case.decisions.values
        after = case.decisions.values
        stays = (name for name in self._stays if name not in changes)
        if any(after.get(name, before[name]) != before[name] for name in stays):
            return None
        costs = (cost_of(policies.facts[name], before.get(name), to) for name, to in changes.items())
        told = tuple((name, before.get(name), changes[name]) for name in policies.facts if name in changes)
        return Answer(told, sum(costs, Decimal(0)), case, least)


def changed(facts: Facts, changes: Changes) -> Facts:
    """The facts with these changes."""
    return with_changes(facts, changes, lambda fact: f"the change of {fact}")


def day_of(changes: Changes, policies: PolicySet) -> date:
    """The day there will be."""
    day = changes.get("as_of", policies.as_of)
    assert isinstance(day, date)
    return day


def what_stays(case: Case, policies: PolicySet) -> tuple[str, ...]:
    """What no change of other facts may give another value: the past, and what time alone changes.

    It may be unknown afterwards, where it was known only because another fact implied it.
    """
    return tuple(
        name
        for name, fact in policies.facts.items()
        if fact.origin == "given"
        and fact.mutability in ("immutable", "time")
        and not fact.private
        and name != "as_of"
        and name in case.decisions.values
    )
