"""The audit file: recorded by real processes, altered, emptied, killed, filled up, and replayed."""

from __future__ import annotations

import json
import os
import random
import re
import sqlite3
import subprocess
import sys
import time
from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from engine.advisor import Advisor
from engine.audit.entry import Head, read_head
from engine.audit.file import AuditFailed, AuditFile
from engine.audit.outcome import forget, record_outcome
from engine.audit.recording import record_report
from engine.audit.replay import read_recorded, replay
from engine.audit.rule_index import number_of
from engine.audit.search import Wanted, list_records, overrides
from engine.audit.sign import make_key, sign_head, verify_signatures
from engine.audit.told import exported, facts_json, record_text
from engine.audit.told_whom import whom_csv, whom_text
from engine.audit.verify import verify
from engine.audit.whom import called, given_to, whom
from engine.diagnostic import Refused
from engine.facts import read_facts
from engine.folder import list_files
from engine.load import load
from engine.record import replace
from engine.tell import tell
from tests import process as as_a_user
from tests.edited import copied
from tests.process import COMMAND, ROOT, WORKSHOP, Ended, environment

DAY = date(2026, 11, 22)
PEOPLE = ("Ada Zwölf", "Bo Lind", "Cy Maro")


KEPT: dict[str, str] = {}


@pytest.fixture(autouse=True, scope="module")
def _kept(tmp_path_factory: pytest.TempPathFactory) -> None:
    """Policies are kept from one process to the next: most of these read the same ones."""
    KEPT["ADVISE_CACHE"] = str(tmp_path_factory.mktemp("cache"))


def advise(
    *arguments: str | Path, env: Mapping[str, str] | None = None, command: tuple[str, ...] = COMMAND
) -> Ended:
    return as_a_user.advise(*arguments, env={**KEPT, **(env or {})}, command=command)


def facts_of(name: str, score: float = 8.0) -> dict[str, Any]:
    return {
        "member": {"name": name, "joined_on": "2026-01-05", "role": "member"},
        "saw": {"trained": True, "test_score": score, "accidents": []},
        "year": 2026,
    }


@pytest.fixture(scope="module")
def advisor() -> Advisor:
    return Advisor(load(WORKSHOP, DAY))


def put(audit: AuditFile, advisor: Advisor, name: str, score: float = 8.0, **changes: Any) -> int:
    """Records a report; `changes` replace fields of it."""
    facts = read_facts(facts_of(name, score), advisor.policies.facts)
    report = replace(advisor.report(facts), **changes)
    return record_report(audit, report, facts, lambda: list_files(WORKSHOP)).id


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "audit.db"


@pytest.fixture
def small_batches(monkeypatch: pytest.MonkeyPatch) -> None:
    """The index by rules is written every four records."""
    monkeypatch.setattr("engine.audit.rule_index.BATCH", 4)


@pytest.fixture
def filled(path: Path, advisor: Advisor) -> Path:
    """Six reports on three people, one of them without a test passed, and two decisions."""
    with AuditFile(path, writable=True) as audit:
        for name in PEOPLE:
            put(audit, advisor, name)
            put(audit, advisor, name, score=3.0)
        record_outcome(audit, 1, "machines/saw-free", accepted=True, reason="")
        record_outcome(audit, 3, "1", accepted=False, reason="Bo wants a test first")
    return path


def problems(path: Path, head: Head | None = None) -> tuple[str, ...]:
    with AuditFile(path) as audit:
        return verify(audit, head).problems


def altered(path: Path, *statements: str) -> None:
    with sqlite3.connect(path) as db:
        for statement in statements:
            db.execute(statement)
    db.close()


# -- finding -----------------------------------------------------------------------------------------


