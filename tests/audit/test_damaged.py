"""Whoever can write the file can put anything there: it is named, and nothing falls over it."""

from __future__ import annotations

import shutil
import sqlite3
from collections.abc import Callable
from contextlib import closing, suppress
from pathlib import Path

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from engine.advising.advisor import Advisor
from engine.audit.database import AuditFailed
from engine.audit.file import AuditFile
from engine.audit.forms import CELLS, MOST_BYTES, Malformed, unpacked
from engine.audit.outcomes import forget, record_outcome
from engine.audit.recipients import each_recipient, given_to, recipients_of
from engine.audit.recording import packed
from engine.audit.replay import read_recorded
from engine.audit.search import RecordQuery, known_rules, list_records, overrides
from engine.audit.sign import make_key, sign_head, verify_signatures
from engine.audit.verify import verify
from engine.audit.view import exported, record_outline
from engine.base.diagnostic import InvalidInput
from engine.rendering.outline import as_text
from tests.support.audit_files import altered, bytes_on_disk, problems, put, traces_of
from tests.support.process import advise

CELL_VALUES = (
    "NULL",
    "''",
    "'x'",
    "-1",
    "1e99",
    "9223372036854775807",
    "x'ff'",
    "x'00000000'",
    "'[]'",
    "'[1, 1]'",
)
TEXT_VALUES = ("CAST(x'ff41' AS TEXT)", "replace(hex(zeroblob(4000)), '00', '[')", "'{}'", "char(0)")
COLUMNS = [(table, column) for table, forms in CELLS.items() for column in forms if table != "pending"]

QUESTIONS: dict[str, Callable[[AuditFile], object]] = {
    "list": lambda audit: list_records(audit, RecordQuery(), None),
    "list of a rule": lambda audit: list_records(audit, RecordQuery(rules=("machines/saw-free",)), None),
    "show": lambda audit: [as_text(record_outline(audit, number), 100) for number in range(1, 9)],
    "export": lambda audit: list(exported(audit, None)),
    "replay": lambda audit: read_recorded(audit, 1),
    "overrides": overrides,
    "rules": known_rules,
    "whom": lambda audit: list(each_recipient(audit, recipients_of(audit, ["machines/saw-free"]), None)),
    "given": lambda audit: list(given_to(audit, ["machines/saw-free"])),
    "decide": lambda audit: record_outcome(audit, 1, "1", accepted=True, reason=""),
}


@pytest.fixture
def signed(filled: Path, tmp_path: Path) -> tuple[Path, str]:
    public = make_key(tmp_path / "key.pem")
    with AuditFile(filled, writable=True) as audit:
        sign_head(audit, tmp_path / "key.pem")
    return filled, public


@pytest.fixture
def whole(filled: Path) -> Path:
    """A copy, which stays as it is."""
    return Path(shutil.copy(filled, filled.with_name("whole.db")))


def dump(path: Path) -> list[str]:
    with closing(sqlite3.connect(path)) as db:
        db.text_factory = bytes
        return [repr(row) for table in CELLS for row in db.execute(f"SELECT * FROM {table}")]


@pytest.mark.usefixtures("small_batches")
@pytest.mark.parametrize(("table", "column"), COLUMNS)
def test_every_changed_cell_is_named_and_nothing_falls_over_it(
    table: str, column: str, signed: tuple[Path, str]
) -> None:
    path, public = signed
    whole, before = path.read_bytes(), dump(path)
    changed = 0
    for value in (*CELL_VALUES, *TEXT_VALUES):
        path.write_bytes(whole)
        with suppress(sqlite3.IntegrityError):
            (first, *_) = CELLS[table]
            where = f"{first} = (SELECT min({first}) FROM {table})"
            altered(path, f"UPDATE OR IGNORE {table} SET {column} = {value} WHERE {where}")
        if dump(path) == before:
            continue
        changed += 1
        with AuditFile(path) as audit:
            named = (*verify(audit).problems, *verify_signatures(audit, public).problems)
        assert named, value
        for question in QUESTIONS.values():
            with (
                suppress(InvalidInput, AuditFailed),
                AuditFile(path, writable=question is QUESTIONS["decide"]) as audit,
            ):
                question(audit)
    assert changed


