"""Real processes that write at once, are killed, or find no room; many records in one file."""

from __future__ import annotations

import json
import os
import random
import re
import sqlite3
import subprocess
import sys
import time
from pathlib import Path
from tempfile import gettempdir

import pytest

from engine.advising.advisor import Advisor
from engine.audit.database import AuditFailed
from engine.audit.file import AuditFile
from engine.audit.recording import record_report
from engine.audit.replay import read_recorded, replay
from engine.audit.verify import verify
from engine.audit.view import facts_json
from engine.language.facts import read_facts
from engine.loading.folder import list_files
from tests.support.audit_files import advise, altered, bytes_on_disk, facts_of, problems, put, traces_of
from tests.support.process import COMMAND, ROOT, WORKSHOP, environment

pytestmark = pytest.mark.slow

DRIVER = f"""
import sys, json
sys.path.insert(0, {str(ROOT)!r})
from datetime import date
from pathlib import Path
from engine.advising.advisor import Advisor
from engine.audit.file import AuditFile
from engine.audit.recording import record_report
from engine.language.facts import read_facts
from engine.loading.folder import list_files
from engine.loading.load import load
folder = Path({str(WORKSHOP)!r})
advisor = Advisor(load(folder, date(2026, 11, 22)))
given = json.loads({json.dumps(facts_of("Ada"))!r})
facts = read_facts(given, advisor.policies.facts)
report = advisor.report(facts)
for _ in range(int(sys.argv[2])):
    with AuditFile(Path(sys.argv[1]), writable=True) as audit:
        for _ in range(int(sys.argv[3])):
            print(record_report(audit, report, facts, lambda: list_files(folder)).id, flush=True)
"""


def writer(path: Path, count: int, at_once: int = 1) -> subprocess.Popen[bytes]:
    """A process that opens the file so many times, and records so much each time."""
    command = [sys.executable, "-c", DRIVER, str(path), str(count), str(at_once)]
    return subprocess.Popen(command, stdout=subprocess.PIPE, env=environment())


def test_eight_writers_lose_nothing(path: Path) -> None:
    writers = [writer(path, 12) for _ in range(8)]
    said = [process.communicate(timeout=60)[0].split() for process in writers]
    assert [process.returncode for process in writers] == [0] * 8
    assert sorted(int(number) for numbers in said for number in numbers) == list(range(1, 97))
    with AuditFile(path) as audit:
        verified = verify(audit)
    assert (verified.records, verified.problems) == (96, ())


@pytest.mark.skipif(os.name != "posix", reason="a kill that nothing can catch")
def test_a_kill_at_any_moment_loses_no_finished_record(path: Path) -> None:
    moments = random.Random(6)
    finished: set[int] = set()
    for at_once in (1, 100_000):
        writers = [writer(path, 100_000, at_once) for _ in range(3)]
        for process in writers:  # each has begun to write
            assert process.stdout is not None
            finished.add(int(process.stdout.readline()))
        for process in writers:
            time.sleep(moments.random() / 10)
            process.kill()
        for process in writers:
            lines = process.communicate(timeout=60)[0].split(b"\n")
            finished.update(int(line) for line in lines[:-1])
        with AuditFile(path) as audit:
            verified = verify(audit)
            assert verified.problems == ()
            assert finished <= set(range(1, verified.records + 1))
    assert len(finished) > 6


def test_a_record_is_said_to_be_one_when_the_disk_has_confirmed_it(facts: Path, path: Path) -> None:
    code = f"""
import errno, os, sys
sys.path.insert(0, {str(ROOT)!r})
from cli import main
def fsync(number):
    raise OSError(errno.EIO, os.strerror(errno.EIO))
os.fsync = fsync
main()
"""
    env = {"ADVISE_AUDIT": str(path), "ADVISE_POLICIES": str(WORKSHOP)}
    ended = advise(facts, "--record", env=env, command=(sys.executable, "-c", code))
    assert ended.code == 3
    assert "Not recorded in" in ended.err
    assert "it was written, but the disk does not confirm it: input/output error." in ended.err
    assert "Advice for" in ended.out


