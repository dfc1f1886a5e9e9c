"""`advise table`: rows go to a spreadsheet and come back without losing anything."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from click.testing import CliRunner

from engine.base.read import read_yaml
from engine.commands.main import main
from tests.support.process import ROOT

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
    inputs: [gardener.kind, plot.beds, plot.tended, soil.ph]
    outputs: {work.weekly: {title: Hours, type: integer}, work.heavy: {title: Heavy, type: boolean}}
    # the young come first
    rows:
      - {id: young, when: [child, "-", "-", "?"], then: [1, false],
         cites: ["statutes#plots", "statutes#work"], why: "They tire, soon"}
      - id: some
        when: [[adult, senior], 4..10, true, {above: 5.5, below: 7}]
        then: [5, true]
        why: >-
          Agreed: in
          May.
      - {id: few, when: ["-", "<= 3", "-", "-"], then: [2, absent]}   # the rest
    otherwise: [3, false]   # for all others
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    place = tmp_path / "policies"
    shutil.copytree(ROOT / "tests" / "fields" / "allotment", place)
    (place / "work.yaml").write_text(POLICY.replace("   # the rest", ""))
    return place


def run(*words: str | Path) -> str:
    ended = CliRunner().invoke(main, ["table", *map(str, words)])
    assert ended.exit_code == 0, ended.output
    return ended.output


def refused(*words: str | Path) -> str:
    ended = CliRunner().invoke(main, ["table", *map(str, words)])
    assert ended.exit_code == 2
    return ended.output


@pytest.mark.parametrize("ending", ["csv", "xlsx"])
def test_there_and_back_changes_nothing(folder: Path, tmp_path: Path, ending: str) -> None:
    sheet, before = tmp_path / f"sheet.{ending}", (folder / "work.yaml").read_text()
    run("work", "work.plan", "--export", sheet, "--policies", folder)
    run("work", "work.plan", "--import", sheet, "--policies", folder)
    assert (folder / "work.yaml").read_text() == before


def test_what_is_exported(folder: Path, tmp_path: Path) -> None:
    sheet = tmp_path / "sheet.csv"
    run("work", "work.plan", "--export", sheet, "--policies", folder)
    assert sheet.read_text().splitlines() == [
        "id,gardener.kind,plot.beds,plot.tended,soil.ph,work.weekly,work.heavy,cites,why",
        'young,child,-,-,?,1,no,statutes#plots; statutes#work,"They tire, soon"',
        'some,adult; senior,4..10,yes,"{above: 5.5, below: 7}",5,yes,,Agreed: in May.',
        "few,-,<= 3,-,-,2,absent,,",
    ]


def test_rows_changed_added_and_moved(folder: Path, tmp_path: Path) -> None:
    sheet = tmp_path / "sheet.csv"
    run("work", "work.plan", "--export", sheet, "--policies", folder)
    head, young, some, few = sheet.read_text().splitlines()
    new = "new,adult,> 12,no,-,4,yes,statutes#work,"
    sheet.write_text("\n".join([head, few.replace(",2,", ",1,"), new, some, young]) + "\n")
    run("work", "work.plan", "--import", sheet, "--policies", folder)
    text = (folder / "work.yaml").read_text()
    rows = read_yaml(text.encode(), "work.yaml").data["tables"]["work.plan"]["rows"]
    before = read_yaml(POLICY.encode(), "work.yaml").data["tables"]["work.plan"]["rows"]
    assert [row["id"] for row in rows] == ["few", "new", "some", "young"]
    assert rows[0] == {"id": "few", "when": ["-", "<= 3", "-", "-"], "then": [1, "absent"]}
    added = {
        "id": "new",
        "when": ["adult", "> 12", False, "-"],
        "then": [4, True],
        "cites": ["statutes#work"],
    }
    assert rows[1] == added
    assert rows[2:] == [before[1], before[0]]
    assert "# the young come first" in text
    assert "# for all others" in text


def test_comments_between_rows_are_not_lost(folder: Path, tmp_path: Path) -> None:
    (folder / "work.yaml").write_text(POLICY.replace("      - id: some", "      # others\n      - id: some"))
    sheet = tmp_path / "sheet.csv"
    run("work", "work.plan", "--export", sheet, "--policies", folder)
    said = refused("work", "work.plan", "--import", sheet, "--policies", folder)
    assert (
        ": There are comments between the rows of `work.plan`, which would be lost. [comments-lost]" in said
    )


def test_rows_in_a_file(folder: Path, tmp_path: Path) -> None:
    digest = f'    rows_digest: "sha256:{"0" * 64}"\n'
    head, _, rest = POLICY.partition("    rows:\n")
    otherwise = rest.partition("otherwise:")[2]
    rows = "id,gardener.kind,plot.beds,plot.tended,soil.ph,work.weekly,work.heavy\na,-,-,-,-,1,no\n"
    (folder / "work.yaml").write_text(f"{head}    rows: work.csv\n{digest}    otherwise:{otherwise}")
    (folder / "work.csv").write_text(rows)
    sheet = tmp_path / "sheet.xlsx"
    run("work", "work.plan", "--export", sheet, "--policies", folder)
    run("work", "work.plan", "--import", sheet, "--policies", folder)
    assert (folder / "work.csv").read_text() == rows
    assert "rows_digest" not in (folder / "work.yaml").read_text()


def test_what_is_wrong_is_told(folder: Path, tmp_path: Path) -> None:
    sheet, workbook = tmp_path / "sheet.csv", tmp_path / "sheet.xlsx"
    sheet.write_text("id,plot.beds\na,1\n")
    workbook.write_text("no workbook")
    before = (folder / "work.yaml").read_text()
    here = ("--policies", folder)
    said = refused("wrok", "work.plan", "--export", sheet, *here)
    assert "advise table: There is no policy `wrok`. [unknown-policy]" in said
    assert "Did you mean `work`?" in said
    said = refused("work", "work.plam", "--export", sheet, *here)
    assert "advise table: `work` has no table `work.plam`. [unknown-table]" in said
    assert "Did you mean `work.plan`?" in said
    assert (
        "--import: The columns of the sheet are not those of the table: `gardener.kind`. [row-cells]"
        in refused("work", "work.plan", "--import", sheet, *here)
    )
    assert "sheet.xlsx: This is no Excel workbook. [not-a-sheet]" in refused(
        "work", "work.plan", "--import", workbook, *here
    )
    assert (folder / "work.yaml").read_text() == before
