"""What a difference comes to for everybody: does a rule hold for more, for fewer, for the same, for others?

Proved, with an example that the engine itself decides so, where z3 is installed and finds an answer; else by
trying every case that the tests can tell apart, where that answers it. Else nothing is claimed.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any, Final, Literal

from engine.base.record import record
from engine.language.conditions import facts_of
from engine.language.model import LATEST_DATE, Condition
from engine.language.policy_set import PolicySet
from engine.versioning.diff.definitions import Definitions
from engine.versioning.diff.expanded import Expanding
from engine.versioning.diff.regions import Case, Cases, canonical, complete, try_cases
from engine.versioning.diff.revision_decisions import Given, RevisionDecider, RevisionDecisions

if TYPE_CHECKING:
    from engine.solver.two_policy_sets import TwoPolicySets

Effect = Literal["same", "loosened", "tightened", "changed"]

MOST_OPEN: Final = 5
"""After so many questions that the solver left open, the others are not put to it."""


@record
class RuleEffect:
    """How a rule differs in whom it holds for. `changed` without `proved` claims nothing.

    `gained` is an applicant for whom it holds now and did not, `lost` the reverse. `open` says what is not
    proved, in words.
    """

    effect: Effect
    proved: bool
    gained: Given | None = None
    lost: Given | None = None
    open: str | None = None


SAME: Final = RuleEffect("same", True)

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
    one to the last of the other. With `prove` z3 is used where it is installed.
    """

    def __init__(self, old: PolicySet, new: PolicySet, *, prove: bool = True) -> None:
        self._old, self._new = old, new
        self.definitions = Definitions(old, new)
        self.days = _days(old, new)
        self.new_day = new.as_of
        self.day = min(max(new.as_of, self.days[0]), self.days[1])
        touched = self.definitions.touched
        self._expanding = tuple(Expanding(side, touched, self.days) for side in (old, new))
        self._judge: RevisionDecider | None = None
        self._prove = prove and find_spec("z3") is not None
        self._sides: TwoPolicySets | None = None
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
        proved = self._proved(old, new, smallest=smallest) if self._prove else None
        return self._by_cases(old, new) if proved is None else proved

    def same_by_itself(self, old: Condition, new: Condition) -> bool:
        """Whether two conditions mean the same whatever stands behind the facts that they look at."""
        facts = {**self._old.facts, **self._new.facts}
        cases = try_cases(old, new, facts)
        return cases is not None and not cases.gained and not cases.lost

    # -- by proof --------------------------------------------------------------------------------

    def _proved(self, old: Condition, new: Condition, *, smallest: bool) -> RuleEffect | None:
        if self._left_open >= MOST_OPEN:
            return None
        # The one place at which the solver comes in.
        from engine.solver.limits import Unsettled
        from engine.solver.two_policy_sets import TwoPolicySets

        try:
            if self._sides is None:
                touched = self.definitions.touched
                self._sides = TwoPolicySets(self._old, self._new, touched, self.days, self.day)
            gained, lost = (
                self._example(ask, old, new, wanted, smallest=smallest)
                for ask, wanted in ((self._sides.gaining, (False, True)), (self._sides.losing, (True, False)))
            )
        except Unsettled:
            self._left_open += 1
            return None
        return RuleEffect(_EFFECTS[gained is not None, lost is not None], True, gained, lost)

    def _example(
        self, ask: Any, old: Condition, new: Condition, wanted: tuple[bool, bool], *, smallest: bool
    ) -> Given | None:
        if not smallest:  # one who shows it for another rule may show it here
            known = (judged.given for judged in self._met if judged.holds(old, new) == wanted)
            if (met := next(known, None)) is not None:
                return met
        found: Given | None = ask(
            old, new, lambda given: self._holds(given, old, new) == wanted, smallest=smallest
        )
        return found

    # -- by trying every case --------------------------------------------------------------------

    def _by_cases(self, old: Condition, new: Condition) -> RuleEffect:
        before, after = (
            expanding.of(each) for expanding, each in zip(self._expanding, (old, new), strict=True)
        )
        touched = self.definitions.touched
        nothing = RuleEffect("changed", False, open="whether it is looser or stricter is not proved")
        if not touched.isdisjoint((*facts_of(before), *facts_of(after))):
            return nothing
        cases = try_cases(before, after, self._new.facts)
        if cases is None:
            return nothing
        gained = self._shown(cases, cases.gained, old, new, (False, True))
        lost = self._shown(cases, cases.lost, old, new, (True, False))
        if bool(cases.gained) == (gained is not None) and bool(cases.lost) == (lost is not None):
            return RuleEffect(_EFFECTS[gained is not None, lost is not None], True, gained, lost)
        return RuleEffect("changed", False, gained, lost, _open(cases, gained, lost))

    def _shown(
        self, cases: Cases, shown: tuple[Case, ...], old: Condition, new: Condition, wanted: tuple[bool, bool]
    ) -> Given | None:
        """An applicant who is as one of the cases says, if the engine says so too."""
        facts = self._new.facts
        for case in shown:
            whole = complete(case, cases.besides, facts)
            if whole is None or any(name not in facts or facts[name].origin != "given" for name in whole):
                continue
            given = {"as_of": self.day, **{name: value for name, value in whole.items() if value is not None}}
            if self.days[0] <= given["as_of"] <= self.days[1] and self._holds(given, old, new) == wanted:
                return given
        return None

    def _holds(self, given: Given, old: Condition, new: Condition) -> tuple[bool, bool] | None:
        """Whether the conditions hold of an applicant on their sides; None where a side refuses the facts."""
        if self._judge is None:
            self._judge = RevisionDecider(self._old, self._new)
        judged = self._judge.of(given)
        if judged is None:
            return None
        self._met.append(judged)
        return judged.holds(old, new)


def _open(cases: Cases, gained: Given | None, lost: Given | None) -> str:
    """What cases leave open, in words."""
    if not cases.lost:
        return "nobody loses it; whether anybody gains it is not proved"
    if not cases.gained:
        return "nobody gains it; whether anybody loses it is not proved"
    if gained is not None:
        return "whether anybody loses it is not proved"
    return (
        "whether anybody gains it is not proved"
        if lost is not None
        else "who gains or loses it is not proved"
    )


def _days(old: PolicySet, new: PolicySet) -> tuple[date, date]:
    (first, last), (begins, ends) = (_in_force(side) for side in (old, new))
    if max(first, begins) <= min(last, ends):
        return max(first, begins), min(last, ends)
    return min(first, begins), max(last, ends)


def _in_force(policies: PolicySet) -> tuple[date, date]:
    first = policies.since or policies.as_of
    last = policies.changes_on - timedelta(days=1) if policies.changes_on is not None else LATEST_DATE
    return min(first, policies.as_of), max(last, policies.as_of)
