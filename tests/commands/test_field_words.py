"""Every command speaks in the words that a folder declares, and in no others; nothing declared: as ever."""

from __future__ import annotations

import json
import re
import shutil
from pathlib import Path

import pytest

from engine.commands.main import main
from tests.commands.test_no_field import helps
from tests.support.edited import edit
from tests.support.process import ROOT, WORKSHOP, advise

FIELD = re.compile(r"\b(applicant|season|student|advisor)s?\b", re.IGNORECASE)
FACTS = {
    "as_of": "2026-11-22",
    "year": 2027,
    "member": {"joined_on": "2026-01-01", "role": "member"},
    "saw": {"trained": True, "test_score": 6, "accidents": []},
}
DECLARED = """words:
  subject: {one: apprentice, many: apprentices}
  period: {one: term, many: terms}
  adviser: {one: master, many: masters}
formats: {date: "{dd}.{mm}.{year}", thousands: ".", decimal: ",", units: true}
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """The workshop in other words, with formats."""
    shutil.copytree(WORKSHOP, tmp_path / "policies")
    vocabulary = tmp_path / "policies" / "vocabulary.yaml"
    text = vocabulary.read_text("utf-8")
    begin, end = text.index("words:\n"), text.index("facts:\n")
    vocabulary.write_text(text[:begin] + DECLARED + text[end:], "utf-8")
    (tmp_path / "facts.json").write_text(json.dumps(FACTS), "utf-8")
    cohort = [FACTS, {**FACTS, "saw": {"trained": True, "test_score": 7}}]
    (tmp_path / "cohort.jsonl").write_text("".join(json.dumps(each) + "\n" for each in cohort), "utf-8")
    return tmp_path


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ("facts.json --all", ["! TERM: ", "As of 22.11.2026"]),
        ("facts.json --format html", ["Term", "22.11.2026"]),
        ("facts.json --format markdown", ["**Term:**", "As of 22.11.2026"]),
        ("explain facts.json", ["As of 22.11.2026"]),
        ("explain facts.json machines/saw-free", ["6 points"]),
        ("what-if facts.json --set saw.test_score=8", ["8 points (it is 6 points)"]),
        ("what-if facts.json --set saw.test_score=7..8", ["from 7 points to 8 points"]),
        ("reach facts.json saw.level=passed", ["7,5 points"]),
        ("ask facts.json", ["As of 22.11.2026"]),
        ("rules --format markdown", ["[brackets] are filled in for each apprentice."]),
        ("sources --check-by 2027-06-01", ["term 2027: Course dates"]),
        ("facts-schema", ["The facts of one apprentice"]),
        ("schema", ["What the apprentice reads."]),
        ("check --no-prove", ["Write down what must come out for a few apprentices"]),
        ("test --suggest machines/key", ["advise_language"]),
    ],
)
def test_a_command(words: str, said: list[str], folder: Path) -> None:
    ended = advise(*words.split(), cwd=folder)
    assert ended.code in (0, 1), ended.err
    text = ended.out + ended.err
    assert [each for each in said if each not in text] == [], text
    assert FIELD.findall(re.sub(r"/[\w./-]*", "", text)) == []
    assert "points points" not in text


def test_a_comparison(folder: Path) -> None:
    shutil.copytree(folder / "policies", folder / "new")
    edit(folder / "new", ("machines.yaml", "2026-06-01: 7.5", "2026-06-01: 6.5"))
    edit(
        folder / "new", ("vocabulary.yaml", "{one: term, many: terms}", "{one: trimester, many: trimesters}")
    )
    ended = advise("diff", "policies", "new", "--cohort", "cohort.jsonl", "--as-of", "2026-11-22", cwd=folder)
    assert "The advice of 1 of 2 apprentices changes." in ended.out, ended.out + ended.err
    assert "changed: a term, terms → a trimester, trimesters" in ended.out
    assert FIELD.findall(ended.out) == []


def test_formats_are_one_change(folder: Path) -> None:
    shutil.copytree(folder / "policies", folder / "new")
    edit(folder / "new", ("vocabulary.yaml", ", units: true", ""))
    ended = advise("diff", "policies", "new", "--as-of", "2026-11-22", cwd=folder)
    assert ended.out.splitlines()[1] == "1 change; no rule itself changed."
    assert "changed: true → false" in ended.out


def test_records(folder: Path) -> None:
    assert advise("facts.json", "--record", "--audit", "kept.db", cwd=folder).code == 0
    listed = advise("audit", "list", "--audit", "kept.db", cwd=folder).out
    assert "report on an apprentice without a label" in listed
    shown = advise("audit", "show", "1", "--audit", "kept.db", cwd=folder).out
    assert "On an apprentice without a label, as of" in shown
    given = advise("audit", "rule", "machines/train", "--audit", "kept.db", cwd=folder).out
    assert "1 report, 0 labelled apprentices and 1 without a label" in given
    assert "\napprentice  reports" in given
    csv = advise("audit", "rule", "machines/train", "--audit", "kept.db", "--format", "csv", cwd=folder).out
    assert csv.startswith("apprentice,reports,")
    assert advise("audit", "outcome", "1", "1", "--accepted", "--audit", "kept.db", cwd=folder).code == 0
    decided = advise("audit", "overrides", "--audit", "kept.db", cwd=folder).out
    assert decided.startswith("Decisions of masters, the most overridden rules first")
    assert FIELD.findall(listed + shown + given + csv + decided) == []
    assert "Say whose records: an apprentice, or --id NUMBER." in advise("audit", "forget", cwd=folder).err


def test_where_the_folder_cannot_be_read_the_words_are_neutral(folder: Path) -> None:
    assert advise("facts.json", "--record", "--audit", "kept.db", cwd=folder).code == 0
    (folder / "policies" / "vocabulary.yaml").write_text("facts: [", "utf-8")
    listed = advise("audit", "list", "--audit", "kept.db", cwd=folder)
    assert "report on a subject without a label" in listed.out
    refused = advise("facts.json", cwd=folder)
    assert refused.code == 2
    assert FIELD.findall(refused.err) == []


def test_where_nothing_is_declared_they_are_as_ever(tmp_path: Path) -> None:
    (tmp_path / "facts.json").write_text('{"as_of": "2026-09-15"}', "utf-8")
    env = {"ADVISE_POLICIES": str(ROOT / "tests" / "fields" / "allotment")}
    assert "The facts of one applicant" in advise("facts-schema", cwd=tmp_path, env=env).out


@pytest.mark.parametrize("option", ["--subject", "--applicant"])
def test_an_option_has_a_neutral_name_and_the_old_one(option: str, folder: Path) -> None:
    (folder / "facts.json").write_text(json.dumps({**FACTS, "member": {"name": "A 1"}}), "utf-8")
    assert advise("facts.json", "--record", "--audit", "kept.db", cwd=folder).code == 0
    found = advise("audit", "list", option, "A 1", "--audit", "kept.db", cwd=folder).out
    assert "report on A 1" in found
    exported = advise("audit", "export", option, "nobody", "--audit", "kept.db", cwd=folder).out
    assert exported == ""


def test_no_help_speaks_of_a_field() -> None:
    # `--applicant` is the former name of an option, which stays.
    texts = {verb: text.replace("--applicant", "") for verb, text in dict(helps(main)).items()}
    assert {verb: FIELD.findall(text) for verb, text in texts.items() if FIELD.search(text)} == {}


def test_what_programs_read_stays_as_it_is(folder: Path) -> None:
    report = json.loads(advise("facts.json", "--format", "json", cwd=folder).out)
    plain = json.loads(advise("facts.json", "--format", "json", "--policies", WORKSHOP, cwd=folder).out)
    for key in ("as_of", "applicant", "facts_digest", "headline", "bands", "findings", "ask_next"):
        assert report[key] == plain[key]
    assert [banner["kind"] for banner in report["banners"]] == ["season"]
    (because,) = (each for each in report["advice"][0]["because"] if each["fact"] == "saw.level")
    assert because["value"] == "failed"
