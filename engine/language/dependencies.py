"""What rests on what: the facts that each fact is worked out from, followed down and up.

No walk recurses: chains of facts may be long.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import cached_property

from engine.base.record import record


@record
class Dependencies:
    """For each fact its direct `inputs`; a fact without any has no entry.

    They are what a derived fact or a band is worked out from, what may imply a given fact, the fact that
    dates a parameter, the key of the calendar, and what the rules look at that conclude a finding. `given`
    are the facts that an applicant gives.
    """

    inputs: Mapping[str, tuple[str, ...]]
    given: frozenset[str]

    def behind(self, names: Iterable[str]) -> tuple[str, ...]:
        """These facts and all that they rest on, each once, the nearest first."""
        seen = dict.fromkeys(names)
        pending = list(seen)
        for name in pending:  # which grows meanwhile
            new = [each for each in self.inputs.get(name, ()) if each not in seen]
            seen.update(dict.fromkeys(new))
            pending += new
        return tuple(seen)

    def given_behind(self, names: Iterable[str]) -> tuple[str, ...]:
        """The given facts among these and all that they rest on, the nearest first."""
        return tuple(name for name in self.behind(names) if name in self.given)

    def first_given(self, name: str) -> frozenset[str]:
        """The given facts from which a fact comes, once they are known; a given one from itself alone."""
        seen = {name}
        pending = [name]
        for each in pending:  # which grows meanwhile
            if each not in self.given:
                new = [below for below in self.inputs.get(each, ()) if below not in seen]
                seen.update(new)
                pending += new
        return frozenset(each for each in pending if each in self.given)

    def resting_on(self, facts: Iterable[str]) -> frozenset[str]:
        """These facts and all that rest on one of them."""
        seen = set(facts)
        pending = list(seen)
        for name in pending:  # which grows meanwhile
            new = self._used_by.get(name, set()) - seen
            seen |= new
            pending += new
        return frozenset(seen)

    def __or__(self, other: Dependencies) -> Dependencies:
        """What rests on what by one of the two."""
        inputs = {name: (*names, *other.inputs.get(name, ())) for name, names in self.inputs.items()}
        return Dependencies({**other.inputs, **inputs}, self.given | other.given)

    @cached_property
    def _used_by(self) -> Mapping[str, set[str]]:
        found: dict[str, set[str]] = {}
        for name, inputs in self.inputs.items():
            for each in inputs:
                found.setdefault(each, set()).add(name)
        return found
