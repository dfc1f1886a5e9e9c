"""What holds whatever the missing answers are: shown by cases, never guessed.

A completion gives every unknown fact that somebody could give (absent ones have no answer) some value, so
that nothing contradicts. A rule is *certain* when it holds in every consistent completion. Where the logic
of unknowns cannot tell, the facts in doubt are tried value by value (true or false, each value of an enum;
and of one ordered fact at a time its intervals, on which no test changes), until each case is decided in a
meaning in which nothing known later undoes it (`lasting`). What is not shown within `MOST_CASES` and
`MOST_IN_ALL` is *possible*, never certain.

A rule whose own condition tests `known: false` of something that could be answered speaks about what is
missing: it is left out, and labelled `missing`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date
from functools import cache, cached_property, partial
from typing import Final

from engine.advising.advisor import Advisor, Case
from engine.advising.decide import Decisions
from engine.advising.derive import Contradicted, DerivedFacts
from engine.analysis.certainty.intervals import Intervals
from engine.analysis.certainty.monotone import Monotone, name_of
from engine.base.record import replace
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
        self.intervals = cache(partial(Intervals, advisor))
        self.to_try = cache(self._to_try)

    def of_rules(self, names: Iterable[str], case: Case) -> dict[str, Certainty]:
        """How certain rules are; cases tried for one serve the others."""
        cases = _Cases(self, case)
        return {name: cases.certainty(name) for name in names}

    @cached_property
    def lasting(self) -> Monotone:
        """What decides cases."""
        return Monotone(self.advisor.policies)

    def _to_try(self, name: str) -> tuple[str, ...]:
        """The given facts on which a fact rests, itself first, that have values to be tried."""
        policies = self.advisor.policies
        given = policies.dependencies.given_behind([name])
        return tuple(each for each in given if policies.facts[each].type not in ("text", "list"))


Answers = Mapping[str, Value]


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
        if split.lasting.speaks_of_missing(split.advisor.policies.by_name[name], decisions):
            return "missing"
        self._left = MOST_CASES
        return "certain" if self._always_holds(name, {}) else "possible"

    def _always_holds(self, name: str, changes: Answers) -> bool:
        """Whether a rule holds in every consistent completion with these changes; False where not shown."""
        if not self._may_try():
            return False
        decisions = self._decide(changes)
        if decisions is None or decisions.verdicts[name] is HOLDS:
            return True
        fact = self._next(name, decisions) if self._possible(name, decisions) else None
        if fact is None:
            return False
        cases = [{**changes, fact: value} for value in self._values(fact)]
        # First whether it fails at once in one of them: with most rules it does.
        if any(self._fails(name, case) for case in cases):
            return False
        if self._facts[fact].type in ORDERED:
            return self._holds_on_every_interval(name, changes, fact)
        return all(self._always_holds(name, case) for case in cases)

    def _may_try(self) -> bool:
        """Whether one more case may be tried, which is counted."""
        self._left -= 1
        self._left_in_all -= 1
        return self._left >= 0 and self._left_in_all >= 0

    def _decide(self, changes: Answers) -> Decisions | None:
        """What is decided with these changes; None when they contradict what is known."""
        key = frozenset(changes.items())
        if key not in self._decided:
            try:
                derived = self._derive(changes)
                self._decided[key] = derived, self._split.lasting.decide(derived)
            except Contradicted:
                self._decided[key] = None
        decided = self._decided[key]
        return decided and decided[1]

    def _derive(self, changes: Answers) -> DerivedFacts:
        """What lasts with these changes, of which all but the last were decided before."""
        lasting, facts = self._split.lasting, self._with(changes)
        if not changes:
            return lasting.derive(facts, self._day)
        *others, (last, _) = changes.items()
        before = self._decided[frozenset(others)]
        assert before is not None  # else nothing would have been changed further
        return lasting.changed(facts, self._day, last, before[0])

    def _with(self, changes: Answers) -> Facts:
        facts = self._case.facts  # whose digest nobody asks for here, and it costs much
        return replace(facts, values={**facts.values, **changes})

    def _possible(self, name: str, decisions: Decisions) -> bool:
        return possible(self._split.lasting.conditions[name], decisions.values, decisions.absent)

    def _fails(self, name: str, changes: Answers) -> bool:
        decisions = self._decide(changes)
        return decisions is not None and decisions.verdicts[name] is FAILS

    def _values(self, name: str) -> Iterable[Scalar]:
        """Every value of a fact; of an ordered one the two ends."""
        fact = self._facts[name]
        if fact.type in ORDERED:
            return fact.limits
        return (True, False) if fact.type == "boolean" else tuple(fact.labels)

    def _holds_on_every_interval(self, name: str, changes: Answers, fact: str) -> bool:
        advisor, facts = self._split.advisor, self._with(changes)
        try:
            derived = advisor.derive(facts, self._day)
        except Contradicted as contradicted:  # perhaps for want of an answer only
            derived = contradicted.derived
        intervals = self._split.intervals(fact)
        for interval in intervals.one_by_one(facts, derived, *self._facts[fact].limits):
            if not self._may_try():
                return False
            for value in dict.fromkeys((interval.low, interval.high)):
                decisions = self._decide({**changes, fact: value})
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
