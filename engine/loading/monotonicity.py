"""What more knowledge can undo, told from the policies alone.

Strong Kleene logic is monotonic: what holds or fails stays so whatever comes to be known. Two things are
not: a test of whether a fact is known, and `first_known`, which passes over what is unknown. A rule that
rests on neither is decided for good; of any other, the given facts whose answers could undo it are listed.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from engine.language.conditions import facts_of, tests_of
from engine.language.model import Condition, Fact
from engine.language.policy_set import Computation, Computed, Implied, ResolvedRule, SeasonDates


def undone_by(
    rules: Iterable[ResolvedRule],
    facts: Mapping[str, Fact],
    computations: Iterable[Computation],
    inputs: Mapping[str, tuple[str, ...]],
    calendar: SeasonDates | None,
) -> dict[str, tuple[str, ...]]:
    """For each rule that an answer could undo, the given facts whose answers could."""
    rules = tuple(rules)
    below = Below(rules, facts, inputs, calendar)
    conditions = _conditions(rules, computations)
    passed_over = {step.fact: items for step in computations if (items := choices(step))}
    found = {}
    for rule in rules:
        names = below.everything(facts_of(rule.when))
        looked_at = [rule.when, *(each for name in names for each in conditions.get(name, ()))]
        asked = {test.fact for each in looked_at for test in tests_of(each) if test.operator == "known"}
        asked.update(item for name in names for item in passed_over.get(name, ()))
        given = {each for name in asked for each in below.given(name)}
        if given:
            found[rule.name] = tuple(sorted(given))
    return found


def choices(step: Computation) -> tuple[str, ...]:
    """The facts among which `first_known` chooses; none for other steps, and where there is no choice."""
    if not isinstance(step, Computed) or step.call.function != "first_known" or len(step.call.items) < 2:
        return ()
    return tuple(item for item in step.call.items if isinstance(item, str))


def _conditions(
    rules: Iterable[ResolvedRule], computations: Iterable[Computation]
) -> dict[str, list[Condition]]:
    """For each fact the conditions by which it comes about."""
    found: dict[str, list[Condition]] = {}
    for step in computations:
        if isinstance(step, Computed):
            found[step.fact] = [each for each in (step.call.condition, step.only_when) if each is not None]
        elif isinstance(step, Implied):
            found[step.fact] = [implication.when for implication, _ in step.by]
    for rule in rules:
        for finding, _ in rule.rule.conclude:
            found.setdefault(finding, []).append(rule.when)
    return found


class Below:
    """What each fact of a policy set rests on."""

    def __init__(
        self,
        rules: Iterable[ResolvedRule],
        facts: Mapping[str, Fact],
        inputs: Mapping[str, tuple[str, ...]],
        calendar: SeasonDates | None,
    ) -> None:
        self._facts = facts
        self._inputs = dict(inputs)
        for rule in sorted(rules, key=lambda rule: rule.name):  # which may be in any order
            for finding, _ in rule.rule.conclude:
                self._inputs[finding] = (*self._inputs.get(finding, ()), *facts_of(rule.when))
        if calendar is not None:
            self._inputs.update(dict.fromkeys(calendar.facts, (calendar.keyed_by,)))
        self._given: dict[str, tuple[str, ...]] = {}

    def everything(self, names: Iterable[str]) -> tuple[str, ...]:
        """These facts and all that they rest on, each once, the nearest first."""
        seen = dict.fromkeys(names)
        pending = list(seen)
        for name in pending:  # which grows meanwhile
            for below in self._inputs.get(name, ()):
                if below not in seen:
                    seen[below] = None
                    pending.append(below)
        return tuple(seen)

    def given(self, name: str) -> tuple[str, ...]:
        """The given facts from which a fact comes; a given one comes from itself alone, once it is known."""
        found = self._given.get(name)
        if found is None:
            found = self._given[name] = tuple(dict.fromkeys(self._given_below(name)))
        return found

    def _given_below(self, name: str) -> Iterator[str]:
        seen = {name}
        pending = [name]
        while pending:
            each = pending.pop()
            if self._facts[each].origin == "given":
                yield each
                continue
            new = [below for below in self._inputs.get(each, ()) if below not in seen]
            seen.update(new)
            pending += new
