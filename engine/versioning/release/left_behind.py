"""Copies of a policy folder on which a release was tried out, left by a kill: the next release removes them.

Only what is ours goes: told by its name, by a marker in it, and by nobody holding that marker any more.
"""

from __future__ import annotations

import os
import shutil
from pathlib import Path
from typing import Final

PREFIX, SUFFIX = ".advise-release-", ".copy"
MARKER: Final = ".advise-release"
_SAYS: Final = b"A copy that `advise release` tries a release out on.\n"


def mark(copy: Path) -> int:
    """Marks a new copy as ours, and as in use for as long as the file is open. Raises OSError."""
    handle = os.open(copy / MARKER, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600)
    os.write(handle, _SAYS)
    _hold(handle)
    return handle


def remove_left_behind(folder: Path) -> tuple[Path, ...]:
    """Removes the copies beside a folder that nobody uses any more; what was removed."""
    left = sorted(folder.absolute().parent.glob(f"{PREFIX}*{SUFFIX}"))
    return tuple(copy for copy in left if _is_left(copy) and _removed(copy))


def _is_left(copy: Path) -> bool:
    marker = copy / MARKER
    if copy.is_symlink() or marker.is_symlink() or not marker.is_file():
        return False
    try:
        with marker.open("rb") as stream:
            return stream.read(len(_SAYS) + 1) == _SAYS and _hold(stream.fileno())
    except OSError:
        return False


def _removed(copy: Path) -> bool:
    shutil.rmtree(copy, ignore_errors=True)
    return not copy.exists()


def _hold(handle: int) -> bool:
    """Whether nobody else holds the file, which is held from now on; False where there are no locks."""
    try:
        import fcntl
    except ImportError:
        return False
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return False
    return True
