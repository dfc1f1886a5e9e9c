"""Policies changed in memory, one small wrong step at a time: do the tests notice?

Nothing is read anew for a change. A test can only notice a changed rule where the verdict of the rule
differs, or where what is changed is said of a rule that does not fail; those tests alone are run, until one
fails.
"""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import Final, Literal, TypeVar, get_args

from engine.advising.decide import Decisions, Verdicts
from engine.advising.derive import Derivation, DerivedFacts
from engine.base.diagnostic import InvalidInput, Location
from engine.base.record import record, replace
from engine.language.conditions import FAILS, HOLDS, UNKNOWN, compile_condition
from engine.language.facts import Facts
from engine.language.policy_set import PolicySet, ResolvedConsistency, ResolvedRule
from engine.loading.folder import is_archived
from engine.loading.resolve_advice import untold
from engine.loading.resolve_derivations import KnownClosure
from engine.loading.scope import known_when
from engine.solver.goal import AllGoals, ProofGoal, differ, hold_apart, holds
from engine.solver.limits import Clock, Unsettled
from engine.solver.prover import Prover
from engine.testing.compare import failures_of
from engine.testing.coverage import percent
from engine.testing.mutants import Mutant, MutantKind, mutants
from engine.testing.processes import in_processes
from engine.testing.read import PolicyTest
from engine.testing.run import Bench, PolicyTests
from engine.testing.table_mutants import table_mutants
from engine.testing.vocabulary_mutants import vocabulary_mutants

T = TypeVar("T")

MutantOutcome = Literal["noticed", "survived", "equivalent", "refused"]
"""What becomes of a change: refused where the policies could not be read with it, equivalent by proof.

Of a change that several versions have, the first of these counts.
"""


@record
class Mutation:
    """How many changes the tests noticed, how many there was nothing to notice of, and those that survived.

    Places are relative to the policy folder. `kinds` has each kind of change with how many could be noticed
    and how many were.
    """

    killed: int
    equivalent: int
    refused: int
    survivors: tuple[Mutant, ...]
    kinds: tuple[tuple[MutantKind, int, int], ...]

    @property
    def counted(self) -> int:
        """The changes that a test could notice."""
        return self.killed + len(self.survivors)

    @property
    def percent(self) -> float:
        """The share of them that was noticed."""
        return percent(self.killed, self.counted)


Advance = Callable[[int, int], None]
"""Told how many changes are tried, and of how many."""

CHUNK: Final = 40
"""So many changes are handed to a process at a time."""

PROVE_FOR: Final = 120
"""Seconds in which changes that nothing noticed may be proved to change nothing."""


