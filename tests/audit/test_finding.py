"""What was recorded is found: by applicant, rule, version, passage and day; whom to call."""

from __future__ import annotations

import json
import os
import re
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from engine.advising.advisor import Advisor
from engine.audit.file import AuditFile
from engine.audit.outcomes import forget, record_outcome
from engine.audit.recipients import each_recipient, given_to, recipients_of
from engine.audit.recipients_view import recipients_csv, recipients_text
from engine.audit.search import RecordQuery, list_records, overrides
from engine.audit.verify import verify
from engine.audit.view import overrides_outline, record_outline, records_outline
from engine.base.diagnostic import InvalidInput
from engine.language.facts import read_facts
from engine.language.field_words import Noun
from engine.rendering.outline import as_text
from tests.support.audit_files import DAY, PEOPLE, advise, altered, facts_of, put
from tests.support.process import WORKSHOP

MEMBERS = Noun("member", "members", "a")


def test_a_record_is_found_by_applicant_rule_version_passage_and_day(filled: Path) -> None:
    def found(limit: int | None = None, **wanted: Any) -> list[int]:
        return [entry.id for entry in list_records(audit, RecordQuery(**wanted), limit)]

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
            listed = [entry.id for entry in list_records(audit, RecordQuery(rules=(rule,)), None)]
            assert listed == [number for number, _ in by_reading(audit, rule)]
            both = RecordQuery(applicant=PEOPLE[0], rules=(rule,))
            assert [entry.id for entry in list_records(audit, both, 2)] == [
                number for number, who in by_reading(audit, rule) if who == PEOPLE[0]
            ][:2]
            known = [line.applicant for line in each_recipient(audit, recipients_of(audit, [rule]), None)]
            assert known == list(dict.fromkeys(who for _, who in by_reading(audit, rule)))
        assert verify(audit).problems == ()


@pytest.mark.slow
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
        found = recipients_of(audit, ["machines/saw-free"])
        assert (found.reports, found.applicants, found.unlabelled, found.lines) == (5, 3, 1, 4)
        assert [(each.version, each.reports, each.applicants) for each in found.versions] == [
            ("1.0.0", 3, 2),
            ("2.0.0", 2, 2),
        ]
        lines = [
            (each.applicant, each.reports, len(each.on), each.id)
            for each in each_recipient(audit, found, None)
        ]
        assert lines == [("Cy", 1, 1, 5), ("Ada", 2, 2, 4), (None, 1, 1, 3), ("Bo", 1, 1, 2)]
        assert recipients_of(audit, ["machines/saw-free"], "2.0.0").lines == 2
        text = "".join(recipients_text(audit, found, ("machines/saw-free",), 2, MEMBERS))
    day = found.first
    assert text == (
        "machines/saw-free\n"
        f"5 reports, 3 labelled members and 1 without a label, recorded {day}.\n"
        "  on 1.0.0: 3 reports, 2 labelled members\n"
        "  on 2.0.0: 2 reports, 2 labelled members\n"
        "\n"
        "member  reports  on            newest for  record\n"
        "Cy      1        2.0.0         2026-11-22  5\n"
        "Ada     2        1.0.0, 2.0.0  2026-11-22  4\n"
        "… and 2 more: --all, or --format csv.\n"
    )
    here = ("audit", "rule", "machines/saw-free", "--policies", WORKSHOP, "--audit", path)
    assert advise(*here, "--limit", "2").out == text
    everybody = advise(*here, "--all", "--limit", "1").out
    assert everybody.endswith("Bo          1        1.0.0         2026-11-22  2\n")
    csv = advise(*here, "--format", "csv", "--limit", "1").out.split("\n")
    assert csv[0] == "member,reports,on,newest_for,recorded,record"
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


