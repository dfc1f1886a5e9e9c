"""What advise 0.1.0 made, before the first stage ended: it is opened, verified and replayed as then.

`v0_1_0` holds a policy folder released twice, with its archive and lock; the reports on the six examples, on
that folder; and an audit file of a dozen reports and two outcomes. None of it is ever made anew.
"""

from __future__ import annotations

import json
import re
import shutil
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from engine.audit.file import AuditFile
from engine.audit.replay import read_recorded, replay
from engine.audit.verify import verify
from engine.loading.load import load
from tests.support.process import ROOT, advise

pytestmark = pytest.mark.slow

MADE = ROOT / "tests" / "compatibility" / "v0_1_0"
EXAMPLES = sorted(path.stem for path in (MADE / "reports").glob("*.json"))
ENDINGS = {"text": "txt", "json": "json", "markdown": "md", "html": "html"}
RECORDS = range(1, 13)
HEAD = "14:a01db51289f6019b94a0158b1ba043b7e2925cdfb385bde88cf591dbae7eaf1b"
"""As `advise audit head` printed it."""


@pytest.fixture
def audit_file(tmp_path: Path) -> Path:
    """A copy, for its owner only, as the file was made."""
    path = tmp_path / "audit.db"
    shutil.copy(MADE / "audit.db", path)
    path.chmod(0o600)
    return path


def test_the_audit_file_is_as_it_was_written(audit_file: Path) -> None:
    with AuditFile(audit_file) as audit:
        found = verify(audit, None)
        assert found.problems == ()
        assert str(audit.head()) == HEAD


@pytest.mark.parametrize("number", RECORDS)
def test_each_record_is_decided_as_then(number: int, audit_file: Path) -> None:
    with AuditFile(audit_file) as audit:
        replayed = replay(read_recorded(audit, number))
    assert replayed.same_decisions, replayed.differences
    if replayed.same_tool:
        assert replayed.same_bytes, replayed.differences


def test_the_released_folder_holds_what_its_lock_says() -> None:
    ended = advise("check", MADE / "released", "--no-prove", "--format", "json")
    assert ended.code == 0, ended.err
    assert not {found["code"] for found in json.loads(ended.out)["problems"]} & {
        "released-edited",
        "release-lost",
        "not-released",
    }


def test_each_day_has_the_version_that_was_in_force() -> None:
    versions = {}
    for day in (date(2026, 11, 30), date(2026, 12, 1)):
        file_versions = load(MADE / "released", day).file_versions
        versions[day] = {
            file_version.version for file_version in file_versions if file_version.id == "score-bands"
        }
    assert versions == {date(2026, 11, 30): {"1.0.0"}, date(2026, 12, 1): {"1.1.0"}}
    assert len(list((MADE / "released" / "archive").glob("*.yaml"))) == 20


@pytest.fixture(scope="module")
def cache(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where the folder, once read, is kept for the next report."""
    return tmp_path_factory.mktemp("cache")


@pytest.mark.parametrize("form", ENDINGS)
@pytest.mark.parametrize("name", EXAMPLES)
def test_a_report_is_the_same_bytes(name: str, form: str, cache: Path) -> None:
    ended = advise(
        f"examples/{name}.json",
        *("--policies", MADE / "released", "--format", form),
        cwd=ROOT,
        env={"ADVISE_CACHE": str(cache)},
    )
    assert ended.code == 0, ended.err
    made = (MADE / "reports" / f"{name}.{ENDINGS[form]}").read_text("utf-8")
    assert _lasting(ended.out, form) == _lasting(made, form)


def _lasting(report: str, form: str) -> Any:
    """A report without what says which program made it."""
    if form == "json":
        found = json.loads(report)
        del found["produced_by"]
        return found
    return re.sub(r"advise \S+ · engine .+? · facts\s+\w+", "", report, count=1)
