"""Tests run: what comes out of their facts, worked out as far as an expectation looks at it."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from datetime import date
from functools import cache, cached_property, partial
from pathlib import Path

from engine.advising.advisor import Advisor, EngineChoice, available_compiler
from engine.advising.decide import Decider, Decisions
from engine.advising.derive import Derivation, DerivedFacts
from engine.advising.exclusive import ExclusiveFindings
from engine.advising.freshness import banners, season_banner
from engine.advising.items import ItemWriter
from engine.advising.precedence import Precedence
from engine.base.diagnostic import InvalidInput
from engine.base.record import record, replace
from engine.language.conditions import Verdict
from engine.language.facts import Facts
from engine.language.policy_set import PolicySet
from engine.language.report import Report
from engine.loading.load import load
from engine.testing.compare import Failure, failures_of, not_refused, refused_failures
from engine.testing.early import EarlyTests
from engine.testing.observed import Observed
from engine.testing.read import PolicyTest, read_tests


@record
class PolicyTestOutcome:
    """How a test came out: it passed when there are no failures. `shown` are the rules of the items, ranked.

    Of refused facts there are no `decisions` and nothing is shown.
    """

    test: PolicyTest
    failures: tuple[Failure, ...]
    decisions: Decisions | None
    shown: tuple[str, ...]

    @property
    def verdicts(self) -> Mapping[str, Verdict]:
        """The verdict of every rule in force."""
        return {} if self.decisions is None else self.decisions.verdicts


class Bench:
    """A policy set made ready to run tests of any day on which it is in force."""

    def __init__(self, policies: PolicySet, engine: EngineChoice = "durable-rules") -> None:
        self.policies = policies
        self._engine = engine
        self._banners_on = cache(lambda day: banners(policies, day, policies.lapsed))
        self._advisor_on = cache(lambda day: Advisor(replace(policies, as_of=day), engine="evaluator"))

    @cached_property
    def decider(self) -> Decider:
        """What decides the rules."""
        return Decider(self.policies, available_compiler()[0] if self._engine == "durable-rules" else None)

    @cached_property
    def writers(self) -> Mapping[str, ItemWriter]:
        """Each rule with advice, ready to write its item."""
        return {
            rule.name: ItemWriter(rule, self.policies)
            for rule in self.policies.rules
            if rule.rule.advise is not None
        }

    @cached_property
    def exclusive(self) -> ExclusiveFindings:
        """What refuses facts of which findings are concluded that exclude each other."""
        return ExclusiveFindings(self.policies)

    @cached_property
    def _derivation(self) -> Derivation:
        return Derivation(self.policies)

    @cached_property
    def outranking(self) -> Precedence:
        """Which items take the place of which."""
        return Precedence(self.policies, self.writers)

    def derive(self, test: PolicyTest) -> DerivedFacts:
        """What follows from the facts of a test before any rule is looked at. Raises InvalidInput."""
        if isinstance(test.facts, InvalidInput):
            raise test.facts
        derived = self._derivation.derive(test.facts, test.as_of)
        self.exclusive.refuse(derived, test.facts)
        return derived

    def run(self, test: PolicyTest) -> PolicyTestOutcome:
        """One test, run."""
        try:
            derived = self.derive(test)
        except InvalidInput as refused:
            return PolicyTestOutcome(test, tuple(refused_failures(test, refused)), None, ())
        observed = self.observe(test, derived)
        failures = [not_refused(test)] if "refused" in test.expect else failures_of(test, observed)
        return PolicyTestOutcome(test, tuple(failures), observed.decisions, observed.shown)

    def observe(
        self, test: PolicyTest, derived: DerivedFacts, decisions: Decisions | None = None
    ) -> Observed:
        """What comes out of the facts of a test, whose rules may be decided already."""
        assert isinstance(test.facts, Facts)
        kinds = [banner.kind for banner in self._banners_on(test.as_of)]
        if not derived.season_published:
            kinds.append(season_banner(self.policies, derived.values).kind)
        decisions = decisions or self.decider.decide(derived)
        report = partial(self._report, test.as_of, test.facts)
        return Observed(self.policies, decisions, self.writers, self.outranking, tuple(kinds), report)

    def _report(self, day: date, facts: Facts) -> Report:
        return self._advisor_on(day).report(facts)

    def on(self, policies: PolicySet) -> Bench:
        """The same for policies that differ in no item and no banner: those are not made anew."""
        bench = Bench(policies, "evaluator")
        bench.writers, bench.outranking, bench._banners_on = self.writers, self.outranking, self._banners_on
        return bench


class PolicyTests:
    """The tests of a policy folder, read and checked. Raises InvalidInput with every problem.

    A folder under edit is judged as if it were released `today`; `released_now` are paths of files that are.
    With `keep_in`, policies are taken from there or kept there, as `engine.loading.load` does. With
    `without_empty`, files of no bytes are passed over: the shell makes one of `> tests/new.yaml`.
    """

    def __init__(
        self,
        folder: Path,
        today: date,
        *,
        engine: EngineChoice = "durable-rules",
        keep_in: Path | None = None,
        without_empty: bool = False,
        released_now: Collection[str] = (),
    ) -> None:
        self._folder, self._today, self._keep_in, self._engine = folder, today, keep_in, engine
        self._benches: list[Bench] = []
        self._early = EarlyTests(folder, today, released_now)
        try:
            self.tests = read_tests(folder, self.policies, today, without_empty=without_empty)
        except InvalidInput as refused:
            raise self._early.told_of(refused) from None

    def policies(self, day: date) -> PolicySet:
        """The policy set of a day. Raises InvalidInput."""
        return replace(self.bench(day).policies, as_of=day)

    @property
    def sets(self) -> tuple[PolicySet, ...]:
        """The policy sets on which the tests run."""
        return tuple(bench.policies for bench in self._benches)

    def bench(self, day: date) -> Bench:
        """What runs the tests of a day; days on which the same files are in force share one."""
        bench = next((bench for bench in self._benches if bench.policies.on(day) is not None), None)
        if bench is None:
            policies = load(self._folder, day, keep_in=self._keep_in, released_on=self._today)
            bench = Bench(policies, self._engine)
            self._benches.append(bench)
        return bench

    def run(self, test: PolicyTest) -> PolicyTestOutcome:
        """One test, run."""
        outcome = self.bench(test.as_of).run(test)
        if not outcome.failures:
            return outcome
        failures = self._early.explained(
            test, outcome.failures, lambda policies: Bench(policies, "evaluator").run(test).failures
        )
        return replace(outcome, failures=tuple(failures))

    def run_all(self, tests: Iterable[PolicyTest]) -> tuple[PolicyTestOutcome, ...]:
        """Each of some tests, run."""
        return tuple(self.run(test) for test in tests)
