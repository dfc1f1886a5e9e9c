"""What is said to an applicant, and how that differs between two states of the facts."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date
from functools import cached_property

from engine.advising.advisor import Advisor, Case
from engine.advising.decide import Decisions
from engine.advising.derive import DerivedFacts
from engine.base.record import record
from engine.language.condition_text import test_in_words, test_text
from engine.language.conditions import HOLDS, UNKNOWN, Values, facts_of, tests_of, verdict_of
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
class Difference:
    """What somebody is told after a change of facts, against before."""

    gained: tuple[RuleDifference, ...]
    lost: tuple[RuleDifference, ...]
    moved: tuple[RuleDifference, ...]
    bands: tuple[RuleDifference, ...]
    findings: tuple[RuleDifference, ...]
    undecided: tuple[RuleDifference, ...]
    decided: tuple[RuleDifference, ...]

    def __bool__(self) -> bool:
        return any(
            (self.gained, self.lost, self.moved, self.bands, self.findings, self.undecided, self.decided)
        )


class Differences:
    """Tells outcomes of one policy set (or of its later versions) apart."""

    def __init__(self, policies: PolicySet) -> None:
        self._policies = policies
        self._rules = {rule.name: rule for rule in policies.rules}
        self._bands = [step for step in policies.computations if isinstance(step, Banded)]

    def between(self, before: AdviceOutcome, after: AdviceOutcome) -> Difference:
        """Everything that differs."""
        old, new = before.ranks, after.ranks
        advising = {name for name, rule in self._rules.items() if rule.rule.advise is not None}
        was_open, is_open = (set(each.decisions.unknown) & advising for each in (before, after))
        return Difference(
            gained=tuple(
                self._change(name, "not shown", f"rank {new[name]}", before, after)
                for name in new
                if name not in old
            ),
            lost=tuple(
                self._change(name, f"rank {old[name]}", "not shown", before, after)
                for name in old
                if name not in new
            ),
            moved=tuple(self._moved(before, after)),
            bands=tuple(self._banded(before, after)),
            findings=tuple(self._findings(before, after)),
            undecided=tuple(
                self._change(name, "decided", "cannot tell", before, after)
                for name in sorted(is_open - was_open)
            ),
            decided=tuple(
                self._change(name, "cannot tell", _verdict(name, after), before, after)
                for name in sorted(was_open - is_open - new.keys())
            ),
        )

    def _change(
        self, name: str, was: str, now: str, before: AdviceOutcome, after: AdviceOutcome
    ) -> RuleDifference:
        rule = self._rules.get(name)
        return RuleDifference(
            name, rule.rule.title if rule else name, was, now, tuple(self._why(name, before, after))
        )

    def _why(self, name: str, before: AdviceOutcome, after: AdviceOutcome) -> Iterator[str]:
        if name not in self._rules:
            yield "the rule is no longer in force"
            return
        if name not in before.decisions.verdicts:
            yield "the rule has come into force"
            return
        flips = tuple(self.flips(self._rules[name].when, before.decisions.values, after.decisions.values))
        yield from flips
        by, was_by = after.suppressed.get(name), before.suppressed.get(name)
        if by is not None and name in before.ranks:
            yield f"now outranked by {by}" + self._why_other(by, before, after)
        elif was_by is not None and name in after.ranks:
            yield f"no longer outranked by {was_by}" + self._why_other(was_by, before, after)

    def _why_other(self, name: str, before: AdviceOutcome, after: AdviceOutcome) -> str:
        rule = self._rules.get(name)
        if rule is None:
            return ""
        flips = ", ".join(self.flips(rule.when, before.decisions.values, after.decisions.values))
        return f" ({flips})" if flips else ""

    def flips(self, condition: Condition, before: Values, after: Values) -> Iterator[str]:
        """The tests of a condition that come out otherwise, in words."""
        facts = self._policies.facts
        words, old_words = Words(after, facts), Words(before, facts)
        seen = set()
        for test in tests_of(condition):
            if verdict_of(test, before) == verdict_of(test, after):
                continue
            verdict = verdict_of(test, after)
            told = test_text(test_in_words(test, facts), words)
            now = {HOLDS: "now", UNKNOWN: "can no longer be told:"}.get(verdict, "no longer")
            was, is_now = old_words[test.fact], words[test.fact]
            met = f"it is {is_now}" if was == is_now else f"was {was}, is {is_now}"
            line = f"{now} {facts[test.fact].title} {told} ({met})"
            if line not in seen:
                seen.add(line)
                yield line

    def _moved(self, before: AdviceOutcome, after: AdviceOutcome) -> Iterator[RuleDifference]:
        """Items in another place among those that stay, or due on another day."""
        both = [name for name, _ in before.shown if name in after.ranks]
        stay = [name for name, _ in after.shown if name in before.ranks]
        fixed = set(_longest_common(both, stay))
        due, was_due = dict(after.shown), dict(before.shown)
        for name in stay:
            if name in fixed and due[name] == was_due[name]:
                continue
            days = (
                () if due[name] == was_due[name] else (f"due {_day(due[name])}, was {_day(was_due[name])}",)
            )
            change = self._change(
                name, f"rank {before.ranks[name]}", f"rank {after.ranks[name]}", before, after
            )
            yield RuleDifference(
                change.name, change.title, change.before, change.after, (*days, *change.because)
            )

    def _banded(self, before: AdviceOutcome, after: AdviceOutcome) -> Iterator[RuleDifference]:
        facts = self._policies.facts
        words, old_words = Words(after.decisions.values, facts), Words(before.decisions.values, facts)
        for band in self._bands:
            name = band.fact
            old, new = before.decisions.values.get(name), after.decisions.values.get(name)
            if old != new:
                # A bound moves where it is a parameter, and the fact may stay as it is.
                looked_at = dict.fromkeys(
                    fact for _, condition in band.ranges for fact in facts_of(condition)
                )
                because = tuple(
                    f"{facts[fact].title} was {old_words[fact]}, is {words[fact]}"
                    for fact in looked_at
                    if before.decisions.values.get(fact) != after.decisions.values.get(fact)
                )
                because = because or ("its ranges are no longer the same",)
                yield RuleDifference(name, facts[name].title, old_words[name], words[name], because, old, new)

    def _findings(self, before: AdviceOutcome, after: AdviceOutcome) -> Iterator[RuleDifference]:
        facts, old, new = self._policies.facts, before.decisions.values, after.decisions.values
        for finding, rules in self._policies.concluding.items():
            was, now = old.get(finding), new.get(finding)
            if was != now:
                because = tuple(line for rule in rules for line in self.flips(rule.when, old, new))
                yield RuleDifference(
                    finding, facts[finding].title, _truth(was), _truth(now), because, was, now
                )


def _verdict(name: str, after: AdviceOutcome) -> str:
    if name in after.ranks:
        return f"rank {after.ranks[name]}"
    return "does not apply" if name not in after.suppressed else "outranked"


def _truth(value: Value | None) -> str:
    return "cannot tell" if value is None else "yes" if value else "no"


def _day(day: date | None) -> str:
    return day.isoformat() if day else "on no day"


def _longest_common(one: list[str], other: list[str]) -> list[str]:
    """The longest run of names that stand in the same order in both (each holds the same names once)."""
    places = {name: index for index, name in enumerate(other)}
    best: list[list[str]] = []
    for name in one:
        candidates = [run for run in best if places[run[-1]] < places[name]]
        best.append([*max(candidates, key=len, default=[]), name])
    return max(best, key=len, default=[])
