"""Policies that were read and checked once, cached for the next run.

A cached file holds data only (no code), under a name made from the content of the policy folder, the
schemas and the tool's version, with a digest of its own. It can be altered, cut or deleted at any
time: then the folder is simply read again. Facts are never cached.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
from pathlib import Path

from engine.loading import cache_codec

KEEP_AT_MOST = 32


def default_folder() -> Path | None:
    """`$ADVISE_CACHE` (empty: keep nothing), else `advise` in the user's cache folder."""
    chosen = os.environ.get("ADVISE_CACHE")
    if chosen is not None:
        return Path(chosen) if chosen else None
    base = os.environ.get("XDG_CACHE_HOME") or "~/.cache"
    try:
        return Path(base).expanduser() / "advise"
    except RuntimeError:  # no home folder
        return None


def read(folder: Path, name: str) -> object | None:
    """What is kept under a name; None when nothing usable is."""
    path = folder / name
    try:
        if not _is_ours(folder) or not _is_ours(path):
            return None
        digest, _, body = path.read_bytes().partition(b"\n")
        if hashlib.sha256(body).hexdigest().encode() != digest:
            return None
        decoded: object = cache_codec.decode(json.loads(body))
    except (OSError, ValueError, TypeError, LookupError, ArithmeticError, RecursionError):
        return None
    return decoded


def _is_ours(path: Path) -> bool:
    """Nobody else can have written it (where the system knows owners)."""
    status = path.stat()
    return not hasattr(os, "getuid") or (status.st_uid == os.getuid() and not status.st_mode & 0o022)


def write(folder: Path, name: str, value: object) -> None:
    """Keeps a value for the owner only. A full or read-only disk costs time on the next run, nothing else."""
    import tempfile

    with contextlib.suppress(OSError, ValueError):  # ValueError: the name of a policy file is no text
        body = json.dumps(cache_codec.encode(value), ensure_ascii=False, separators=(",", ":")).encode()
        content = hashlib.sha256(body).hexdigest().encode() + b"\n" + body
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        if not _is_ours(folder):
            return
        handle, temporary = tempfile.mkstemp(dir=folder)  # mode 0600
        with os.fdopen(handle, "wb") as stream:
            stream.write(content)
        Path(temporary).replace(folder / name)
        _prune(folder)


def _prune(folder: Path) -> None:
    newest_first = sorted(folder.iterdir(), key=lambda path: path.stat().st_mtime, reverse=True)
    for path in newest_first[KEEP_AT_MOST:]:
        path.unlink(missing_ok=True)
