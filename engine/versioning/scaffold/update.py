"""Newer shipped texts brought into an edited guidance folder, three ways; what its owner wrote is never lost.

The texts it was made from lie in the folder (`SHIPPED`), so what each side changed is known by lines. All is
first done in a copy beside it. Only where that can be used are the files replaced; else the copy stays, for
its owner to mend, and the folder is as it was. Where both sides changed the same lines, the owner's stay, and
a file in `CONFLICTS` shows both.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterable, Iterator, Mapping
from datetime import date
from pathlib import Path
from typing import Final, Literal

from engine.base.atomic_write import put_file
from engine.base.diagnostic import Diagnostic, InvalidInput, Location
from engine.base.diagnostics import Diagnostics
from engine.base.record import record
from engine.base.sentence import os_reason
from engine.checking.check import check_folder
from engine.loading.layout import SHIPPED
from engine.loading.load import load
from engine.versioning.release.try_out import OF_RELEASES
from engine.versioning.scaffold.create import as_base, put
from engine.versioning.scaffold.merge import first_mark, merge
from engine.versioning.scaffold.shipped import (
    EXAMPLES,
    EXPLAINED,
    POLICIES,
    SCHEMAS,
    files_under,
    plain,
    schema_files,
)

CONFLICTS: Final = "conflicts"

What = Literal["new", "taken", "merged", "conflict", "gone", "kept", "left out"]


@record
class FileUpdate:
    """What becomes of a file: its content before and after (None: there is none).

    `marked` is its text with both sides of each conflict, `conflicts` where these are in `after` and in it.
    """

    path: str
    what: What
    before: bytes | None
    after: bytes | None
    marked: bytes | None = None
    conflicts: tuple[tuple[int, int], ...] = ()


@record
class Updated:
    """What was done, file by file; by the paths of files with conflicts, which file shows them.

    `open` are conflicts of former updates: the files that still show them, and where in them.
    """

    files: tuple[FileUpdate, ...]
    shown: Mapping[str, str]
    open: tuple[tuple[str, int], ...] = ()


def update(folder: Path, shipped: Mapping[str, bytes], today: date) -> Updated:
    """Brings a guidance folder up to what is shipped now. Raises InvalidInput; then it is as it was."""
    base = files_under(_base_of(folder))
    _refuse_marks(folder, sorted({*base, *shipped}))
    former = _open_conflicts(folder)
    if base == shipped:
        return Updated((), {}, former)
    updates = tuple(_updates(folder, base, shipped))
    shown = _shown(folder, updates)
    marked = {shown[each.path]: each.marked for each in updates if each.marked is not None}
    _require_usable(folder / POLICIES, today)
    copy = _new_copy(folder)
    try:
        _stage(folder, copy, updates, {**marked, **as_base(shipped)})
        schemas = _schemas_of(folder, copy, today)
        shutil.rmtree(copy)
        _write(folder, updates, {**marked, **schemas})
        put(folder, as_base(shipped))
        for path in base.keys() - shipped.keys():
            (folder / SHIPPED / path).unlink()
    except OSError as error:
        shutil.rmtree(copy, ignore_errors=True)
        raise _not_written(folder, error) from None
    return Updated(updates, shown, former)


def _refuse_marks(folder: Path, paths: Iterable[str]) -> None:
    """Raises InvalidInput where one of the owner's files holds both sides of a conflict."""
    with Diagnostics() as problems:
        for path in paths:
            mark = first_mark((folder / path).read_bytes()) if (folder / path).is_file() else None
            if mark is not None:
                message = "Both sides of a conflict stand here."
                help_text = "Keep one of them, and delete the marks; then run it again."
                problems.error("init-refused", message, Location(str(folder / path), mark), help_text)


def _open_conflicts(folder: Path) -> tuple[tuple[str, int], ...]:
    files = files_under(folder / CONFLICTS, CONFLICTS)
    marks = ((path, first_mark(content)) for path, content in files.items())
    return tuple((path, line) for path, line in marks if line is not None)


def _new_copy(folder: Path) -> Path:
    """Where the copy is made: an empty folder beside it. Raises InvalidInput."""
    place = Path(os.path.abspath(folder))
    copy = place.with_name(f"{place.name}.updated")
    try:
        copy.mkdir()
    except FileExistsError:
        message = "A copy from a former update is there."
        help_text = f"Put its files in the place of those in {folder}, or remove it."
        raise InvalidInput.error("init-refused", message, Location(str(copy), 0), help_text) from None
    except OSError as error:
        raise _not_written(folder, error) from None
    return copy


def _not_written(folder: Path, error: OSError) -> InvalidInput:
    message = f"It cannot be brought up to date: {os_reason(error)}."
    help_text = "Nothing is lost: mend what is told, then run it again."
    return InvalidInput.error("not-written", message, Location(str(folder), 0), help_text)


