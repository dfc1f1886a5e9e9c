"""What was altered is named; what was removed on request leaves no trace."""

from __future__ import annotations

import os
import sqlite3
from pathlib import Path

import pytest

from engine.advising.advisor import Advisor
from engine.audit.database import AuditFailed
from engine.audit.entry import Head, read_head
from engine.audit.file import AuditFile
from engine.audit.outcomes import forget
from engine.audit.replay import read_recorded
from engine.audit.rule_index import number_of
from engine.audit.sign import make_key, sign_head, verify_signatures
from engine.audit.verify import verify
from engine.audit.view import exported, record_outline
from engine.base.diagnostic import InvalidInput
from engine.rendering.outline import as_text
from tests.support.audit_files import altered, bytes_on_disk, problems, put, traces_of

# -- what is altered is found ------------------------------------------------------------------------


@pytest.mark.usefixtures("small_batches")
@pytest.mark.parametrize(
    ("statement", "said"),
    [
        ("UPDATE entry SET made_by = 'somebody' WHERE id = 3", "Record 3 was altered"),
        ("UPDATE entry SET made_at = '2020-01-01T00:00:00Z' WHERE id = 1", "Record 1 was altered"),
        ("UPDATE entry SET as_of = '2026-01-01' WHERE id = 6", "Record 6 was altered"),
        ("UPDATE entry SET about = '[2]' WHERE id = 7", "Record 7 was altered"),
        ("DELETE FROM entry WHERE id = 2", "Record 2 is missing"),
        ("DELETE FROM entry WHERE id < 4", "Records 1 to 3 are missing"),
        ("UPDATE entry SET id = 5 + 2 * (id = 5) + 0 * id WHERE 0", ""),
        ("UPDATE content SET applicant = 'Bo Lind' WHERE entry = 1", "Record 1: the facts"),
        ("UPDATE content SET applicant = NULL WHERE entry = 1", "Record 1: the facts"),
        (
            "UPDATE content SET facts = (SELECT facts FROM content WHERE entry = 2) WHERE entry = 1",
            "Record 1: the",
        ),
        (
            "UPDATE content SET body = (SELECT body FROM content WHERE entry = 2) WHERE entry = 1",
            "Record 1: the",
        ),
        ("UPDATE content SET salt = zeroblob(32) WHERE entry = 8", "Record 8: the facts"),
        ("UPDATE content SET given = '' WHERE entry = 1", "Record 1: the facts"),
        ("DELETE FROM content WHERE entry = 4", "Record 4: its content is gone, and no removal"),
        ("DELETE FROM given WHERE batch = 1", "Records 5 to 8: the index by rules"),
        ("UPDATE given SET people = zeroblob(16) WHERE batch = 0", "Records 1 to 4: the index by rules"),
        ("INSERT INTO given VALUES (99, 0, x'', x'')", "The index by rules has"),
        ("UPDATE rule SET said = replace(said, 'saw-free', 'saw-fine')", "the rules it names were altered"),
        ("UPDATE rule SET name = 'machines/other' WHERE id = 1", "The index by rules was altered"),
        ("DELETE FROM rule_cite", "The index by passages was altered"),
        ("DELETE FROM basis_file WHERE policy = 'machines'", "The index by policy versions was altered"),
        ("UPDATE text SET content = (SELECT content FROM text LIMIT 1)", "The kept text of"),
        ("DELETE FROM text", "The kept text of"),
        ("UPDATE folder SET files = replace(files, 'machines.yaml', 'x.yaml')", "The list of files"),
        ("DELETE FROM folder", "What is kept of the policies"),
        ("UPDATE basis SET said = replace(said, '2.1.0', '2.1.1')", "What is kept of the policies"),
    ],
)
def test_what_is_altered_is_named(statement: str, said: str, filled: Path) -> None:
    assert problems(filled) == ()
    altered(filled, statement)
    found = problems(filled)
    assert any(problem.startswith(said) or said in problem for problem in found) if said else not found, found


def test_two_records_in_each_others_place(filled: Path) -> None:
    swap = "UPDATE entry SET id = CASE id WHEN 3 THEN -4 WHEN 4 THEN -3 END WHERE id IN (3, 4)"
    altered(filled, swap, "UPDATE entry SET id = -id WHERE id < 0")
    assert problems(filled)[0].startswith("Record 3 was altered")


