"""The checks that ask about every applicant there can be."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Final, Protocol

from engine.base.diagnostic import Diagnostic
from engine.base.record import replace
from engine.checking.checks import (
    always_outranked,
    contradictory_advice,
    contradictory_implications,
    exclusive_findings,
    implied_rule,
    needless_condition,
    not_monotonic,
    row_never_applies,
    rows_overlap,
    rule_always_holds,
    rule_never_holds,
    same_condition,
    table_gap,
    variant_never_said,
)
from engine.checking.checks.subject import Proved, Subject, Unfinished
from engine.solver.limits import Clock
from engine.solver.prover import Prover


class Proof(Protocol):
    """A module of `engine.checking.checks` that asks about every applicant."""

    CODE: str

    def check(self, subject: Subject, prover: Prover, /) -> Iterable[Diagnostic]:
        """What it has to say; what it could not settle, the prover keeps."""


PROOFS: Final[tuple[Proof, ...]] = (
    rule_never_holds,
    rule_always_holds,
    always_outranked,
    same_condition,
    implied_rule,
    contradictory_advice,
    contradictory_implications,
    exclusive_findings,
    not_monotonic,
    needless_condition,
    variant_never_said,
    rows_overlap,
    table_gap,
    row_never_applies,
)
"""In this order: what the first meet, the later need not look for."""

CODES: Final = frozenset(proof.CODE for proof in PROOFS)


def prove(subject: Subject, seconds: float) -> Proved:
    """Everything that can be proved of the policies in force, within some seconds.

    Each rule is looked at on all days of its own version: what becomes of another file changes nothing.
    """
    days = [day for first_and_last in subject.policy_days.values() for day in first_and_last]
    span = min([*days, subject.day]), max([*days, subject.day])
    prover = Prover(subject.policy_set, subject.day, Clock(seconds), span)
    whom = str(subject.policy_set.words.subject)
    diagnostics: list[Diagnostic] = []
    unfinished: list[Unfinished] = []
    for proof in PROOFS:
        diagnostics += (replace(each, witness_is=whom) for each in proof.check(subject, prover))
        unfinished += _unfinished(proof.CODE, prover.unsettled)
        prover.unsettled.clear()
    # A check passes over what an earlier one could not settle, so none has looked to the end.
    return Proved(tuple(diagnostics), tuple(unfinished), CODES if unfinished else frozenset())


def _unfinished(code: str, unsettled: Iterable[tuple[str, str]]) -> Iterator[Unfinished]:
    """What a check left open, one entry for each reason."""
    abouts: dict[str, list[str]] = {}
    for about, reason in dict.fromkeys(unsettled):
        abouts.setdefault(reason, []).append(about)
    for reason, names in abouts.items():
        shown = ", ".join(names[:NAMED])
        more = f" and {len(names) - NAMED} more" if len(names) > NAMED else ""
        yield Unfinished(code, f"{shown}{more}", reason)


NAMED: Final = 5
"""So many of what a check could not settle are named."""
