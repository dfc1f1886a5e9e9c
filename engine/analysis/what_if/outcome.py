"""What is said to an applicant, and how that differs between two states of the facts."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date
from functools import cached_property, partial

from engine.advising.advisor import Advisor, Case
from engine.advising.decide import Decisions
from engine.advising.derive import DerivedFacts
from engine.base.record import record, values_of
from engine.language.condition_text import test_in_words, test_text
from engine.language.conditions import HOLDS, UNKNOWN, facts_of, tests_of, verdict_of
from engine.language.field_words import Formats
from engine.language.model import Condition, Value
from engine.language.policy_set import Banded, PolicySet
from engine.language.templates import Words


@record
class AdviceOutcome:
    """What was decided: `shown` are the rules of the items, ranked, each with when it is due."""

    decisions: Decisions
    shown: tuple[tuple[str, date | None], ...]
    suppressed: Mapping[str, str]

    @cached_property
    def ranks(self) -> Mapping[str, int]:
        """Shown rule -> rank."""
        return {name: rank for rank, (name, _) in enumerate(self.shown, 1)}


def outcome(derived: DerivedFacts, advisor: Advisor) -> AdviceOutcome:
    """What comes of derived facts. Raises InternalError when the engines disagree."""
    decisions = advisor.decide(derived)
    return AdviceOutcome(decisions, *advisor.shown(decisions))


def outcome_of(case: Case) -> AdviceOutcome:
    """What came of a case."""
    shown = tuple((item.rule, item.due) for item in case.report.advice)
    suppressed = {entry.rule: entry.by for entry in case.report.suppressed}
    return AdviceOutcome(case.decisions, shown, suppressed)


@record
class RuleDifference:
    """Something that differs: `name` is a rule, band or finding, `before` and `after` are in words.

    `because` are the tests that came out otherwise, and what else moved it. `old` and `new` are the values
    of a band or a finding (None: unknown).
    """

    name: str
    title: str
    before: str
    after: str
    because: tuple[str, ...]
    old: Value | None = None
    new: Value | None = None


@record
class AdviceDifference:
    """What somebody is told after a change of facts, against before."""

    gained: tuple[RuleDifference, ...]
    lost: tuple[RuleDifference, ...]
    moved: tuple[RuleDifference, ...]
    bands: tuple[RuleDifference, ...]
    findings: tuple[RuleDifference, ...]
    undecided: tuple[RuleDifference, ...]
    decided: tuple[RuleDifference, ...]

    def __bool__(self) -> bool:
        return any(values_of(self))


def difference(before: AdviceOutcome, after: AdviceOutcome, policies: PolicySet) -> AdviceDifference:
    """Everything that differs between two outcomes on one policy set (or on its later versions)."""
    return _Pair(before, after, policies).difference()


class _Pair:
    """Two outcomes, told apart."""

    def __init__(self, before: AdviceOutcome, after: AdviceOutcome, policies: PolicySet) -> None:
        self._before, self._after, self._policies = before, after, policies
        self._old, self._new = before.decisions.values, after.decisions.values
        self._old_words, self._words = Words(self._old, policies.facts), Words(self._new, policies.facts)

    def difference(self) -> AdviceDifference:
        old, new = self._before.ranks, self._after.ranks
        advising = {rule.name for rule in self._policies.rules if rule.rule.advise is not None}
        was_open, is_open = (set(each.decisions.unknown) & advising for each in (self._before, self._after))
        gained = (self._change(name, "not shown", f"rank {new[name]}") for name in new if name not in old)
        lost = (self._change(name, f"rank {old[name]}", "not shown") for name in old if name not in new)
        undecided = (self._change(name, "decided", "cannot tell") for name in sorted(is_open - was_open))
        decided = (
            self._change(name, "cannot tell", _verdict(name, self._after))
            for name in sorted(was_open - is_open - new.keys())
        )
        kinds = (gained, lost, self._moved(), self._banded(), self._findings(), undecided, decided)
        return AdviceDifference(*map(tuple, kinds))

    def _change(self, name: str, was: str, now: str, *because: str) -> RuleDifference:
        rule = self._policies.by_name.get(name)
        return RuleDifference(name, rule.rule.title if rule else name, was, now, (*because, *self._why(name)))

    def _why(self, name: str) -> Iterator[str]:
        if name not in self._policies.by_name:
            yield "the rule is no longer in force"
            return
        if name not in self._before.decisions.verdicts:
            yield "the rule has come into force"
            return
        yield from self._flips(self._policies.by_name[name].when)
        by, was_by = self._after.suppressed.get(name), self._before.suppressed.get(name)
        if by is not None and name in self._before.ranks:
            yield f"now outranked by {by}" + self._why_other(by)
        elif was_by is not None and name in self._after.ranks:
            yield f"no longer outranked by {was_by}" + self._why_other(was_by)

    def _why_other(self, name: str) -> str:
        rule = self._policies.by_name.get(name)
        flips = ", ".join(self._flips(rule.when)) if rule else ""
        return f" ({flips})" if flips else ""

    def _flips(self, condition: Condition) -> tuple[str, ...]:
        """The tests of a condition that come out otherwise, in words."""
        facts = self._policies.facts
        lines = []
        for test in tests_of(condition):
            verdict = verdict_of(test, self._new)
            if verdict_of(test, self._old) == verdict:
                continue
            words = test_text(test_in_words(test, facts), self._words)
            now = {HOLDS: "now", UNKNOWN: "can no longer be told:"}.get(verdict, "no longer")
            was, is_now = self._old_words[test.fact], self._words[test.fact]
            met = f"it is {is_now}" if was == is_now else f"was {was}, is {is_now}"
            lines.append(f"{now} {facts[test.fact].title} {words} ({met})")
        return tuple(dict.fromkeys(lines))

    def _moved(self) -> Iterator[RuleDifference]:
        """Items in another place among those that stay, or due on another day."""
        old, new = self._before.ranks, self._after.ranks
        both, stay = [name for name in old if name in new], [name for name in new if name in old]
        fixed = set(_longest_common(both, stay))
        due, was_due = dict(self._after.shown), dict(self._before.shown)
        for name in stay:
            if due[name] != was_due[name]:
                day = partial(_day, formats=self._policies.words.formats)
                days = f"due {day(due[name])}, was {day(was_due[name])}"
                yield self._change(name, f"rank {old[name]}", f"rank {new[name]}", days)
            elif name not in fixed:
                yield self._change(name, f"rank {old[name]}", f"rank {new[name]}")

    def _banded(self) -> Iterator[RuleDifference]:
        facts, words, old_words = self._policies.facts, self._words, self._old_words
        for band in self._policies.computations:
            if not isinstance(band, Banded) or not self._differs(band.fact):
                continue
            # A bound moves where it is a parameter, and the fact may stay as it is.
            looked_at = dict.fromkeys(fact for _, condition in band.ranges for fact in facts_of(condition))
            because = tuple(
                f"{facts[fact].title} was {old_words[fact]}, is {words[fact]}"
                for fact in looked_at
                if self._differs(fact)
            )
            because = because or ("its ranges are no longer the same",)
            yield self._of_fact(band.fact, old_words[band.fact], words[band.fact], because)

    def _findings(self) -> Iterator[RuleDifference]:
        for finding, rules in self._policies.concluding.items():
            if self._differs(finding):
                because = tuple(line for rule in rules for line in self._flips(rule.when))
                was, now = (_truth(finding, each.decisions) for each in (self._before, self._after))
                yield self._of_fact(finding, was, now, because)

    def _differs(self, fact: str) -> bool:
        absent = (fact in each.decisions.absent for each in (self._before, self._after))
        finding = fact in self._policies.concluding and len(set(absent)) > 1
        return self._old.get(fact) != self._new.get(fact) or finding

    def _of_fact(self, fact: str, was: str, now: str, because: tuple[str, ...]) -> RuleDifference:
        title, old, new = self._policies.facts[fact].title, self._old.get(fact), self._new.get(fact)
        return RuleDifference(fact, title, was, now, because, old, new)


def _verdict(name: str, after: AdviceOutcome) -> str:
    if name in after.ranks:
        return f"rank {after.ranks[name]}"
    return "does not apply" if name not in after.suppressed else "outranked"


def _truth(finding: str, decisions: Decisions) -> str:
    if finding in decisions.absent:
        return "not applicable"
    value = decisions.values.get(finding)
    return "cannot tell" if value is None else "yes" if value else "no"


def _day(day: date | None, formats: Formats) -> str:
    return formats.short_day(day) if day else "on no day"


def _longest_common(one: list[str], other: list[str]) -> list[str]:
    """The longest run of names that stand in the same order in both (each holds the same names once)."""
    places = {name: index for index, name in enumerate(other)}
    best: list[list[str]] = []
    for name in one:
        candidates = [run for run in best if places[run[-1]] < places[name]]
        best.append([*max(candidates, key=len, default=[]), name])
    return max(best, key=len, default=[])
