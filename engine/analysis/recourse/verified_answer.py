"""Answers that were fired: changes of facts, and the engine's word that they bring the goal about."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Final

from engine.advising.advisor import Advisor, Case
from engine.advising.derive import Contradicted
from engine.analysis.recourse.goal import Goal
from engine.analysis.what_if.changeable import Changes, cost_of, with_numbers
from engine.base.diagnostic import InvalidInput
from engine.base.record import record, replace
from engine.language.facts import Facts, with_changes
from engine.language.model import Value
from engine.language.policy_set import PolicySet
from engine.solver.goal import AllGoals, holds, met

MOST_ANSWERS: Final = 3


@record
class Answer:
    """Changes that bring the goal about, each with the value before, and what they cost together.

    `added` are the lists that get another item, not known yet. `kept` is what of the past would no longer
    follow from other facts, and so has to be said as it is.
    """

    changes: tuple[tuple[str, Value | None, Value], ...]
    added: tuple[str, ...]
    kept: tuple[tuple[str, Value], ...]
    cost: Decimal
    case: Case


class VerifiedAnswers:
    """Fires the rules on one applicant whose facts are changed to bring a goal about."""

    def __init__(self, advisor: Advisor, case: Case, goal: Goal) -> None:
        self._advisor, self._case, self.goal = advisor, case, goal
        self._stays = what_stays(case, advisor.policies)
        self._past = past_of(case, advisor.policies)

    def answer(self, changes: Changes) -> Answer | None:
        """The answer; None where such facts are refused, the goal is not met, or the past is another."""
        advisor, facts = self._advisor, self._advisor.policies.facts
        if "as_of" in changes:
            advisor = Advisor(replace(advisor.policies, as_of=changes["as_of"]))
        declared = [each for each in (facts[name].changeable for name in changes) if each]
        required = [each.requires for each in declared if each.requires]
        added = tuple(dict.fromkeys(name for each in declared for name in each.adds_to))
        unknown = dict.fromkeys(added)  # a list that gets another item is not known any more
        try:
            case = advisor.case(self._with({**self._past, **unknown, **changes}))
        except InvalidInput:
            return None
        before, after = self._case.decisions.values, case.decisions.values
        if not met(AllGoals((self.goal.wanted, *map(holds, required))), after):
            return None
        stays = (name for name in self._stays if name not in changes)
        if any(after.get(name, before[name]) != before[name] for name in stays):
            return None
        costs = (
            cost_of(with_numbers(facts[name], before), before.get(name), to) for name, to in changes.items()
        )
        cost = sum(costs, Decimal(0))
        ordered = tuple((name, before.get(name), changes[name]) for name in facts if name in changes)
        return Answer(ordered, added, self._kept(self._with({**unknown, **changes}), advisor), cost, case)

    def _with(self, values: Mapping[str, Value | None]) -> Facts:
        return with_changes(self._case.facts, values, lambda fact: f"the change of {fact}")

    def _kept(self, facts: Facts, advisor: Advisor) -> tuple[tuple[str, Value], ...]:
        """What of the past does not follow from facts any more."""
        try:
            derived = advisor.derive(facts)
        except Contradicted as contradicted:
            derived = contradicted.derived
        return tuple((name, now) for name, now in self._past.items() if derived.values.get(name) != now)


def what_stays(case: Case, policies: PolicySet) -> tuple[str, ...]:
    """What no change of other facts may give another value: the past, and what time alone changes.

    What changes by time may be unknown afterwards: a list that gets another item, and what was known only
    because another fact implied it. It gets another value only where that is itself the change: what rises
    as time goes by.
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


def past_of(case: Case, policies: PolicySet) -> Mapping[str, Value]:
    """What is known of the past though nobody gave it: it stays, whatever becomes of what implied it."""
    values, given = case.decisions.values, case.facts.values
    return {
        name: values[name]
        for name in what_stays(case, policies)
        if policies.facts[name].mutability == "immutable" and name not in given
    }
