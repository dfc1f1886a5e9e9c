"""Policy folders of a test's own: copies of a field, edited as an advisor edits them.

`read_once` keeps what was read, for tests that read nearly the same files again and again.
"""

from __future__ import annotations

import shutil
from functools import cache
from pathlib import Path

import pytest

from engine.loading import read_folder
from tests.support.process import WORKSHOP

Edit = tuple[str, str, str]
"""A file's path in the folder, what stands in it exactly once, and what to write instead."""


def copied(folder: Path, *edits: Edit, source: Path = WORKSHOP) -> Path:
    """A copy of a policy folder, edited."""
    shutil.copytree(source, folder)
    edit(folder, *edits)
    return folder


def edit(folder: Path, *edits: Edit) -> None:
    """Edits files of a folder."""
    for name, old, new in edits:
        path = folder / name
        text = path.read_bytes().decode()
        assert text.count(old) == 1, f"`{old}` is not found exactly once in {name}"
        path.write_bytes(text.replace(old, new).encode())


def read_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """The same bytes under the same name are parsed once."""
    monkeypatch.setattr(read_folder, "_read_file", cache(read_folder._read_file))
