"""A policy folder as `check_folder` finds it: what cannot be read, what is empty, places seen from here."""

from __future__ import annotations

import shutil
from datetime import date
from pathlib import Path

import pytest

from engine.base.read import PolicyFile
from engine.checking.check import check_files, check_folder
from engine.checking.formats.outcome import outcome
from engine.loading.folder import list_files
from tests.support.case_files import TESTS

DAY = date(2026, 11, 22)
KEPT = ("ranking.yaml", "sources.yaml")


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return Path(shutil.copytree(TESTS / "fields" / "workshop", "policies"))


def told(folder: Path) -> list[str]:
    return [f"{found.at} {found.severity} {found.code}" for found in check_folder(folder, DAY).diagnostics]


def test_a_file_that_cannot_be_read_may_declare_and_use_anything(folder: Path) -> None:
    (folder / "vocabulary.yaml").unlink()
    (folder / "vocabulary.yaml").mkdir()
    assert told(folder) == ["policies/vocabulary.yaml:1:1 error unreadable"]
    (folder / "vocabulary.yaml").rmdir()
    shutil.copy(TESTS / "fields/workshop/vocabulary.yaml", folder)
    (folder / "more.yaml").mkdir()
    assert told(folder) == ["policies/more.yaml:1:1 error unreadable"]


def test_a_test_that_cannot_be_read_hides_nothing_else(folder: Path) -> None:
    (folder / "tests" / "a.yaml").mkdir(parents=True)
    path = folder / "machines.yaml"
    path.write_text(path.read_text("utf-8").replace("saw.level: failed", "saw.levle: failed"), "utf-8")
    assert told(folder) == [
        "policies/machines.yaml:36:11 error unknown-fact",
        "policies/tests/a.yaml:1:1 error unreadable",
    ]


def test_an_empty_folder_lacks_what_a_folder_needs(tmp_path: Path) -> None:
    kinds = [found.message for found in check_folder(tmp_path, DAY).diagnostics]
    assert [message.split(" is in force")[0] for message in kinds] == [
        "No ranking file",
        "No sources file",
        "No vocabulary file",
    ]


def test_allowances_of_what_only_proofs_find_are_told_as_not_looked_at(folder: Path) -> None:
    path = folder / "machines.yaml"
    allowed = "- id: train   # allow rule-never-holds: for a trial\n"
    path.write_text(path.read_text("utf-8").replace("- id: train\n", allowed), "utf-8")
    unproved = check_folder(folder, DAY)
    assert outcome(unproved).endswith("; proofs left out, and with them 1 allowance.")
    proved = check_folder(folder, DAY, prove_for=60)
    assert "proofs left out" not in outcome(proved)
    assert "needless-allowance" in [found.code for found in proved.diagnostics]


def test_one_of_a_kind_is_no_plural() -> None:
    field = (file for file in list_files(TESTS / "fields" / "allotment") if file.path in KEPT)
    head = 'title: T\nversion: "1.0.0"\nstatus: active\neffective: {from: 2026-01-01}\n'
    facts = 'facts: {as_of: {title: T, type: date, question: "Q?"}}\n'
    advice = "{text: T., category: plot, severity: soon}"
    rule = f"{{id: a, title: T, tier: custom, cites: [statutes#plots], advise: {advice}}}"
    files = (
        *field,
        PolicyFile("p.yaml", f"advise_language: 1\npolicy: p\n{head}rules: [{rule}]\n".encode()),
        PolicyFile("vocabulary.yaml", f"advise_language: 1\nvocabulary: v\n{head}{facts}".encode()),
    )
    assert check_files(files, (), DAY).summary == f"4 files in force on {DAY}, 1 rule, 1 fact"


def test_what_is_allowed_is_seen_from_here(folder: Path) -> None:
    path = folder / "machines.yaml"
    allowance = "# allow unused-parameter: for next year"
    spare = f"  spare: {{values: {{2025-01-01: 6}}, cites: [house-rules#saw]}}   {allowance}"
    path.write_text(path.read_text("utf-8").replace("  saw_pass:\n", f"{spare}\n  saw_pass:\n"), "utf-8")
    (allowed,) = check_folder(folder, DAY).suppressed
    assert str(allowed.diagnostic.at) == "policies/machines.yaml:10:3"
    assert allowed.reason == "for next year"
