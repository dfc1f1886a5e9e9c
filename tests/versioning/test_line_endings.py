"""Line endings make no version another one: releases stand on every system, through git and back."""

from __future__ import annotations

import hashlib
import os
import re
import subprocess
from datetime import date
from pathlib import Path

import pytest

from engine.checking.check import check_folder
from engine.loading.load import load
from engine.versioning.release.plan import ReleaseRequest
from engine.versioning.release.run import release
from tests.support.edited import copied, edit

pytestmark = pytest.mark.slow

TODAY = date(2026, 11, 27)
FIRST = ReleaseRequest(None, "First.", "Ann", "Bo", TODAY)
NEXT = ReleaseRequest("minor", "Next.", "Ann", "Bo", TODAY)
SOFTEN = ("machines.yaml", "severity: do", "severity: know")


def git(where: Path, *arguments: str | Path) -> str:
    """Runs git as whoever has no settings."""
    who = ("-c", "user.name=A", "-c", "user.email=a@b.invalid", "-c", "commit.gpgsign=false")
    nowhere = {**os.environ, "GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_SYSTEM": os.devnull}
    ended = subprocess.run(
        ["git", *who, *arguments], cwd=where, env=nowhere, check=True, capture_output=True, text=True
    )
    return ended.stdout


def with_endings(folder: Path, ending: bytes, *, lock: bool = True) -> None:
    """Every file of a folder with these line endings."""
    for path in folder.rglob("*"):
        if path.is_file() and (lock or path.name != "releases.lock"):
            path.write_bytes(path.read_bytes().replace(b"\r\n", b"\n").replace(b"\n", ending))


def as_released(folder: Path) -> bool:
    """Whether nothing says that a version is not what was released."""
    codes = {found.code for found in check_folder(folder, TODAY).diagnostics}
    days = (date(2026, 11, 1), TODAY)
    return not codes & {"released-edited", "release-lost", "not-released"} and not any(
        load(folder, day).unreleased for day in days
    )


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """The workshop's policies, released twice."""
    place = copied(tmp_path / "repo" / "policies")
    release(place, (), FIRST)
    edit(place, SOFTEN)
    release(place, ("machines",), NEXT)
    return place


@pytest.mark.parametrize("attributes", [True, False])
def test_released_committed_and_cloned_where_git_changes_endings(
    attributes: bool, folder: Path, tmp_path: Path
) -> None:
    """With the .gitattributes that a release writes, and, of one that has none, without."""
    if not attributes:
        (folder / ".gitattributes").unlink()
    git(folder.parent, "init")
    git(folder.parent, "add", ".")
    git(folder.parent, "commit", "-m", "Released")
    git(tmp_path, "clone", "-c", "core.autocrlf=true", folder.parent, "clone")
    clone = tmp_path / "clone" / "policies"
    assert (b"\r\n" in (clone / "machines.yaml").read_bytes()) is not attributes
    assert as_released(clone)
    with_endings(clone, b"\r\n")
    edit(clone, ("machines.yaml", "severity: know\r\n      due", "severity: halt\r\n      due"))
    assert not as_released(clone)
    release(clone, ("machines",), ReleaseRequest("minor", "N.", "Ann", "Bo", date(2026, 11, 28)))
    assert as_released(clone)
    git(clone, "add", ".")
    git(clone, "commit", "-m", "Again")
    git(tmp_path, "clone", clone.parent, "back")
    assert as_released(tmp_path / "back" / "policies")


@pytest.mark.parametrize("ending", [b"\n", b"\r\n"])
@pytest.mark.parametrize("edited", ["folder", "archive"])
def test_files_whose_endings_differ(ending: bytes, edited: str, folder: Path) -> None:
    """An editor may change those of one file only."""
    with_endings(folder, ending)
    place = folder if edited == "folder" else folder / "archive"
    other = b"\n" if ending == b"\r\n" else b"\r\n"
    for path in place.glob("*.yaml"):
        path.write_bytes(path.read_bytes().replace(ending, other))
    assert as_released(folder)


@pytest.mark.parametrize("written", [b"\n", b"\r\n"])
@pytest.mark.parametrize("now", [b"\n", b"\r\n"])
def test_a_lock_over_bytes(written: bytes, now: bytes, tmp_path: Path) -> None:
    """As advise 0.1.0 wrote them; the lines stay what they are."""
    folder = copied(tmp_path / "policies")
    with_endings(folder, written)
    names = ("calendar", "machines", "ranking", "sources", "vocabulary")
    lines = []
    for name in names:
        digest = hashlib.sha256((folder / f"{name}.yaml").read_bytes()).hexdigest()
        kind = "policy:machines 2.1.0" if name == "machines" else f"{name}:workshop 1.0.0"
        lines.append(f"{kind} sha256:{digest}\n")
    (folder / "archive").mkdir()
    for name in names:
        (folder / "archive" / f"{name}-1.yaml").write_bytes((folder / f"{name}.yaml").read_bytes())
    (folder / "releases.lock").write_text("".join(lines), "utf-8")
    with_endings(folder, now, lock=False)
    assert as_released(folder)
    path = folder / "machines.yaml"
    path.write_bytes(path.read_bytes().replace(b"severity: do", b"severity: know"))
    release(folder, ("machines",), NEXT)
    assert as_released(folder)
    lock = (folder / "releases.lock").read_text("utf-8")
    assert all(line in lock for line in lines)


def test_the_lines_of_others_go_before_ours(folder: Path) -> None:
    """In git the last line that fits a file counts."""
    written = folder / ".gitattributes"
    assert written.read_bytes() == b"* text=auto eol=lf\n"
    theirs = b"*.yaml -text\r\n* text\r\n"
    written.write_bytes(theirs)
    for day, severity in ((28, "halt"), (29, "do")):
        path = folder / "machines.yaml"
        path.write_bytes(
            re.sub(
                rb"severity: \w+(\n      due: course)",
                severity.encode().join((b"severity: ", rb"\1")),
                path.read_bytes(),
            )
        )
        release(folder, ("machines",), ReleaseRequest("minor", "N.", "Ann", "Bo", date(2026, 11, day)))
        assert written.read_bytes() == b"* text=auto eol=lf\r\n" + theirs
