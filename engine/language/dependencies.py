"""What rests on what: the facts that each fact is worked out from, followed down and up."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import cached_property

from engine.base.record import record
from engine.base.toposort import reachable


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
        return reachable(names, lambda name: self.inputs.get(name, ()))

    def given_behind(self, names: Iterable[str]) -> tuple[str, ...]:
        """The given facts among these and all that they rest on, the nearest first."""
        return tuple(name for name in self.behind(names) if name in self.given)

    def first_given(self, name: str) -> frozenset[str]:
        """The given facts from which a fact comes, once they are known; a given one from itself alone."""
        names = reachable([name], lambda each: () if each in self.given else self.inputs.get(each, ()))
        return self.given.intersection(names)

    def resting_on(self, facts: Iterable[str]) -> frozenset[str]:
        """These facts and all that rest on one of them."""
        return frozenset(reachable(facts, lambda name: self._used_by.get(name, ())))

    def __or__(self, other: Dependencies) -> Dependencies:
        """What rests on what by one of the two."""
        inputs = {name: (*names, *other.inputs.get(name, ())) for name, names in self.inputs.items()}
        return Dependencies({**other.inputs, **inputs}, self.given | other.given)

    @cached_property
    def _used_by(self) -> Mapping[str, set[str]]:
        used_by: dict[str, set[str]] = {}
        for name, inputs in self.inputs.items():
            for each in inputs:
                used_by.setdefault(each, set()).add(name)
        return used_by