def _base_of(folder: Path) -> Path:
    if (folder / SHIPPED).is_dir():
        return folder / SHIPPED
    message = f"`{folder}` does not say what it was made from: there is no {SHIPPED} in it."
    help_text = "Only a folder that `advise init` made from the shipped policies can be brought up to date."
    if (folder / SCHEMAS).is_dir() and not (folder / EXPLAINED).is_file():
        message = f"`{folder}` was made with --empty: nothing in it came from the shipped policies."
        help_text = "There is nothing to bring up to date: its policies are all your own."
    elif (folder.absolute().parent / SHIPPED).is_dir():
        help_text = f"Did you mean {folder.absolute().parent}?"
    raise InvalidInput.error("init-refused", message, Location(str(folder), 0), help_text)


def _updates(folder: Path, base: Mapping[str, bytes], shipped: Mapping[str, bytes]) -> Iterator[FileUpdate]:
    for path in sorted({*base, *shipped}):
        old, new = base.get(path), shipped.get(path)
        target = folder / path
        before = target.read_bytes() if target.is_file() else None
        mine = None if before is None else plain(before)
        if new == old or mine == new:
            continue
        if mine == old:
            what: What = "gone" if new is None else "new" if old is None else "taken"
            yield FileUpdate(path, what, before, None if new is None else _ending_as(before, new))
        elif mine is None or new is None:
            yield FileUpdate(path, "left out" if mine is None else "kept", before, before)
        else:
            merged = merge(old or b"", mine, new)
            after = _ending_as(before, merged.content)
            if merged.conflicts:
                yield FileUpdate(path, "conflict", before, after, merged.marked, merged.conflicts)
            else:
                yield FileUpdate(path, "merged", before, after)


def _ending_as(before: bytes | None, content: bytes) -> bytes:
    """A text with the line ends of the one whose place it takes."""
    windows = before is not None and 0 < before.count(b"\n") == before.count(b"\r\n")
    return content.replace(b"\n", b"\r\n") if windows else content


def _require_usable(policies: Path, today: date) -> None:
    """Raises InvalidInput with what is wrong in the policies."""
    errors = [each for each in check_folder(policies, today).diagnostics if each.severity == "error"]
    errors = [each for each in errors if each.code not in OF_RELEASES]
    if errors:
        raise InvalidInput(errors)


def _shown(folder: Path, updates: tuple[FileUpdate, ...]) -> dict[str, str]:
    """Names for the files that show conflicts, under which nothing is there yet."""
    shown = {}
    for each in updates:
        if each.marked is not None:
            name, number = f"{CONFLICTS}/{each.path}", 1
            while (folder / name).exists():
                number += 1
                name = f"{CONFLICTS}/{each.path}.{number}"
            shown[each.path] = name
    return shown


def _stage(folder: Path, copy: Path, updates: tuple[FileUpdate, ...], more: Mapping[str, bytes]) -> None:
    """Makes the copy, as the folder would be."""
    for part in (POLICIES, EXAMPLES):
        if (folder / part).is_dir():
            shutil.copytree(folder / part, copy / part)
    for each in updates:
        if each.after is None:
            (copy / each.path).unlink(missing_ok=True)
    put(copy, {each.path: each.after for each in updates if each.after is not None} | dict(more))


def _schemas_of(folder: Path, copy: Path, today: date) -> dict[str, bytes]:
    """The schemas for editors of the copy. Raises InvalidInput where it cannot be used: it stays then."""
    try:
        _require_usable(copy / POLICIES, today)
        return schema_files(load(copy / POLICIES, today))
    except InvalidInput as refused:
        message = f"With the newer texts the policies cannot be used; `{folder}` is as it was."
        help_text = f"Mend what is told in {copy}, then put its files in the place of those in {folder}."
        first = Diagnostic("init-refused", message, Location(str(copy), 0), help_text)
        raise InvalidInput((first, *refused.diagnostics)) from None


def _write(folder: Path, updates: tuple[FileUpdate, ...], more: Mapping[str, bytes]) -> None:
    """Puts the new texts in their places. Raises InvalidInput where somebody changed a file meanwhile."""
    for path, content in more.items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        put_file(folder / path, content)
    for each in updates:
        target = folder / each.path
        now = target.read_bytes() if target.is_file() else None
        if now != each.before:
            message = "Somebody changed it meanwhile; it is left as it is."
            raise InvalidInput.error("changed-meanwhile", message, Location(str(target), 0), "Run it again.")
        if each.after is None:
            target.unlink(missing_ok=True)
        elif each.after != now:
            target.parent.mkdir(parents=True, exist_ok=True)
            put_file(target, each.after)
