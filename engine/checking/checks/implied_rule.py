"""A rule that another makes needless: whenever it holds, the other holds too and says the same.

The two give the same advice, or the one concludes what the other concludes, and the condition of the one is
only a narrower case of the other's. Remove it, or mend the condition that is too wide.

Fails, in policy:

    rules:
      - {id: low, title: Low, when: {step2_ck.score: {below: 215}}, tier: guide,
         cites: [step-guide#target.low],
         conclude: [profile.low_score]}
      - {id: very-low, title: Very low, when: {step2_ck.score: {below: 200}}, tier: guide,
         cites: [step-guide#target.low], conclude: [profile.low_score]}

Passes, in policy:

    rules:
      - {id: low, title: Low, when: {step2_ck.score: {below: 215}}, tier: guide,
         cites: [step-guide#target.low],
         conclude: [profile.low_score]}
      - {id: low-practice, title: Low in practice, when: {practice.percent: {below: 50}}, tier: guide,
         cites: [step-guide#target.low], conclude: [profile.low_score]}
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Final

from engine.base.diagnostic import Diagnostic, Related
from engine.checking.checks.subject import Subject
from engine.language.policy_set import ResolvedRule
from engine.solver.goal import AllGoals, NotGoal, holds
from engine.solver.prover import Prover

CODE: Final = "implied-rule"


def check(subject: Subject, prover: Prover) -> Iterator[Diagnostic]:
    """A warning for each rule that says nothing which a wider one does not say."""
    rules = {
        rule.name: rule for rule in sorted(subject.policy_set.rules, key=lambda rule: rule.rule.at.order)
    }
    reported: set[str] = set()
    for narrow in rules.values():
        for wide in _perhaps_wider(narrow, rules, prover):
            if wide.name in reported or prover.seen.alike(narrow.name, wide.name):
                continue  # the two hold alike: that is reported already
            only_one = AllGoals(
                (subject.in_force(narrow, wide), holds(narrow.when), NotGoal(holds(wide.when)))
            )
            with prover.settling(f"{narrow.name} and {wide.name}"):
                met = any(prover.seen.holding_without(narrow.name, wide.name))
                if not met and prover.could(only_one) is False:
                    reported.add(narrow.name)
                    yield _diagnostic(narrow, wide, subject, prover)
                    break


def _perhaps_wider(
    narrow: ResolvedRule, rules: Mapping[str, ResolvedRule], prover: Prover
) -> Iterator[ResolvedRule]:
    """The rules that say what one says and held when it did; none where it never held."""
    applicant = next(prover.seen.holding(narrow.name), None)
    if applicant is not None:
        held = (rules[name] for name in applicant.decisions.holding if name != narrow.name)
        wider = [rule for rule in held if _says_no_more(narrow, rule)]
        yield from sorted(wider, key=lambda rule: rule.rule.at.order)


def _says_no_more(one: ResolvedRule, other: ResolvedRule) -> bool:
    """Whether one rule says, concludes and outranks nothing that the other does not."""
    concludes, others = ({finding for finding, _ in each.rule.conclude} for each in (one, other))
    if not concludes <= others or not set(one.outranks) <= {*other.outranks, other.name}:
        return False
    return one.advice is None or _said(one) == _said(other)


def _said(rule: ResolvedRule) -> object:
    """What it says, places aside; what is said in variants is alike only where it is one text."""
    advice = rule.advice
    if advice is None:
        return None
    placed = len(advice.heading), len(advice.due)
    return advice.texts, advice.days, advice.choices, placed, advice.category, advice.severity


def _diagnostic(narrow: ResolvedRule, wide: ResolvedRule, subject: Subject, prover: Prover) -> Diagnostic:
    message = f"Rule `{narrow.name}` is needless: whenever it holds, `{wide.name}` holds and says the same."
    help_text = "Remove it, or narrow the condition of the other."
    related = (Related(wide.rule.at, "the wider rule"),)
    applicant = prover.witness(prover.smallest(subject.held(narrow)))
    return Diagnostic(CODE, message, narrow.rule.at, help_text, "warning", related=related, witness=applicant)