def mutate(
    folder: Path,
    tests: PolicyTests,
    chosen: Sequence[PolicyTest],
    *,
    words: str = "",
    today: date,
    jobs: int | None = None,
    advance: Advance | None = None,
) -> Mutation:
    """Tries every change to the policies on which the chosen tests run. They must pass as they are.

    With `words`, only rules, bands and parameters with these in their name are changed. `jobs` is the number
    of processes, by default one for each processor; with 1 none is started.
    """
    names = frozenset(test.name for test in chosen)
    trials = Trials(tests, names, words)
    total = len(trials)
    jobs = min(jobs or os.cpu_count() or 1, -(-total // CHUNK))
    chunks = [range(start, min(start + CHUNK, total)) for start in range(0, total, CHUNK)]
    fates: dict[int, MutantOutcome] = {}
    for chunk, results in _tried((str(folder), names, words, today), trials, chunks, jobs):
        fates.update(zip(chunk, results, strict=True))
        if advance is not None:
            advance(len(fates), total)
    fates.update(dict.fromkeys(trials.proved_same(fates, PROVE_FOR), "equivalent"))
    return _summed_up(trials, fates)


def _tried(
    given: tuple[str, frozenset[str], str, date], trials: Trials, chunks: Sequence[range], jobs: int
) -> Iterator[tuple[range, list[MutantOutcome]]]:
    if jobs <= 1:
        yield from ((chunk, trials.fates(chunk)) for chunk in chunks)
        return
    yield from in_processes(jobs, _begin, given, _fates, chunks)


_trials: Trials | None = None
"""In a process of its own: the changes of the folder."""


def _begin(folder: str, names: frozenset[str], words: str, today: date) -> None:
    global _trials  # a process has nothing else to keep it in from task to task
    _trials = Trials(PolicyTests(Path(folder), today, engine="evaluator"), names, words)


def _fates(chunk: range) -> list[MutantOutcome]:
    assert _trials is not None
    return _trials.fates(chunk)


def _summed_up(trials: Trials, fates: Mapping[int, MutantOutcome]) -> Mutation:
    """Where versions of a policy share a text, a change to it is noticed when any of them shows it."""
    tried: dict[tuple[Location, str, str], tuple[Mutant, MutantOutcome]] = {}
    for index in range(len(trials)):
        mutant, fate = trials.mutant(index), fates[index]
        first, before = tried.get(mutant.key, (mutant, fate))
        tried[mutant.key] = first, min(before, fate, key=get_args(MutantOutcome).index)
    counts = Counter(fate for _, fate in tried.values())
    by_kind = Counter((mutant.kind, fate) for mutant, fate in tried.values())
    shares = (
        (kind, by_kind[kind, "noticed"] + by_kind[kind, "survived"], by_kind[kind, "noticed"])
        for kind in get_args(MutantKind)
    )
    kinds = tuple(share for share in shares if share[1])
    survivors = (mutant for mutant, fate in tried.values() if fate == "survived")
    ordered = tuple(sorted(survivors, key=lambda mutant: mutant.order))
    return Mutation(counts["noticed"], counts["equivalent"], counts["refused"], ordered, kinds)


class Trials:
    """Every change to the policies of the tests with these names, and what tries it."""

    def __init__(self, tests: PolicyTests, names: frozenset[str], words: str = "") -> None:
        groups: dict[int, tuple[Bench, list[PolicyTest]]] = {}
        for test in (test for test in tests.tests if test.name in names):
            bench = tests.bench(test.as_of)
            groups.setdefault(id(bench), (bench, []))[1].append(test)
        self._all = [
            (trial, mutant)
            for bench, group in groups.values()
            for trial in [_Trial(bench, group)]
            for mutant in (
                *mutants(bench.policies),
                *table_mutants(bench.policies),
                *vocabulary_mutants(bench.policies),
            )
            if words in mutant.rule and not is_archived(mutant.at.path)
        ]

    def __len__(self) -> int:
        return len(self._all)

    def mutant(self, index: int) -> Mutant:
        """One of the changes."""
        return self._all[index][1]

    def fates(self, chunk: range) -> list[MutantOutcome]:
        """What becomes of some of the changes."""
        return [trial.fate(mutant) for trial, mutant in self._all[chunk.start : chunk.stop]]

    def proved_same(self, fates: Mapping[int, MutantOutcome], seconds: float) -> Iterator[int]:
        """Of the changes that survived those that no applicant there can be would show."""
        clock = Clock(seconds)
        provers: dict[int, Prover] = {}
        for index, (trial, mutant) in enumerate(self._all):
            if fates[index] == "survived":
                policies = trial.policies
                prover = provers.setdefault(id(trial), Prover(policies, policies.as_of, clock))
                if trial.proved_same(mutant, prover):
                    yield index


@record
class _Baseline:
    """A test as it runs on the policies as they are. `named` are the rules that it names."""

    test: PolicyTest
    derived: DerivedFacts
    decisions: Decisions
    named: frozenset[str]


class _Trial:
    """The tests of one policy set, run once as it is, and then on changes to it."""

    def __init__(self, bench: Bench, tests: Iterable[PolicyTest]) -> None:
        self._bench = Bench(bench.policies, "evaluator")
        self.policies = bench.policies
        self._tests = tuple(tests)
        self._closure = KnownClosure(bench.policies.computations, bench.policies.parameters)
        self._derivation = Derivation(bench.policies)
        self._rules = bench.policies.by_name
        self._baselines = tuple(self._run_as_it_is())

    def _run_as_it_is(self) -> Iterator[_Baseline]:
        for test in self._tests:
            if "refused" in test.expect:
                continue
            try:
                derived = self._bench.derive(test)
            except InvalidInput:
                continue
            decisions = self._bench.observe(test, derived).decisions
            named = frozenset(name for expectation in test.expect.values() for name in expectation.names)
            yield _Baseline(test, derived, decisions, named)

    def fate(self, mutant: Mutant) -> MutantOutcome:
        """What becomes of a change."""
        if mutant.policies is not None:
            messages = _differing(mutant.policies.consistency, self.policies.consistency)
            readable = all(_message_readable(rule, self._closure) for rule in messages)
            noticed = readable and self._noticed_in_set(mutant.policies, messages)
        else:
            pairs = ((self._rules[name], rule) for name, rule in mutant.rules.items())
            readable = all(_readable(rule, changed, self._closure) for rule, changed in pairs)
            noticed = readable and self._noticed(mutant.rules)
        return "noticed" if noticed else "survived" if readable else "refused"

    def proved_same(self, mutant: Mutant, prover: Prover) -> bool:
        """Whether it is proved that nobody there can be would show a change."""
        goals = self._shown_by(mutant)
        try:
            if not goals or any(prover.find(goal) is not None for goal in goals):
                return False
            if mutant.policies is not None:  # whom the policies refuse the changed ones may not
                prover = Prover(mutant.policies, prover.day, prover.clock)
                return all(prover.find(goal) is None for goal in goals)
        except Unsettled:
            return False
        return True

    def _shown_by(self, mutant: Mutant) -> list[ProofGoal]:
        """By what an applicant would show a change; nothing where conditions alone do not say that."""
        if mutant.condition is not None:
            only_holding = mutant.kind in ("implication", "consistency")
            return [(hold_apart if only_holding else differ)(*mutant.condition)]
        goals: list[ProofGoal] = []
        for name, new in mutant.rules.items():
            rule = self._rules[name]
            spared = [self._rules[other] for other in rule.outranks if other not in new.outranks]
            if replace(rule, rule=replace(rule.rule, when=new.when)) == new:
                goals.append(differ(rule.when, new.when))
            elif spared:  # it no longer outranks what may never hold beside it
                goals += [AllGoals((holds(rule.when), holds(other.when))) for other in spared]
            else:
                return []
        return goals

    # -- a changed rule --------------------------------------------------------------------------

    def _noticed(self, changed: Mapping[str, ResolvedRule]) -> bool:
        affected = self._affected(changed)
        if not affected and not self.policies.exclusive:
            return False
        policies = with_rules(self.policies, changed)
        new_items = any(rule.when is self._rules[name].when for name, rule in changed.items())
        bench = Bench(policies, "evaluator") if new_items else self._bench.on(policies)
        concludes = any(self._rules[name].rule.conclude for name in changed)
        # Those that name a changed rule are the likeliest to fail.
        affected.sort(key=lambda pair: pair[0].named.isdisjoint(changed))
        for baseline, verdicts in affected:
            decisions = (
                bench.decider.decide(baseline.derived)
                if concludes
                else _with_verdicts(baseline.decisions, verdicts)
            )
            if concludes and _refused(bench, decisions, baseline):
                return True
            observed = bench.observe(baseline.test, baseline.derived, decisions)
            if next(failures_of(baseline.test, observed), None) is not None:
                return True
        return concludes and bool(policies.exclusive) and self._not_refused(bench)

    def _affected(self, changed: Mapping[str, ResolvedRule]) -> list[tuple[_Baseline, Mapping[str, int]]]:
        """The tests on which the change can show, each with the verdicts that differ."""
        compiled = [(name, compile_condition(rule.when)) for name, rule in changed.items()]
        same_condition = [name for name, rule in changed.items() if rule.when is self._rules[name].when]
        affected: list[tuple[_Baseline, Mapping[str, int]]] = []
        for baseline in self._baselines:
            values, verdicts = baseline.decisions.values, baseline.decisions.verdicts
            differ = {
                name: verdict
                for name, evaluate in compiled
                if (verdict := evaluate(values)) != verdicts[name]
            }
            if differ or any(verdicts[name] is not FAILS for name in same_condition):
                affected.append((baseline, differ))
        return affected

    # -- a changed set ---------------------------------------------------------------------------

    def _noticed_in_set(self, policies: PolicySet, refusing: Sequence[ResolvedConsistency]) -> bool:
        derivation, bench = Derivation(policies, self._derivation), self._bench.on(policies)
        steps = _differing(policies.computations, self.policies.computations)
        evaluators = [compile_condition(rule.when) for rule in refusing]
        for baseline in self._baselines:
            test, derived = baseline.test, baseline.derived
            if any(evaluate(derived.values) == HOLDS for evaluate in evaluators):
                return True
            assert isinstance(test.facts, Facts)
            if all(derivation.keeps(step, derived, test.facts) for step in steps):
                continue
            try:
                changed = derivation.derive(test.facts, test.as_of)
                bench.exclusive.refuse(changed, test.facts)
            except InvalidInput:
                return True
            decisions = self._bench.decider.decide(changed)
            if next(failures_of(test, bench.observe(test, changed, decisions)), None) is not None:
                return True
        return self._not_refused(bench)

    def _not_refused(self, bench: Bench) -> bool:
        """Whether a test that expects its facts to be refused fails."""
        refused = (test for test in self._tests if "refused" in test.expect)
        return any(bench.run(test).failures for test in refused)


def _refused(bench: Bench, decisions: Decisions, baseline: _Baseline) -> bool:
    """Whether findings are concluded of a test's facts that exclude each other."""
    assert isinstance(baseline.test.facts, Facts)
    try:
        bench.exclusive.refuse_decided(decisions, baseline.derived, baseline.test.facts)
    except InvalidInput:
        return True
    return False


def _differing(changed: Sequence[T], before: Sequence[T]) -> list[T]:
    return [new for new, old in zip(changed, before, strict=True) if new is not old]


def _message_readable(rule: ResolvedConsistency, closure: KnownClosure) -> bool:
    """Whether the loader would take a consistency rule: its message shows only what is then known."""
    return set(rule.message.parts[1::2]) <= closure.known_with(known_when(rule.when))


def _readable(rule: ResolvedRule, changed: ResolvedRule, closure: KnownClosure) -> bool:
    """Whether the loader would take a changed rule: its texts show only what is known when it holds."""
    if (
        rule.advice is None
        or changed.advice is None
        or (changed.when is rule.when and changed.advice is rule.advice)
    ):
        return True
    before, after = known_when(rule.when), known_when(changed.when)
    if (before <= after and changed.advice is rule.advice) or not changed.in_texts:
        return True
    # What is shown and does not follow from the condition as it stands is known anyhow.
    anyhow = {each.fact for each in untold(rule.advice, closure.known_with(before), closure)}
    return not any(untold(changed.advice, closure.known_with(after) | anyhow, closure))


def with_rules(policies: PolicySet, changed: Mapping[str, ResolvedRule]) -> PolicySet:
    """The policy set with some of its rules changed; nothing else is looked at again."""
    strata = tuple(tuple(changed.get(rule.name, rule) for rule in stratum) for stratum in policies.strata)
    outranking = {
        target: tuple((by, how) for by, how in above if by not in changed or target in changed[by].outranks)
        for target, above in policies.outranking.items()
    }
    return replace(policies, strata=strata, outranking=outranking)


def _with_verdicts(decisions: Decisions, verdicts: Mapping[str, int]) -> Decisions:
    holding = (decisions.holding - verdicts.keys()) | {
        name for name, verdict in verdicts.items() if verdict == HOLDS
    }
    unknown = (
        *(name for name in decisions.unknown if name not in verdicts),
        *(name for name, verdict in verdicts.items() if verdict == UNKNOWN),
    )
    names = dict.fromkeys(decisions.verdicts)
    return replace(
        decisions,
        verdicts=Verdicts(names, frozenset(holding), frozenset(unknown)),
        holding=frozenset(holding),
        unknown=unknown,
    )
