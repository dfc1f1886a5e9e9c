"""Tests of an edit that are for a day before it counts: which they are, and for which day to write them."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator
from datetime import date
from functools import cache, cached_property, partial
from pathlib import Path

from engine.base.diagnostic import Diagnostic, InvalidInput
from engine.base.diagnostics import Diagnostics
from engine.base.record import replace
from engine.language.model import Policies
from engine.language.policy_set import PolicySet
from engine.loading.as_if_released import NextVersion, as_if_always, next_versions
from engine.loading.folder import list_files
from engine.loading.read_folder import read_policies
from engine.loading.resolve import resolve
from engine.testing.compare import Failure
from engine.testing.observed import Cause
from engine.testing.read import PolicyTest, read_tests


class EarlyTests:
    """The edits of a folder, tried in the place of the versions that they follow.

    `released_now` are paths of files that are released already, on trial.
    """

    def __init__(self, folder: Path, today: date, released_now: Collection[str] = ()) -> None:
        self._folder, self._today, self._released_now = folder, today, released_now
        self._always = cache(lambda edits, day: resolve(as_if_always(self._policies, edits), day))

    @cached_property
    def _policies(self) -> Policies:
        problems = Diagnostics()  # they are told already
        return read_policies(list_files(self._folder, problems), problems)

    @cached_property
    def _edits(self) -> tuple[NextVersion, ...]:
        return tuple(next_versions(self._policies, self._today, self._released_now))

    def explained(
        self, test: PolicyTest, failures: tuple[Failure, ...], run: Callable[[PolicySet], tuple[Failure, ...]]
    ) -> Iterator[Failure]:
        """The failures of a test; those that are gone once the edits count on its day say so."""
        day = test.as_of
        edits = tuple(each for each in self._edits if each.former.effective_from <= day < each.begins)
        left = cache(lambda tried: run(self._always(tried, day)))

        def gone(failure: Failure, tried: tuple[NextVersion, ...]) -> bool:
            return not _stays(failure, failures, left(tried))

        for failure in failures:
            needed = _needed(edits, partial(gone, failure))
            early = tuple(Cause(_not_yet(edit, day), edit.former.at) for edit in needed)
            yield replace(failure, because=(*failure.because, *early), early=early)

    def told_of(self, refused: InvalidInput) -> InvalidInput:
        """The problems of test files; those that are gone once the edits count say from when they do."""
        left = cache(self._problems_with)

        def gone(found: Diagnostic, edits: tuple[NextVersion, ...]) -> bool:
            problems = left(edits)
            return problems is not None and self._said(found) not in problems

        told = []
        for found in refused.diagnostics:
            edits = _needed(self._edits, partial(gone, found))
            told.append(replace(found, help=" ".join(map(_counts, edits))) if edits else found)
        return InvalidInput(told)

    def _problems_with(self, edits: tuple[NextVersion, ...]) -> frozenset[object] | None:
        """What is wrong with the tests once the edits count; None where they cannot be used on some day."""
        usable = True

        def policies_on(day: date) -> PolicySet:
            nonlocal usable
            try:
                return self._always(edits, day)
            except InvalidInput:
                usable = False
                raise

        problems: tuple[Diagnostic, ...] = ()
        try:
            read_tests(self._folder, policies_on, self._today)
        except InvalidInput as refused:
            problems = refused.diagnostics
        return frozenset(map(self._said, problems)) if usable else None

    def _said(self, found: Diagnostic) -> object:
        """What a problem says, and where in the folder."""
        at = found.location
        return (
            found.code,
            found.message,
            at.path.removeprefix(f"{self._folder.as_posix()}/"),
            at.line,
            at.column,
        )


def _stays(failure: Failure, before: Iterable[Failure], after: Iterable[Failure]) -> bool:
    """Whether an expectation fails with the edits too, in the same way or in another, or is not looked at."""
    known = {each.expectation for each in before}
    return any(
        each.expectation == failure.expectation
        or (each.expectation not in known and each.key in (failure.key, "facts"))
        for each in after
    )


def _needed(
    edits: tuple[NextVersion, ...], enough: Callable[[tuple[NextVersion, ...]], bool]
) -> tuple[NextVersion, ...]:
    """The one edit that is enough, or all together; none where they are not."""
    tries = [*((edit,) for edit in edits), *([edits] if len(edits) > 1 else [])]
    for tried in tries:
        try:
            if enough(tried):
                return tried
        except InvalidInput:  # the edit cannot be used on that day
            continue
    return ()


def _not_yet(edit: NextVersion, day: date) -> str:
    former = edit.former
    return (
        f"`{former.id}` {former.version} is in force on {day}, and what is new in {edit.file_version.path} "
        f"from {edit.begins}: to test that, write `as_of: {edit.begins}`"
    )


def _counts(edit: NextVersion) -> str:
    path, begins = edit.file_version.path, edit.begins
    return f"What is new in {path} is in force from {begins}: to test it, write `as_of: {begins}`."
