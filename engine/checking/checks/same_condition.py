"""Two rules of one kind that hold in the same cases.

They advise in the same category with the same severity, or conclude the same findings, and whoever gets the
one gets the other. Often one was copied and its condition never changed. Change it; where one rule says all,
remove the other.

Fails, in policy:

    rules:
      - {id: low, title: Low, when: {step2_ck.score: {below: 215}}, tier: guide,
         cites: [step-guide#target.low],
         advise: {text: Plan., category: score-band, severity: important}}
      - {id: very-low, title: Very low, when: {step2_ck.score: {at_most: 214}}, tier: guide,
         cites: [step-guide#target.low], advise: {text: Plan more., category: score-band,
         severity: important}}

Passes, in policy:

    rules:
      - {id: low, title: Low, when: {step2_ck.score: {below: 215}}, tier: guide,
         cites: [step-guide#target.low],
         advise: {text: Plan., category: score-band, severity: important}}
      - {id: very-low, title: Very low, when: {step2_ck.score: {at_most: 204}}, tier: guide,
         cites: [step-guide#target.low], advise: {text: Plan more., category: score-band,
         severity: important}}
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Final

from engine.base.diagnostic import Diagnostic, Related
from engine.checking.checks.subject import Subject
from engine.language.model import AllOf
from engine.language.policy_set import ResolvedRule
from engine.solver.goal import AllGoals, differ
from engine.solver.prover import Prover

CODE: Final = "same-condition"


def check(subject: Subject, prover: Prover) -> Iterator[Diagnostic]:
    """A warning for each rule that holds for the same applicants as one before it of its kind."""
    groups: dict[object, list[ResolvedRule]] = {}
    for rule in sorted(subject.policy_set.rules, key=lambda rule: rule.rule.at.order):
        if rule.when != AllOf((), rule.when.at):  # which is for everybody
            groups.setdefault((_kind(rule), prover.seen.of_rule(rule.name)), []).append(rule)
    for group in groups.values():
        yield from _check_group(group, subject, prover)


def _check_group(rules: Iterable[ResolvedRule], subject: Subject, prover: Prover) -> Iterator[Diagnostic]:
    """Of rules of one kind that came to the same for everybody so far."""
    different: list[ResolvedRule] = []
    for rule in rules:
        if not prover.seen.has_held(rule.name):
            continue  # it never does: that is reported already
        for other in different:
            with prover.settling(f"{other.name} and {rule.name}"):
                alike = prover.seen.alike(rule.name, other.name)
                apart = AllGoals((subject.in_force(rule, other), differ(rule.when, other.when)))
                if alike and prover.could(apart) is False:
                    yield _diagnostic(rule, other, subject, prover)
                    break
        else:
            different.append(rule)


def _kind(rule: ResolvedRule) -> object:
    """What makes two rules say things of one kind."""
    advice = rule.rule.advise
    if advice is not None:
        return advice.category, advice.severity
    return frozenset(finding for finding, _ in rule.rule.conclude)


def _diagnostic(rule: ResolvedRule, other: ResolvedRule, subject: Subject, prover: Prover) -> Diagnostic:
    whom = subject.policy_set.words.subject.many
    message = f"Rule `{rule.name}` holds for the same {whom} as `{other.name}`."
    help_text = "Change the condition of one of them, or join the two."
    related = (Related(other.rule.at, "the other rule"),)
    applicant = prover.witness(prover.smallest(subject.held(rule)))
    return Diagnostic(CODE, message, rule.rule.at, help_text, "warning", related=related, witness=applicant)
