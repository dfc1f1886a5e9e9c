"""What tells one build of the program from another, at the cost of looking at its files."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from engine.base.version import VERSION
from engine.loading.folder import schema_folder

_PARTS: Final = ("base", "language", "loading")
"""The chapters that have a part in a policy set: no other stands below this one."""


def program_state() -> bytes:
    """The version; path, size and time of each file that has a part; the digests that an installer leaves."""
    engine = Path(__file__).resolve().parent.parent
    places = (*(engine / part for part in _PARTS), schema_folder())
    lines = [VERSION, *sorted(line for place in places for line in _files(os.fspath(place)))]
    with contextlib.suppress(OSError):  # not installed, but a checkout
        lines.append((engine.parent / f"advise-{VERSION}.dist-info" / "RECORD").read_text("utf-8"))
    return "\n".join(lines).encode("utf-8", "surrogateescape")


def _files(place: str) -> Iterator[str]:
    with os.scandir(place) as entries:
        for entry in entries:
            if entry.is_dir():
                yield from _files(entry.path)
            elif entry.name.endswith((".py", ".json")):
                status = entry.stat()
                yield f"{entry.path} {status.st_size} {status.st_mtime_ns}"
