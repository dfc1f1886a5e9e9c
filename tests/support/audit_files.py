"""Audit files for tests: what is recorded, altered and verified."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import Any

from engine.advising.advisor import Advisor
from engine.audit.entry import Head
from engine.audit.file import AuditFile
from engine.audit.recording import record_report
from engine.audit.replay import read_recorded
from engine.audit.verify import verify
from engine.base.record import replace
from engine.language.facts import read_facts
from engine.loading.folder import list_files
from tests.support import process as as_a_user
from tests.support.process import COMMAND, WORKSHOP, Ended

DAY = date(2026, 11, 22)
PEOPLE = ("Ada Zwölf", "Bo Lind", "Cy Maro")


KEPT: dict[str, str] = {}


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


def put(audit: AuditFile, advisor: Advisor, name: str, score: float = 8.0, **changes: Any) -> int:
    """Records a report; `changes` replace fields of it."""
    facts = read_facts(facts_of(name, score), advisor.policies.facts)
    report = replace(advisor.report(facts), **changes)
    return record_report(audit, report, facts, lambda: list_files(WORKSHOP)).id


def problems(path: Path, head: Head | None = None) -> tuple[str, ...]:
    with AuditFile(path) as audit:
        return verify(audit, head).problems


def altered(path: Path, *statements: str) -> None:
    with sqlite3.connect(path) as db:
        for statement in statements:
            db.execute(statement)
    db.close()


def bytes_on_disk(path: Path) -> bytes:
    return b"".join(file.read_bytes() for file in sorted(path.parent.glob(f"{path.name}*")))


def traces_of(path: Path, number: int) -> list[bytes]:
    """What is kept of a record, as it lies on the disk."""
    with AuditFile(path) as audit:
        content = audit.content(number)
        assert content is not None
        digest = json.loads(read_recorded(audit, number).report)["facts_digest"]
        assert isinstance(digest, str)
        parts = [content.salt, content.facts, content.body[:200], content.body[-200:]]
        return [*parts, (content.applicant or "").encode()]
