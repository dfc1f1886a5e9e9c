"""A rule whose advice is never shown, because another always takes its place.

Whenever the rule holds, one that supersedes or silences it holds too. So its item is always suppressed.
Remove it, narrow the condition of the other, or take it out of `supersedes`.

Fails, in policy:

    rules:
      - {id: low, title: Low, when: {step2_ck.score: {below: 215}}, tier: guide,
         cites: [step-guide#target.low],
         advise: {text: Plan., category: score-band, severity: important}}
      - {id: lower, title: Lower, when: {step2_ck.score: {below: 230}}, tier: guide,
         cites: [step-guide#target.low],
         advise: {text: Plan more., category: score-band, severity: important}, supersedes: [example/low]}

Passes, in policy:

    rules:
      - {id: low, title: Low, when: {step2_ck.score: {below: 230}}, tier: guide,
         cites: [step-guide#target.low],
         advise: {text: Plan., category: score-band, severity: important}}
      - {id: lower, title: Lower, when: {step2_ck.score: {below: 215}}, tier: guide,
         cites: [step-guide#target.low],
         advise: {text: Plan more., category: score-band, severity: important}, supersedes: [example/low]}
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from engine.base.diagnostic import Diagnostic, Related
from engine.checking.checks.subject import Subject
from engine.language.policy_set import ResolvedRule
from engine.solver.goal import AllGoals, NotGoal, holds
from engine.solver.prover import Prover

CODE: Final = "always-outranked"


def check(subject: Subject, prover: Prover) -> Iterator[Diagnostic]:
    """A warning for each rule that can hold, but never without one that outranks it."""
    policies = subject.policy_set
    rules = policies.by_name
    for name, by in sorted(policies.outranking.items()):
        rule, above = rules[name], [rules[other] for other, _ in by]
        alone = AllGoals((subject.held(rule), *(NotGoal(holds(other.when)) for other in above)))
        with prover.settling(name):
            shown = prover.find(alone, prover.seen.holding_without(name, *(other.name for other in above)))
            if shown is None and prover.find(subject.held(rule), prover.seen.holding(name)) is not None:
                yield _diagnostic(rule, above, dict(by), subject, prover)


def _diagnostic(
    rule: ResolvedRule, above: list[ResolvedRule], how: dict[str, str], subject: Subject, prover: Prover
) -> Diagnostic:
    applicant = prover.smallest(subject.held(rule))
    assert applicant is not None
    holding = [other for other in above if other.name in applicant.decisions.holding]
    first = f"`{holding[0].name}`" if len(above) == 1 else "one of those that take its place"
    message = f"The advice of rule `{rule.name}` is never shown: whenever it holds, so does {first}."
    whom = subject.policy_set.words.subject.one
    related = tuple(Related(other.rule.at, f"{how[other.name]} it for the {whom} shown") for other in holding)
    help_text = "Remove the rule, or narrow the condition of what takes its place."
    shown = prover.witness(applicant)
    return Diagnostic(CODE, message, rule.rule.at, help_text, "warning", related=related, witness=shown)
