"""The least change of facts that brings something about; where there is none, why.

    reach_goal     what is to be brought about
    reach_behind   what the tests of a goal rest on
    reach_blocked  why a goal cannot be brought about
    reach_fired    an answer: changes that were fired, and bring the goal about
    reach_least    the cheapest changes, proved (z3), on the facts as `reach_given` writes them down
    reach_search   changes searched for without a solver
    reach_telling  the answers in words and as data

With z3-solver the cheapest changes are found and proved to be so, or that there are none is proved. Without
it, or where it gives up, changes are searched for, and nothing is said to be shown.
"""

from __future__ import annotations

from collections.abc import Iterator
from importlib.util import find_spec
from itertools import islice
from typing import TYPE_CHECKING

from engine.advising.advisor import Advisor, Case
from engine.analysis.recourse.goal import Goal
from engine.analysis.recourse.goal_dependencies import GoalDependencies
from engine.analysis.recourse.infeasibility import Infeasibility, OneByOne, Part
from engine.analysis.recourse.search import Search
from engine.analysis.recourse.verified_answer import MOST_ANSWERS, Answer, VerifiedAnswers
from engine.analysis.what_if.changeable import Choices, choices
from engine.analysis.what_if.what_if import Explorer
from engine.base.record import record
from engine.language.conditions import HOLDS, verdict_of
from engine.solver.limits import NeedsSolver, Unsettled

if TYPE_CHECKING:
    from engine.analysis.recourse.cheapest import CheapestChanges


@record
class RecourseResult:
    """The answers, the cheapest first; without one, why there is none.

    `in_doubt` says why it is not shown that there is nothing cheaper, or nothing else, or nothing at all
    (None: it is shown); then `combinations` of changes were tried, where they were.
    """

    case: Case
    goal: Goal
    already: bool = False
    answers: tuple[Answer, ...] = ()
    because: tuple[str, ...] = ()
    in_doubt: str | None = None
    combinations: int = 0


class Recourse:
    """Looks for changes on one policy set; `advisor` fires the rules that verify an answer."""

    def __init__(self, advisor: Advisor) -> None:
        self._advisor, self._explorer = advisor, Explorer(advisor)
        self._rests = GoalDependencies(advisor.policies)
        self._least: tuple[Case, CheapestChanges] | None = None

    def reach(self, case: Case, goal: Goal) -> RecourseResult:
        """The cheapest changes that bring the goal about, three different ones at most."""
        if verdict_of(goal.condition, case.decisions.values) is HOLDS:
            return RecourseResult(case, goal, already=True)
        allowed = choices(case.decisions.values, self._advisor.policies)
        blocked = Infeasibility(case, allowed, self._rests, self._advisor.policies)
        wanted = goal.condition, HOLDS
        because = blocked.reasons(wanted, OneByOne(case, allowed, self._rests, self._explorer))
        if because:
            return RecourseResult(case, goal, because=because)
        fired = VerifiedAnswers(self._advisor, case, goal)
        answers: list[Answer] = []
        try:
            least = self._least_of(case)
            for answer in islice(_proved(least, fired), MOST_ANSWERS):
                answers.append(answer)
            if not answers:
                because = _proved_reasons(blocked, wanted, least)
            return RecourseResult(case, goal, answers=tuple(answers), because=because)
        except Unsettled as unsettled:
            if answers:
                return RecourseResult(case, goal, answers=tuple(answers), in_doubt=unsettled.reason)
            return self._searched(fired, allowed, unsettled.reason)

    def _searched(self, fired: VerifiedAnswers, allowed: Choices, in_doubt: str) -> RecourseResult:
        search = Search(fired, allowed, self._rests, self._explorer)
        answers = tuple(islice(search.answers(), MOST_ANSWERS))
        return RecourseResult(
            fired.case, fired.goal, answers=answers, in_doubt=in_doubt, combinations=search.looked_at
        )

    def _least_of(self, case: Case) -> CheapestChanges:
        """One applicant for the solver, kept for their next goal. Raises Unsettled."""
        if find_spec("z3") is None:
            raise NeedsSolver
        from engine.analysis.recourse.cheapest import CheapestChanges

        if self._least is None or self._least[0] is not case:
            self._least = case, CheapestChanges(case, self._advisor.policies)
        return self._least[1]


def _proved_reasons(blocked: Infeasibility, wanted: Part, least: CheapestChanges) -> tuple[str, ...]:
    try:
        return blocked.reasons(wanted, least)
    except Unsettled:
        return ("nothing that may be changed brings it about, as was proved; what keeps it so was not found",)


def _proved(least: CheapestChanges, fired: VerifiedAnswers) -> Iterator[Answer]:
    for changes in least.answers(fired.goal.condition):
        answer = fired.answer(changes, least=True)
        if answer is None:
            raise Unsettled("what the solver found is decided otherwise by the engine")
        yield answer