def test_a_record_is_found_by_applicant_rule_version_passage_and_day(filled: Path) -> None:
    def found(limit: int | None = None, **wanted: Any) -> list[int]:
        return [entry.id for entry in list_records(audit, Wanted(**wanted), limit)]

    with AuditFile(filled) as audit:
        assert found() == [8, 7, 6, 5, 4, 3, 2, 1]
        assert found(2) == [8, 7]
        assert found(applicant="Bo Lind") == [8, 4, 3]
        assert found(rules=("machines/saw-free",)) == [5, 3, 1]
        assert found(rules=("machines/no-such",)) == []
        assert found(policy="machines", version="2.1.0") == [6, 5, 4, 3, 2, 1]
        assert found(policy="machines", version="2.0.0") == []
        assert found(cites="house-rules#saw", until=DAY) == [6, 5, 4, 3, 2, 1]
        assert found(cites="house-rules#keys") == []
        assert found(cites="house-rules", since=date(2026, 11, 23)) == []
        assert [
            (given.id, given.applicant, given.version) for given in given_to(audit, ["machines/train"])
        ] == [
            (6, "Cy Maro", "2.1.0"),
            (4, "Bo Lind", "2.1.0"),
            (2, "Ada Zwölf", "2.1.0"),
        ]
        assert list(given_to(audit, ["machines/train"], "1.0.0")) == []


