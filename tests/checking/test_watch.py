"""`advise check --watch`: a save of any file that a check reads is seen."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from threading import Thread

import pytest

from engine.checking.watch import saves

FILES = (
    "machines.yaml", "ranking.yaml", "calendar.yml", "releases.lock", "archive/machines-1.0.0.yaml",
    "tests/machines.yaml", "tests/more/new.yaml", "notes.yaml.txt",
)  # fmt: skip


@pytest.mark.parametrize("file", FILES)
def test_a_save_is_seen(file: str, tmp_path: Path) -> None:
    for name in FILES:
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text("before", "utf-8")
    looks = saves(tmp_path)
    next(looks)
    (tmp_path / file).write_text("after that", "utf-8")
    assert seen(looks)
    (tmp_path / file).unlink()
    assert seen(looks)


def seen(looks: Iterator[None]) -> bool:
    """Whether it is seen within five seconds; a look that sees nothing waits for ever."""
    looking = Thread(target=next, args=(looks,), daemon=True)
    looking.start()
    looking.join(5)
    return not looking.is_alive()
