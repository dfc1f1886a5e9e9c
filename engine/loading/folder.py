"""A policy folder: where it is, and the bytes of its files."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterable
from pathlib import Path

from engine.base.diagnostic import InvalidInput, Location
from engine.base.diagnostics import Diagnostics, gathered
from engine.base.read import PolicyFile, read_bytes


def find_folder(chosen: str | None) -> Path:
    """The policy folder: the chosen one, else `$ADVISE_POLICIES`, else `./policies`, else the shipped one.

    Raises InvalidInput when the chosen one is no folder.
    """
    named = chosen if chosen is not None else os.environ.get("ADVISE_POLICIES") or None
    if named is not None:
        folder = Path(named)
        if not named or not folder.is_dir():
            message = "There is no such policy folder."
            help_text = "Check --policies or $ADVISE_POLICIES."
            raise InvalidInput.error("no-folder", message, Location(named), help_text)
        return folder
    local = Path("policies")
    return local if local.is_dir() else shipped_folder()


def shipped_folder() -> Path:
    """The policies that came with the package: beside it in a checkout, inside it when installed."""
    package = Path(__file__).resolve().parent.parent
    installed = package / "policies"
    return installed if installed.is_dir() else package.parent / "policies"


def schema_folder() -> Path:
    """Where the JSON Schemas lie: beside the package in a checkout, inside it when installed."""
    package = Path(__file__).resolve().parent.parent
    installed = package / "schemas"
    return installed if installed.is_dir() else package.parent / "schemas"


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


def text_digest(content: bytes) -> str:
    """SHA-256 of a file's text, its lines ending in `\\n`, whatever endings it was checked out with."""
    return hashlib.sha256(content.replace(b"\r\n", b"\n")).hexdigest()


def contents_of(files: Iterable[PolicyFile]) -> dict[str, bytes]:
    """The contents of files by their paths."""
    return {file.path: file.content for file in files}
