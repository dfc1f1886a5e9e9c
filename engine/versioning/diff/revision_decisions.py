"""One applicant as the engine decides them on both sides."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

from engine.advising.decide import Decider
from engine.advising.derive import Derivation
from engine.base.diagnostic import InvalidInput
from engine.base.record import record
from engine.language.conditions import HOLDS, Values, verdict_of
from engine.language.facts import known_to, nested, read_facts
from engine.language.model import Condition, Value
from engine.language.policy_set import PolicySet

Given = Mapping[str, Value]
"""What is given of an applicant: fact -> value, `as_of` among them."""


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
        self._old, self._new = _Side(old), _Side(new)

    def of(self, given: Given) -> RevisionDecisions | None:
        """The applicant; None where a side refuses the facts."""
        old, new = self._old.values(given), self._new.values(given)
        return None if old is None or new is None else RevisionDecisions(given, old, new)


class _Side:
    def __init__(self, policies: PolicySet) -> None:
        self._facts = policies.facts
        self._derivation = Derivation(policies)
        self._decider = Decider(policies, None)

    def values(self, given: Given) -> Values | None:
        """Everything known of the applicant; None where the facts are refused."""
        day = given["as_of"]
        assert isinstance(day, date)
        try:
            facts = read_facts(nested(known_to(self._facts, given)), self._facts)
            derived = self._derivation.derive(facts, day)
        except InvalidInput:
            return None
        return self._decider.decide(derived).values
