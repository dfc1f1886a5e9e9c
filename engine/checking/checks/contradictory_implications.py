"""Two implications that give one fact different values.

There are facts by which both hold, and which nothing else refuses. Whoever has them gets no advice: whatever
is given of the fact, one of the two contradicts it, and the report says that the two disagree. Mend the
condition of one. Where nobody can be both, say so with a consistency rule, which tells in its own words what
is wrong.

Fails, in vocabulary:

    implications:
      - {id: strong-letters, when: {letters.strong: true}, then: {letters.complete: true}}
      - {id: not-yet-taken, when: {step2_ck.status: not_taken}, then: {letters.complete: false}}

Passes, in vocabulary:

    implications:
      - {id: strong-letters, when: {letters.strong: true}, then: {letters.complete: true}}
      - {id: not-yet-taken, when: {step2_ck.status: not_taken}, then: {letters.complete: false}}
    consistency:
      - id: letters-before-the-exam
        when: {letters.strong: true, step2_ck.status: not_taken}
        message: Strong letters come after the exam.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import combinations
from typing import Final

from engine.base.diagnostic import Diagnostic, Related
from engine.checking.checks.subject import Subject
from engine.language.model import Fact, Implication, Value
from engine.language.policy_set import Implied
from engine.language.templates import settled_in_words
from engine.solver.goal import AllGoals, holds
from engine.solver.prover import Prover

CODE: Final = "contradictory-implications"


def check(subject: Subject, prover: Prover) -> Iterator[Diagnostic]:
    """A warning for each two that disagree on a fact of an applicant who is refused for nothing else."""
    for step in subject.policy_set.computations:
        if isinstance(step, Implied):
            fact = subject.policy_set.facts[step.fact]
            for (one, value), (other, its) in combinations(step.by, 2):
                if value != its:
                    with prover.settling(f"{one.id} and {other.id}"):
                        given = prover.in_dispute(AllGoals((holds(one.when), holds(other.when))), CODE)
                        if given is not None:
                            shown = prover.facts_file(given)
                            yield _diagnostic(fact, (one, value), (other, its), shown)


def _diagnostic(
    fact: Fact, one: tuple[Implication, Value | None], other: tuple[Implication, Value | None], shown: str
) -> Diagnostic:
    first, second = (f"`{rule.id}` {settled_in_words(value, fact)}" for rule, value in (one, other))
    message = f"Two implications disagree on `{fact.name}`, and can both hold: {first}, {second}."
    help_text = "Mend the condition of one, or refuse who is both with a consistency rule."
    related = (Related(other[0].at, "the other implication"),)
    return Diagnostic(CODE, message, one[0].at, help_text, "warning", related=related, witness=shown)
