"""A variant that is never said.

Wherever the rule holds, one of the variants before it holds too, or its own condition cannot. What it says is
read by nobody. Mend its condition or the order, or remove it; where only `otherwise` is never said, let what
stands before it be the `otherwise`.

Fails, in rule:

    id: score
    when: {step2_ck.score: {below: 230}}
    advise:
      text:
        - {when: {step2_ck.score: {below: 235}}, say: Low.}
        - {otherwise: High.}
      category: score-band
      severity: important

Passes, in rule:

    id: score
    when: {step2_ck.score: {below: 240}}
    advise:
      text:
        - {when: {step2_ck.score: {below: 235}}, say: Low.}
        - {otherwise: High.}
      category: score-band
      severity: important
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

from engine.base.diagnostic import Diagnostic, Location
from engine.checking.checks.subject import Subject
from engine.language.model import Advice, Condition, Not, Variant
from engine.language.policy_set import PlacedText, ResolvedRule
from engine.solver.goal import AllGoals, ProofGoal, holds
from engine.solver.prover import Prover

CODE: Final = "variant-never-said"


def check(subject: Subject, prover: Prover) -> Iterator[Diagnostic]:
    """A warning for each variant that is said to no applicant for whom the rule holds."""
    for rule in subject.policy_set.rules:
        for at, conditions in _said_where(rule.advice) if rule.advice else ():
            with prover.settling(rule.name):
                said: ProofGoal = AllGoals((subject.held(rule), *map(holds, conditions)))
                if prover.find(said, prover.seen.holding(rule.name)) is None and _can_hold(
                    rule, subject, prover
                ):
                    message = f"A variant of `{rule.name}` is never said."
                    help_text = "Mend its condition, or those before it, or remove it."
                    yield Diagnostic(CODE, message, at, help_text, "warning")


def _can_hold(rule: ResolvedRule, subject: Subject, prover: Prover) -> bool:
    """Whether the rule can hold at all: that it cannot is said of it once."""
    return prover.find(subject.held(rule), prover.seen.holding(rule.name)) is not None


def _said_where(advice: Advice[PlacedText]) -> Iterator[tuple[Location, tuple[Condition, ...]]]:
    """Of each variant where it stands, and what must hold for it to be said where the rule holds."""
    yield from _of(advice.heading, ())
    yield from _of(advice.text, ())
    yield from _of(advice.due, ())
    for step in advice.steps:
        said = (step.when,) if step.when is not None else ()
        if said:
            yield step.at, said
        yield from _of(step.say, said)
        yield from _of(step.due, said)


def _of(
    variants: tuple[Variant[Any], ...], said: tuple[Condition, ...]
) -> Iterator[tuple[Location, tuple[Condition, ...]]]:
    for variant in variants if len(variants) > 1 else ():
        own = (variant.when,) if variant.when is not None else ()
        yield variant.at, (*said, *own)
        if variant.when is not None:
            said = (*said, Not(variant.when, variant.at))
