"""A file written whole or not at all, and on the disk then. A crash leaves the one or the other."""

from __future__ import annotations

import contextlib
import os
import secrets
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

PRIVATE, SHARED = 0o600, 0o666
"""Who may read a file that was not there yet; the umask narrows it."""


def replace_file(path: Path, before: bytes | None, after: bytes) -> bool:
    """Puts `after` in the place of `before`; False, and nothing done, when the file is not `before` any more.

    `before` None: there is no file yet, and the new one is for its owner only. Mode and symbolic links stay.
    Raises OSError.
    """
    target = path.resolve()
    with _temporary_sibling(target, after, PRIVATE) as fresh:
        if (target.read_bytes() if target.exists() else None) != before:
            return False
        _take_place(fresh, target)
    return True


def put_file(path: Path, content: bytes) -> None:
    """Writes a file, whatever it held. Mode and symbolic links stay. Raises OSError."""
    target = path.resolve()
    with _temporary_sibling(target, content, SHARED) as fresh:
        _take_place(fresh, target)


def sync_folder(folder: Path) -> None:
    """Sees to it that names that came or went in a folder are on the disk, where the system can."""
    if hasattr(os, "O_DIRECTORY"):
        handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)


@contextmanager
def _temporary_sibling(target: Path, content: bytes, mode: int) -> Iterator[Path]:
    """A new file in the same folder, on the disk; what is left of it at the end goes."""
    fresh = target.with_name(f".advise-{secrets.token_hex(4)}")
    handle = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0), mode)
    try:
        with os.fdopen(handle, "wb") as stream:
            stream.write(content)
            stream.flush()
            os.fsync(stream.fileno())
        yield fresh
    finally:
        with contextlib.suppress(FileNotFoundError):
            os.unlink(fresh)


def _take_place(fresh: Path, target: Path) -> None:
    if target.exists():
        shutil.copymode(target, fresh)
    os.replace(fresh, target)
    sync_folder(target.parent)
