"""Two items that contradict each other and can be given together.

`incompatible_with` says of a rule whose advice must never stand beside its own, such as "retake now" beside
"wait". There is somebody for whom both hold, and neither is outranked. Make the conditions exclude each
other, or let one supersede the other.

Fails, in policy:

    rules:
      - {id: retake, title: Retake, when: {step2_ck.status: failed}, tier: guide,
         cites: [step-guide#target.low],
         advise: {text: Retake., category: letters, severity: important}, incompatible_with: [example/wait]}
      - {id: wait, title: Wait, when: {letters.complete: false}, tier: guide, cites: [step-guide#target.low],
         advise: {text: Wait., category: score-band, severity: important}}

Passes, in policy:

    rules:
      - {id: retake, title: Retake, when: {step2_ck.status: failed}, tier: guide,
         cites: [step-guide#target.low],
         advise: {text: Retake., category: letters, severity: important}, incompatible_with: [example/wait]}
      - {id: wait, title: Wait, when: {letters.complete: false}, tier: guide, cites: [step-guide#target.low],
         advise: {text: Wait., category: score-band, severity: important}, supersedes: [example/retake]}
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Final

from engine.base.diagnostic import Diagnostic, Location, Related
from engine.checking.checks.subject import Subject
from engine.language.policy_set import PolicySet, ResolvedRule
from engine.solver.goal import AllGoals, NotGoal, ProofGoal, holds
from engine.solver.prover import Prover

CODE: Final = "contradictory-advice"


def check(subject: Subject, prover: Prover) -> Iterator[Diagnostic]:
    """A warning for each two rules, incompatible by their own words, whose items can be shown together."""
    policies = subject.policy_set
    seen: set[frozenset[str]] = set()
    advising: dict[str, list[ResolvedRule]] = {}
    for rule in policies.rules:
        if rule.rule.advise is not None:
            advising.setdefault(rule.rule.advise.category, []).append(rule)
    for rule in sorted(policies.rules, key=lambda rule: rule.rule.at.order):
        for other, at in _incompatible(rule, policies, advising):
            pair = frozenset((rule.name, other.name))
            if pair in seen:
                continue
            seen.add(pair)
            goal = _both_shown(rule, other, subject)
            with prover.settling(f"{rule.name} and {other.name}"):
                if prover.find(goal) is not None:
                    yield _diagnostic(rule, other, at, goal, prover)


def _incompatible(
    rule: ResolvedRule, policies: PolicySet, advising: Mapping[str, list[ResolvedRule]]
) -> Iterator[tuple[ResolvedRule, Location]]:
    """The rules in force that advise and are incompatible with one, each with the place that says so."""
    named = dict(rule.rule.incompatible_rules)
    for name, at in named.items():
        other = policies.by_name.get(name)
        if other is not None and other.rule.advise is not None and name != rule.name:
            yield other, at
    for category, at in dict(rule.rule.incompatible_categories).items():
        for other in advising.get(category, ()):
            if other.name != rule.name and other.name not in named:
                yield other, at


def _both_shown(rule: ResolvedRule, other: ResolvedRule, subject: Subject) -> ProofGoal:
    policies = subject.policy_set
    above = {name for one in (rule, other) for name, _ in policies.outranking.get(one.name, ())}
    not_outranked = (NotGoal(holds(policies.by_name[name].when)) for name in sorted(above))
    return AllGoals((subject.held(rule, other), *not_outranked))


def _diagnostic(
    rule: ResolvedRule, other: ResolvedRule, at: Location, goal: ProofGoal, prover: Prover
) -> Diagnostic:
    message = f"Rule `{rule.name}` and `{other.name}` contradict each other, and can be given together."
    help_text = "Make their conditions exclude each other, or let one supersede the other."
    related = (Related(other.rule.at, "the other rule"),)
    applicant = prover.witness(prover.smallest(goal))
    return Diagnostic(CODE, message, at, help_text, "warning", related=related, witness=applicant)
