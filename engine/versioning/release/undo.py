"""The last release, taken back on its day: its text stays in the folder, its number is not given again."""

from __future__ import annotations

import copy
from collections.abc import Iterable, Iterator, Mapping
from datetime import date
from pathlib import Path
from typing import Any, Final

from engine.base.diagnostic import CommandLine, InvalidInput, Location
from engine.base.diagnostics import Diagnostics
from engine.base.read import PolicyFile, read_yaml
from engine.base.record import record
from engine.base.sentence import os_reason
from engine.language.model import ChangeNote, FileVersion, Policies, Release
from engine.loading.folder import LOCK, contents_of, is_archived, list_files, text_digest
from engine.loading.lockfile import (
    lock_text,
    newest_release,
    own_text,
    read_lock,
    read_withdrawn,
    spoken_name,
)
from engine.loading.read_folder import read_policies
from engine.loading.versions_in_force import is_current
from engine.versioning.release.apply import put, require_unchanged
from engine.versioning.release.edits import drop_change, edited, quoted, set_value
from engine.versioning.release.plan import names_of, no_policy, nowhere
from engine.versioning.release.try_out import others_as_released, require_usable

_ANEW: Final = (
    "A release is taken back on its day only. Put the former text in force anew: copy it from archive/, and "
    "release it as the next version."
)

_UNDO: Final = CommandLine("advise release --undo")


@record
class Undone:
    """A file whose last release is taken back: its number, and that of the version before (None: none)."""

    name: str
    version: str
    former: str | None
    path: str


@record
class _Released:
    """A file that stands as it was released today."""

    file_version: FileVersion
    release: Release
    former: PolicyFile | None


def undo_release(folder: Path, names: tuple[str, ...], today: date) -> tuple[Undone, ...]:
    """Takes back the last release of the named files; without names, what was released together today.

    Raises InvalidInput with every problem; then nothing was written.
    """
    with Diagnostics(folder=folder):
        files = list_files(folder)
        policies = read_policies(files)
        chosen = tuple(_chosen(files, policies, names, today))
        steps = _steps(files, chosen)
    former = {each.file_version.path: each.former.content for each in chosen if each.former is not None}
    others = others_as_released(files, policies, today)
    require_usable(folder, {**others, **steps, **former}, today)
    require_unchanged(folder, files)
    try:
        for path, content in steps.items():
            put(folder, path, content)
    except OSError as error:
        message = f"It could not be written: {os_reason(error)}. Nothing is lost."
        raise InvalidInput.error("not-written", message, Location(str(folder), 0)) from None
    return tuple(
        Undone(
            spoken_name(each.file_version),
            each.release.version,
            read_yaml(each.former.content, each.former.path).data["version"] if each.former else None,
            each.file_version.path,
        )
        for each in chosen
    )


def _chosen(
    files: tuple[PolicyFile, ...], policies: Policies, names: tuple[str, ...], today: date
) -> Iterator[_Released]:
    current = [document.file_version for document in policies.documents if is_current(document.file_version)]
    if names:
        for name in names:
            named = [each for each in current if name in names_of(each)]
            if not named:
                raise no_policy(name, current)
            yield _released_today(files, policies, named[0], today)
        return
    releases: dict[object, list[FileVersion]] = {}
    for each in current:
        if each.released_on(today):
            releases.setdefault(_release_noted(each.changes[0]), []).append(each)
    if not releases:
        message = "Nothing was released today."
        raise InvalidInput.error("release-refused", message, _UNDO, _ANEW)
    last = [noted for noted in releases if noted not in set(_earlier(releases, today))]
    if len(last) > 1:
        commands = (f"advise release {' '.join(map(spoken_name, releases[noted]))} --undo" for noted in last)
        message = "There were several releases today."
        help_text = f"Name what is to be taken back: {', or '.join(commands)}"
        raise InvalidInput.error("release-refused", message, _UNDO, help_text)
    for each in releases[last[0]]:
        yield _released_today(files, policies, each, today)


def _release_noted(note: ChangeNote) -> object:
    """By what files are known that were released together."""
    return note.note, note.by, note.approved_by


def _earlier(releases: Mapping[object, Iterable[FileVersion]], today: date) -> Iterator[object]:
    """The releases of today that another one of today followed."""
    for noted, file_versions in releases.items():
        for note in (note for each in file_versions for note in each.changes[1:] if note.date == today):
            if _release_noted(note) != noted:
                yield _release_noted(note)


def _released_today(
    files: tuple[PolicyFile, ...], policies: Policies, file_version: FileVersion, today: date
) -> _Released:
    """The file with its release. Raises InvalidInput where that is not of today, or was edited since."""
    releases = policies.released or ()
    newest = newest_release(file_version, releases)
    held = {text_digest(file.content): file for file in files}
    at, name = file_version.at, spoken_name(file_version)
    if newest is None:
        message = f"`{name}` was never released."
        raise InvalidInput.error("release-refused", message, at)
    if newest.digest != file_version.digest:
        message = f"`{name}` is not what was released in {newest.version}: it was changed since."
        copy = held.get(newest.digest)
        place = f"copy {copy.path} to {file_version.path}" if copy else "put back what was released"
        help_text = f"Keep your change in another folder, {place}, then take it back."
        raise InvalidInput.error("release-refused", message, at, help_text)
    if not file_version.released_on(today):
        message = f"`{name}` {newest.version} was not released today."
        raise InvalidInput.error("release-refused", message, at, _ANEW)
    before = newest_release(file_version, (each for each in releases if each != newest))
    former = held.get(before.digest) if before is not None else None
    if before is not None and former is None:
        raise nowhere(file_version, before)
    return _Released(file_version, newest, former)


def _steps(files: tuple[PolicyFile, ...], chosen: Iterable[_Released]) -> dict[str, bytes | None]:
    """What is written, in this order: the files as they were edited, the lock; which copies go."""
    contents = contents_of(files)
    own = {each.release.digest for each in chosen}
    texts = {each.file_version.path: _before(contents, each) for each in chosen}
    copies = [file.path for file in files if is_archived(file.path) and text_digest(file.content) in own]
    lock = PolicyFile(LOCK, contents[LOCK])
    names = {(each.release.kind, each.release.id, each.release.version) for each in chosen}
    lines = read_lock(lock, Diagnostics())
    kept = [each for each in lines if (each.kind, each.id, each.version) not in names]
    gone = [each for each in lines if (each.kind, each.id, each.version) in names]
    locked = lock_text(kept, (*read_withdrawn(lock), *gone)).encode()
    return {**texts, LOCK: locked, **dict.fromkeys(copies)}


def _before(contents: dict[str, bytes], released: _Released) -> bytes:
    """A released file with the head that it had before: the edit as it was."""
    path = released.file_version.path
    content = contents[path]
    former = released.former
    if former is not None and own_text(former.content) == own_text(content):
        return former.content
    source = read_yaml(content, path)
    expected: dict[str, Any] = copy.deepcopy(source.data)
    expected["changes"] = expected["changes"][1:]
    if not expected["changes"]:
        del expected["changes"]
    edits = [drop_change(source)]
    if former is not None:
        head = read_yaml(former.content, former.path).data
        expected["version"] = head["version"]
        expected["effective"]["from"] = head["effective"]["from"]
        edits.append(set_value(source, ("version",), quoted(head["version"])))
        edits.append(set_value(source, ("effective", "from"), head["effective"]["from"]))
        if head["status"] != expected["status"]:
            expected["status"] = head["status"]
            edits.append(set_value(source, ("status",), head["status"]))
    return edited(source, content, edits, expected)
