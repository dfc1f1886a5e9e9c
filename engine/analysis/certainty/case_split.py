"""What holds whatever the missing answers are: shown by cases, never guessed.

A completion gives every unknown fact that somebody could give (absent ones have no answer) some value, so
that nothing contradicts. A rule is *certain* when it holds in every consistent completion. Where the logic
of unknowns cannot tell, the facts in doubt are tried value by value (true or false, each value of an enum;
and of one ordered fact at a time its stretches, on which no test changes), until each case is decided in a
meaning in which nothing known later undoes it (`lasting`). What is not shown within `MOST_CASES` and
`MOST_IN_ALL` is *possible*, never certain.

A rule whose own condition tests `known: false` of something that could be answered speaks about what is
missing: it is left out, and labelled `missing`.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import date
from functools import cached_property
from typing import Final

from engine.advising.advisor import Advisor, Case
from engine.advising.decide import Decisions
from engine.advising.derive import Contradicted, DerivedFacts
from engine.analysis.certainty.intervals import Intervals
from engine.analysis.certainty.monotone import Monotone, name_of
from engine.language.conditions import FAILS, HOLDS, possible, undecided_facts
from engine.language.facts import Facts
from engine.language.model import Scalar, Value
from engine.language.operators import ORDERED
from engine.language.report import Certainty

MOST_CASES: Final = 120
"""So many cases are tried for a rule."""
MOST_IN_ALL: Final = 3000
"""And so many for all rules of a report: about a second. The rules that come first have them."""


class CaseSplit:
    """How certain the rules of one policy set are."""

    def __init__(self, advisor: Advisor) -> None:
        self.advisor = advisor
        self.rules = {rule.name: rule for rule in advisor.policies.rules}
        self._stretches: dict[str, Intervals] = {}
        self._below: dict[str, tuple[str, ...]] = {}

    def of_case(self, case: Case) -> dict[str, Certainty]:
        """Every shown item's rule and every undecided one that advises, with how certain it is."""
        report = case.report
        names = [item.rule for item in report.advice] + [entry.rule for entry in report.undetermined]
        return self.of_rules([name for name in names if self.rules[name].rule.advise is not None], case)

    def of_rule(self, name: str, case: Case) -> Certainty:
        """How certain one rule is."""
        return self.of_rules([name], case)[name]

    def of_rules(self, names: Iterable[str], case: Case) -> dict[str, Certainty]:
        """How certain rules are; cases tried for one serve the others."""
        cases = _Cases(self, case)
        return {name: cases.certainty(name) for name in names}

    @cached_property
    def lasting(self) -> Monotone:
        """What decides cases."""
        return Monotone(self.advisor.policies)

    def stretches(self, fact: str) -> Intervals:
        """The stretches of a fact, made ready once."""
        found = self._stretches.get(fact)
        if found is None:
            found = self._stretches[fact] = Intervals(self.advisor, fact)
        return found

    def to_try(self, name: str) -> tuple[str, ...]:
        """The given facts on which a fact rests, itself first, that have values to be tried."""
        found = self._below.get(name)
        if found is None:
            policies = self.advisor.policies
            given = policies.dependencies.given_behind([name])
            found = self._below[name] = tuple(
                each for each in given if policies.facts[each].type not in ("text", "list")
            )
        return found


Changes = Mapping[str, Value]


