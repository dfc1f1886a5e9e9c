"""A better value that leaves somebody worse off.

Where the vocabulary says `better: higher` (or `lower`) of a given fact, whoever has a better value, and
everything else the same, must not come into a worse range of a band, nor to strictly worse findings. A range
is the better, the better the values that it holds of a fact for which `better` is said; findings are compared
by their `polarity`. Mend the bound that is the wrong way round, or leave `better` out.

Fails, in vocabulary:

    facts:
      study.weeks: {title: Weeks, type: integer, range: {at_least: 0}, better: higher,
         question: How many weeks?}

And, in rule:

    id: studied-too-much
    when: {study.weeks: {above: 10}}
    conclude: [profile.low_score]

Passes, in vocabulary:

    facts:
      study.weeks: {title: Weeks, type: integer, range: {at_least: 0}, better: higher,
         question: How many weeks?}

And, in rule:

    id: studied-too-little
    when: {study.weeks: {below: 10}}
    conclude: [profile.low_score]
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final

from engine.base.diagnostic import Diagnostic, Location, Related
from engine.checking.checks.subject import Subject
from engine.language.conditions import tests_of
from engine.language.model import Condition, Fact, FactReference
from engine.language.policy_set import Banded, PolicySet
from engine.language.templates import in_words
from engine.solver.applicants import Applicant
from engine.solver.prover import Prover
from engine.solver.worse import Worse

CODE: Final = "not-monotonic"


def check(subject: Subject, prover: Prover) -> Iterator[Diagnostic]:
    """A warning for each given fact of which a better value makes a band or the findings worse."""
    policies = subject.policy_set
    for fact in policies.facts.values():
        if fact.origin == "given" and fact.better is not None and fact.type in ("integer", "number", "date"):
            for worse in _compared(fact, policies):
                with prover.settling(fact.name):
                    pair = prover.worse_off(fact.name, worse)
                    if pair is not None:
                        yield _diagnostic(fact, worse, pair, policies, prover)


def _compared(fact: Fact, policies: PolicySet) -> Iterator[Worse]:
    """The bands, and the findings, that rest on a fact."""
    resting = policies.dependencies.resting_on([fact.name])
    for step in policies.computations:
        if isinstance(step, Banded) and step.fact in resting:
            better = policies.facts[step.of].better
            if better is not None:
                yield Worse(band=step.fact, rising=_rising(step, better, policies))
    good, bad = (
        tuple(each.name for each in policies.findings if each.polarity == polarity and each.name in resting)
        for polarity in ("better", "worse")
    )
    if good or bad:
        yield Worse(good=good, bad=bad)


def _rising(band: Banded, better: str, policies: PolicySet) -> tuple[str, ...]:
    """The ranges from worst to best."""
    lowest = {name: _begins(condition, policies) for name, condition in band.ranges}
    names = sorted(lowest, key=lambda name: (lowest[name] is not None, lowest[name]))
    return tuple(names if better == "higher" else reversed(names))


def _begins(condition: Condition, policies: PolicySet) -> Any:
    """Where a range begins (by the latest value of a parameter), or None for the first one."""
    for test in tests_of(condition):
        if test.operator in ("at_least", "above"):
            if not isinstance(test.operand, FactReference):
                return test.operand
            latest = policies.parameters[test.operand.fact.partition("@")[0]].values[-1][1]
            return next(iter(latest.values())) if isinstance(latest, Mapping) else latest
    return None


def _diagnostic(
    fact: Fact, worse: Worse, pair: tuple[Applicant, Applicant], policies: PolicySet, prover: Prover
) -> Diagnostic:
    one, better = pair
    whom = policies.words.subject.one
    values = f"{in_words(better.given[fact.name], fact)} instead of {in_words(one.given[fact.name], fact)}"
    message = f"With a better `{fact.name}` ({values}), the {whom} shown {_fallen(worse, one, better)}."
    help_text = f"Mend the bound that is the wrong way round, or the `better: {fact.better}` of the fact."
    shown = prover.witness(better)
    related = tuple(Related(at, "this holds then") for at in _places(worse, one, better, policies))
    return Diagnostic(CODE, message, fact.at, help_text, "warning", related=related, witness=shown)


def _fallen(worse: Worse, one: Applicant, better: Applicant) -> str:
    if worse.band is not None:
        return f"falls from `{one.values[worse.band]}` to `{better.values[worse.band]}` of `{worse.band}`"
    lost = worse.lost(one.values, better.values)
    parts = [f"{'gets' if name in worse.bad else 'loses'} the finding `{name}`" for name in lost]
    return " and ".join(parts)


def _places(worse: Worse, one: Applicant, better: Applicant, policies: PolicySet) -> Iterator[Location]:
    """The rules that conclude what is worse."""
    lost = () if worse.band is not None else worse.lost(one.values, better.values)
    gets_bad = any(name in worse.bad for name in lost)
    holding = (better if gets_bad else one).decisions.holding
    for rule in policies.rules:
        if rule.name in holding and any(name in lost for name, _ in rule.rule.conclude):
            yield rule.rule.at
