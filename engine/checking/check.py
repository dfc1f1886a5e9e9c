"""A policy folder, checked: what stops it from being used, and what its authors should look at."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from datetime import date
from pathlib import Path
from typing import Final, Protocol

from engine.base.diagnostic import Diagnostic, InvalidInput
from engine.base.narrow_location import narrow_locations
from engine.base.read import PolicyFile
from engine.base.record import record, replace
from engine.checking.checks import (
    former_name,
    invisible_character,
    look_alike,
    not_released,
    release_lost,
    released_edited,
    review_overdue,
    source_unchecked,
    uncited_anchor,
    uncited_source,
    untested_rule,
    unused_fact,
    unused_finding,
    unused_parameter,
    version_cut_short,
)
from engine.checking.checks.subject import Proved, Subject, Unfinished
from engine.checking.suppressions import Suppressed, apply_suppressions, read_suppressions
from engine.loading.folder import UnreadableFiles, list_files, list_tests
from engine.loading.load import resolve_all, seen_from_here


class Check(Protocol):
    """A module of `engine.checking.checks` that asks something of a folder that can be used."""

    CODE: str

    def check(self, subject: Subject, /) -> Iterable[Diagnostic]:
        """What it has to say."""


class TextCheck(Protocol):
    """A module of `checks` that looks at the text of one file, which need not be a usable one."""

    CODE: str

    def check(self, file: PolicyFile, /) -> Iterable[Diagnostic]:
        """What it has to say."""


CHECKS: Final[tuple[Check, ...]] = (
    review_overdue,
    source_unchecked,
    version_cut_short,
    unused_fact,
    unused_finding,
    unused_parameter,
    uncited_source,
    uncited_anchor,
    untested_rule,
    released_edited,
    not_released,
    release_lost,
    former_name,
)
TEXT_CHECKS: Final[tuple[TextCheck, ...]] = (invisible_character, look_alike)


@record
class Checked:
    """What was found, sorted by place; what could not be settled; a line that says what was looked at.

    `allowed` are warnings that the authors allow, each with the reason.
    """

    diagnostics: tuple[Diagnostic, ...]
    unfinished: tuple[Unfinished, ...]
    summary: str
    allowed: tuple[Suppressed, ...] = ()

    def count(self, severity: str) -> int:
        """How many diagnostics of a severity there are."""
        return sum(diagnostic.severity == severity for diagnostic in self.diagnostics)


def check_folder(folder: Path, day: date, *, prove_for: float | None = None) -> Checked:
    """Everything wrong with a policy folder on a day; the paths lead from the working folder.

    What needs proofs is looked at for `prove_for` seconds; None leaves it out.
    """
    files, unread = _readable(list_files, folder)
    tests, unread_tests = _readable(list_tests, folder)
    checked = check_files(files, tests, day, unread=unread, unread_tests=unread_tests, prove_for=prove_for)
    allowed = (replace(each, diagnostic=_here(each.diagnostic, folder)) for each in checked.allowed)
    diagnostics = (_here(diagnostic, folder) for diagnostic in checked.diagnostics)
    return replace(checked, diagnostics=_in_order(diagnostics), allowed=tuple(allowed))


def check_files(
    files: tuple[PolicyFile, ...],
    tests: tuple[PolicyFile, ...],
    day: date,
    *,
    unread: tuple[Diagnostic, ...] = (),
    unread_tests: tuple[Diagnostic, ...] = (),
    prove_for: float | None = None,
) -> Checked:
    """The same of files given as bytes; `unread` are the problems of those that could not be read.

    Errors leave nothing to analyse but the text.
    """
    told = (*unread, *unread_tests, *_in_texts((*files, *tests)))
    try:
        policy_set, policies = resolve_all(files, day, broken=("*",) if unread else ())
    except InvalidInput as refused:
        return Checked(_in_order((*told, *refused.diagnostics)), (), "")
    if unread:
        return Checked(_in_order(told), (), "")  # what they use is not known
    subject = Subject(files, policies, policy_set, day, tests)
    proved = _proved(subject, prove_for)
    found = (*told, *narrow_locations((*_findings(subject), *proved.diagnostics), files))
    left, allowed = apply_suppressions(found, read_suppressions((*files, *tests)), proved.unsettled)
    rules, facts = len(policy_set.rules), len(policy_set.facts)
    summary = f"{len(policy_set.file_versions)} files in force on {day}, {rules} rules, {facts} facts"
    return Checked(_in_order(left), proved.unfinished, summary, allowed)


def _proved(subject: Subject, seconds: float | None) -> Proved:
    from engine.checking.proofs import CODES, prove

    return Proved((), (), CODES) if seconds is None else prove(subject, seconds)


def _findings(subject: Subject) -> Iterator[Diagnostic]:
    for check in CHECKS:
        yield from check.check(subject)


def _in_texts(files: Iterable[PolicyFile]) -> tuple[Diagnostic, ...]:
    found: list[Diagnostic] = []
    for file in files:
        if file.path.startswith("archive/"):
            continue  # a released file is never changed
        for check in TEXT_CHECKS:
            try:
                found.extend(check.check(file))
            except InvalidInput:  # it is no text: that is told already
                break
    return tuple(found)


def _readable(
    listed: Callable[[Path], tuple[PolicyFile, ...]], folder: Path
) -> tuple[tuple[PolicyFile, ...], tuple[Diagnostic, ...]]:
    try:
        return listed(folder), ()
    except UnreadableFiles as unreadable:
        return unreadable.files, unreadable.diagnostics


def _here(diagnostic: Diagnostic, folder: Path) -> Diagnostic:
    return seen_from_here([diagnostic], folder)[0]


def _in_order(diagnostics: Iterable[Diagnostic]) -> tuple[Diagnostic, ...]:
    unique = dict.fromkeys(diagnostics)
    return tuple(sorted(unique, key=lambda found: (found.at.order, found.code, found.message)))
