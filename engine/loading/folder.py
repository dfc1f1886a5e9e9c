"""A policy folder: where it is, and the bytes of its files."""

from __future__ import annotations

import hashlib
import os
import re
import stat
from collections.abc import Iterable, Iterator
from pathlib import Path, PurePath
from typing import Final

from engine.base.diagnostic import CommandLine, InvalidInput, Location
from engine.base.diagnostics import Diagnostics, gathered
from engine.base.read import PolicyFile, read_bytes
from engine.base.sentence import os_reason
from engine.loading.layout import ARCHIVE, ENDINGS, TESTS, is_passed_over, may_hold_rows, part_of

HERE: Final = "policies"
"""The name under which a policy folder is found where somebody works."""


def find_folder(chosen: str | None) -> Path:
    """The policy folder: the chosen one, else `$ADVISE_POLICIES`, else `./policies`, else the shipped one.

    Raises InvalidInput when the one that is named is no folder.
    """
    return _users_folder(chosen) or shipped_folder()


def find_own_folder(chosen: str | None, otherwise: Path | None = None) -> Path:
    """The user's policy folder, for what checks, tests, mends or releases: not the shipped one, unless named.

    `otherwise` is the one that is meant where there is none. Raises InvalidInput when there is none at all.
    """
    folder = _users_folder(chosen) or otherwise
    if folder is None:
        message = f"No policy folder is named, and there is no folder `{HERE}` in {Path.cwd()}."
        help_text = "Name yours, or make one: advise init FOLDER"
        raise InvalidInput.error("no-folder", message, CommandLine("--policies"), help_text)
    return folder


def _users_folder(chosen: str | None) -> Path | None:
    named = chosen if chosen is not None else os.environ.get("ADVISE_POLICIES") or None
    if named is None:
        local = Path(HERE)
        return local if local.is_dir() else None
    folder, help_text = Path(named), "Check the command, --policies or $ADVISE_POLICIES."
    if not named:
        message = "The name of the policy folder is empty."
    elif not folder.is_dir():
        is_file = os.path.exists(named)
        message = f"`{named}` is a file, no folder." if is_file else f"There is no folder `{named}`."
    elif (folder / HERE).is_dir() and not _policies_in(folder):
        message = f"There are no policies in `{named}` itself."
        help_text = f"Did you mean {(folder / HERE).as_posix()}?"
    else:
        return folder
    raise InvalidInput.error("no-folder", message, Location(named, 0), help_text)


def _policies_in(folder: Path) -> list[str]:
    return [path for path, _ in list_part(folder, "", Diagnostics()) if part_of(path) == "policies"]


def shipped_folder() -> Path:
    """The policies that came with the package."""
    return _shipped("policies")


def schema_folder() -> Path:
    """Where the JSON Schemas lie."""
    return _shipped("schemas")


def examples_folder() -> Path:
    """The facts files that came with the package."""
    return _shipped("examples")


def _shipped(name: str) -> Path:
    """A folder that lies beside the package in a checkout, and inside it when installed."""
    package = Path(__file__).resolve().parent.parent
    installed = package / name
    return installed if installed.is_dir() else package.parent / name


LOCK = "releases.lock"
"""The file that says which versions were released; it belongs to a policy folder."""


def is_archived(path: str) -> bool:
    """Whether a file, by its path in the policy folder, is of a former version: it never changes."""
    return path.startswith(f"{ARCHIVE}/")


def list_files(folder: Path, problems: Diagnostics | None = None) -> tuple[PolicyFile, ...]:
    """Every policy file of the folder and its archive, by path, then its lock.

    Those that cannot be read are left out, and are problems; without `problems`, InvalidInput is raised.
    """
    with gathered(problems) as unreadable:
        listed = (*list_part(folder, "", unreadable), *list_part(folder, ARCHIVE, unreadable))
        names = [path for path, _ in listed if part_of(path) in ("policies", "archive")]
        lock = [LOCK] if os.path.lexists(folder / LOCK) else []
        files = _read_all(folder, sorted(names, key=PurePath), unreadable)
        rows = _rows_files(files, [path for path, is_folder in listed if not is_folder])
        return (*files, *_read_all(folder, [*rows, *lock], unreadable))


_NAMES_ROWS: Final = re.compile(rb"\brows[\"']?[ ]*:[ ]*[\"']?([\w.-]+\.csv)\b")


