"""A release tried out on a copy: what checks and tests say of the folder as it would be.

Other files that are edited, and not released, count as they were released: no edit hinders the release of
another file, and none is needed for it. A test that passes only with those edits is one of them.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Collection, Iterable, Iterator, Mapping
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from typing import Final

from engine.base.atomic_write import put_file
from engine.base.diagnostic import Diagnostic, InvalidInput, Location
from engine.base.read import PolicyFile
from engine.base.record import record, replace
from engine.base.sentence import os_reason, sentence
from engine.checking.check import Checked, check_folder
from engine.checking.checks import release_lost, released_edited
from engine.language.model import Policies
from engine.loading.as_if_released import next_versions
from engine.loading.folder import LOCK, contents_of, every_file, foreign
from engine.loading.layout import TESTS
from engine.testing import PolicyTestOutcome, PolicyTests
from engine.versioning.left_behind import RELEASE, make
from engine.versioning.release.plan import Plan, Released

OF_RELEASES: Final = frozenset({released_edited.CODE, release_lost.CODE})
"""What is said of files that are not as they were released: it hinders no release of others, and no edit."""


@record
class TrialResult:
    """A release, and what checks and tests say of the folder after it: warnings, how many tests passed.

    `of_edits` are the names of tests that pass only with edits that are not released now.
    """

    released: tuple[Released, ...]
    warnings: tuple[Diagnostic, ...]
    passed: int
    of_edits: tuple[str, ...] = ()


def others_as_released(files: tuple[PolicyFile, ...], policies: Policies, today: date) -> dict[str, bytes]:
    """Path -> what was released last, of each edited file."""
    contents = contents_of(files)
    edits = next_versions(policies, today)
    return {each.file_version.path: contents[each.former.path] for each in edits}


def try_out(folder: Path, plan: Plan, others: Mapping[str, bytes], today: date) -> TrialResult:
    """Checks and tests the folder as the plan would leave it, in a copy beside it. Raises InvalidInput.

    `others` are edited files as they were released; of those that are released now nothing is taken.
    """
    others = {path: content for path, content in others.items() if path not in plan.folder}
    with _copied(folder) as copy:
        _put(copy, {**others, **plan.archive, LOCK: plan.lock, **plan.folder})
        day = max(today, *(released.begins for released in plan.released))
        checked = check_folder(copy, day, today=today)
        paths = {released.path for released in plan.released}
        own = {f"{copy.as_posix()}/{path}" for path in paths}
        # What is wrong with tests is told where they are run: some are of other edits.
        of_tests = f"{copy.as_posix()}/{TESTS}/"
        if errors := tuple(e for e in _errors(checked, own) if not e.location.path.startswith(of_tests)):
            raise InvalidInput(_as_seen(_without(others, errors), copy, folder))
        tested = _tested(copy, today, paths)
        of_edits: tuple[str, ...] = ()
        if tested.failing and others:
            _put(copy, {path: (folder / path).read_bytes() for path in others})
            tested, of_edits = _with_edits(tested, _tested(copy, today, paths))
        if tested.failing:
            failures = (found for failing in tested.failing.values() for found in failing)
            raise InvalidInput(_as_seen(failures, copy, folder))
        warnings = (each for each in checked.diagnostics if each.severity == "warning")
        return TrialResult(plan.released, tuple(_as_seen(warnings, copy, folder)), tested.passed, of_edits)


def require_usable(folder: Path, contents: Mapping[str, bytes | None], today: date) -> None:
    """Checks the folder with these files (None: without), in a copy beside it. Raises InvalidInput."""
    with _copied(folder) as copy:
        _put(copy, contents)
        if errors := tuple(_errors(check_folder(copy, today))):
            raise InvalidInput(_as_seen(errors, copy, folder))


def _errors(checked: Checked, own: Collection[str] = ()) -> Iterator[Diagnostic]:
    """What hinders: of other files than these nothing that is about their own release."""
    for found in checked.diagnostics:
        if found.severity == "error" and (found.code not in OF_RELEASES or found.location.path in own):
            yield found


def _without(others: Collection[str], errors: Iterable[Diagnostic]) -> Iterator[Diagnostic]:
    """Errors of a folder in which other edits do not count, saying so."""
    for error in errors:
        if others:
            note = f"The edit of {', '.join(others)} does not count: if it is needed, release both together."
            error = replace(error, help=f"{error.help} {note}" if error.help else note)
        yield error


@record
class _Tested:
    """How many tests passed, and what is wrong with the others, by their names.

    `unread`: the test files cannot be used, which stands under the name "".
    """

    passed: int
    failing: Mapping[str, tuple[Diagnostic, ...]]

    @property
    def unread(self) -> bool:
        return "" in self.failing


def _tested(folder: Path, today: date, released: Collection[str]) -> _Tested:
    try:
        tests = PolicyTests(folder, today, released_now=released)
    except InvalidInput as refused:
        return _Tested(0, {"": refused.diagnostics})
    outcomes = tests.run_all(tests.tests)
    failing = {each.test.name: tuple(_failures(each)) for each in outcomes if each.failures}
    return _Tested(len(outcomes) - len(failing), failing)


def _failures(outcome: PolicyTestOutcome) -> Iterator[Diagnostic]:
    for failure in outcome.failures:
        early = "".join(f" On its day, {reason}." for reason in failure.early)
        found = sentence(f"expected {failure.expected}; found {failure.found}")
        message = f"{outcome.test.name}: {failure.key}: {found}{early}"
        help_text = "Mend the policy, or the test: `advise test` tells why."
        yield Diagnostic("test-failed", message, failure.at, help_text)


def _with_edits(without: _Tested, with_them: _Tested) -> tuple[_Tested, tuple[str, ...]]:
    """What fails without other edits and with them, and the names of tests that pass with them only."""
    if without.unread or with_them.unread:
        return (without if with_them.unread else with_them), ()
    failing = {name: found for name, found in with_them.failing.items() if name in without.failing}
    of_edits = tuple(name for name in without.failing if name not in failing)
    return _Tested(without.passed, failing), of_edits


def _put(folder: Path, contents: Mapping[str, bytes | None]) -> None:
    for path, content in contents.items():
        if content is None:
            (folder / path).unlink(missing_ok=True)
        else:
            put_file(folder / path, content)


@contextmanager
def _copied(folder: Path) -> Iterator[Path]:
    """A copy of the folder beside it, where what its tests name outside it is found as ever."""
    try:
        place, marker = make(RELEASE, folder.absolute().parent)
    except OSError as error:
        message = f"There is no room to try the release out: {os_reason(error)}."
        raise InvalidInput.error("not-written", message, Location(str(folder.absolute().parent), 0)) from None
    try:
        for file in every_file(folder):
            path = file.relative_to(folder)
            target = place / path
            if file.is_file() and foreign(folder, path.as_posix()) is None:
                target.parent.mkdir(parents=True, exist_ok=True)
                shutil.copyfile(file, target)
        (place / "archive").mkdir(exist_ok=True)
        yield place
    finally:
        shutil.rmtree(place, ignore_errors=True)
        os.close(marker)


def _as_seen(diagnostics: Iterable[Diagnostic], copy: Path, folder: Path) -> list[Diagnostic]:
    """Problems of the copy at the places of the folder."""

    def there(at: Location) -> Location:
        inside = at.path.startswith(copy.as_posix())
        return replace(at, path=folder.as_posix() + at.path.removeprefix(copy.as_posix())) if inside else at

    return [
        replace(
            each,
            at=there(each.location),
            related=tuple(replace(other, at=there(other.at)) for other in each.related),
        )
        for each in diagnostics
    ]
