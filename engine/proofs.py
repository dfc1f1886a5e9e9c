"""The checks that ask about every applicant there can be."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Final

from engine.checks import always_outranked, needless_condition, rule_always_holds, rule_never_holds
from engine.checks.subject import Subject, Unfinished
from engine.diagnostic import Diagnostic
from engine.prove.limits import Clock
from engine.prove.prover import Prover
from engine.record import record

Proof = Callable[[Subject, Prover], Iterable[Diagnostic | Unfinished]]

PROOFS: Final[tuple[Proof, ...]] = (
    rule_never_holds.check,
    rule_always_holds.check,
    always_outranked.check,
    needless_condition.check,
)
"""In this order: what the first meet, the later need not look for."""


@record
class Proved:
    """What was found, and what could not be settled."""

    diagnostics: tuple[Diagnostic, ...]
    unfinished: tuple[Unfinished, ...]


def prove(subject: Subject, seconds: float) -> Proved:
    """Everything that can be proved of the policies in force, within some seconds."""
    prover = Prover(subject.policy_set, subject.day, Clock(seconds))
    found = [each for proof in PROOFS for each in proof(subject, prover)]
    return Proved(
        tuple(each for each in found if isinstance(each, Diagnostic)),
        tuple(each for each in found if isinstance(each, Unfinished)),
    )
