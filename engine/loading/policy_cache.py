"""Policies that were read and checked once, cached for the next run.

A cached file holds data only (no code), under a name made from the content of the policy folder and from
the program itself, with a digest of its own. It can be altered, cut or deleted at any time: then the folder
is simply read again. Facts are never cached. What others wrote is never removed, whatever folder is named:
files are kept in one of our own within it, and go only if they begin as ours do.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from engine.loading import cache_codec

KEEP_AT_MOST: Final = 32
_FOLDER: Final = "advise-cache"
_SUFFIX: Final = ".kept"
_BEGIN: Final = b"advise keeps policies 1 "
"""What our files begin with; their digest follows."""


def default_folder() -> Path | None:
    """`advise-cache` in `$ADVISE_CACHE` (empty: keep nothing), else `advise` in the user's cache folder."""
    chosen = os.environ.get("ADVISE_CACHE")
    if chosen == "":
        return None
    base = os.environ.get("XDG_CACHE_HOME") or "~/.cache"
    try:
        return Path(base).expanduser() / "advise" if chosen is None else Path(chosen).expanduser() / _FOLDER
    except RuntimeError:  # no home folder
        return None


def read(folder: Path, name: str) -> object | None:
    """What is kept under a name; None when nothing usable is."""
    path = folder / (name + _SUFFIX)
    try:
        if not _is_ours(folder) or not _is_ours(path):
            return None
        head, _, body = path.read_bytes().partition(b"\n")
        if head != _head(body):
            return None
        decoded: object = cache_codec.decode(json.loads(body))
    except (OSError, ValueError, TypeError, LookupError, ArithmeticError, RecursionError):
        return None
    return decoded


def _head(body: bytes) -> bytes:
    return _BEGIN + hashlib.sha256(body).hexdigest().encode()


def _is_ours(path: Path) -> bool:
    """Nobody else can have written it (where the system knows owners)."""
    status = path.stat()
    return not hasattr(os, "getuid") or (status.st_uid == os.getuid() and not status.st_mode & 0o022)


def write(folder: Path, name: str, value: object) -> None:
    """Keeps a value for the owner only. A full or read-only disk costs time on the next run, nothing else."""
    import tempfile

    with contextlib.suppress(OSError, ValueError):  # ValueError: the name of a policy file is no text
        body = json.dumps(cache_codec.encode(value), ensure_ascii=False, separators=(",", ":")).encode()
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        if not _is_ours(folder):
            return
        handle, temporary = tempfile.mkstemp(suffix=_SUFFIX, dir=folder)  # mode 0600
        with os.fdopen(handle, "wb") as stream:
            stream.write(_head(body) + b"\n" + body)
        Path(temporary).replace(folder / (name + _SUFFIX))
        _prune(folder)


def _prune(folder: Path) -> None:
    newest_first = sorted(_kept(folder), key=lambda path: path.stat().st_mtime, reverse=True)
    for path in newest_first[KEEP_AT_MOST:]:
        path.unlink(missing_ok=True)


def _kept(folder: Path) -> Iterator[Path]:
    """The files that this module wrote: nothing else in the folder is looked at, or goes."""
    for path in folder.glob(f"*{_SUFFIX}"):
        if path.is_file() and not path.is_symlink():
            with path.open("rb") as stream:
                if stream.read(len(_BEGIN)) == _BEGIN:
                    yield path