def test_records_for_reading(path: Path, advisor: Advisor) -> None:
    """Columns of cells, also where a label is of wide characters; every fact and every item of a record."""
    with AuditFile(path, writable=True) as audit:
        assert as_text(records_outline((), more=False), 80) == "No records\n"
        put(audit, advisor, "Ada", 8.3, applicant="東京 (Tokyo)", as_of=DAY)
        record_outcome(audit, 1, "machines/saw-free", accepted=False, reason="No wood,\x1b[2J no saw")
        listed = list_records(audit, RecordQuery(), None)
        text = as_text(records_outline(listed[:1], more=True), 80)
        assert text.startswith("The newest 1 record\n")
        assert text.endswith("\n  - … and earlier ones: --limit, --all\n")
        *_, head, decision, report = as_text(records_outline(listed, more=False), 80).splitlines()
        begins = head.index("what")
        assert decision[begins:] == "decision on record 1"
        assert report[begins:] == "report on 東京 (Tokyo)"
        assert report[:begins].split() == ["1", listed[1].made_at, listed[1].made_by, DAY.isoformat()]
        shown = as_text(record_outline(audit, 1), 80)
        place = r"machines/saw-free 2\.1\.0  machines\.yaml:\d+"
        decided = r"overridden on \S+ by .*: No wood,␛\[2J no saw \(record 2\)"
        assert re.search(rf"\n  - 1\. .*\n      - {place}\n      - {decided}\n", shown)
        facts = dict(
            re.findall(r"^  (\S+\.\S+|year) +(\S.*)$", shown.partition("Facts as recorded")[2], re.M)
        )
        assert facts["saw.test_score"] == "8.3"
        assert facts["saw.accidents"] == "[]"
        assert (facts["year"], facts["member.role"]) == ("2026", '"member"')
        assert as_text(record_outline(audit, 2), 80).splitlines()[1] == (
            "machines/saw-free of record 1 was overridden: No wood,␛[2J no saw"
        )
        assert as_text(overrides_outline(overrides(audit)), 80) == (
            "Decisions, the most overridden rules first\n"
            "\n"
            "machines/saw-free  overridden 1, accepted 0\n"
            "  - “No wood,␛[2J no saw”\n"
        )
        assert as_text(overrides_outline(()), 80) == "No decisions are recorded\n"


def test_a_label_is_no_formula_of_a_spreadsheet(path: Path, advisor: Advisor) -> None:
    with AuditFile(path, writable=True) as audit:
        put(audit, advisor, "=HYPERLINK(1)")
        lines = list(
            recipients_csv(audit, recipients_of(audit, ["machines/saw-free"]), ("machines/saw-free",))
        )
    assert lines[1].startswith("'=HYPERLINK(1),1,")


@pytest.mark.usefixtures("small_batches")
def test_a_damaged_index_is_told(filled: Path) -> None:
    altered(filled, "UPDATE given SET people = x'00'")
    with (
        AuditFile(filled) as audit,
        pytest.raises(InvalidInput, match="cannot be used: its index by rules was altered"),
    ):
        recipients_of(audit, ["machines/saw-free"])


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
        assert "overridden on " in as_text(record_outline(audit, 1), 80)
        with pytest.raises(InvalidInput, match="shows no item `9`"):
            record_outcome(audit, 1, "9", accepted=True, reason="")
        with pytest.raises(InvalidInput, match="is no report"):
            record_outcome(audit, 7, "1", accepted=True, reason="")


COMPOSED, APART = "Ren\u00e9", "Rene\u0301"


def test_a_label_is_found_and_forgotten_however_it_was_typed(path: Path, advisor: Advisor) -> None:
    """Programs before 0.2 kept it as it was typed; the records of both times are about one person."""
    with AuditFile(path, writable=True) as audit:
        for label in (COMPOSED, APART, "Rene", "Ren\u00e8"):
            put(audit, advisor, "Ada", applicant=label)
        (rule, *_) = {
            item.rule for item in advisor.report(read_facts(facts_of("Ada"), advisor.policies.facts)).advice
        }
        counted = recipients_of(audit, [rule])
        assert (counted.reports, counted.applicants) == (4, 3)
        called = [(each.applicant, each.reports, each.id) for each in each_recipient(audit, counted, None)]
        assert called == [("Ren\u00e8", 1, 4), ("Rene", 1, 3), (APART, 2, 2)]
    for typed in (COMPOSED, APART):
        listed = advise("audit", "list", "--applicant", typed, "--audit", path, "--format", "json")
        assert [entry["id"] for entry in json.loads(listed.out)["records"]] == [2, 1]
        exported = advise("audit", "export", "--subject", typed, "--audit", path).out.splitlines()
        assert [json.loads(line)["content"]["applicant"] for line in exported] == [COMPOSED, APART]
    ended = advise("audit", "forget", APART, "--yes", "--audit", path)
    assert (ended.code, ended.err) == (0, "2 records emptied; recorded as 5.\n")
    with AuditFile(path) as audit:
        assert [audit.content(number) is None for number in (1, 2, 3, 4)] == [True, True, False, False]
        assert verify(audit).problems == ()
    again = advise("audit", "forget", COMPOSED, "--yes", "--audit", path)
    assert again.code == 2
    assert f"Nothing is kept of `{COMPOSED}`" in again.err


def test_a_label_that_is_no_text_is_refused(path: Path) -> None:
    with AuditFile(path, writable=True):
        pass
    ended = advise("audit", "forget", os.fsdecode(b"Ren\xff"), "--yes", "--audit", path)
    assert ended.code == 2
    assert "a character that is no text" in ended.err