@pytest.mark.parametrize("batch", [2, 4, 64])
def test_the_index_by_rules_says_what_the_reports_say(
    batch: int, path: Path, advisor: Advisor, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whether the newest records are in the index yet or not, and after a removal."""
    monkeypatch.setattr("engine.audit.rule_index.BATCH", batch)
    monkeypatch.setattr("engine.audit.rule_index.MOST_BATCHES", 2)

    def by_rule(audit: AuditFile, rule: str) -> list[tuple[int, str | None]]:
        return [(given.id, given.applicant) for given in given_to(audit, [rule])]

    def by_reading(audit: AuditFile, rule: str) -> list[tuple[int, str | None]]:
        contents = ((entry.id, audit.content(entry.id)) for entry in audit.entries())
        found = [
            (number, content.applicant)
            for number, content in contents
            if content and any(said.startswith(f"{rule} ") for said in content.given)
        ]
        return found[::-1]

    with AuditFile(path, writable=True) as audit:
        for number in range(41):
            put(audit, advisor, PEOPLE[number % 3], score=3.0 if number % 5 else 8.0)
        forget(audit, PEOPLE[1])
        forget(audit, number=40)
        put(audit, advisor, PEOPLE[1])
        for rule in ("machines/train", "machines/saw-free"):
            assert by_rule(audit, rule) == by_reading(audit, rule) != []
            listed = [entry.id for entry in list_records(audit, Wanted(rules=(rule,)), None)]
            assert listed == [number for number, _ in by_reading(audit, rule)]
            both = Wanted(applicant=PEOPLE[0], rules=(rule,))
            assert [entry.id for entry in list_records(audit, both, 2)] == [
                number for number, who in by_reading(audit, rule) if who == PEOPLE[0]
            ][:2]
            known = [line.applicant for line in called(audit, whom(audit, [rule]), None)]
            assert known == list(dict.fromkeys(who for _, who in by_reading(audit, rule)))
        assert verify(audit).problems == ()


def test_whom_to_call(path: Path, advisor: Advisor) -> None:
    with AuditFile(path, writable=True) as audit:
        for name, version in (
            ("Ada", "1.0.0"),
            ("Bo", "1.0.0"),
            (None, "1.0.0"),
            ("Ada", "2.0.0"),
            ("Cy", "2.0.0"),
        ):
            facts = read_facts(facts_of("Ada"), advisor.policies.facts)
            report = advisor.report(facts)
            advice = tuple(item._replace(version=version) for item in report.advice)
            put(audit, advisor, name or "Ada", applicant=name, advice=advice)
        found = whom(audit, ["machines/saw-free"])
        assert (found.reports, found.applicants, found.unlabelled, found.lines) == (5, 3, 1, 4)
        assert [(each.version, each.reports, each.applicants) for each in found.versions] == [
            ("1.0.0", 3, 2),
            ("2.0.0", 2, 2),
        ]
        lines = [(each.applicant, each.reports, len(each.on), each.id) for each in called(audit, found, None)]
        assert lines == [("Cy", 1, 1, 5), ("Ada", 2, 2, 4), (None, 1, 1, 3), ("Bo", 1, 1, 2)]
        assert whom(audit, ["machines/saw-free"], "2.0.0").lines == 2
        text = "".join(whom_text(audit, found, ("machines/saw-free",), 2))
    day = found.first
    assert text == (
        "machines/saw-free\n"
        f"5 reports, 3 labelled applicants and 1 without a label, recorded {day}.\n"
        "  on 1.0.0: 3 reports, 2 labelled applicants\n"
        "  on 2.0.0: 2 reports, 2 labelled applicants\n"
        "\n"
        "applicant  reports  on            newest for  record\n"
        "Cy         1        2.0.0         2026-11-22  5\n"
        "Ada        2        1.0.0, 2.0.0  2026-11-22  4\n"
        "… and 2 more: --all, or --format csv.\n"
    )
    here = ("audit", "rule", "machines/saw-free", "--policies", WORKSHOP, "--audit", path)
    assert advise(*here, "--limit", "2").out == text
    everybody = advise(*here, "--all", "--limit", "1").out
    assert everybody.endswith("Bo          1        1.0.0         2026-11-22  2\n")
    csv = advise(*here, "--format", "csv", "--limit", "1").out.split("\n")
    assert csv[0] == "applicant,reports,on,newest_for,recorded,record"
    assert csv[2].startswith('Ada,2,"1.0.0, 2.0.0",2026-11-22,')
    assert len(csv) == 1 + 4 + 1
    reports = json.loads(advise(*here, "--format", "json", "--limit", "1").out)["given"]
    assert [(each["id"], each["applicant"], each["version"]) for each in reports] == [
        (5, "Cy", "2.0.0"),
        (4, "Ada", "2.0.0"),
        (3, None, "1.0.0"),
        (2, "Bo", "1.0.0"),
        (1, "Ada", "1.0.0"),
    ]
    assert json.loads(advise(*here, "--format", "json", "--version", "9.9").out)["given"] == []
    assert "no report on record shows it" in advise(*here, "--version", "9.9").out


def test_a_label_is_no_formula_of_a_spreadsheet(path: Path, advisor: Advisor) -> None:
    with AuditFile(path, writable=True) as audit:
        put(audit, advisor, "=HYPERLINK(1)")
        lines = list(whom_csv(audit, whom(audit, ["machines/saw-free"]), ("machines/saw-free",)))
    assert lines[1].startswith("'=HYPERLINK(1),1,")


@pytest.mark.usefixtures("small_batches")
def test_a_damaged_index_is_told(filled: Path) -> None:
    altered(filled, "UPDATE given SET people = x'00'")
    with AuditFile(filled) as audit, pytest.raises(Refused, match="cannot be used: it is damaged"):
        whom(audit, ["machines/saw-free"])


def test_a_later_decision_on_an_item_replaces_the_former(filled: Path) -> None:
    with AuditFile(filled, writable=True) as audit:
        assert [(entry.rule, entry.overridden, entry.accepted) for entry in overrides(audit)] == [
            ("machines/saw-free", 1, 1)
        ]
        record_outcome(audit, 1, "machines/saw-free", accepted=False, reason="Saw is broken")
        assert [
            (entry.rule, entry.overridden, entry.accepted, entry.reasons)
            for entry in overrides(audit)
            if entry.rule == "machines/saw-free"
        ] == [("machines/saw-free", 2, 0, ("Saw is broken", "Bo wants a test first"))]
        assert "overridden on " in record_text(audit, 1)
        with pytest.raises(Refused, match="shows no item `9`"):
            record_outcome(audit, 1, "9", accepted=True, reason="")
        with pytest.raises(Refused, match="is no report"):
            record_outcome(audit, 7, "1", accepted=True, reason="")


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
    with AuditFile(filled, writable=True) as audit, pytest.raises(Refused, match="no private key"):
        sign_head(audit, tmp_path / "text.pem")


# -- removal -----------------------------------------------------------------------------------------


def bytes_on_disk(path: Path) -> bytes:
    return b"".join(file.read_bytes() for file in sorted(path.parent.glob(f"{path.name}*")))


def traces_of(path: Path, number: int) -> list[bytes]:
    """What is kept of a record, as it lies on the disk."""
    with AuditFile(path) as audit:
        content = audit.content(number)
        assert content is not None
        digest = json.loads(record_body(audit, number))["facts_digest"]
        assert isinstance(digest, str)
        parts = [content.salt, content.facts, content.body[:200], content.body[-200:]]
        return [*parts, (content.applicant or "").encode()]


def record_body(audit: AuditFile, number: int) -> str:
    return read_recorded(audit, number).report


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
        assert "The content of records 3, 4, 8, 10, 12, … was removed." in record_text(audit, entry.id)
        assert "Its content was removed" in record_text(audit, 3)
        with pytest.raises(Refused, match="was removed, as was asked for"):
            read_recorded(audit, 3)
        with pytest.raises(Refused, match="Nothing is kept of the applicant `Bo Lind`"):
            forget(audit, "Bo Lind")
        kept = next(line for line in exported(audit, None) if line["id"] == 3)
        assert kept["content"] is None
    with AuditFile(filled, writable=True) as audit:
        assert forget(audit, number=1).about == (1, 7)  # a report goes with the decisions on it
        assert verify(audit).problems == ()


def test_a_removal_that_a_reader_hinders_is_finished_later(
    filled: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("engine.audit.file.WAIT_SECONDS", 0.2)
    (trace, *_) = traces_of(filled, 3)
    reader = sqlite3.connect(filled)
    reader.execute("BEGIN")
    reader.execute("SELECT * FROM content").fetchone()
    with (
        AuditFile(filled, writable=True) as audit,
        pytest.raises(AuditFailed, match="its log is wiped later"),
    ):
        forget(audit, "Bo Lind")
    reader.close()
    with AuditFile(filled, writable=True) as audit:  # the next writer finishes it
        assert trace not in bytes_on_disk(filled)
        assert verify(audit).problems == ()


# -- replay ------------------------------------------------------------------------------------------


def test_a_report_comes_out_the_same_bytes(filled: Path) -> None:
    with AuditFile(filled) as audit:
        replayed = replay(read_recorded(audit, 2))
    assert (replayed.same_tool, replayed.same_bytes, replayed.differences) == (True, True, ())


def test_a_report_with_drafts_is_replayed_with_them(path: Path, tmp_path: Path, facts: Path) -> None:
    folder = copied(tmp_path / "policies")
    text = (folder / "machines.yaml").read_text("utf-8").replace("status: active", "status: draft")
    (folder / "draft.yaml").write_text(text.replace("the saw is yours", "The saw, on trial"), "utf-8")
    for more in ((), ("--with-drafts",)):
        assert advise(facts, "--policies", folder, "--record", "--audit", path, *more).code == 0
    with AuditFile(path) as audit:
        plain, tried = (replay(read_recorded(audit, number)) for number in (1, 2))
    assert (plain.same_bytes, tried.same_bytes) == (True, True)
    assert [banner.kind for banner in tried.report.banners] == ["draft"]
    assert plain.report.banners == ()


def test_where_items_stand_is_replayed_too(path: Path, tmp_path: Path) -> None:
    little = tmp_path / "little.json"
    little.write_text(json.dumps({"member": {"role": "member"}}), "utf-8")
    assert advise(little, "--policies", WORKSHOP, "--record", "--audit", path).code == 0
    with AuditFile(path) as audit:
        recorded = read_recorded(audit, 1)
        assert '"standing": "possible"' in recorded.report
        assert replay(recorded).same_bytes


def test_another_tool_with_the_same_decisions(path: Path, advisor: Advisor) -> None:
    with AuditFile(path, writable=True) as audit:
        facts = read_facts(facts_of("Ada"), advisor.policies.facts)
        report = advisor.report(facts)
        worded = report.advice[0]._replace(text="As it was said then.")
        put(audit, advisor, "Ada", tool="advise 0.0.1", advice=(worded, *report.advice[1:]))
        put(audit, advisor, "Ada", tool="advise 0.0.1", advice=report.advice[1:])
        said = replay(read_recorded(audit, 1))
        assert (said.same_tool, said.same_bytes, said.same_decisions) == (False, False, True)
        assert re.fullmatch(r'advice\[0\]\.text: "As it was said then\." → ".*"', said.differences[0])
        assert not replay(read_recorded(audit, 2)).same_decisions


# -- the command -------------------------------------------------------------------------------------


@pytest.fixture
def facts(tmp_path: Path) -> Path:
    file = tmp_path / "facts.json"
    file.write_text(json.dumps({"as_of": "2026-11-22", **facts_of("Ada Zwölf")}), "utf-8")
    return file


def test_only_record_records(facts: Path, path: Path) -> None:
    env = {"ADVISE_AUDIT": str(path)}
    plain = advise(facts, "--policies", WORKSHOP, env=env)
    assert plain.code == 0
    assert not path.exists()
    recorded = advise(facts, "--policies", WORKSHOP, "--record", env=env)
    assert (recorded.code, recorded.stdout) == (0, plain.stdout)
    assert recorded.err.endswith(f"Recorded as 1 in {path}.\n")
    if os.name == "posix":
        assert path.stat().st_mode & 0o777 == 0o600
    assert advise("audit", "show", "1", "--part", "report", env=env).stdout == (
        advise(facts, "--policies", WORKSHOP, "--format", "json").stdout
    )
    without = advise(facts, "--policies", WORKSHOP, "--record", env={"ADVISE_AUDIT": ""})
    assert (without.code, without.stdout) == (2, b"")
    assert "Which audit file?" in without.err
    assert "Only --record records" in advise(facts, "--policies", WORKSHOP, "--audit", path).err


def test_the_verbs(facts: Path, path: Path, tmp_path: Path) -> None:
    env = {"ADVISE_AUDIT": str(path), "ADVISE_POLICIES": str(WORKSHOP)}

    def said(*arguments: str, code: int = 0) -> str:
        ended = advise("audit", *arguments, env=env)
        assert ended.code == code, ended.err
        assert "Traceback" not in ended.err
        return ended.out + ended.err

    assert f"{path}: There is no such audit file. [audit-file]" in said(
        "outcome", "1", "1", "--accepted", code=2
    )
    assert f"{path}: The audit file cannot be used: there is no such file. [audit-file]" in said(
        "list", code=2
    )
    assert advise(facts, "--record", env=env).code == 0
    assert "report on Ada Zwölf" in said("list")
    assert "machines/saw-free" in said("show", "1")
    misspelt = said("rule", "machines/saw-fre", code=2)
    assert f"{path}: No recorded report shows an item of `machines/saw-fre`. [audit-record]" in misspelt
    assert "Did you mean `machines/saw-free`?" in misspelt
    assert "Ada Zwölf" in said("rule", "machines/saw-free")
    assert "Say why" in said("outcome", "1", "1", "--overridden", code=2)
    assert "Recorded as 2" in said("outcome", "1", "1", "--overridden", "--reason", "No wood")
    assert "“No wood”" in said("overrides")
    (tmp_path / "head").write_text(said("head"), "utf-8")
    assert "2 records: nothing was altered." in said("verify", "--head", str(tmp_path / "head"))
    assert "byte for byte" in said("replay", "1")
    assert f"{path}: There is no record 7. [audit-record]\n  → The last one is 2.\n" in said(
        "replay", "7", code=2
    )
    assert [json.loads(line)["id"] for line in said("export").splitlines()] == [1, 2]
    assert "Aborted" in said("forget", "Ada Zwölf", code=1)
    assert "2 records emptied; recorded as 3." in said("forget", "Ada Zwölf", "--yes")
    assert "3 records, 2 of them emptied on request" in said("verify")
    assert "audit.db: Nothing is kept of record 1. [audit-record]" in said(
        "forget", "--id", "1", "--yes", code=2
    )
    assert "audit.db: The content of record 1 was removed, as was asked for. [audit-record]" in said(
        "replay", "1", code=2
    )
    altered(path, "UPDATE entry SET made_by = 'x' WHERE id = 2")
    assert "Record 2 was altered" in said("verify", code=1)
    assert "--head: This is no head, nor a file with one. [audit-head]" in said(
        "verify", "--head", "abc", code=2
    )
    missing = str(tmp_path / "key.pem")
    assert f"{missing}: The key cannot be read: No such file or directory. [signing-key]" in said(
        "sign", "--key", missing, code=2
    )
    assert len(said("key", missing).strip()) == 64
    assert "[signing-key]" in said("key", missing, code=2)  # an existing key is never overwritten
    assert "Record 3 and all before it are signed" in said("sign", "--key", missing)


def test_signing_without_the_library(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "cryptography.hazmat.primitives", None)
    with pytest.raises(Refused) as refused:
        make_key(tmp_path / "key.pem")
    assert tell(refused.value.diagnostics) == (
        "--key: Signing needs the library cryptography. [signing-key]\n  → Run: pip install 'advise[sign]'"
    )


DRIVER = f"""
import sys, json
sys.path.insert(0, {str(ROOT)!r})
from datetime import date
from pathlib import Path
from engine.advisor import Advisor
from engine.audit.file import AuditFile
from engine.audit.recording import record_report
from engine.facts import read_facts
from engine.folder import list_files
from engine.load import load
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
from engine.audit import file, outcome
def die(self, patience=9):
    if self.one("SELECT 1 FROM pending"):
        os.kill(os.getpid(), 9)
file.AuditFile.finish_removal = die
with file.AuditFile(Path({str(filled)!r}), writable=True) as audit:
    outcome.forget(audit, "Bo Lind")
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
        for folder in (tmp_path, *list(tmp_path.parents)[:2]):
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
    monkeypatch.setattr("engine.audit.verify.STRIDE", 2)
    with AuditFile(path, writable=True) as audit:
        for number in range(23):
            put(audit, advisor, f"Somebody {number}")
    assert problems(path) == ()
    altered(path, "DELETE FROM given WHERE batch = 3")
    assert problems(path)[0] == "Records 13 to 16: the index by rules does not agree with the reports."


def test_what_would_be_said_today_and_why(filled: Path, tmp_path: Path) -> None:
    folder = copied(
        tmp_path / "policies",
        ("machines.yaml", 'version: "2.1.0"', 'version: "2.2.0"'),
        ("machines.yaml", "2026-06-01: 7.5", "2026-06-01: 9"),
        ("machines.yaml", "severity: do", "severity: halt"),
    )

    def said(number: int, folder: Path = folder) -> str:
        current = ("--with", "current", "--policies", folder, "--as-of", DAY.isoformat())
        ended = advise("audit", "replay", str(number), *current, "--audit", filled)
        assert (ended.code, ended.err) == (0, "")
        return ended.out

    assert said(1) == (
        "Record 1: said for 2026-11-22, compared with 2026-11-22.\n"
        "  machines 2.1.0 → 2.2.0\n"
        "Not said any more: The saw is yours to use (machines/saw-free)\n"
        "    saw level is Passed: no, it is failed\n"
        "Said now: Take the saw course (machines/train)\n"
        "    Role is one of full member, keyholder: yes, it is full member\n"
        "    saw level is failed: yes, it is failed\n"
    )
    assert said(2) == (
        "Record 2: said for 2026-11-22, compared with 2026-11-22.\n"
        "  machines 2.1.0 → 2.2.0\n"
        "Said otherwise: Take the saw course (machines/train)\n"
        "    severity: do → halt\n"
    )
    assert said(1, WORKSHOP).endswith("compared with 2026-11-22.\nThe same advice.\n")