def _rows_files(files: Iterable[PolicyFile], listed: Iterable[str]) -> list[str]:
    """The files with rows of tables that these name, and the copies of such in the archive."""
    named = {name.decode() for file in files for name in _NAMES_ROWS.findall(file.content)}
    if not named:
        return []
    rows = (path for path in listed if may_hold_rows(path))
    return sorted(path for path in rows if path in named or is_archived(path))


def list_tests(folder: Path, problems: Diagnostics | None = None) -> tuple[PolicyFile, ...]:
    """The files of the policy tests, those in sub folders too, by path; problems as in `list_files`."""
    with gathered(problems) as unreadable:
        names = (path for path in _within(folder, TESTS, unreadable) if part_of(path) == "tests")
        return _read_all(folder, sorted(names, key=PurePath), unreadable)


def every_file(folder: Path) -> Iterator[Path]:
    """Whatever of the folder is read, may be read as the facts of a test, or is named as not read."""
    unlisted = Diagnostics()  # which is told when it is read
    paths = dict.fromkeys(
        path for part in ("", ARCHIVE, TESTS) for path in _within(folder, part, unlisted)
    )  # each once: the archive and the tests may be links, which are gone through as if they were none
    for path in paths:
        place = path.rpartition("/")[0]
        is_part = place in ("", ARCHIVE) or path.startswith(f"{TESTS}/")
        if is_part or path.endswith((".json", *ENDINGS)):
            yield folder / path


def _within(folder: Path, part: str, problems: Diagnostics) -> Iterator[str]:
    """The paths of the files in a part of the folder, and in all folders below."""
    pending = [part]
    while pending:
        for path, is_folder in list_part(folder, pending.pop(), problems):
            if is_folder and part_of(path) is None:
                pending.append(path)
            else:
                yield path


def list_part(folder: Path, part: str, problems: Diagnostics) -> list[tuple[str, bool]]:
    """The paths of what lies in a part of the folder (`""`: the folder itself), and whether each is a folder.

    A link to a folder is none. What is passed over is left out; a part that cannot be listed is a problem.
    """
    place = folder / part
    if part and not os.path.lexists(place):
        return []
    try:
        with os.scandir(place) as entries:
            return [
                (f"{part}/{entry.name}".lstrip("/"), entry.is_dir(follow_symlinks=False))
                for entry in entries
                if not is_passed_over(entry.name)
            ]
    except OSError as error:
        message = f"Cannot list the folder: {os_reason(error)}."
        problems.error("unreadable", message, Location(part or "."))
        return []


def _read_all(folder: Path, paths: Iterable[str], problems: Diagnostics) -> tuple[PolicyFile, ...]:
    files = []
    for path in paths:
        with problems.absorb():
            reason = foreign(folder, path)
            if reason is None:
                files.append(PolicyFile(path, read_bytes(folder / path, path)))
            else:
                message, help_text = f"This is not read: {reason}.", "Put the file itself here, or remove it."
                problems.error("unreadable", message, Location(path), help_text, line_text="")
    return tuple(files)


def foreign(folder: Path, path: str) -> str | None:
    """Why what stands at a path of the folder is not looked into: it is no file, or none of this folder.

    None for a file of it, for a folder, and where there is nothing.
    """
    try:
        real = os.path.realpath(folder / path)
        if not Path(real).is_relative_to(os.path.realpath(folder)):
            return "it is a link that leads out of the policy folder"
        mode = os.stat(real).st_mode
    except (OSError, ValueError):  # which is told by whoever reads it
        return None
    return None if stat.S_ISREG(mode) or stat.S_ISDIR(mode) else "it is a pipe, a device or the like, no file"


def digest_of(files: tuple[PolicyFile, ...]) -> str:
    """SHA-256 over the paths and contents of policy files."""
    digest = hashlib.sha256()
    for file in files:
        path = os.fsencode(file.path)
        digest.update(b"%d:%s%d:%s" % (len(path), path, len(file.content), file.content))
    return digest.hexdigest()


def text_digest(content: bytes) -> str:
    """SHA-256 of a file's text, its lines ending in `\\n`, whatever endings it was checked out with."""
    return hashlib.sha256(content.replace(b"\r\n", b"\n")).hexdigest()


def contents_of(files: Iterable[PolicyFile]) -> dict[str, bytes]:
    """The contents of files by their paths."""
    return {file.path: file.content for file in files}
