"""`advise check` with proofs: what they leave open is said; the shipped policies are proved."""

from __future__ import annotations

import shutil
import time
from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest
from click.testing import CliRunner

import cli
from benchmarks.decision_table import decision_table
from engine.checking.check import check_files, check_folder
from engine.checking.checks.subject import Subject
from engine.checking.proofs import CODES, prove
from engine.loading.folder import list_files
from engine.loading.read_folder import read_policies
from engine.loading.resolve import resolve
from tests.support.process import ROOT, WORKSHOP

DAY = date(2026, 11, 22)


def test_no_time_proves_nothing_and_says_so(tmp_path: Path) -> None:
    shutil.copytree(WORKSHOP, tmp_path / "workshop")
    result = CliRunner().invoke(cli.main, ["check", str(tmp_path / "workshop"), "--budget", "0"])
    assert result.exit_code == 0
    assert "Not settled:" in result.stdout
    assert "the time was up" in result.stdout


def test_what_is_not_settled_is_left_to_no_check() -> None:
    policies = read_policies(list_files(WORKSHOP))
    subject = Subject(list_files(WORKSHOP), policies, resolve(policies, DAY), DAY, DAY, ())
    proved = prove(subject, 0)
    assert {each.reason for each in proved.unfinished} == {"the time was up"}
    assert proved.unsettled == CODES  # so that no allowance of theirs is called needless


def test_without_proofs_there_is_nothing_to_settle(tmp_path: Path) -> None:
    shutil.copytree(WORKSHOP, tmp_path / "workshop")
    result = CliRunner().invoke(
        cli.main, ["check", str(tmp_path / "workshop"), "--no-prove", "--budget", "0"]
    )
    assert (result.exit_code, result.stderr) == (0, "")
    assert "ot settled" not in result.stdout


@pytest.mark.slow
def test_the_budget_is_for_everything_but_reading() -> None:
    """1,296 rules that say the same, in a second and a half: no check looks at every two of them."""
    files = decision_table(6)
    plain = seconds(lambda: check_files(files, (), DAY))
    assert seconds(lambda: check_files(files, (), DAY, prove_for=1.5)) < 1.5 * plain + 1.5
    left = check_files(files, (), DAY, prove_for=1.5).unfinished
    assert {each.reason for each in left} == {"the time was up"}
    assert left[0].code == "rule-never-holds"
    assert left[0].about.endswith(" more")


def seconds(work: Callable[[], object]) -> float:
    """Of the processor: what else the machine does is not counted."""
    begun = time.process_time()
    work()
    return time.process_time() - begun


@pytest.mark.slow
def test_the_shipped_policies_are_proved() -> None:
    """Nothing is left open, and each warning is one that its line allows, with a reason."""
    checked = check_folder(ROOT / "policies", DAY, prove_for=600)
    assert checked.unfinished == ()
    assert checked.diagnostics == ()
    assert {"always-outranked", "same-condition"} <= {each.diagnostic.code for each in checked.suppressed}
