"""Two rules of one kind that hold for the same applicants.

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

from collections.abc import Iterator
from typing import Final

from engine.base.diagnostic import Diagnostic, Related
from engine.checking.checks.subject import Subject
from engine.language.model import AllOf
from engine.language.policy_set import ResolvedRule
from engine.solver.goal import differ, holds
from engine.solver.prover import Prover

CODE: Final = "same-condition"


def check(subject: Subject, prover: Prover) -> Iterator[Diagnostic]:
    """A warning for each rule that holds for the same applicants as one before it of its kind."""
    kinds: dict[object, list[ResolvedRule]] = {}
    for rule in sorted(subject.policy_set.rules, key=lambda rule: rule.rule.at.order):
        if rule.when == AllOf((), rule.when.at) or not prover.seen.has_held(rule.name):
            continue  # for everybody; or never: that is reported already
        before = kinds.setdefault(_kind(rule), [])
        for other in before:
            with prover.settling(f"{other.name} and {rule.name}"):
                alike = prover.seen.alike(rule.name, other.name)
                if alike and prover.could(differ(rule.when, other.when)) is False:
                    yield _diagnostic(rule, other, prover)
                    break
        else:
            before.append(rule)


def _kind(rule: ResolvedRule) -> object:
    """What makes two rules say things of one kind."""
    advice = rule.rule.advise
    if advice is not None:
        return advice.category, advice.severity
    return frozenset(finding for finding, _ in rule.rule.conclude)


def _diagnostic(rule: ResolvedRule, other: ResolvedRule, prover: Prover) -> Diagnostic:
    message = f"Rule `{rule.rule.id}` holds for the same applicants as `{other.name}`."
    help_text = "Change the condition of one of them, or join the two."
    related = (Related(other.rule.at, "the other rule"),)
    applicant = prover.witness(prover.smallest(holds(rule.when)))
    return Diagnostic(CODE, message, rule.rule.at, help_text, "warning", related=related, witness=applicant)