class _Cases:
    """The cases of one applicant, each decided once for all rules."""

    def __init__(self, split: CaseSplit, case: Case) -> None:
        self._split, self._case = split, case
        self._facts = split.advisor.policies.facts
        day = case.decisions.values["as_of"]
        assert isinstance(day, date)
        self._day = day
        self._decided: dict[frozenset[tuple[str, Value]], tuple[DerivedFacts, Decisions] | None] = {}
        self._left = 0
        self._left_in_all = MOST_IN_ALL

    def certainty(self, name: str) -> Certainty:
        """How certain a rule is."""
        split = self._split
        decisions = self._decide({})
        if decisions is None:  # no completion is consistent
            return "possible"
        if decisions.verdicts[name] is HOLDS:
            return "certain"
        if not self._possible(name, decisions):
            return "impossible"
        if split.lasting.speaks_of_missing(split.rules[name], decisions):
            return "missing"
        self._left = MOST_CASES
        return "certain" if self._always_holds(name, {}) else "possible"

    def _always_holds(self, name: str, changes: Changes) -> bool:
        """Whether a rule holds in every consistent completion with these changes; False where not shown."""
        if not self._may_try():
            return False
        decisions = self._decide(changes)
        if decisions is None or decisions.verdicts[name] is HOLDS:
            return True
        split = self._next(name, decisions) if self._possible(name, decisions) else None
        if split is None:
            return False
        ordered = self._facts[split].type in ORDERED
        cases = [{**changes, split: value} for value in self._values(split)]
        # First whether it fails at once in one of them: with most rules it does.
        if any(self._fails(name, case) for case in cases):
            return False
        if ordered:
            return self._holds_on_every_stretch(name, changes, split)
        return all(self._always_holds(name, case) for case in cases)

    def _may_try(self) -> bool:
        """Whether one more case may be tried, which is counted."""
        self._left -= 1
        self._left_in_all -= 1
        return self._left >= 0 and self._left_in_all >= 0

    def _decide(self, changes: Changes) -> Decisions | None:
        """What is decided with these changes; None when they contradict what is known."""
        key = frozenset(changes.items())
        if key not in self._decided:
            try:
                derived = self._situation(changes)
                self._decided[key] = derived, self._split.lasting.decide(derived)
            except Contradicted:
                self._decided[key] = None
        found = self._decided[key]
        return found and found[1]

    def _situation(self, changes: Changes) -> DerivedFacts:
        """What lasts with these changes, of which all but the last were decided before."""
        lasting, facts = self._split.lasting, self._with(changes)
        if not changes:
            return lasting.derive(facts, self._day)
        *others, (last, _) = changes.items()
        before = self._decided[frozenset(others)]
        assert before is not None  # else nothing would have been changed further
        return lasting.changed(facts, self._day, last, before[0])

    def _with(self, changes: Changes) -> Facts:
        facts = self._case.facts  # whose digest nobody asks for here, and it costs much
        return Facts({**facts.values, **changes}, facts.digest, facts.path, facts.locate)

    def _possible(self, name: str, decisions: Decisions) -> bool:
        return possible(self._split.lasting.conditions[name], decisions.values, decisions.absent)

    def _fails(self, name: str, changes: Changes) -> bool:
        decisions = self._decide(changes)
        return decisions is not None and decisions.verdicts[name] is FAILS

    def _values(self, name: str) -> Iterator[Scalar]:
        """Every value of a fact; of an ordered one the two ends."""
        fact = self._facts[name]
        if fact.type == "boolean":
            yield from (True, False)
        elif fact.type in ORDERED:
            yield from fact.limits
        else:
            yield from (value for value, _ in fact.values)

    def _holds_on_every_stretch(self, name: str, changes: Changes, split: str) -> bool:
        advisor, facts = self._split.advisor, self._with(changes)
        try:
            derived = advisor.derive(facts, self._day)
        except Contradicted as found:  # perhaps for want of an answer only
            derived = found.derived
        stretches = self._split.stretches(split)
        for stretch in stretches.one_by_one(facts, derived, *self._facts[split].limits):
            if not self._may_try():
                return False
            for value in dict.fromkeys((stretch.low, stretch.high)):
                decisions = self._decide({**changes, split: value})
                if decisions is not None and decisions.verdicts[name] is not HOLDS:
                    return False
        return True

    def _next(self, name: str, decisions: Decisions) -> str | None:
        """The given fact to try next: one with few values, else an ordered one."""
        values, absent = decisions.values, decisions.absent
        condition = self._split.lasting.conditions[name]
        names = dict.fromkeys(
            each
            for undecided in undecided_facts(condition, values)
            for each in self._split.to_try(name_of(undecided))
            if each not in values and each not in absent
        )
        few = (each for each in names if self._facts[each].type not in ORDERED)
        return next(few, None) or next(iter(names), None)
