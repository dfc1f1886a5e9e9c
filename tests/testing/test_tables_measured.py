"""Coverage and mutation of decision tables: rows that no test meets, and wrong steps that none notices."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from tests.support.process import ROOT, advise

pytestmark = pytest.mark.slow

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
    hit: first
    inputs: [gardener.kind, plot.beds]
    outputs: {work.weekly: {title: Hours, type: integer}}
    rows:
      - {id: young, when: [child, "-"], then: [1]}
      - {id: few, when: ["-", "<= 3"], then: [2]}
      - {id: many, when: ["-", "> 3"], then: [5]}
"""
TESTS = """\
advise_language: 1
tests: work
cases:
  - name: the young
    as_of: 2026-09-15
    facts: {gardener: {kind: child}, plot: {beds: 9}}
    expect: {values: {work.weekly: 1}}
  - name: few beds
    as_of: 2026-09-15
    facts: {gardener: {kind: adult}, plot: {beds: 3}}
    expect: {values: {work.weekly: 2}}
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    place = tmp_path / "policies"
    shutil.copytree(ROOT / "tests" / "fields" / "allotment", place)
    (place / "work.yaml").write_text(POLICY)
    (place / "tests").mkdir()
    (place / "tests" / "work.yaml").write_text(TESTS)
    return place


def test_a_row_that_no_test_meets(folder: Path) -> None:
    said = advise("test", folder, "--coverage").out
    assert "work.plan row many never applies" in said
    assert "(2 of 3)" in said


def test_what_no_test_notices(folder: Path) -> None:
    said = advise("test", folder, "--mutate").out
    assert "gives 5" in said  # which nobody looks at
    assert "gives 2" not in said
    assert "`row few` → `no such row`" not in said
    assert "`row many` → `no such row`" in said
    assert "`plot.beds: {at_most: 3}` → `plot.beds: {at_most: 4}`" in said
    assert "`plot.beds: {at_most: 3}` → `plot.beds: {at_most: 2}`" not in said
