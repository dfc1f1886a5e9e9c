"""Findings that exclude each other, and can both be concluded.

`exclusive` in the vocabulary says of findings that no two of them are ever true together. There are facts of
which two are, and which nothing else refuses. Such an applicant gets no advice: the report says which rules
conclude the two. Let the conditions of the rules exclude each other. Where nobody can be both, say so with a
consistency rule, which tells in its own words what is wrong.

Fails, in vocabulary:

    advise_language: 2
    exclusive:
      - {id: one-profile, findings: [profile.low_score, profile.ready]}

And, in policy:

    rules:
      - {id: low, title: Low, when: {step2_ck.score: {below: 225}}, conclude: [profile.low_score],
         tier: guide, cites: [step-guide#target.low]}
      - {id: ready, title: Ready, when: {letters.complete: true}, conclude: [profile.ready], tier: guide,
         cites: [step-guide#target.low]}

Passes, in vocabulary:

    advise_language: 2
    exclusive:
      - {id: one-profile, findings: [profile.low_score, profile.ready]}

And, in policy:

    rules:
      - {id: low, title: Low, when: {step2_ck.score: {below: 225}}, conclude: [profile.low_score],
         tier: guide, cites: [step-guide#target.low]}
      - {id: ready, title: Ready, when: {letters.complete: true, step2_ck.score: {at_least: 225}},
         conclude: [profile.ready], tier: guide, cites: [step-guide#target.low]}
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import combinations
from typing import Final

from engine.base.diagnostic import Diagnostic, Location, Related
from engine.checking.checks.subject import Subject
from engine.language.model import Comparison, Exclusive
from engine.language.policy_set import PolicySet
from engine.solver.goal import AllGoals, holds
from engine.solver.prover import Prover

CODE: Final = "exclusive-findings"


def check(subject: Subject, prover: Prover) -> Iterator[Diagnostic]:
    """A warning for each two of which an applicant, who is refused for nothing else, shows both."""
    for group in subject.policy_set.exclusive:
        for (one, at), (other, _) in combinations(group.findings, 2):
            with prover.settling(f"{one} and {other}"):
                true = (holds(Comparison(name, "is", True, at)) for name in (one, other))
                given = prover.in_dispute(AllGoals(tuple(true)), CODE)
                if given is not None:
                    shown = prover.facts_file(given)
                    yield _diagnostic(group, one, other, at, shown, subject.policy_set)


def _diagnostic(
    group: Exclusive, one: str, other: str, at: Location, shown: str, policies: PolicySet
) -> Diagnostic:
    message = f"`{one}` and `{other}` exclude each other (`{group.id}`), and can both be concluded."
    help_text = "Let the conditions of the rules exclude each other, or refuse who is both."
    related = tuple(
        Related(rule.rule.at, f"{rule.name} concludes `{name}`")
        for name in (one, other)
        for rule in policies.concluding.get(name, ())
    )
    return Diagnostic(CODE, message, at, help_text, "warning", related=related, witness=shown)
