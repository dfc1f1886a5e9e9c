"""A rule whose condition can never fail.

Nobody is kept from the advice by the condition: it holds for everybody, or for everybody of whom its facts
are known. Either a bound is wrong, or the condition is meant to ask whether something is known: then write
`known: true`. A rule that is meant for everybody has no `when`.

Fails, in rule:

    id: any-score
    when: {step2_ck.score: {at_least: 1}}

Passes, in rule:

    id: any-score
    when: {step2_ck.score: {known: true}}
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from engine.base.diagnostic import Diagnostic
from engine.checking.checks.subject import Subject
from engine.language.model import AllOf
from engine.language.policy_set import ResolvedRule
from engine.solver.goal import AllGoals, NotGoal, fails, holds
from engine.solver.prover import Prover

CODE: Final = "rule-always-holds"


def check(subject: Subject, prover: Prover) -> Iterator[Diagnostic]:
    """A warning for each rule with a condition that fails for no applicant."""
    for rule in subject.policy_set.rules:
        if rule.when == AllOf((), rule.when.at):
            continue  # without `when`: meant for everybody
        failed = AllGoals((subject.in_force(rule), fails(rule.when)))
        with prover.settling(rule.name):
            if prover.find(failed, prover.seen.failing(rule.name)) is None:
                yield _diagnostic(rule, subject, prover)


def _diagnostic(rule: ResolvedRule, subject: Subject, prover: Prover) -> Diagnostic:
    whom = subject.policy_set.words.subject.one
    unknown = prover.find(AllGoals((subject.in_force(rule), NotGoal(holds(rule.when)))))
    if unknown is None:
        message = f"Rule `{rule.name}` holds for every {whom}."
        help_text = "Leave `when` out if that is meant, or mend the condition."
    else:
        message = f"Rule `{rule.name}` cannot fail: it holds for every {whom} of whom its facts are known."
        help_text = "Write `known: true` if that is meant, or mend the bounds."
    applicant = prover.witness(prover.smallest(subject.held(rule)))
    return Diagnostic(CODE, message, rule.rule.at, help_text, "warning", witness=applicant)
