"""Applicants as the engine itself decides them."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

from engine.advising.decide import Decider, Decisions
from engine.advising.derive import Derivation
from engine.advising.exclusive import ExclusiveFindings
from engine.base.diagnostic import InvalidInput
from engine.base.record import record
from engine.language.facts import nested, read_facts
from engine.language.model import Value
from engine.language.policy_set import PolicySet

Given = Mapping[str, Value]
"""What is given of an applicant: fact -> value, `as_of` among them."""


@record
class Applicant:
    """An applicant that the engine has decided: what is given, and everything that follows."""

    given: Given
    decisions: Decisions

    @property
    def values(self) -> Mapping[str, Value]:
        """Everything known, findings included."""
        return self.decisions.values


class Applicants:
    """Decides applicants as a report would. The evaluator alone: a check needs no second opinion."""

    def __init__(self, policies: PolicySet) -> None:
        self._policies = policies
        self._derivation = Derivation(policies)
        self._decider = Decider(policies, None)
        self._exclusive = ExclusiveFindings(policies)

    def decide(self, given: Given) -> Applicant | None:
        """The applicant, or None where such facts are refused."""
        try:
            return self._decided(given)
        except InvalidInput:
            return None

    def refused_for(self, given: Given) -> frozenset[str]:
        """The codes for which such facts are refused; none where they are not."""
        try:
            self._decided(given)
        except InvalidInput as refused:
            return frozenset(problem.code for problem in refused.diagnostics)
        return frozenset()

    def _decided(self, given: Given) -> Applicant:
        facts = read_facts(nested(given), self._policies.facts)
        day = given["as_of"]
        assert isinstance(day, date)
        derived = self._derivation.derive(facts, day)
        decisions = self._decider.decide(derived)
        self._exclusive.refuse_decided(decisions, derived, facts)
        return Applicant(facts.values, decisions)
