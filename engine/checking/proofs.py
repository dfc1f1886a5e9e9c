"""The checks that ask about every applicant there can be."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Final, Protocol

from engine.base.diagnostic import Diagnostic
from engine.checking.checks import (
    always_outranked,
    contradictory_advice,
    implied_rule,
    needless_condition,
    not_monotonic,
    rule_always_holds,
    rule_never_holds,
    same_condition,
)
from engine.checking.checks.subject import Proved, Subject, Unfinished
from engine.solver.limits import Clock
from engine.solver.prover import Prover


class Proof(Protocol):
    """A module of `engine.checking.checks` that asks about every applicant."""

    CODE: str

    def check(self, subject: Subject, prover: Prover, /) -> Iterable[Diagnostic | Unfinished]:
        """What it has to say, and what it could not settle."""


PROOFS: Final[tuple[Proof, ...]] = (
    rule_never_holds,
    rule_always_holds,
    always_outranked,
    same_condition,
    implied_rule,
    contradictory_advice,
    not_monotonic,
    needless_condition,
)
"""In this order: what the first meet, the later need not look for."""

CODES: Final = frozenset(proof.CODE for proof in PROOFS)


def prove(subject: Subject, seconds: float) -> Proved:
    """Everything that can be proved of the policies in force, within some seconds."""
    prover = Prover(subject.policy_set, subject.day, Clock(seconds))
    results = [each for proof in PROOFS for each in proof.check(subject, prover)]
    unfinished = [each for each in results if isinstance(each, Unfinished)]
    diagnostics = tuple(each for each in results if isinstance(each, Diagnostic))
    # A check passes over what an earlier one could not settle, so none has looked to the end.
    return Proved(diagnostics, tuple(_together(unfinished)), CODES if unfinished else frozenset())


def _together(unfinished: Iterable[Unfinished]) -> Iterator[Unfinished]:
    """One entry for each check and reason."""
    abouts: dict[tuple[str, str], list[str]] = {}
    for each in unfinished:
        abouts.setdefault((each.code, each.reason), []).append(each.about)
    for (code, reason), about in abouts.items():
        shown = ", ".join(about[:NAMED])
        more = f" and {len(about) - NAMED} more" if len(about) > NAMED else ""
        yield Unfinished(code, f"{shown}{more}", reason)


NAMED: Final = 5
"""So many of what a check could not settle are named."""
