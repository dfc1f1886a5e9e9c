"""Why a goal cannot be brought about, in plain words: what stays as it is, and what keeps it so.

A condition is taken apart until a test is met that no allowed change brings about; where parts can be brought
about one by one, but not together, they are named together. What no change brings about is proved.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

from engine.advising.advisor import Case
from engine.analysis.explain.provenance import Provenance, because, wanted_in_words
from engine.analysis.recourse.goal import Part
from engine.analysis.recourse.goal_dependencies import GoalDependencies
from engine.analysis.what_if.changeable import Choices, cannot_in_words
from engine.base.diagnostic import Location
from engine.language.conditions import FAILS, HOLDS, Verdict, tests_of, verdict_of
from engine.language.model import AllOf, Comparison, Condition, FactReference, Not
from engine.language.policy_set import PolicySet

if TYPE_CHECKING:
    from engine.analysis.recourse.cheapest import CheapestChanges


class Infeasibility:
    """Tells of one applicant why something cannot be brought about."""

    def __init__(self, case: Case, choices: Choices, rests: GoalDependencies, policies: PolicySet) -> None:
        self._case, self._choices, self._rests, self._policies = case, choices, rests, policies
        self._added = {name for choice in choices.values() for name in choice.adds_to}
        self._origins = Provenance(policies)
        self._words = self._origins.of(case).words

    def reasons(self, part: Part, cheapest: CheapestChanges) -> tuple[str, ...]:
        """Why a condition cannot come to a verdict; nothing where that is not shown."""
        return tuple(dict.fromkeys(self._reasons(part, cheapest)))

    def _reasons(self, part: Part, cheapest: CheapestChanges) -> list[str]:
        condition, to = part
        if verdict_of(condition, self._case.decisions.values) is to:
            return []
        match condition:
            case Not(inner):
                return self._reasons((inner, _opposite(to)), cheapest)
            case Comparison():
                return self._of_test(condition, to, cheapest)
        each = [(inner, to) for inner in condition.parts]
        found = [self._reasons(one, cheapest) for one in each]
        if isinstance(condition, AllOf) != (to is HOLDS):  # one of them would do
            return [why for reasons in found for why in reasons] if all(found) else []
        return [why for reasons in found for why in reasons] or self._together(each, cheapest)

    def _of_test(self, test: Comparison, to: Verdict, cheapest: CheapestChanges) -> list[str]:
        instead = self._rests.instead_of(test)
        if instead is not None and len(self._free(test)) > 1:
            condition, same = instead
            reasons = self._reasons((condition, to if same else _opposite(to)), cheapest)
            if reasons:
                return reasons
        return [self._told(test, to, cheapest)] if cheapest.never([(test, to)]) else []

    def _told(self, test: Comparison, to: Verdict, cheapest: CheapestChanges) -> str:
        free = self._free(test)
        tested = (test.fact, test.operand.fact if isinstance(test.operand, FactReference) else "")
        values = self._case.decisions.values
        reasons = [
            self._fixed(name)
            for name in self._rests.given_behind(test)
            if name not in free and name not in self._added and (name in values or name in tested or not free)
        ]
        if free:
            against = [self._against(*each) for each in cheapest.keeping((test, to))]
            reasons.append(self._in_vain(free, against))
        return f"{self._wanted(test, to)}: {'; '.join(reasons) or 'nothing could change it'}"

    def _in_vain(self, free: Sequence[str], against: Sequence[str]) -> str:
        """Why facts that may be changed are of no help."""
        titles = " and ".join(self._policies.facts[name].title for name in free)
        if against:
            return (
                f"{titles} may be changed, but not so without a contradiction to {'; and to '.join(against)}"
            )
        if [*free] == ["as_of"]:
            return "waiting alone is not enough"
        if len(free) == 1:
            return f"{titles} alone, at any value it may have, is not enough"
        return f"{titles}, at any values they may have, are not enough"

    def _fixed(self, name: str) -> str:
        fact = self._policies.facts[name]
        return f"{fact.title} {cannot_in_words(fact, self._case.decisions.values)}"

    def _against(self, about: str, at: Location) -> str:
        """What would be contradicted; of a condition, with the facts that it holds fast."""
        values, facts = self._case.decisions.values, self._policies.facts.values()
        refusing = [each.when for each in self._policies.consistency if each.rule.at == at]
        declared = [fact.changeable for fact in facts if fact.changeable and fact.changeable.at == at]
        required = [each.requires for each in declared if each.requires]
        fixed = [name for name in self._given_behind(refusing) if name in values]
        fixed += self._given_behind(required)  # where what is unknown is in the way, too
        told = [self._fixed(name) for name in fixed if name not in self._choices and name not in self._added]
        return f"{about} ({', '.join(told)})" if told else about

    def _given_behind(self, conditions: Iterable[Condition]) -> list[str]:
        tests = (test for condition in conditions for test in tests_of(condition))
        return list(dict.fromkeys(name for test in tests for name in self._rests.given_behind(test)))

    def _free(self, test: Comparison) -> list[str]:
        return [name for name in self._rests.given_behind(test) if name in self._choices]

    def _together(self, parts: Sequence[Part], cheapest: CheapestChanges) -> list[str]:
        """Why parts that could be brought about one by one cannot be together: as few of them as can be."""
        if not cheapest.never(parts):
            return []
        needed = list(parts)
        for part in parts:
            others = [each for each in needed if each is not part]
            if cheapest.never(others):
                needed = others
        told = "; ".join(self._wanted(condition, to) for condition, to in needed)
        if len(needed) == 1:
            return [f"{told}: no changes that are allowed bring it about"]
        return [f"each of these could be, but not together: {told}"]

    def _wanted(self, condition: Condition, to: Verdict) -> str:
        values = self._case.decisions.values
        if isinstance(condition, Comparison):
            reason = self._origins.reason(
                condition, verdict_of(condition, values) is HOLDS, values, self._words
            )
            return wanted_in_words(reason, to is HOLDS)
        if verdict_of(condition, values) is to:
            told = self._origins.told(condition, to is HOLDS, self._case, self._words)
            return ", ".join(map(because, told))
        wanted = condition if to is HOLDS else Not(condition, condition.at)
        return self._origins.wanting(wanted, self._case, self._words)


def _opposite(verdict: Verdict) -> Verdict:
    return FAILS if verdict is HOLDS else HOLDS
