"""A policy folder: where it is, and the bytes of its files."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterable
from pathlib import Path
from typing import Final

from engine.base.diagnostic import CommandLine, InvalidInput, Location
from engine.base.diagnostics import Diagnostics, gathered
from engine.base.read import PolicyFile, read_bytes

HERE: Final = "policies"
"""The name under which a policy folder is found where somebody works."""


def find_folder(chosen: str | None) -> Path:
    """The policy folder: the chosen one, else `$ADVISE_POLICIES`, else `./policies`, else the shipped one.

    Raises InvalidInput when the one that is named is no folder.
    """
    return _users_folder(chosen) or shipped_folder()


def find_own_folder(chosen: str | None) -> Path:
    """The user's policy folder, for what checks, tests, mends or releases: not the shipped one, unless named.

    Raises InvalidInput when there is none.
    """
    folder = _users_folder(chosen)
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
    elif (folder / HERE).is_dir() and not list(folder.glob("[!.]*.y*ml")):
        message = f"There are no policies in `{named}` itself."
        help_text = f"Did you mean {(folder / HERE).as_posix()}?"
    else:
        return folder
    raise InvalidInput.error("no-folder", message, Location(named, 0), help_text)


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


def list_files(folder: Path, problems: Diagnostics | None = None) -> tuple[PolicyFile, ...]:
    """Every policy file of the folder and its archive, by path, then its lock.

    Those that cannot be read are left out, and are problems; without `problems`, InvalidInput is raised.
    """
    every = (path for place in (folder, folder / "archive") for path in place.glob("*.y*ml"))
    paths = sorted(path for path in every if path.suffix in (".yaml", ".yml") and path.name[0] != ".")
    if (folder / LOCK).exists():
        paths.append(folder / LOCK)
    return _read_all(folder, paths, problems)


def _read_all(folder: Path, paths: Iterable[Path], problems: Diagnostics | None) -> tuple[PolicyFile, ...]:
    files = []
    with gathered(problems) as unreadable:
        for path in paths:
            relative = path.relative_to(folder).as_posix()
            with unreadable.absorb():
                files.append(PolicyFile(relative, read_bytes(path, relative)))
    return tuple(files)


def list_tests(folder: Path, problems: Diagnostics | None = None) -> tuple[PolicyFile, ...]:
    """The files of the folder's policy tests, sorted by path; problems as in `list_files`."""
    return _read_all(folder, sorted((folder / "tests").glob("*.yaml")), problems)


def digest_of(files: tuple[PolicyFile, ...]) -> str:
    """SHA-256 over the paths and contents of policy files."""
    digest = hashlib.sha256()
    for file in files:
        path = os.fsencode(file.path)
        digest.update(b"%d:%s%d:%s" % (len(path), path, len(file.content), file.content))
    return digest.hexdigest()


def contents_of(files: Iterable[PolicyFile]) -> dict[str, bytes]:
    """The contents of files by their paths."""
    return {file.path: file.content for file in files}
