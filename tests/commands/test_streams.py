"""Where output goes: pipes whose reader has gone, disks that are full, terminals, encodings."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest

from engine.commands.audit import command as audit_verbs
from engine.commands.main import COMMANDS
from tests.support.process import COMMAND, WORKSHOP, Ended, advise, environment

pytestmark = [pytest.mark.slow, pytest.mark.skipif(os.name != "posix", reason="streams as POSIX has them")]

FACTS = {"as_of": "2026-11-22", "member": {"name": "Ada Zwölf", "role": "member"}, "saw": {"trained": False}}

TESTS = """\
advise_language: 1
tests: machines
cases:
- name: nobody showed them
  facts: {saw: {trained: false}, member: {role: member}}
  expect: {holds: [machines/train]}
"""

RUNS = {
    "version": "--version",
    "help": "--help",
    "report": "facts.json",
    "report json": "facts.json --format json",
    "explain": "explain facts.json",
    "what-if": "what-if facts.json --set saw.trained=true",
    "reach": "reach facts.json machines/train --stop",
    "ask": "ask facts.json",
    "new": "new --help",
    "init": "init --help",
    "check": "check --no-prove",
    "check sarif": "check --no-prove --format sarif",
    "check explain": "check --explain unused-fact",
    "test": "test",
    "test suggest": "test --suggest machines/train",
    "rules": "rules",
    "sources": "sources",
    "versions": "versions",
    "table": "table hours work.plan --export rows.csv",
    "diff": "diff policies policies --no-prove",
    "release": "release --finish",
    "audit list": "audit list",
    "audit show": "audit show 1",
    "audit rule": "audit rule machines/train",
    "audit verify": "audit verify",
    "audit head": "audit head",
    "audit key": "audit key --help",
    "audit sign": "audit sign --help",
    "audit replay": "audit replay 1",
    "audit outcome": "audit outcome --help",
    "audit overrides": "audit overrides",
    "audit export": "audit export",
    "audit forget": "audit forget --help",
    "schema": "schema",
    "facts-schema": "facts-schema",
}
"""Something that each verb writes to standard output."""


HOURS = """\
advise_language: 2
policy: hours
title: Hours
version: "1.0.0"
status: active
effective: {from: 2025-01-01}
tables:
  work.plan:
    title: How many hours
    inputs: [member.joined_on]
    outputs: {work.hours: {title: Hours, type: integer}}
    rows: [{id: all, when: ["-"], then: [1]}]
"""


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with policies, facts and an audit file of more records than one read of the file takes."""
    folder = tmp_path_factory.mktemp("streams")
    shutil.copytree(WORKSHOP, folder / "policies")
    (folder / "policies" / "tests").mkdir(exist_ok=True)
    (folder / "policies" / "tests" / "any.yaml").write_text(TESTS, "utf-8")
    (folder / "policies" / "hours.yaml").write_text(HOURS, "utf-8")
    (folder / "facts.json").write_text(json.dumps(FACTS, ensure_ascii=False), "utf-8")
    for _ in range(3):
        recorded = advise("facts.json", "--record", cwd=folder, env=around(folder))
        assert recorded.code == 0, recorded.err
    return folder


def around(folder: Path, more: Mapping[str, str] | None = None) -> dict[str, str]:
    kept = {"ADVISE_CACHE": str(folder / "kept"), "ADVISE_AUDIT": "audit.db", "ADVISE_POLICIES": "policies"}
    return environment({**kept, **(more or {})})


@contextmanager
def reader_gone() -> Iterator[int]:
    reader, writer = os.pipe()
    os.close(reader)
    try:
        yield writer
    finally:
        os.close(writer)


@contextmanager
def full_disk() -> Iterator[int]:
    if not Path("/dev/full").exists():
        pytest.skip("this system has no full disk at hand")
    handle = os.open("/dev/full", os.O_WRONLY)
    try:
        yield handle
    finally:
        os.close(handle)


def ended(place: Path, run: str, **streams: int) -> Ended:
    process = subprocess.run(
        [*COMMAND, *run.split()],
        cwd=place,
        env=around(place),
        **{"stdin": subprocess.DEVNULL, "stdout": subprocess.PIPE, "stderr": subprocess.PIPE, **streams},
        check=False,
        timeout=60,
    )
    return Ended(process.returncode, process.stdout or b"", process.stderr or b"")


