"""Audit files that tests begin with."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from engine.advising.advisor import Advisor
from engine.audit.file import AuditFile
from engine.audit.outcomes import record_outcome
from engine.loading.load import load
from tests.support.audit_files import DAY, KEPT, PEOPLE, facts_of, put
from tests.support.process import WORKSHOP


@pytest.fixture(autouse=True, scope="module")
def _kept(tmp_path_factory: pytest.TempPathFactory) -> None:
    """Policies are kept from one process to the next: most of these read the same ones."""
    KEPT["ADVISE_CACHE"] = str(tmp_path_factory.mktemp("cache"))


@pytest.fixture(scope="module")
def advisor() -> Advisor:
    return Advisor(load(WORKSHOP, DAY))


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


@pytest.fixture
def facts(tmp_path: Path) -> Path:
    file = tmp_path / "facts.json"
    file.write_text(json.dumps({"as_of": "2026-11-22", **facts_of("Ada Zwölf")}), "utf-8")
    return file
