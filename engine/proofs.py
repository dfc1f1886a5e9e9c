"""The checks that ask about every applicant there can be."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import Final

from engine.checks import (
    always_outranked,
    contradictory_advice,
    implied_rule,
    needless_condition,
    not_monotonic,
    rule_always_holds,
    rule_never_holds,
    same_condition,
)
from engine.checks.subject import Proved, Subject, Unfinished
from engine.diagnostic import Diagnostic
from engine.prove.limits import Clock, NeedsSolver
from engine.prove.prover import Prover

Proof = Callable[[Subject, Prover], Iterable[Diagnostic | Unfinished]]

PROOFS: Final[tuple[Proof, ...]] = (
    rule_never_holds.check,
    rule_always_holds.check,
    always_outranked.check,
    same_condition.check,
    implied_rule.check,
    contradictory_advice.check,
    not_monotonic.check,
    needless_condition.check,
)
"""In this order: what the first meet, the later need not look for."""


def prove(subject: Subject, seconds: float) -> Proved:
    """Everything that can be proved of the policies in force, within some seconds."""
    return prove_with(Prover(subject.policy_set, subject.day, Clock(seconds)), subject)


def prove_with(prover: Prover, subject: Subject) -> Proved:
    """The same with a prover of one's own."""
    found = [each for proof in PROOFS for each in proof(subject, prover)]
    unfinished = [each for each in found if isinstance(each, Unfinished)]
    return Proved(tuple(each for each in found if isinstance(each, Diagnostic)), tuple(_together(unfinished)))


def _together(unfinished: Iterable[Unfinished]) -> Iterator[Unfinished]:
    """One entry for each check and reason."""
    abouts: dict[tuple[str, str], list[str]] = {}
    for each in unfinished:
        code = "proofs" if each.reason == NeedsSolver.REASON else each.code
        abouts.setdefault((code, each.reason), []).append(each.about)
    for (code, reason), about in abouts.items():
        shown = ", ".join(about[:NAMED])
        more = f" and {len(about) - NAMED} more" if len(about) > NAMED else ""
        yield Unfinished(code, f"{shown}{more}", reason)


NAMED: Final = 5
"""So many of what a check could not settle are named."""
