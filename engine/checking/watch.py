"""A policy folder looked at again and again: what has changed since the last look."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Final

from engine.loading.folder import every_file

INTERVAL: Final = 0.3
"""Seconds between two looks. To look costs less than a hundredth of that, on any kind of disk."""

FileTimes = Mapping[Path, tuple[int, int]]
"""Each file with its time of change (ns) and its size."""


def saves(folder: Path) -> Iterator[None]:
    """Once at the beginning, then after each save: when the files have changed, and have come to rest."""
    checked: FileTimes | None = None
    while True:
        state = _settled(folder)
        if state != checked:
            checked = state
            yield
        time.sleep(INTERVAL)


def _settled(folder: Path) -> FileTimes:
    state = _look(folder)
    while True:
        time.sleep(INTERVAL)
        later = _look(folder)
        if later == state:
            return state
        state = later


def _look(folder: Path) -> FileTimes:
    """Every file of the folder, whether a check reads it, or only names it; what is hidden is passed over."""
    seen = {}
    for path in every_file(folder):
        try:
            status = path.stat()
        except OSError:  # gone since, or a link that leads nowhere
            continue
        seen[path] = status.st_mtime_ns, status.st_size
    return seen
