"""A plan, written: a crash at any moment loses nothing.

The order makes it so. First the copies in the archive, which take no part while the lock does not name them;
then the lock, in one step: from here on the release is done; then the files of the folder, which only repeat
what the archive holds. What is missing after a crash, `finish` does.
"""

from __future__ import annotations

from pathlib import Path

from engine.base.atomic_write import put_file, sync_folder
from engine.base.diagnostic import InvalidInput, Location
from engine.base.diagnostics import Diagnostics
from engine.base.read import PolicyFile
from engine.base.sentence import os_reason
from engine.language.model import Policies
from engine.loading import git_attributes
from engine.loading.folder import LOCK, contents_of, is_archived, text_digest
from engine.loading.lockfile import newest_release, own_text, read_withdrawn, version_key
from engine.loading.versions_in_force import is_current
from engine.versioning.release.plan import Plan


def write(folder: Path, plan: Plan, files: tuple[PolicyFile, ...]) -> None:
    """Writes what was planned. `files` are those it was planned on. Raises InvalidInput."""
    require_unchanged(folder, files)
    try:
        (folder / "archive").mkdir(exist_ok=True)
        for path, content in plan.archive.items():
            put(folder, path, content)
        put(folder, LOCK, plan.lock)
        for path, written in plan.folder.items():
            put(folder, path, written)
        _put_git_attributes(folder)
    except OSError as error:
        message = f"The release could not be written: {os_reason(error)}. Nothing is lost."
        help_text = (
            "Mend the disk, then run it again; if the lock names the version already: advise release --finish"
        )
        raise InvalidInput.error("not-written", message, Location(str(folder), 0), help_text) from None


def _put_git_attributes(folder: Path) -> None:
    path = folder / git_attributes.NAME
    content = git_attributes.with_line_endings(path.read_bytes() if path.is_file() else None)
    if content is not None:
        put_file(path, content)


def require_unchanged(folder: Path, files: tuple[PolicyFile, ...]) -> None:
    """Raises InvalidInput where a file is not as it was read."""
    with Diagnostics() as changed:
        for file in files:
            try:
                same = (folder / file.path).read_bytes() == file.content
            except OSError:
                same = False
            if not same:
                at = Location(str(folder / file.path), 0)
                changed.error("release-refused", "It was changed meanwhile; nothing is written.", at)


def put(folder: Path, path: str, content: bytes | None) -> None:
    """One file, whole or not at all; on the disk before the next step."""
    target = folder / path
    if content is not None:
        put_file(target, content)
    else:
        target.unlink(missing_ok=True)
        sync_folder(target.parent)


def finish(folder: Path, files: tuple[PolicyFile, ...], policies: Policies) -> tuple[str, ...]:
    """Does what a release, or taking one back, left undone; the names of the files. Raises InvalidInput."""
    contents = contents_of(files)
    by_digest = {text_digest(file.content): file for file in files}
    released = policies.released or ()
    known = {release.digest for release in released}
    steps: dict[str, bytes | None] = {}
    for document in policies.documents:
        file_version = document.file_version
        newest = newest_release(file_version, released)
        if newest is None or newest.digest not in by_digest or is_archived(file_version.path):
            continue
        new = by_digest[newest.digest].content
        same_text = own_text(contents[file_version.path]) == own_text(new)
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
    if LOCK in contents:
        withdrawn = {each.digest for each in read_withdrawn(PolicyFile(LOCK, contents[LOCK]))} - known
        archived = (file for file in files if is_archived(file.path))
        steps |= {file.path: None for file in archived if text_digest(file.content) in withdrawn}
    for path, content in steps.items():
        put(folder, path, content)
    return tuple(steps)
