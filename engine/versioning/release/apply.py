"""A plan, tried on a copy and then written: a crash at any moment loses nothing.

The order makes it so. First the copies in the archive, which take no part while the lock does not name them;
then the lock, in one step: from here on the release is done; then the files of the folder, which only repeat
what the archive holds. What is missing after a crash, `finish` does.
"""

from __future__ import annotations

import hashlib
import shutil
import tempfile
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from typing import Any, Final

from engine.base.atomic_write import put_file, sync_folder
from engine.base.diagnostic import Diagnostic, InvalidInput, Location
from engine.base.diagnostics import Diagnostics
from engine.base.read import PolicyFile, read_yaml
from engine.base.record import record, replace
from engine.checking.check import check_folder
from engine.checking.checks import release_lost, released_edited
from engine.language.model import Policies
from engine.loading.folder import LOCK, every_file
from engine.loading.lockfile import newest_release, version_key
from engine.loading.versions_in_force import is_current
from engine.testing import PolicyTests
from engine.versioning.release.plan import Plan, Released

_OF_OTHERS: Final = frozenset({released_edited.CODE, release_lost.CODE})
"""What is said of files that are not being released does not hinder a release."""


@record
class Tried:
    """A release, and what checks and tests say of the folder after it: warnings, how many tests passed."""

    released: tuple[Released, ...]
    warnings: tuple[Diagnostic, ...]
    passed: int


def try_out(folder: Path, plan: Plan, today: date) -> Tried:
    """Checks and tests the folder as the plan would leave it, in a copy beside it. Raises InvalidInput."""
    with _copy(folder) as copy:
        for path, content in {**plan.archive, LOCK: plan.lock, **plan.folder}.items():
            _put(copy, path, content)
        day = max(today, *(released.begins for released in plan.released))
        checked = check_folder(copy, day, today=today)
        paths = {f"{copy.as_posix()}/{released.path}" for released in plan.released}
        errors = [
            each
            for each in checked.diagnostics
            if each.severity == "error" and (each.code not in _OF_OTHERS or each.location.path in paths)
        ]
        if errors:
            raise InvalidInput(_as_seen(errors, copy, folder))
        try:
            tests = PolicyTests(copy, today)
        except InvalidInput as refused:
            raise InvalidInput(_as_seen(refused.diagnostics, copy, folder)) from None
        failures = Diagnostics()
        for test in tests.tests:
            for failure in tests.run(test).failures:
                message = f"{test.name}: {failure.key}: expected {failure.expected}; found {failure.found}."
                help_text = "Mend the policy, or the test: `advise test` tells why."
                failures.error("test-failed", message, failure.at, help_text)
        if failures:
            raise InvalidInput(_as_seen(failures, copy, folder))
        warnings = tuple(each for each in checked.diagnostics if each.severity == "warning")
        return Tried(plan.released, tuple(_as_seen(warnings, copy, folder)), len(tests.tests))


@contextmanager
def _copy(folder: Path) -> Iterator[Path]:
    """A copy of the folder beside it, where what its tests name outside it is found as ever."""
    try:
        place = Path(tempfile.mkdtemp(".copy", ".advise-release-", folder.absolute().parent))
    except OSError as error:
        message = f"There is no room to try the release out: {error.strerror}."
        raise InvalidInput.error("not-written", message, Location(str(folder.absolute().parent), 0)) from None
    try:
        for file in every_file(folder):
            target = place / file.relative_to(folder)
            if file.is_file():
                target.parent.mkdir(parents=True, exist_ok=True)
                shutil.copyfile(file, target)
        (place / "archive").mkdir(exist_ok=True)
        yield place
    finally:
        shutil.rmtree(place, ignore_errors=True)


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


def write(folder: Path, plan: Plan, files: tuple[PolicyFile, ...]) -> None:
    """Writes what was planned. `files` are those it was planned on. Raises InvalidInput."""
    _require_unchanged(folder, files)
    try:
        (folder / "archive").mkdir(exist_ok=True)
        for path, content in plan.archive.items():
            _put(folder, path, content)
        _put(folder, LOCK, plan.lock)
        for path, written in plan.folder.items():
            _put(folder, path, written)
    except OSError as error:
        message = (
            f"The release could not be written: {error.strerror or type(error).__name__}. Nothing is lost."
        )
        help_text = (
            "Mend the disk, then run it again; if the lock names the version already: advise release --finish"
        )
        raise InvalidInput.error("not-written", message, Location(str(folder), 0), help_text) from None


def _require_unchanged(folder: Path, files: tuple[PolicyFile, ...]) -> None:
    with Diagnostics() as changed:
        for file in files:
            try:
                same = (folder / file.path).read_bytes() == file.content
            except OSError:
                same = False
            if not same:
                at = Location(str(folder / file.path), 0)
                changed.error("release-refused", "It was changed meanwhile; nothing is released.", at)


def _put(folder: Path, path: str, content: bytes | None) -> None:
    """One file, whole or not at all; on the disk before the next step."""
    target = folder / path
    if content is not None:
        put_file(target, content)
    else:
        target.unlink(missing_ok=True)
        sync_folder(target.parent)


def finish(folder: Path, files: tuple[PolicyFile, ...], policies: Policies) -> tuple[str, ...]:
    """Does what a release that was interrupted left undone; the names of the files. Raises InvalidInput."""
    contents = {file.path: file.content for file in files}
    by_digest = {hashlib.sha256(file.content).hexdigest(): file for file in files}
    released = policies.released or ()
    known = {release.digest for release in released}
    steps: dict[str, bytes | None] = {}
    for document in policies.documents:
        file_version = document.file_version
        newest = newest_release(file_version, released)
        if newest is None or newest.digest not in by_digest or file_version.path.startswith("archive/"):
            continue
        new = by_digest[newest.digest].content
        same_text = _own_text(contents[file_version.path]) == _own_text(new)
        if file_version.status == "draft":
            if same_text:
                steps[file_version.path] = None
        elif is_current(file_version) and version_key(file_version.version) < version_key(newest.version):
            if not same_text and file_version.digest not in known:
                message = (
                    f"`{file_version.id}` {newest.version} is released, and this file says something else."
                )
                help_text = f'Set its version to "{newest.version}" to go on from there.'
                raise InvalidInput.error("release-refused", message, file_version.at, help_text)
            steps[file_version.path] = new
    for path, content in steps.items():
        _put(folder, path, content)
    return tuple(steps)


def _own_text(content: bytes) -> Mapping[str, Any]:
    """What a file says, without what a release writes into its head."""
    data = read_yaml(content, "file").data
    head = ("version", "status", "effective", "review_by", "changes")
    return {key: value for key, value in data.items() if key not in head}
