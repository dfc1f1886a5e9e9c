"""A file written whole or not at all, and on the disk then. A crash leaves the one or the other."""

from __future__ import annotations

import contextlib
import os
import secrets
import shutil
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from engine.base.held_file import hold

PRIVATE, SHARED = 0o600, 0o666
"""Who may read a file that was not there yet; the umask narrows it."""
_HELD: Final = os.name == "posix"
"""Whether a file can be held while it is open, and take another's place."""


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
    """A new file in the same folder, on the disk; what is left of it at the end goes.

    So does what a kill left of former ones there. A file that is at work is held.
    """
    _remove_left_behind(target.parent)
    fresh, handle = _new_sibling(target, mode)
    try:
        with os.fdopen(handle, "wb") as stream:
            stream.write(content)
            stream.flush()
            os.fsync(stream.fileno())
            if _HELD:
                yield fresh
        if not _HELD:  # an open file takes no other's place there
            yield fresh
    finally:
        with contextlib.suppress(FileNotFoundError):
            os.unlink(fresh)


def _new_sibling(target: Path, mode: int) -> tuple[Path, int]:
    """A file that is open, and held; made anew where somebody took it for one left behind meanwhile.

    Where there are no locks it is not held, and nobody takes it for such a one.
    """
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0)
    for last in (False, False, True):
        chosen = secrets.token_hex(4)
        fresh = target.with_name(f".advise-{chosen}{_check(chosen)}")
        handle = os.open(fresh, flags, mode)
        if last or not _HELD or (hold(handle) and fresh.exists()):
            break
        os.close(handle)
        fresh.unlink(missing_ok=True)
    return fresh, handle


def _check(chosen: str) -> str:
    """What follows what was chosen, in the name of a file of ours: nobody else gives one such a name."""
    return f"{zlib.crc32(chosen.encode()):08x}"


def _remove_left_behind(folder: Path) -> None:
    """Removes what former runs were killed over in a folder: what is ours by its name, and held by nobody."""
    if not _HELD:
        return
    for path in folder.glob(".advise-????????????????"):
        chosen, check = path.name[-16:-8], path.name[-8:]
        if check == _check(chosen) and path.is_file() and not path.is_symlink():
            with contextlib.suppress(OSError), path.open("rb") as stream:
                if hold(stream.fileno()):
                    path.unlink(missing_ok=True)


def _take_place(fresh: Path, target: Path) -> None:
    if target.exists():
        shutil.copymode(target, fresh)
    os.replace(fresh, target)
    sync_folder(target.parent)
