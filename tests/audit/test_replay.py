"""What was recorded is said again: byte for byte, by another tool, by the policies of today."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from engine.advising.advisor import Advisor
from engine.audit.file import AuditFile
from engine.audit.replay import read_recorded, replay
from engine.audit.view import replayed_outline
from engine.language.facts import read_facts
from engine.rendering.outline import as_text
from tests.support.audit_files import DAY, advise, facts_of, put
from tests.support.edited import copied
from tests.support.process import WORKSHOP


def test_a_report_comes_out_the_same_bytes(filled: Path) -> None:
    with AuditFile(filled) as audit:
        replayed = replay(read_recorded(audit, 2))
    assert (replayed.same_tool, replayed.same_bytes, replayed.differences) == (True, True, ())
    tool = replayed.recorded.entry.tool
    assert as_text(replayed_outline(replayed), 80) == (
        f"Record 2 comes out the same, byte for byte (made with {tool}).\n"
    )


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
        text = as_text(replayed_outline(said), 120)
        title = "Record 1 (made with advise 0.0.1) comes out with the same decisions"
        assert text.startswith(f'{title}\n\nWhat differs\n  - advice[0].text: "As it was said then." → "')
        assert not replay(read_recorded(audit, 2)).same_decisions


@pytest.mark.slow
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
        "Record 1: said for 2026-11-22, compared with 2026-11-22\n"
        "machines 2.1.0 → 2.2.0\n"
        "\n"
        "Not said any more: The saw is yours to use (machines/saw-free)\n"
        "  - saw level is Passed: no, it is failed\n"
        "\n"
        "Said now: Take the saw course (machines/train)\n"
        "  - Role is one of full member, keyholder: yes, it is full member\n"
        "  - saw level is failed: yes, it is failed\n"
    )
    assert said(2) == (
        "Record 2: said for 2026-11-22, compared with 2026-11-22\n"
        "machines 2.1.0 → 2.2.0\n"
        "\n"
        "Said otherwise: Take the saw course (machines/train)\n"
        "  - severity: do → halt\n"
    )
    assert said(1, WORKSHOP).endswith("compared with 2026-11-22\nThe same advice.\n")
