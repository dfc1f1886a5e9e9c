"""What a kill leaves behind: the next run removes what is ours, tells it, and touches nothing else."""

from __future__ import annotations

import os
import re
import tempfile
from pathlib import Path

import pytest

from engine.commands.exits import _write_trace
from engine.versioning.release.left_behind import MARKER, mark, remove_left_behind
from tests.support.edited import copied
from tests.support.process import advise

pytestmark = pytest.mark.skipif(os.name != "posix", reason="locks as POSIX has them")


def copy_beside(folder: Path, name: str) -> Path:
    copy = folder.parent / name
    copy.mkdir()
    (copy / "machines.yaml").write_text("x", "utf-8")
    return copy


def test_the_copy_of_a_killed_release_is_removed_and_told(tmp_path: Path) -> None:
    folder = copied(tmp_path / "policies")
    left = copy_beside(folder, ".advise-release-abc.copy")
    os.close(mark(left))
    ended = advise("release", "--finish", "--policies", folder)
    assert ended.code == 0, ended.err
    assert f"Removed {left}, which a release that was ended half way had left behind." in ended.err
    assert not left.exists()


def test_what_is_in_use_or_not_ours_stays(tmp_path: Path) -> None:
    folder = copied(tmp_path / "policies")
    used, unmarked, forged, other = (
        copy_beside(folder, name)
        for name in (".advise-release-1.copy", ".advise-release-2.copy", ".advise-release-3.copy", "a.copy")
    )
    (forged / MARKER).write_text("something else", "utf-8")
    os.close(mark(other))
    (tmp_path / ".advise-release-4.copy").symlink_to(other)
    handle = mark(used)
    try:
        assert remove_left_behind(folder) == ()
    finally:
        os.close(handle)
    assert remove_left_behind(folder) == (used,)
    assert all(copy.exists() for copy in (unmarked, forged, other))


def test_one_trace_is_kept_the_newest(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    theirs = tmp_path / "advise-notes.trace"
    theirs.write_text("something of theirs", "utf-8")
    for _ in range(3):
        told = _write_trace(ValueError())
        (trace,) = set(tmp_path.iterdir()) - {theirs}
        assert str(trace) in told


@pytest.mark.parametrize("season", ["-2026", "02026", "+2026", "2026.0", "20_26", "2e3"])
def test_a_season_is_written_as_the_fact_is(tmp_path: Path, season: str) -> None:
    folder = copied(tmp_path / "policies", ("calendar.yaml", "  2027: {}", f"  {season}: {{}}"))
    said = advise("check", folder, "--no-prove").out
    assert f"calendar.yaml:12:3: `{season}` is not written as `year` is." in said


@pytest.mark.parametrize("version", ["02.1.0", "2.01.0", "2.1.00"])
def test_a_version_has_no_zeros_before_its_numbers(tmp_path: Path, version: str) -> None:
    folder = copied(tmp_path / "policies", ("machines.yaml", 'version: "2.1.0"', f'version: "{version}"'))
    said = advise("check", folder, "--no-prove").out
    assert re.search(rf"machines.yaml:4:10: `version`: `{version}` is not of the right form", said), said
    assert advise("check", folder, "--no-prove", "--fix").code == 0
    assert 'version: "2.1.0"' in (folder / "machines.yaml").read_text("utf-8")
    (folder / "releases.lock").write_text(f"policy:machines {version} sha256:{'0' * 64}\n", "utf-8")
    assert (
        "releases.lock:1:1: This line names no released version" in advise("check", folder, "--no-prove").out
    )
    assert advise("diff", f"machines@{version}", folder, "--policies", folder).code == 2
