"""One applicant as the engine decides them on both sides."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

from engine.advising.advisor import Advisor
from engine.base.diagnostic import InvalidInput
from engine.base.record import record
from engine.language.conditions import HOLDS, Values, verdict_of
from engine.language.facts import known_to, nested, read_facts
from engine.language.model import Condition
from engine.language.policy_set import PolicySet

if TYPE_CHECKING:
    from engine.solver.applicants import Given


@record
class RevisionDecisions:
    """An applicant, and all that is known of them on the old side and on the new."""

    given: Given
    old: Values
    new: Values

    def holds(self, old: Condition, new: Condition) -> tuple[bool, bool]:
        """Whether the old condition holds on the old side, and the new one on the new side."""
        return verdict_of(old, self.old) == HOLDS, verdict_of(new, self.new) == HOLDS


class RevisionDecider:
    """Decides applicants on both sides, each with the facts that it knows."""

    def __init__(self, old: PolicySet, new: PolicySet) -> None:
        self._old, self._new = Advisor(old, engine="evaluator"), Advisor(new, engine="evaluator")

    def of(self, given: Given) -> RevisionDecisions | None:
        """The applicant; None where a side refuses the facts."""
        old, new = _values(given, self._old), _values(given, self._new)
        return None if old is None or new is None else RevisionDecisions(given, old, new)


def _values(given: Given, advisor: Advisor) -> Values | None:
    """Everything known of the applicant on one side; None where the facts are refused."""
    declared, day = advisor.policies.facts, given["as_of"]
    assert isinstance(day, date)
    try:
        derived = advisor.derive(read_facts(nested(known_to(declared, given)), declared), day)
    except InvalidInput:
        return None
    return advisor.decide(derived).values
