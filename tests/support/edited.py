"""Policy folders of a test's own: copies of a field, edited as an advisor edits them.

`read_once` keeps what was read, for tests that read nearly the same files again and again.
"""

from __future__ import annotations

import shutil
from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from engine.base.diagnostics import Diagnostics
from engine.base.plain_text import TextRules
from engine.base.read import PolicyFile
from engine.loading import read_folder
from engine.versioning.release.plan import ReleaseRequest
from tests.support.process import WORKSHOP

RELEASE_DAY = date(2026, 11, 27)

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


def contents(folder: Path) -> Mapping[str, bytes]:
    """The files of a folder and of those in it, by their paths."""
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


def request(**changes: Any) -> ReleaseRequest:
    """A release of a minor version on `RELEASE_DAY`; `changes` replace fields of it."""
    given = {"level": "minor", "note": "N.", "by": "Ann", "approved_by": "Bo", "today": RELEASE_DAY}
    return ReleaseRequest(**{**given, **changes})


def read_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """The same bytes under the same name are parsed once, where nothing is wrong with them."""
    read = read_folder._read_file
    kept: dict[tuple[PolicyFile, tuple[PolicyFile, ...], TextRules], Any] = {}

    def once(
        file: PolicyFile, rows_files: tuple[PolicyFile, ...], problems: Diagnostics, rules: TextRules
    ) -> Any:
        key = file, rows_files, rules
        if key in kept:
            return kept[key]
        before = len(problems)
        result = read(file, rows_files, problems, rules)
        if len(problems) == before:
            kept[key] = result
        return result

    monkeypatch.setattr(read_folder, "_read_file", once)
