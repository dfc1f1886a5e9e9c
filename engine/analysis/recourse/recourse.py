"""The least change of facts that brings something about; where there is none, why.

    goal               what is to be brought about
    infeasibility      why a goal cannot be brought about
    verified_answer    an answer: changes that were fired, and bring the goal about
    cheapest           the cheapest changes, proved (z3), on the facts as `given_facts` writes them down
    view               the answers in words and as data

The cheapest changes are proved to be so, or that there are none is proved. Where the solver gives up, what is
left open is said.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice
from typing import TYPE_CHECKING

from engine.advising.advisor import Advisor, Case
from engine.analysis.recourse.goal import Goal
from engine.analysis.recourse.infeasibility import Infeasibility
from engine.analysis.recourse.verified_answer import MOST_ANSWERS, Answer, VerifiedAnswers
from engine.base.record import record
from engine.solver.goal import met
from engine.solver.limits import Unsettled
from engine.solver.one_at_a_time import one_at_a_time

if TYPE_CHECKING:
    from engine.analysis.recourse.cheapest import CheapestChanges


@record
class RecourseResult:
    """The answers, the cheapest first; without one, why there is none.

    `in_doubt` says why it is not shown that there is nothing else, or nothing at all (None: it is shown).
    """

    case: Case
    goal: Goal
    already: bool = False
    answers: tuple[Answer, ...] = ()
    because: tuple[str, ...] = ()
    in_doubt: str | None = None


class Recourse:
    """Looks for changes on one policy set; `advisor` fires the rules that verify an answer."""

    def __init__(self, advisor: Advisor) -> None:
        self._advisor = advisor
        self._cheapest: tuple[Case, CheapestChanges] | None = None

    def reach(self, case: Case, goal: Goal) -> RecourseResult:
        """The cheapest changes that bring the goal about, three different ones at most."""
        if met(goal.wanted, case.decisions.values):
            return RecourseResult(case, goal, already=True)
        with one_at_a_time():
            return self._sought(case, goal)

    def _sought(self, case: Case, goal: Goal) -> RecourseResult:
        answers: list[Answer] = []
        try:
            cheapest = self._cheapest_of(case)
            proved = _proved(cheapest, VerifiedAnswers(self._advisor, case, goal))
            for answer in islice(proved, MOST_ANSWERS):
                answers.append(answer)
        except Unsettled as unsettled:
            return RecourseResult(case, goal, answers=tuple(answers), in_doubt=unsettled.reason)
        because = () if answers else _reasons(Infeasibility(case, cheapest, self._advisor.policies), goal)
        return RecourseResult(case, goal, answers=tuple(answers), because=because)

    def _cheapest_of(self, case: Case) -> CheapestChanges:
        """One applicant for the solver, kept for their next goal. Raises Unsettled."""
        from engine.analysis.recourse.cheapest import CheapestChanges

        if self._cheapest is None or self._cheapest[0] is not case:
            self._cheapest = case, CheapestChanges(case, self._advisor.policies)
        return self._cheapest[1]


def _reasons(infeasibility: Infeasibility, goal: Goal) -> tuple[str, ...]:
    """Why there is no answer."""
    try:
        return infeasibility.reasons(goal)
    except Unsettled:
        return ("nothing that may be changed brings it about, as was proved; what keeps it so was not found",)


def _proved(cheapest: CheapestChanges, fired: VerifiedAnswers) -> Iterator[Answer]:
    for changes in cheapest.answers(fired.goal.wanted):
        answer = fired.answer(changes)
        if answer is None:
            raise Unsettled("what the solver found is decided otherwise by the engine")
        yield answer
