"""Folders in which something was made or tried out, left by a kill: the next run of the kind removes them.

Only what is ours goes: told by its name, by a marker in it, and by nobody holding that marker any more.
"""

from __future__ import annotations

import os
import shutil
import tempfile
from pathlib import Path

from engine.base.held_file import hold
from engine.base.record import record


@record
class Workplace:
    """A kind of folder that is there while something is done, and by what it is told."""

    prefix: str
    suffix: str
    marker: str
    says: bytes


RELEASE = Workplace(
    ".advise-release-", ".copy", ".advise-release", b"A copy that `advise release` tries a release out on.\n"
)
INIT = Workplace(
    ".advise-init-", ".new", ".advise-init", b"A folder that `advise init` makes, which is not whole yet.\n"
)


def make(kind: Workplace, parent: Path) -> tuple[Path, int]:
    """A new folder that is marked as ours, and as in use for as long as the file is open. Raises OSError."""
    place = Path(tempfile.mkdtemp(kind.suffix, kind.prefix, parent))
    return place, mark(kind, place)


def mark(kind: Workplace, place: Path) -> int:
    """Marks a folder so. Raises OSError."""
    handle = os.open(place / kind.marker, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600)
    os.write(handle, kind.says)
    hold(handle)
    return handle


def remove_left_behind(kind: Workplace, parent: Path) -> tuple[Path, ...]:
    """Removes the folders of a kind that nobody uses any more; what was removed."""
    left = sorted(parent.glob(f"{kind.prefix}*{kind.suffix}"))
    return tuple(place for place in left if _is_left(kind, place) and _removed(place))


def _is_left(kind: Workplace, place: Path) -> bool:
    marker = place / kind.marker
    if place.is_symlink() or marker.is_symlink() or not marker.is_file():
        return False
    try:
        with marker.open("rb") as stream:
            return stream.read(len(kind.says) + 1) == kind.says and hold(stream.fileno())
    except OSError:
        return False


def _removed(place: Path) -> bool:
    shutil.rmtree(place, ignore_errors=True)
    return not place.exists()
