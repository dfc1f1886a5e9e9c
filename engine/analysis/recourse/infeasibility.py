"""Why a goal cannot be brought about, in plain words: what stays as it is, and what keeps it so.

A condition is taken apart until a test is met that no allowed change brings about; where parts can be brought
about one by one, but not together, they are named together. What no change brings about is proved.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

from engine.advising.advisor import Case
from engine.analysis.explain.provenance import Provenance, because_all, unmet_in_words, wanted_in_words
from engine.analysis.recourse.goal import Goal
from engine.analysis.what_if.changeable import cannot_in_words
from engine.base.diagnostic import Location
from engine.base.record import record, replace
from engine.language.conditions import FAILS, HOLDS, Verdict, facts_of, tests_of, verdict_of
from engine.language.model import AllOf, AnyOf, Comparison, Condition, Not
from engine.language.policy_set import Banded, PolicySet
from engine.solver.goal import HasVerdict, NotGoal, ProofGoal, met

if TYPE_CHECKING:
    from engine.analysis.recourse.cheapest import CheapestChanges


@record
class _Wanted:
    """That a condition come to a verdict; where `away`, that it come away from the opposite one."""

    condition: Condition
    to: Verdict
    away: bool

    @property
    def goal(self) -> ProofGoal:
        """The same, to be asked."""
        if self.away:
            return NotGoal(HasVerdict(self.condition, _opposite(self.to)))
        return HasVerdict(self.condition, self.to)

    def of(self, condition: Condition, *, same: bool = True) -> _Wanted:
        """What has to become of another condition for it, one that comes to the same or the opposite."""
        return replace(self, condition=condition, to=self.to if same else _opposite(self.to))


class Infeasibility:
    """Tells of one applicant why something cannot be brought about. Any question may raise Unsettled."""

    def __init__(self, case: Case, cheapest: CheapestChanges, policies: PolicySet) -> None:
        self._values, self._cheapest, self._policies = case.decisions.values, cheapest, policies
        self._choices = cheapest.choices
        self._added = {name for choice in self._choices.values() for name in choice.adds_to}
        self._provenance = Provenance(policies).of(case)
        self._ranges = {
            step.fact: dict(step.ranges) for step in policies.computations if isinstance(step, Banded)
        }

    def reasons(self, goal: Goal) -> tuple[str, ...]:
        """Why a condition cannot come to hold, or no longer; nothing where that is not shown."""
        wanted = _Wanted(goal.condition, FAILS if goal.stop else HOLDS, goal.stop)
        return tuple(dict.fromkeys(self._reasons(wanted)))

    def _reasons(self, part: _Wanted) -> list[str]:
        condition = part.condition
        if met(part.goal, self._values):
            return []
        match condition:
            case Not(inner):
                return self._reasons(part.of(inner, same=False))
            case Comparison():
                return self._of_test(condition, part)
        parts = [part.of(inner) for inner in condition.parts]
        by_part = [self._reasons(each) for each in parts]
        every = [why for reasons in by_part for why in reasons]
        if isinstance(condition, AllOf) != (part.to is HOLDS):  # one of them would do
            return every if all(by_part) else []
        return every or self._together(parts)

    def _of_test(self, test: Comparison, part: _Wanted) -> list[str]:
        instead = self._instead_of(test)
        if instead is not None and len(self._free(test)) > 1:
            condition, same = instead
            reasons = self._reasons(part.of(condition, same=same))
            if reasons:
                return reasons
        return [self._of_fixed(test, part)] if self._cheapest.never([part.goal]) else []

    def _instead_of(self, test: Comparison) -> tuple[Condition, bool] | None:
        """What decides a test of a finding or a range: a condition, and whether they come to the same."""
        if test.operator not in ("is", "is_not"):
            return None
        same = test.operator == "is"
        if concluding := self._policies.concluding.get(test.fact):
            if test.fact in self._policies.applicability and same != test.operand:
                return None  # it is not enough that no rule holds: one of the policies must apply
            return AnyOf(tuple(rule.when for rule in concluding), test.at), same == test.operand
        condition = self._ranges.get(test.fact, {}).get(str(test.operand))
        return None if condition is None else (condition, same)

    def _of_fixed(self, test: Comparison, part: _Wanted) -> str:
        """Why a test cannot come out as wanted: what stays as it is, and what is changed in vain."""
        free, tested = self._free(test), (test.fact, test.against)
        reasons = [
            self._fixed(name)
            for name in self._given_behind([test])
            if name not in free
            and name not in self._added
            and (name in self._values or name in tested or not free)
        ]
        if free:
            against = [self._against(*each) for each in self._cheapest.keeping(part.goal)]
            reasons.append(self._in_vain(free, against))
        return f"{self._in_words(part)}: {'; '.join(reasons) or 'nothing could change it'}"

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
        return f"{fact.title} {cannot_in_words(fact, self._values)}"

    def _against(self, about: str, at: Location) -> str:
        """What would be contradicted; of a condition, with the facts that it holds fast."""
        facts = self._policies.facts.values()
        refusing = [each.when for each in self._policies.consistency if each.rule.at == at]
        declared = [fact.changeable for fact in facts if fact.changeable and fact.changeable.at == at]
        required = [each.requires for each in declared if each.requires]
        fixed = [name for name in self._given_behind(refusing) if name in self._values]
        fixed += self._given_behind(required)  # where what is unknown is in the way, too
        whys = [self._fixed(name) for name in fixed if name not in self._choices and name not in self._added]
        return f"{about} ({', '.join(whys)})" if whys else about

    def _given_behind(self, conditions: Iterable[Condition]) -> list[str]:
        """The given facts on which conditions rest, `as_of` too; of each test in the vocabulary's order."""
        names: dict[str, None] = {}
        for test in (test for condition in conditions for test in tests_of(condition)):
            behind = set(self._policies.dependencies.given_behind(facts_of(test)))
            names |= dict.fromkeys(name for name in self._policies.facts if name in behind)
        return list(names)

    def _free(self, test: Comparison) -> list[str]:
        return [name for name in self._given_behind([test]) if name in self._choices]

    def _together(self, parts: Sequence[_Wanted]) -> list[str]:
        """Why parts that could be brought about one by one cannot be together: as few of them as can be."""
        if not self._cheapest.never(part.goal for part in parts):
            return []
        needed = list(parts)
        for part in parts:
            others = [each for each in needed if each is not part]
            if self._cheapest.never(other.goal for other in others):
                needed = others
        wanted = "; ".join(map(self._in_words, needed))
        if len(needed) == 1:
            return [f"{wanted}: no changes that are allowed bring it about"]
        return [f"each of these could be, but not together: {wanted}"]

    def _in_words(self, part: _Wanted) -> str:
        condition, holding = part.condition, part.to is HOLDS
        if isinstance(condition, Comparison):
            return wanted_in_words(self._provenance.reason(condition), holding)
        if verdict_of(condition, self._values) is part.to:
            return because_all(self._provenance.reasons(condition, holding))
        wanted = condition if holding else Not(condition, condition.at)
        return unmet_in_words(self._provenance.unmet(wanted))


def _opposite(verdict: Verdict) -> Verdict:
    return FAILS if verdict is HOLDS else HOLDS