def test_what_is_written_is_synced_once_when_the_file_is_closed(
    path: Path, advisor: Advisor, monkeypatch: pytest.MonkeyPatch
) -> None:
    synced: list[int] = []
    facts = read_facts(facts_of("Ada"), advisor.policies.facts)
    with AuditFile(path, writable=True) as audit:
        audit.sync()
        monkeypatch.setattr("os.fsync", synced.append)
        for _ in range(3):
            record_report(audit, advisor.report(facts), facts, lambda: list_files(WORKSHOP))
        assert not synced
    assert len(synced) == 1


@pytest.mark.skipif(os.name != "posix", reason="a kill that nothing can catch")
def test_a_kill_during_a_removal(filled: Path) -> None:
    """Killed after the removal and before the wiping, the next one who writes wipes."""
    (trace, *_) = traces_of(filled, 3)
    code = f"""
import os, sys
sys.path.insert(0, {str(ROOT)!r})
from pathlib import Path
from engine.audit import outcomes
from engine.audit import file
def die(self, patience=9):
    if self.one("SELECT 1 FROM pending"):
        os.kill(os.getpid(), 9)
file.AuditFile.finish_removal = die
with file.AuditFile(Path({str(filled)!r}), writable=True) as audit:
    outcomes.forget(audit, "Bo Lind")
"""
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == -9
    with AuditFile(filled, writable=True) as audit:
        assert trace not in bytes_on_disk(filled)
        verified = verify(audit)
        assert (verified.problems, verified.emptied) == ((), 3)


def not_recorded(facts: Path, path: Path, command: tuple[str, ...] = COMMAND) -> str:
    """The report is printed all the same, and nothing of the facts is told."""
    ended = advise(facts, "--policies", WORKSHOP, "--record", "--audit", path, command=command)
    assert ended.code == 3, ended.err
    assert ended.stdout == advise(facts, "--policies", WORKSHOP).stdout
    assert "Traceback" not in ended.err
    assert "Ada" not in ended.err
    return ended.err


@pytest.mark.skipif(os.name != "posix", reason="limits as POSIX has them")
def test_a_full_disk(facts: Path, filled: Path) -> None:
    size = filled.stat().st_size // 512
    small = ("sh", "-c", f'ulimit -f {size + 1}; exec "$@"', "sh", *COMMAND)
    numbers: set[str] = set()
    for _ in range(50):  # fills it up: what is recorded is, what is not is said
        ended = advise(facts, "--policies", WORKSHOP, "--record", "--audit", filled, command=small)
        if ended.code == 3:
            break
        numbers.add(ended.err)
    said = not_recorded(facts, filled, small)
    assert re.search(rf"Not recorded in {re.escape(str(filled))}: (the disk|it) .*\.\n$", said)
    with AuditFile(filled) as audit:
        verified = verify(audit)
    assert (verified.problems, verified.records) == ((), 8 + len(numbers))


AS_NOBODY = """
import os, sys, urllib.parse
sys.path.insert(0, {root!r})
from engine.audit import file
opened = file.AuditFile._open
def open_as_nobody(self, writable):
    os.seteuid({user})
    try:
        opened(self, writable)
    finally:
        os.seteuid(os.getuid())
file.AuditFile._open = open_as_nobody
import cli
cli.main()
"""


@pytest.mark.skipif(os.name != "posix", reason="permissions as POSIX has them")
def test_a_read_only_file(facts: Path, filled: Path, tmp_path: Path) -> None:
    filled.chmod(0o444)
    command = COMMAND
    if os.getuid() == 0:  # the superuser may write everywhere, so somebody else opens it
        ours = len(tmp_path.relative_to(gettempdir()).parts)  # one more with pytest-xdist
        for folder in (tmp_path, *list(tmp_path.parents)[: ours - 1]):
            folder.chmod(0o755)
        command = (sys.executable, "-c", AS_NOBODY.format(root=str(ROOT), user=65534))
    assert "it is read-only." in not_recorded(facts, filled, command)
    assert problems(filled) == ()