@pytest.mark.parametrize(
    ("statement", "said"),
    [
        ("CREATE TABLE more (a)", "the table 'more' does not belong there"),
        ("CREATE VIEW seen AS SELECT 1", "the view 'seen' does not belong there"),
        ("CREATE TRIGGER t AFTER INSERT ON entry BEGIN DELETE FROM content; END", "the trigger 't' does not"),
        ("CREATE INDEX i ON entry (as_of)", "the index 'i' does not belong there"),
        ("DROP INDEX content_by_applicant", "the index `content_by_applicant` is missing"),
        ("ALTER TABLE entry ADD COLUMN more", "the table `entry` is missing, or not as it was made"),
        ("DROP TABLE signature", "the table `signature` is missing"),
        (
            "INSERT INTO content SELECT 99, applicant, salt, given, facts, body FROM content",
            "Record 99: there is a",
        ),
        ("INSERT INTO text VALUES (printf('%064d', 1), x'')", "belongs to no policies"),
        (
            "INSERT INTO folder VALUES (printf('%064d', 1), '[]')",
            "No record rests on the policies sha256:000",
        ),
        (
            "INSERT INTO basis VALUES (7, printf('%064d', 1), printf('%064d', 2), '')",
            "Table `basis`, row 7: no",
        ),
        (
            "INSERT INTO rule VALUES (99, 'a/b 1.0.0', 'a/b', '1.0.0')",
            "Table `rule`, row 99: no record shows it",
        ),
        (
            "INSERT INTO signature VALUES (99, printf('%064d', 1), '2026-01-01T00:00:00Z', zeroblob(64))",
            "row 99",
        ),
        ("UPDATE folder SET files = files || ' '", "The list of files of the policies"),
        ("UPDATE text SET content = content || x'00'", "The kept text of"),
        ("UPDATE entry SET about = '[ 1]' WHERE id = 7", "Record 7: `about` was altered"),
        ("UPDATE content SET given = '0' || given WHERE entry = 1", "Record 1: `given` was altered"),
        ("UPDATE entry SET made_by = CAST(made_by AS BLOB) WHERE id = 2", "Record 2: `made_by` was altered"),
    ],
)
def test_what_does_not_belong_there_is_named(statement: str, said: str, filled: Path) -> None:
    altered(filled, statement if "SELECT 99" not in statement else f"{statement} WHERE entry = 1")
    assert any(said in problem for problem in problems(filled)), problems(filled)


def test_nothing_is_written_into_a_file_with_a_trigger(filled: Path) -> None:
    altered(filled, "CREATE TRIGGER t AFTER INSERT ON entry BEGIN DELETE FROM content; END")
    with pytest.raises(AuditFailed, match="it was altered, the trigger 't' does not belong there"):
        AuditFile(filled, writable=True)


def test_what_was_altered_is_not_shown_as_a_record(filled: Path) -> None:
    altered(filled, "UPDATE content SET body = x'00' WHERE entry = 2")
    ended = advise("audit", "show", "2", "--audit", filled)
    assert ended.code == 2
    assert (
        f"{filled}: Record 2: the facts, the report or the rules it names were altered. [audit-altered]\n"
        "  → `advise audit verify` tells all that was altered.\n"
    ) in ended.err
    assert advise("audit", "show", "1", "--audit", filled).code == 0


def test_a_content_that_was_put_back_is_named(filled: Path) -> None:
    with closing(sqlite3.connect(filled)) as db:
        (row,) = db.execute("SELECT * FROM content WHERE entry = 2")
    with AuditFile(filled, writable=True) as audit:
        forget(audit, number=2)
    with sqlite3.connect(filled) as db:
        db.execute("INSERT INTO content VALUES (?,?,?,?,?,?)", row)
    db.close()
    assert problems(filled) == ("Record 2: its content was removed, and is there again.",)


@pytest.mark.usefixtures("small_batches")
def test_what_was_altered_is_forgotten_as_well(filled: Path, advisor: Advisor) -> None:
    with AuditFile(filled, writable=True) as audit:
        put(audit, advisor, "Bo Lind")
    traces = traces_of(filled, 4)
    altered(
        filled,
        "UPDATE content SET given = '1,x,99999999999999999999' WHERE entry = 4",
        "UPDATE content SET body = x'00' WHERE entry = 3",
    )
    with AuditFile(filled, writable=True) as audit:
        forget(audit, "Bo Lind")
        forget(audit, number=1)
        assert verify(audit).problems == ()
    assert [trace for trace in traces if trace in bytes_on_disk(filled)] == []


def test_a_bomb_is_not_unpacked() -> None:
    with pytest.raises(Malformed):
        unpacked(packed("x" * (MOST_BYTES + 1)))
    assert unpacked(packed("x" * 1000)) == b"x" * 1000


@pytest.mark.parametrize(
    "arguments",
    [
        ("show", "99999999999999999999"),
        ("list", "--limit", "99999999999999999999"),
        ("forget", "--id", str(2**63)),
    ],
)
def test_a_number_that_is_too_large(arguments: tuple[str, ...], filled: Path) -> None:
    ended = advise("audit", *arguments, "--audit", filled)
    assert (ended.code, "Traceback" in ended.err) == (2, False), ended.err


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    changes=st.lists(
        st.tuples(st.floats(0, 1, exclude_max=True), st.integers(0, 255)), min_size=1, max_size=4
    )
)
@example(changes=[(0.962890625, 128)])  # in a label, which is no UTF-8 then
def test_any_bytes_of_the_file(changes: list[tuple[float, int]], filled: Path, whole: Path) -> None:
    """Bytes of the file itself: whatever then reads otherwise is named, or the file is refused."""
    content = bytearray(whole.read_bytes())
    for place, byte in changes:
        content[int(place * len(content))] = byte
    before = dump(whole)
    filled.write_bytes(content)
    try:
        with AuditFile(filled) as audit:
            named = verify(audit).problems
        now = dump(filled)
    except (InvalidInput, sqlite3.DatabaseError):
        return
    assert named or now == before
    for question in ("list", "show", "export", "replay", "overrides", "rules", "whom", "given"):
        with suppress(InvalidInput), AuditFile(filled) as audit:
            QUESTIONS[question](audit)
