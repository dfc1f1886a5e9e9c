"""A rule that can never hold.

Whatever the facts are, parts of the condition exclude each other, or exclude what the vocabulary
says of everybody. The advice can never be given. The lines that exclude each other are named: mend one
of them, or remove the rule.

Fails, in rule:

    id: low-and-high
    when: {step2_ck.score: {below: 215}, any: [{step2_ck.score: {above: 230}}, {step2_ck.status: not_taken}]}

Passes, in rule:

    id: low-or-high
    when: {any: [{step2_ck.score: {below: 215}}, {step2_ck.score: {above: 230}}]}
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from engine.base.diagnostic import Diagnostic, Related
from engine.checking.checks.subject import Subject
from engine.language.policy_set import ResolvedRule
from engine.solver.condition_parts import in_words
from engine.solver.limits import Unsettled
from engine.solver.prover import Prover

CODE: Final = "rule-never-holds"


def check(subject: Subject, prover: Prover) -> Iterator[Diagnostic]:
    """A warning for each rule that holds for no applicant."""
    for rule in subject.policy_set.rules:
        with prover.settling(rule.name):
            if prover.find(subject.held(rule), prover.seen.holding(rule.name)) is None:
                yield _diagnostic(rule, subject, prover)


def _diagnostic(rule: ResolvedRule, subject: Subject, prover: Prover) -> Diagnostic:
    message = f"Rule `{rule.name}` can never hold."
    try:
        parts, refusals = prover.apart(rule.when)
    except Unsettled:
        return Diagnostic(CODE, message, rule.rule.at, "Mend its condition, or remove the rule.", "warning")
    words = [in_words(part, subject.policy_set.facts) for part in parts]
    reasons = [*words, *(refusal.about for refusal in refusals)]
    lead = "This never holds" if len(reasons) == 1 else "These exclude each other"
    help_text = f"{lead}: {'; '.join(reasons)}. Mend its condition, or remove the rule."
    related = (
        *(Related(part.at, word) for part, word in zip(parts, words, strict=True)),
        *(Related(refusal.at, refusal.about) for refusal in refusals),
    )
    return Diagnostic(CODE, message, rule.rule.at, help_text, "warning", related=related)
