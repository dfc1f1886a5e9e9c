"""Rows of a decision table in a file beside their policy: released, locked, archived and compared with it."""

from __future__ import annotations

import shutil
import subprocess
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from engine.advising.derive import Derivation
from engine.base.diagnostic import InvalidInput
from engine.language.facts import read_facts
from engine.loading.folder import text_digest
from engine.loading.load import load
from engine.versioning.release.plan import ReleaseRequest
from engine.versioning.release.run import release
from tests.support.process import ROOT, advise

pytestmark = pytest.mark.slow

TODAY = date(2026, 11, 27)
LATER = date(2026, 12, 24)
POLICY = """\
advise_language: 2
policy: work
title: Work
version: "1.0.0"
status: active
effective: {from: 2026-01-01}
tables:
  work.plan:
    title: How much work
    inputs: [plot.beds]
    outputs: {work.weekly: {title: Hours, type: integer}}
    rows: work-plan.csv
"""
ROWS = "id,plot.beds,work.weekly\nfew,<= 4,1\nmany,>= 5,2\n"
MORE = ROWS.replace(",2", ",3")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    place = tmp_path / "policies"
    shutil.copytree(ROOT / "tests" / "fields" / "allotment", place)
    (place / "work.yaml").write_text(POLICY)
    (place / "work-plan.csv").write_text(ROWS)
    return place


def request(level: Any = None, begins: date | None = None) -> ReleaseRequest:
    return ReleaseRequest(level, "Note.", "Ann", "Bo", TODAY, begins)


def hours(folder: Path, day: date) -> Any:
    policies = load(folder, day)
    facts = read_facts({"plot": {"beds": 9}}, policies.facts)
    return Derivation(policies).derive(facts, day).values["work.weekly"]


def test_a_release_locks_the_rows_and_keeps_a_copy(folder: Path) -> None:
    release(folder, (), request())
    digest = text_digest(ROWS.encode())
    assert f'rows: work-plan.csv\n    rows_digest: "sha256:{digest}"\n' in (folder / "work.yaml").read_text()
    assert (folder / "archive" / f"work-plan-{digest[:12]}.csv").read_text() == ROWS


def test_an_edit_of_released_rows_is_told_and_released_leaves_former_days_alone(
    folder: Path,
) -> None:
    release(folder, (), request())
    (folder / "work-plan.csv").write_text(MORE)
    with pytest.raises(InvalidInput, match="was edited"):
        load(folder, TODAY)
    written = (folder / "work.yaml").read_text().splitlines()
    (folder / "work.yaml").write_text("\n".join(line for line in written if "rows_digest" not in line) + "\n")
    release(folder, ("work",), request("minor", LATER))
    assert (hours(folder, TODAY), hours(folder, LATER)) == (2, 3)


def test_line_ends_of_rows_make_no_difference(folder: Path) -> None:
    release(folder, (), request())
    (folder / "work-plan.csv").write_bytes(ROWS.replace("\n", "\r\n").encode())
    assert hours(folder, TODAY) == 2


def test_rows_are_compared_row_by_row_with_a_state_in_git_too(folder: Path) -> None:
    def git(*words: str) -> None:
        who = ("-c", "user.email=a@example.org", "-c", "user.name=Ann")
        subprocess.run(["git", *who, *words], cwd=folder.parent, check=True, capture_output=True)

    git("init", "-q")
    git("add", "-A")
    git("commit", "-q", "-m", "first")
    (folder / "work-plan.csv").write_text(MORE)
    ended = advise("diff", "HEAD", "policies", cwd=folder.parent)
    assert "row many" in ended.out, ended.err
    assert "plot.beds is at least 5: 3" in ended.out


def test_a_file_that_no_table_names_takes_no_part(folder: Path) -> None:
    before = load(folder, TODAY).digest
    (folder / "cohort.csv").write_text("gardener.kind\nchild\n")
    assert load(folder, TODAY).digest == before
    (folder / "work-plan.csv").write_text(MORE)
    assert load(folder, TODAY).digest != before
