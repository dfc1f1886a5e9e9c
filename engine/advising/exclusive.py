"""Findings that exclude each other and are concluded together: nobody gets a report that says both."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import combinations

from engine.advising.decide import Decider, Decisions
from engine.advising.derive import Contradicted, DerivedFacts
from engine.base.diagnostic import Location, Place
from engine.base.diagnostics import Diagnostics
from engine.language.conditions import HOLDS
from engine.language.facts import Facts
from engine.language.policy_set import PolicySet, ResolvedRule

CODE = "exclusive-findings"


class ExclusiveFindings:
    """The findings of a policy set that exclude each other; the evaluator alone decides."""

    def __init__(self, policies: PolicySet) -> None:
        self._policies = policies
        self._decider = Decider(policies, None) if policies.exclusive else None

    def refuse(self, derived: DerivedFacts, facts: Facts) -> None:
        """Raises Contradicted where two of them are concluded of the same facts."""
        if self._decider is not None:
            self.refuse_decided(self._decider.decide(derived), derived, facts)

    def refuse_decided(self, decisions: Decisions, derived: DerivedFacts, facts: Facts) -> None:
        """The same of facts that are decided already."""
        problems = Diagnostics()
        for group in self._policies.exclusive:
            true = [name for name, _ in group.findings if decisions.values.get(name) is True]
            for one, other in combinations(true, 2):
                titles = " and ".join(
                    f"{self._policies.facts[name].title} (`{name}`)" for name in (one, other)
                )
                concluded = " and ".join(
                    f"{rule.name} concludes `{name}`"
                    for name in (one, other)
                    for rule in self._concluding(name, decisions)
                )
                message = f"{titles} exclude each other (`{group.id}`), but {concluded}."
                places = ", ".join(
                    str(rule.rule.at) for name in (one, other) for rule in self._concluding(name, decisions)
                )
                help_text = f"If the facts are right, one of the rules is wrong: {places}."
                problems.error(CODE, message, self._place((one, other), facts), help_text)
        if problems:
            raise Contradicted(problems, derived)

    def _concluding(self, finding: str, decisions: Decisions) -> Iterator[ResolvedRule]:
        rules = self._policies.concluding.get(finding, ())
        return (rule for rule in rules if decisions.verdicts[rule.name] is HOLDS)

    def _place(self, findings: tuple[str, str], facts: Facts) -> Place:
        """Where the first of the facts is given on which they rest."""
        behind = self._policies.dependencies.given_behind(findings)
        given = [facts.at(fact) for fact in behind if fact in facts.values]
        return min(given, key=lambda place: place.order, default=Location(facts.path))
