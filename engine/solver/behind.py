"""Which facts a fact rests on, through whatever is worked out, concluded or implied."""

from __future__ import annotations

from collections.abc import Iterable

from engine.language.conditions import facts_of
from engine.language.policy_set import PolicySet
from engine.loading.resolve_derivations import needs_of


class Behind:
    """The facts that each fact is worked out from, and those that are worked out from it."""

    def __init__(self, policies: PolicySet) -> None:
        needs: dict[str, set[str]] = {step.fact: set(needs_of(step)) for step in policies.computations}
        calendar = policies.calendar
        if calendar is not None:
            for name in calendar.facts:
                needs.setdefault(name, set()).add(calendar.keyed_by)
        for rule in policies.rules:
            for finding, _ in rule.rule.conclude:
                needs.setdefault(finding, set()).update(facts_of(rule.when))
        self._needs = needs

    def of(self, names: Iterable[str]) -> frozenset[str]:
        """These facts and all that they rest on."""
        found: set[str] = set()
        pending = list(names)
        while pending:
            name = pending.pop()
            if name not in found:
                found.add(name)
                pending.extend(self._needs.get(name, ()))
        return frozenset(found)

    def resting_on(self, fact: str) -> frozenset[str]:
        """A fact and all that rests on it."""
        found = {fact}
        while more := {name for name, used in self._needs.items() if name not in found and used & found}:
            found |= more
        return frozenset(found)
