"""What came out of the facts of a test: verdicts at once, items and the whole report when asked for."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from datetime import date
from functools import cached_property

from engine.advising.decide import Decisions
from engine.advising.items import ItemWriter
from engine.advising.missing_facts import MissingFacts
from engine.advising.precedence import Precedence
from engine.base.diagnostic import Location
from engine.base.record import record
from engine.language.condition_text import test_in_words, test_text
from engine.language.conditions import HOLDS, UNKNOWN, compile_reasons, undecided_facts
from engine.language.model import Comparison
from engine.language.policy_set import PolicySet
from engine.language.report import Report
from engine.language.templates import Words

VERDICT_WORDS = {0: "fails", 1: "is unknown", 2: "holds"}


@record
class Cause:
    """One thing that made something come out as it did; `at` is the place of a condition or a rule."""

    text: str
    at: Location | None = None

    def __str__(self) -> str:
        return f"{self.text} ({self.at.path}:{self.at.line})" if self.at else self.text


class Observed:
    """What the advisor would report, worked out piece by piece. The whole of it takes far longer."""

    def __init__(
        self,
        policies: PolicySet,
        decisions: Decisions,
        writers: Mapping[str, ItemWriter],
        outranking: Precedence,
        banners: tuple[str, ...],
        report: Callable[[], Report],
    ) -> None:
        self.policies = policies
        self.decisions = decisions
        self.banners = banners
        self._writers = writers
        self._outranking = outranking
        self._report = report

    @cached_property
    def suppressed(self) -> Mapping[str, str]:
        """Outranked rule -> the shown rule that outranks it."""
        return self._outranking.suppressors(self.decisions.holding & self._writers.keys())

    @cached_property
    def dues(self) -> Mapping[str, date | None]:
        """The rule of each item shown -> when it is due; in the order of their ranks."""
        values = self.decisions.values
        shown = (self.decisions.holding & self._writers.keys()) - self.suppressed.keys()
        dated = [(writer, writer.due(values)) for writer in (self._writers[name] for name in shown)]
        dated.sort(key=lambda pair: pair[0].sort_key(pair[1]))
        return {writer.name: due for writer, due in dated}

    @property
    def shown(self) -> tuple[str, ...]:
        """The rules of the items shown, ranked."""
        return tuple(self.dues)

    @cached_property
    def report(self) -> Report:
        """The whole report."""
        return self._report()

    @cached_property
    def words(self) -> Words:
        """The facts in words."""
        return Words(self.decisions.values, self.policies.facts)

    def text(self, name: str) -> str:
        """The title, text and steps of a rule that holds."""
        return " | ".join(self._writers[name].text(self.decisions.values, self.words))

    def severity(self, name: str) -> str:
        """The severity of a rule with advice."""
        advice = self.policies.by_name[name].rule.advise
        assert advice is not None
        return advice.severity

    # -- why -------------------------------------------------------------------------------------

    def state(self, name: str) -> str:
        """What became of a rule, such as `it holds, and … takes its place`."""
        verdict = self.decisions.verdicts[name]
        if verdict is HOLDS and name in self.suppressed:
            return f"it holds, and {self.suppressed[name]} outranks it"
        return f"it {VERDICT_WORDS[verdict]}"

    def why(self, name: str) -> tuple[Cause, ...]:
        """Why a rule holds, fails or is unknown."""
        verdict, values = self.decisions.verdicts[name], self.decisions.values
        rule = self.policies.by_name[name]
        if verdict is UNKNOWN:
            return tuple(self._why_unknown(name))
        reasons = compile_reasons(rule.when, self._reason)(values, verdict is HOLDS)
        return tuple(reasons) or (Cause("it has no condition", rule.rule.at),)

    def _why_unknown(self, name: str) -> Iterator[Cause]:
        rule, absent = self.policies.by_name[name], self.decisions.absent
        undecided = dict.fromkeys(undecided_facts(rule.when, self.decisions.values))
        for fact in undecided:
            what = (
                f"has no answer for this {self.policies.words.subject.one}"
                if fact in absent
                else "is not known"
            )
            yield Cause(f"`{fact.partition('@')[0]}` {what}", rule.rule.at)
        needs = MissingFacts(self.policies).of_rule(name, self.decisions)
        others = [f"`{need}`" for need in needs if need not in undecided]
        if others:
            yield Cause(f"it waits for {', '.join(others)}")

    def _reason(self, test: Comparison, held: bool) -> Cause:
        text = test_text(test_in_words(test, self.policies.facts), self.words)
        name, answer = test.fact.partition("@")[0], "yes" if held else "no"
        return Cause(f"`{name}` {text}: {answer}, it is {self.words[test.fact]}", test.at)

    def why_finding(self, name: str) -> Iterator[Cause]:
        """What became of the rules that conclude a finding."""
        for rule in self.policies.concluding.get(name, ()):
            yield Cause(f"{rule.name} {VERDICT_WORDS[self.decisions.verdicts[rule.name]]}", rule.rule.at)
