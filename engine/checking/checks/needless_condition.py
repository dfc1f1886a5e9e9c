"""A part of a condition that decides nothing.

With this part or without it, the rule comes to the same for everybody: the other parts say it already,
or the vocabulary does. It makes the rule longer, and hides that a bound may be wrong. Remove it, or mend it.

A part that is needless only because of a parameter's present values, the calendar's dates or what other rules
conclude is no matter: those change. Nor is `known: true` of a fact that the texts of the rule show.

Fails, in rule:

    id: low
    when: {step2_ck.score: {below: 215, at_most: 230}}

Passes, in rule:

    id: low
    when: {step2_ck.score: {below: 215, at_least: 200}}
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice
from typing import Final

from engine.base.diagnostic import Diagnostic
from engine.checking.checks.subject import Subject
from engine.language.conditions import verdict_of
from engine.language.model import Comparison, Condition
from engine.language.policy_set import PolicySet, ResolvedRule
from engine.loading.resolve_derivations import KnownClosure
from engine.loading.scope import known_when
from engine.solver.applicants import Applicant
from engine.solver.condition_parts import in_words, without_each
from engine.solver.goal import AllGoals, differ
from engine.solver.prover import Prover

CODE: Final = "needless-condition"

LOOKED_AT: Final = 20
"""So many applicants for whom a rule holds are varied before the solver is asked."""


def check(subject: Subject, prover: Prover) -> Iterator[Diagnostic]:
    """A warning for each part that changes no verdict of a rule that can hold."""
    for rule in subject.policy_set.rules:
        if prover.seen.has_held(rule.name):  # else it never holds, or nobody knows
            with prover.settling(rule.name):
                prover.clock.check()
                yield from _check_rule(rule, _near(rule, prover), subject, prover)


def _near(rule: ResolvedRule, prover: Prover) -> list[Applicant]:
    """Applicants for whom the rule holds, and the same with one fact less."""
    applicants = list(islice(prover.seen.holding(rule.name), LOOKED_AT))
    return [
        *applicants,
        *(varied for applicant in applicants[:1] for varied in prover.around(applicant, rule.when)),
    ]


def _check_rule(
    rule: ResolvedRule, near: list[Applicant], subject: Subject, prover: Prover
) -> Iterator[Diagnostic]:
    condition = rule.when
    settled: set[int] = set()
    while True:
        for part, rest in without_each(condition):
            if id(part) in settled or part.at.line < rule.rule.at.line:
                continue  # what `applies_to` says, it says of every rule
            settled.add(id(part))
            if any(verdict_of(condition, one.values) != verdict_of(rest, one.values) for one in near):
                continue
            with prover.settling(rule.name):
                counterexample = prover.could(AllGoals((subject.in_force(rule), differ(condition, rest))))
                if isinstance(counterexample, Applicant):
                    near.append(counterexample)
                elif not counterexample and not _guards_a_text(rule, part, rest, subject.policy_set):
                    yield _diagnostic(rule, part, subject, prover)
                    condition = rest  # what is needless beside it, is so without it
                    break
        else:
            break


def _guards_a_text(rule: ResolvedRule, part: Condition, rest: Condition, policies: PolicySet) -> bool:
    """Whether a part says that a fact is known that a text shows, or loading would miss it."""
    shown = rule.in_texts
    if isinstance(part, Comparison) and part.operator == "known" and part.operand and part.fact in shown:
        return True
    closure = KnownClosure(policies.computations, policies.parameters)
    known, left = (closure.known_with(known_when(each)) for each in (rule.when, rest))
    return not (known - left).isdisjoint(shown)


def _diagnostic(rule: ResolvedRule, part: Condition, subject: Subject, prover: Prover) -> Diagnostic:
    words = in_words(part, subject.policy_set.facts)
    message = f"In rule `{rule.name}`, {words} decides nothing: without it, the rule comes to the same."
    applicant = prover.witness(prover.smallest(subject.held(rule)))
    return Diagnostic(CODE, message, part.at, "Remove it, or mend its bounds.", "warning", witness=applicant)
