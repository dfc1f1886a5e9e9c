"""What a difference comes to for everybody: does a rule hold for more, for fewer, for the same, for others?

Proved, with an example that the engine itself decides so. Where the solver finds no answer, nothing is
claimed.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from datetime import date, timedelta
from functools import cached_property
from typing import TYPE_CHECKING, Final, Literal

from engine.base.record import record, replace
from engine.language.conditions import facts_of
from engine.language.model import EARLIEST_DATE, LATEST_DATE, Condition
from engine.language.policy_set import PolicySet
from engine.versioning.diff.canonical import canonical
from engine.versioning.diff.definitions import Definitions
from engine.versioning.diff.revision_decisions import RevisionDecider, RevisionDecisions

if TYPE_CHECKING:
    from engine.solver.applicants import Given
    from engine.solver.prover import Prover
    from engine.solver.two_policy_sets import TwoPolicySets

Effect = Literal["same", "loosened", "tightened", "changed"]

MOST_OPEN: Final = 5
"""After so many questions that the solver left open, the others are not put to it."""


@record
class RuleEffect:
    """How a rule differs in whom it holds for. `changed` without `proved` claims nothing.

    `gained` is an applicant for whom it holds now and did not, `lost` the reverse.
    """

    effect: Effect
    proved: bool
    gained: Given | None = None
    lost: Given | None = None


SAME: Final = RuleEffect("same", True)
OPEN: Final = RuleEffect("changed", False)

_EFFECTS: Final[Mapping[tuple[bool, bool], Effect]] = {
    (True, True): "changed",
    (True, False): "loosened",
    (False, True): "tightened",
    (False, False): "same",
}


class Effects:
    """Two policy sets, ready to be asked what the rules of both come to.

    Applicants are those whose facts both sides accept, each side asked with the facts it knows, on one and
    the same day: any on which both are in force; where there is no such day, any from the first day of the
    one to the last of the other. Without `prove` nothing is claimed of what is written otherwise.
    """

    def __init__(self, old: PolicySet, new: PolicySet, *, prove: bool = True) -> None:
        self._old, self._new = old, new
        self.definitions = Definitions(old, new)
        self.days = _days(old, new)
        self.new_day = new.as_of
        self.new_words = new.words
        self.day = min(max(new.as_of, self.days[0]), self.days[1])
        self._prove = prove
        self._met: list[RevisionDecisions] = []
        self._left_open = 0

    def concerns(self, old: Condition, new: Condition) -> bool:
        """Whether a rule with these conditions could come out otherwise: written, or defined, otherwise."""
        touched = self.definitions.touched
        return canonical(old) != canonical(new) or not touched.isdisjoint(facts_of(new))

    def of(self, old: Condition, new: Condition, *, smallest: bool) -> RuleEffect:
        """What a rule's condition before and after comes to; with `smallest` examples are the smallest."""
        if not self.concerns(old, new):
            return SAME
        if not self._prove or self._left_open >= MOST_OPEN:
            return OPEN
        from engine.solver.limits import Unsettled

        try:
            gained, lost = (
                self._example(old, new, gained=gained, smallest=smallest) for gained in (True, False)
            )
        except Unsettled:
            self._left_open += 1
            return OPEN
        return RuleEffect(_EFFECTS[gained is not None, lost is not None], True, gained, lost)

    @cached_property
    def _sides(self) -> TwoPolicySets:
        from engine.solver.two_policy_sets import TwoPolicySets

        return TwoPolicySets(self._old, self._new, self.definitions.touched, self.days, self.day)

    def same_by_itself(self, old: Condition, new: Condition) -> bool:
        """Whether two conditions mean the same whatever stands behind the facts that they look at."""
        from engine.solver.goal import hold_apart
        from engine.solver.limits import Unsettled

        try:
            return self._unconnected.find(hold_apart(old, new)) is None
        except Unsettled:
            return False

    @cached_property
    def _unconnected(self) -> Prover:
        """Applicants of whom any fact of either side may be anything: none follows from others."""
        from engine.solver.limits import Clock
        from engine.solver.prover import Prover

        facts = {
            name: replace(fact, origin="given", private=False)
            for name, fact in {**self._old.facts, **self._new.facts}.items()
        }
        alone = replace(
            self._new, facts=facts, computations=(), consistency=(), strata=(), calendar=None,
            since=EARLIEST_DATE, changes_on=None,
        )  # fmt: skip
        return Prover(alone, self.day, Clock(math.inf))

    def _example(self, old: Condition, new: Condition, *, gained: bool, smallest: bool) -> Given | None:
        wanted = (not gained, gained)
        if not smallest:  # one who shows it for another rule may show it here
            known = (decided.given for decided in self._met if decided.holds(old, new) == wanted)
            if (met := next(known, None)) is not None:
                return met
        return self._sides.find(
            old, new, lambda given: self._holds(given, old, new) == wanted, gained=gained, smallest=smallest
        )

    def _holds(self, given: Given, old: Condition, new: Condition) -> tuple[bool, bool] | None:
        """Whether the conditions hold of an applicant on their sides; None where a side refuses the facts."""
        decided = self._decider.of(given)
        if decided is None:
            return None
        self._met.append(decided)
        return decided.holds(old, new)

    @cached_property
    def _decider(self) -> RevisionDecider:
        return RevisionDecider(self._old, self._new)


def _days(old: PolicySet, new: PolicySet) -> tuple[date, date]:
    (first, last), (begins, ends) = (_in_force(side) for side in (old, new))
    if max(first, begins) <= min(last, ends):
        return max(first, begins), min(last, ends)
    return min(first, begins), max(last, ends)


def _in_force(policies: PolicySet) -> tuple[date, date]:
    first = policies.since or policies.as_of
    last = policies.changes_on - timedelta(days=1) if policies.changes_on is not None else LATEST_DATE
    return min(first, policies.as_of), max(last, policies.as_of)