def test_every_verb_is_tried() -> None:
    audit = {f"audit {verb}" for verb in audit_verbs.commands}
    assert {run.split()[0] for run in RUNS} - {"version", "help"} == set(COMMANDS)
    assert {run for run in RUNS if run.startswith("audit ")} == audit


@pytest.mark.parametrize("run", RUNS)
def test_a_reader_who_has_gone_ends_it_quietly(run: str, place: Path) -> None:
    with reader_gone() as pipe:
        piped = ended(place, RUNS[run], stdout=pipe)
    assert (piped.code, piped.err) == (141, "")


@pytest.mark.parametrize("run", RUNS)
def test_a_full_disk_is_told_in_one_line(run: str, place: Path) -> None:
    with full_disk() as disk:
        full = ended(place, RUNS[run], stdout=disk)
    assert full.code == 2
    assert full.err.startswith("The output cannot be written: ")
    assert full.err.count("\n") == 1


@pytest.mark.parametrize(
    ("run", "code"),
    [
        ("facts.json", 0),  # the report is written; the note on its day is lost
        ("facts.json --record", 0),
        ("facts.json --record --audit policies", 3),
        ("nowhere.json", 2),
        ("check --fial-on warning", 2),
        ("new", 2),
        ("--no-such-option", 2),
        ("test -k no-such-test", 1),
    ],
)
def test_where_nothing_can_be_told_the_exit_code_is_as_ever(run: str, code: int, place: Path) -> None:
    told = ended(place, run)
    assert told.code == code, told
    assert told.err
    with full_disk() as disk:
        untold = ended(place, run, stderr=disk)
    with reader_gone() as pipe:
        unheard = ended(place, run, stderr=pipe)
    assert [untold.code, unheard.code] == [code, code]
    assert untold.stdout == unheard.stdout == told.stdout


@pytest.mark.parametrize("run", ["report", "explain", "versions", "check", "audit show"])
def test_text_is_written_in_the_encoding_of_the_stream(run: str, place: Path) -> None:
    """As on Windows, where a pipe has the code page of the country."""
    narrow, wide = in_encoding("cp1252", run, place), in_encoding("utf-8", run, place)
    assert narrow == wide.decode().encode("cp1252", "replace")
    assert narrow != wide


@pytest.mark.parametrize("run", ["report json", "check sarif", "test suggest", "audit export", "schema"])
def test_what_programs_read_is_written_in_utf8(run: str, place: Path) -> None:
    assert in_encoding("cp1252", run, place) == in_encoding("utf-8", run, place)


def in_encoding(encoding: str, run: str, place: Path) -> bytes:
    env = around(place, {"PYTHONIOENCODING": encoding})
    return advise(*RUNS[run].split(), cwd=place, env=env).stdout


def on_a_terminal(place: Path, run: str, env: Mapping[str, str]) -> str:
    ours, theirs = os.openpty()
    around_it = around(place, env)
    with subprocess.Popen(
        [*COMMAND, *run.split()], stdin=theirs, stdout=theirs, stderr=theirs, env=around_it, cwd=place
    ):
        os.close(theirs)
        shown = b""
        with suppress(OSError):  # the other end is closed
            while chunk := os.read(ours, 65536):
                shown += chunk
    os.close(ours)
    return shown.decode()


@pytest.mark.parametrize(
    "run", ["facts.json", "check", "test --mutate", "diff policies policies", "--version"]
)
def test_a_terminal_that_only_shows_characters_gets_nothing_else(run: str, place: Path) -> None:
    shown = on_a_terminal(place, run, {"TERM": "dumb"})
    assert shown
    assert "\x1b" not in shown


def test_colours_are_for_a_terminal_that_wants_them(place: Path) -> None:
    wanted = {"TERM": "xterm-256color"}
    assert "\x1b[" in on_a_terminal(place, "facts.json", wanted)
    plain = on_a_terminal(place, "facts.json", {**wanted, "NO_COLOR": "1"})
    assert "Learn" in plain or "saw" in plain
    assert "\x1b" not in plain