def test_places_where_no_audit_file_can_be(facts: Path, tmp_path: Path) -> None:
    text = tmp_path / "text.db"
    text.write_text("This is no database, and stays as it is. " * 40, "utf-8")
    other = tmp_path / "other.db"
    with sqlite3.connect(other) as db:
        db.execute("CREATE TABLE ours (x)")
    db.close()
    before = text.read_bytes(), other.read_bytes()
    assert "it is no audit file of Advise." in not_recorded(facts, text)
    assert "it is another database" in not_recorded(facts, other)
    assert (text.read_bytes(), other.read_bytes()) == before
    assert "no such file or directory" in not_recorded(facts, tmp_path / "nowhere" / "audit.db")
    assert "Not recorded" in not_recorded(facts, tmp_path)
    assert "cannot be used: it is no audit file" in advise("audit", "list", "--audit", text).err


def test_an_audit_file_of_another_version_is_left_as_it_is(facts: Path, filled: Path) -> None:
    altered(filled, "PRAGMA user_version=1")
    before = filled.read_bytes()
    assert "another version of Advise made it (layout 1; this one reads layout 2)." in not_recorded(
        facts, filled
    )
    assert filled.read_bytes() == before


def test_a_reader_who_leaves_early_leaves_nothing_behind(filled: Path) -> None:
    """As `advise audit export | head -1` does, once the pipe is closed. Pytest fails what fails unseen."""
    with AuditFile(filled) as audit:
        rows = audit.rows("SELECT id FROM entry")
        assert next(rows) == (1,)
    rows.close()  # type: ignore[attr-defined]  # a generator is meant


def test_many_together_are_written_together(path: Path, advisor: Advisor) -> None:
    with AuditFile(path, writable=True) as audit, audit.transaction():
        for number in range(3):
            put(audit, advisor, f"Somebody {number}", score=7.5 + number / 10)
        with AuditFile(path) as reader:
            assert reader.head() is None
    with AuditFile(path) as audit:
        assert verify(audit).records == 3
        assert json.loads(facts_json(audit, 2))["saw"]["test_score"] == 7.6
        assert replay(read_recorded(audit, 2)).same_bytes
    with AuditFile(path, writable=True) as audit, pytest.raises(ZeroDivisionError):
        together_and_then_broken(audit, advisor)
    assert problems(path) == ()


def together_and_then_broken(audit: AuditFile, advisor: Advisor) -> None:
    with audit.transaction():
        put(audit, advisor, "Somebody")
        raise ZeroDivisionError


def test_policies_that_change_meanwhile(path: Path, advisor: Advisor) -> None:
    facts = read_facts(facts_of("Ada"), advisor.policies.facts)
    with AuditFile(path, writable=True) as audit, pytest.raises(AuditFailed, match="policies were changed"):
        record_report(audit, advisor.report(facts), facts, lambda: list_files(WORKSHOP)[1:])
    with AuditFile(path) as audit:
        assert audit.head() is None


@pytest.mark.usefixtures("small_batches")
def test_many_in_one_file(path: Path, advisor: Advisor, monkeypatch: pytest.MonkeyPatch) -> None:
    """Verification looks at the index in strides."""
    monkeypatch.setattr("engine.audit.verify_tables.STRIDE", 2)
    with AuditFile(path, writable=True) as audit:
        for number in range(23):
            put(audit, advisor, f"Somebody {number}")
    assert problems(path) == ()
    altered(path, "DELETE FROM given WHERE batch = 3")
    assert problems(path)[0] == "Records 13 to 16: the index by rules does not agree with the reports."