def test_a_removed_end_is_found_against_a_kept_head(filled: Path) -> None:
    with AuditFile(filled) as audit:
        head = audit.head()
    assert head is not None
    assert read_head(str(head)) == head
    for table in ("entry WHERE id > 6", "content WHERE entry > 6"):
        altered(filled, f"DELETE FROM {table}")
    assert problems(filled) == ()
    assert problems(filled, head) == (
        "Records 7 to 8 are missing at the end: the head that was kept is that of record 8.",
    )
    assert problems(filled, Head(3, bytes(32))) == (
        "Record 3 is not the one whose head was kept: the chain was written anew.",
    )


def test_a_chain_written_anew_is_found_by_a_signature(filled: Path, tmp_path: Path, advisor: Advisor) -> None:
    public = make_key(tmp_path / "key.pem")
    other = make_key(tmp_path / "other.pem")
    if os.name == "posix":
        assert (tmp_path / "key.pem").stat().st_mode & 0o777 == 0o600
    with AuditFile(filled, writable=True) as audit:
        sign_head(audit, tmp_path / "key.pem")
        put(audit, advisor, "Bo Lind")
        signed = verify_signatures(audit, public)
        assert (signed.id, signed.problems) == (8, ())
        assert verify_signatures(audit, other).problems == ("Nothing is signed with this key.",)
        signatures = list(audit.rows("SELECT * FROM signature"))
    anew = tmp_path / "anew.db"
    with AuditFile(anew, writable=True) as audit:
        for _ in range(8):
            put(audit, advisor, "Nobody")
        with audit.transaction() as db:
            db.executemany("INSERT INTO signature VALUES (?,?,?,?)", signatures)
        assert verify(audit).problems == ()
        assert verify_signatures(audit, public).problems == (
            "Record 8 is not the one that was signed: the chain was written anew.",
        )
    (tmp_path / "text.pem").write_text("no key", "utf-8")
    with AuditFile(filled, writable=True) as audit, pytest.raises(InvalidInput, match="no private key"):
        sign_head(audit, tmp_path / "text.pem")


# -- removal -----------------------------------------------------------------------------------------


def test_a_removal_leaves_no_trace_and_the_chain_holds(filled: Path, advisor: Advisor) -> None:
    with AuditFile(filled, writable=True) as audit:  # long enough that pages are freed and used again
        for number in range(40):
            put(audit, advisor, f"Somebody {number}")
            put(audit, advisor, "Bo Lind", score=number / 10)
        head = audit.head()
    traces = [trace for number in (3, 4, 10, 48) for trace in traces_of(filled, number)]
    traces.append(number_of("Bo Lind").to_bytes(8, "little", signed=True))  # in the index by rules
    before = bytes_on_disk(filled)
    assert all(trace in before for trace in traces)
    with AuditFile(filled, writable=True) as audit:
        entry = forget(audit, "Bo Lind")
        assert len(entry.about) == 43
        after = bytes_on_disk(filled)
        assert [trace for trace in traces if trace in after] == []
        assert b"Bo Lind" not in after
        assert b"Ada Zw\xc3\xb6lf" in after
        verified = verify(audit, head)
        assert (verified.problems, verified.emptied, verified.records) == ((), 43, 89)
        assert "The content of records 3, 4, 8, 10, 12, … was removed." in as_text(
            record_outline(audit, entry.id), 80
        )
        assert "Its content was removed" in as_text(record_outline(audit, 3), 80)
        with pytest.raises(InvalidInput, match="was removed, as was asked for"):
            read_recorded(audit, 3)
        with pytest.raises(InvalidInput, match="Nothing is kept of `Bo Lind`"):
            forget(audit, "Bo Lind")
        kept = next(line for line in exported(audit, None) if line["id"] == 3)
        assert kept["content"] is None
    with AuditFile(filled, writable=True) as audit:
        assert forget(audit, number=1).about == (1, 7)  # a report goes with the decisions on it
        assert verify(audit).problems == ()


def test_a_removal_that_a_reader_hinders_is_finished_later(
    filled: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("engine.audit.database.WAIT_SECONDS", 0.2)
    (trace, *_) = traces_of(filled, 3)
    reader = sqlite3.connect(filled)
    reader.execute("BEGIN")
    reader.execute("SELECT * FROM content").fetchone()
    with (
        AuditFile(filled, writable=True) as audit,
        pytest.raises(AuditFailed, match="recorded as 9, but it is not done: others are reading the file"),
    ):
        forget(audit, "Bo Lind")
    with AuditFile(filled) as audit:
        assert trace in bytes_on_disk(filled)
        assert (verify(audit).problems, verify(audit).pending) == ((), True)
    reader.close()
    with AuditFile(filled) as audit:  # the next who opens it finishes it
        assert trace not in bytes_on_disk(filled)
        assert (verify(audit).problems, verify(audit).pending) == ((), False)
