"""A policy folder, checked: what stops it from being used, and what its authors should look at."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from datetime import date
from pathlib import Path
from typing import Final

from engine.checks import (
    former_name,
    not_released,
    release_lost,
    released_edited,
    review_overdue,
    source_unchecked,
)
from engine.checks.subject import Subject, Unfinished
from engine.diagnostic import Diagnostic, Refused
from engine.load import load_all, seen_from_here
from engine.record import record

CHECKS: Final[tuple[Callable[[Subject], Iterable[Diagnostic]], ...]] = (
    review_overdue.check,
    source_unchecked.check,
    released_edited.check,
    not_released.check,
    release_lost.check,
    former_name.check,
)


@record
class Checked:
    """What was found, sorted by place; what could not be settled; a line that says what was looked at."""

    diagnostics: tuple[Diagnostic, ...]
    unfinished: tuple[Unfinished, ...]
    summary: str

    def count(self, severity: str) -> int:
        """How many diagnostics of a severity there are."""
        return sum(diagnostic.severity == severity for diagnostic in self.diagnostics)


def check_folder(folder: Path, day: date) -> Checked:
    """Everything wrong with a policy folder on a day. Errors come alone: they leave nothing to analyse."""
    try:
        files, policies, policy_set = load_all(folder, day)
    except Refused as refused:
        return Checked(refused.diagnostics, (), "")
    found = tuple(_findings(Subject(files, policies, policy_set, day)))
    rules, facts = len(policy_set.rules), len(policy_set.facts)
    summary = f"{len(policy_set.editions)} files in force on {day}, {rules} rules, {facts} facts"
    return Checked(_in_order(seen_from_here(found, folder)), (), summary)


def _findings(subject: Subject) -> Iterator[Diagnostic]:
    for check in CHECKS:
        yield from check(subject)


def _in_order(diagnostics: Iterable[Diagnostic]) -> tuple[Diagnostic, ...]:
    return tuple(sorted(diagnostics, key=lambda found: (found.at.order, found.code, found.message)))
