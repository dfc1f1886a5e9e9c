"""What a kill leaves behind: the next run removes what is ours, tells it, and touches nothing else."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import tempfile
import zlib
from pathlib import Path

import pytest

from engine.base.atomic_write import put_file
from engine.base.held_file import hold
from engine.commands.exits import _write_trace
from engine.versioning.left_behind import INIT, RELEASE, mark, remove_left_behind
from tests.support.edited import copied
from tests.support.process import ROOT, advise

pytestmark = pytest.mark.skipif(os.name != "posix", reason="locks as POSIX has them")


def copy_beside(folder: Path, name: str) -> Path:
    copy = folder.parent / name
    copy.mkdir()
    (copy / "machines.yaml").write_text("x", "utf-8")
    return copy


def test_the_copy_of_a_killed_release_is_removed_and_told(tmp_path: Path) -> None:
    folder = copied(tmp_path / "policies")
    left = copy_beside(folder, ".advise-release-abc.copy")
    os.close(mark(RELEASE, left))
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
    (forged / RELEASE.marker).write_text("something else", "utf-8")
    os.close(mark(RELEASE, other))
    (tmp_path / ".advise-release-4.copy").symlink_to(other)
    handle = mark(RELEASE, used)
    try:
        assert remove_left_behind(RELEASE, tmp_path) == ()
    finally:
        os.close(handle)
    assert remove_left_behind(RELEASE, tmp_path) == (used,)
    assert all(copy.exists() for copy in (unmarked, forged, other))


def test_what_a_killed_init_left_is_removed_and_told(tmp_path: Path) -> None:
    """Killed at the end, when all is written; by the next one that makes a folder there, of any name."""
    dying = (
        "import os, pathlib; pathlib.Path.rename = lambda *_: os.kill(os.getpid(), 9); import cli; cli.main()"
    )
    command = (sys.executable, "-c", dying)
    env = {"PYTHONPATH": str(ROOT)}
    killed = advise("init", tmp_path / "ours", "--empty", command=command, env=env)
    assert killed.code == -9
    (left,) = tmp_path.iterdir()
    theirs = tmp_path / ".advise-init-notes.new"
    theirs.mkdir()
    ended = advise("init", tmp_path / "other", "--empty")
    assert ended.code == 0, ended.err
    assert f"Removed {left}, which an `advise init` that was ended half way had left behind." in ended.err
    assert set(tmp_path.iterdir()) == {tmp_path / "other", theirs}
    assert INIT.marker not in {path.name for path in (tmp_path / "other").rglob("*")}


DYING = """
import os, pathlib, sys
from engine.base.atomic_write import put_file
step = os.fsync if sys.argv[2] == "written" else os.replace
setattr(os, step.__name__, lambda *_: os.kill(os.getpid(), 9))
put_file(pathlib.Path(sys.argv[1]), b"new")
"""


@pytest.mark.parametrize("when", ["written", "about to take its place"])
def test_a_file_that_a_killed_writer_left_goes_with_the_next_write(tmp_path: Path, when: str) -> None:
    folder = tmp_path / "folder"
    folder.mkdir()
    target = folder / "machines.yaml"
    target.write_bytes(b"old")
    killed = subprocess.run([sys.executable, "-c", DYING, target, when], cwd=ROOT, check=False)
    assert killed.returncode == -9
    assert target.read_bytes() == b"old"
    (left,) = set(folder.iterdir()) - {target}
    theirs = {folder / ".advise-0123456789abcdef", folder / ".advise-notes", folder / f"{left.name}.bak"}
    for path in theirs:
        path.write_bytes(b"theirs")
    link = folder / f".advise-{'00000000'}{zlib.crc32(b'00000000'):08x}"
    link.symlink_to(target)
    with left.open("rb") as in_use:
        assert hold(in_use.fileno())
        put_file(folder / "vocabulary.yaml", b"new")
        assert left.exists()
    put_file(folder / "vocabulary.yaml", b"newer")
    assert set(folder.iterdir()) == {target, folder / "vocabulary.yaml", link, *theirs}


def test_many_who_write_one_file_at_once_take_nothing_from_each_other(tmp_path: Path) -> None:
    writing = "import pathlib, sys\nfrom engine.base.atomic_write import put_file\n"
    writing += "for _ in range(100): put_file(pathlib.Path(sys.argv[1]), sys.argv[2].encode())"
    words = [sys.executable, "-c", writing, str(tmp_path / "a.yaml")]
    writers = [subprocess.Popen([*words, str(number)], cwd=ROOT) for number in range(4)]
    assert [writer.wait(60) for writer in writers] == [0, 0, 0, 0]
    assert [path.name for path in tmp_path.iterdir()] == ["a.yaml"]


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
