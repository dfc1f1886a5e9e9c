"""`advise check --fix`: what is mechanical is mended, byte for byte; everything else stays as it was."""

from __future__ import annotations

import difflib
import os
import resource
import stat
from collections import Counter
from datetime import date
from pathlib import Path
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.base.atomic_write import replace_file
from engine.base.diagnostic import Diagnostic
from engine.base.read import PolicyFile
from engine.base.record import replace
from engine.checking.check import check_files
from engine.checking.fix import FixResult, fix_files, fix_folder
from engine.loading.folder import list_files
from tests.loading.test_robust import FILES, damaged, files_read_once
from tests.support.case_files import TESTS
from tests.support.process import advise
from tests.support.strategies import DETERMINISTIC

__all__ = ["files_read_once"]  # a fixture that works by itself

DAY = date(2026, 9, 15)
FIELD = tuple(list_files(TESTS / "fields" / "allotment"))
HEAD = """\
advise_language: 1
policy: p
title: P
version: "1.0.0"
status: active
effective: {from: 2020-01-01}
"""
RULE = """\
rules:
  - id: a   # the first
    title:   "T"
    when: {%s}
    conclude: [ note.seen ]
    tier: custom
    cites: [statutes#plots]
"""


def mended(text: str | bytes, name: str = "p.yaml") -> tuple[bytes, FixResult]:
    content = text.encode() if isinstance(text, str) else text
    found = fix_files((*FIELD, PolicyFile(name, content)), (), DAY)
    return next(file.content for file in found.files if file.path == name), found


SHAPES = [
    ("title: P", "title: P: the first", 'title: "P: the first"'),
    ("title: P", "title: All of {P}, now", 'title: "All of {P}, now"'),
    ("title: P", "title: House rule #3", 'title: "House rule #3"'),
    ("title: P", 'title: {P} is "P"', "title: '{P} is \"P\"'"),
    ("title: P", "title: @all", 'title: "@all"'),
    ("title: P", "title: {P}", 'title: "{P}"'),
    ("title: P", "title: 2026", 'title: "2026"'),
    ("title: P", "title: yes", None),
    ("title: P", "title: P # a comment, or a part of it", None),
    ("title: P", "titel: P", "title: P"),
    ("title: P", "caption: P", None),
    ('"1.0.0"', "1.0", '"1.0.0"'),
    ('"1.0.0"', "v1.2", '"1.2.0"'),
    ('"1.0.0"', '"1"', '"1.0.0"'),
    ('"1.0.0"', "one", None),
    ("active", "activ", "active"),
    ("active", "on", None),
    ("1\npolicy", '"1"\npolicy', "1\npolicy"),
    ("2020-01-01", "2020/1/1", "2020-01-01"),
    ("2020-01-01", "2020-1-01", "2020-01-01"),
    ("2020-01-01", "1/2/2020", None),
    ("2020-01-01", "2020-02-30", None),
    ("title: P", "title: P\u200b", "title: P"),
    ("title: P", "title: \u0420P", "title: PP"),
    ("title: P", 'required: "yes"\ntitle: P', "required: true\ntitle: P"),
    ("title: P", "required: yes\ntitle: P", "required: true\ntitle: P"),
]

CONDITIONS = [
    ("plot.bedz: 3", "plot.beds: 3"),
    ("plot.beds: {at_least: {fact: plot.treez}}", "plot.beds: {at_least: {fact: plot.trees}}"),
    ("gardener.kind: [adult,  senoir]", "gardener.kind: [adult,  senior]"),
    ("gardener.kind: {is_not: adlut}", "gardener.kind: {is_not: adult}"),
    ("plot.tended: yes", "plot.tended: true"),
    ('plot.tended: "no"', "plot.tended: false"),
    ("plot.tended: 'no'", "plot.tended: false"),
    ('plot.tended: {is_not:   "On" }', "plot.tended: {is_not:   true }"),
    ("plot.beds: {at_leest: 3}", "plot.beds: {at_least: 3}"),
    ('plot.beds: "3"', "plot.beds: 3"),
    ("plot.beds: '3'", None),
    ("lease.from: 2026-9-3", "lease.from: 2026-09-03"),
    ("gardener.motto: 5", 'gardener.motto: "5"'),
    ("plot.b: 3", None),
    ("pet.kind: bat", None),  # cat?
    ("pl\u043et.beds: 3", "plot.beds: 3"),
]


@pytest.mark.parametrize(("old", "wrong", "right"), SHAPES)
def test_a_head(old: str, wrong: str, right: str | None) -> None:
    text = HEAD.replace(old, wrong, 1)
    assert text != HEAD
    after, found = mended(text)
    assert after.decode() == (HEAD.replace(old, right, 1) if right else text)
    assert bool(found.fixes) == bool(right)


@pytest.mark.parametrize(("wrong", "right"), CONDITIONS)
def test_a_condition(wrong: str, right: str | None) -> None:
    after, found = mended(HEAD + RULE % wrong)
    assert after.decode() == HEAD + RULE % (right or wrong)
    assert not found.left.count("error") or right is None


def test_other_names() -> None:
    text = HEAD + RULE % "plot.beds: 3"
    wrong = text
    for name, misspelt in (("note.seen", "note.sean"), ("custom", "custmo"), ("statutes#", "statuts#")):
        wrong = wrong.replace(name, misspelt)
    after, found = mended(wrong)
    assert after.decode() == text
    codes = [fixed.code for fixed in found.fixes]
    assert codes == ["unknown-source", "unknown-tier", "unknown-finding"]


def test_one_problem_hides_others_and_all_are_mended() -> None:
    wrong = HEAD.replace("title: P", "title: P: {p}") + RULE % "plot.bedz: {at_leest: 3}, plot.tended: yes"
    after, found = mended(wrong)
    assert after.decode() == HEAD.replace("title: P", 'title: "P: {p}"') + (
        RULE % "plot.beds: {at_least: 3}, plot.tended: true"
    )
    assert found.left.count("error") == 0


@pytest.mark.parametrize("ending", ["\n", "\r\n"])
def test_text_of_several_lines_becomes_a_block(ending: str) -> None:
    def why(begin: str) -> bytes:
        text = f"    why: {begin}No: for one\n      thing, and: for another.\n    formerly: []\n"
        return (HEAD + RULE % "plot.beds: 3" + text).replace("\n", ending).encode()

    after, found = mended(why(""))
    assert after == why(">-\n      ")
    assert found.left.count("error") == 0


@pytest.mark.parametrize("ending", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize("mark", [b"", b"\xef\xbb\xbf"])
def test_line_ends_and_byte_order_mark_stay(ending: str, mark: bytes) -> None:
    def as_bytes(text: str) -> bytes:
        return mark + text.replace("\n", ending).encode()

    wrong = HEAD.replace("title: P", "title: Ä {ä}\nownr: é") + RULE % "plot.bedz: 3"
    right = HEAD.replace("title: P", 'title: "Ä {ä}"\nowner: é') + RULE % "plot.beds: 3"
    assert mended(as_bytes(wrong))[0] == as_bytes(right)


TWO_TEXTS = HEAD.replace("title: P", 'title: "P: the first"') + (RULE % "plot.beds: 3").replace(
    '"T"', '"T: the second"'
)


def test_a_quotation_mark_left_open_leaves_innocent_lines_as_they_are() -> None:
    wrong = TWO_TEXTS.replace('first"', "first")
    after, found = mended(wrong)
    assert after.decode() == wrong
    assert not found.fixes
    (problem,) = found.left.diagnostics
    assert f"{problem.at} {problem.code}" == "p.yaml:3:8 not-yaml"


def test_what_brings_another_problem_is_taken_back_and_told(tmp_path: Path) -> None:
    """`plot` can only have been meant, and exists already: with it there would be two."""
    wrong = HEAD.replace("policy: p", "policy: p\nversoin: x") + RULE % "plot.bedz: 3"
    after, found = mended(wrong)
    assert after.decode() == wrong.replace("bedz", "beds")
    assert [fixed.code for fixed in found.fixes] == ["unknown-fact"]
    (left,) = found.taken_back
    assert left.fix.words == "versoin"
    assert left.reason.startswith(
        "left as it is: with `version` there would be another problem, p.yaml:5:1: `version` stands twice"
    )
    for file in FIELD:
        (tmp_path / file.path).write_bytes(file.content)
    (tmp_path / "p.yaml").write_text(wrong, "utf-8")
    ended = advise("check", "--fix", ".", cwd=tmp_path)
    assert "p.yaml:3:1: left as it is: with `version` there would be another problem" in ended.out


def test_a_name_that_is_written_more_often_than_its_declaration_is_meant() -> None:
    uses = (
        HEAD
        + RULE % "plot.beds: 3"
        + (RULE % "plot.beds: 4").replace("rules:\n", "").replace("id: a", "id: b")
    )
    broken = tuple(
        replace(file, content=file.content.replace(b"  plot.beds:", b"  plot.bed:")) for file in FIELD
    )
    assert broken != FIELD
    found = fix_files((*broken, PolicyFile("p.yaml", uses.encode())), (), DAY)
    assert not found.fixes
    assert [each.code for each in found.left.diagnostics] == ["unknown-fact", "unknown-fact"]


def test_an_archived_file_stays() -> None:
    wrong = HEAD + RULE % "plot.bedz: 3"
    assert mended(wrong, "archive/p-1.yaml")[0] == wrong.encode()


def test_the_command(tmp_path: Path) -> None:
    folder = tmp_path / "policies"
    folder.mkdir()
    for file in FIELD:
        (folder / file.path).write_bytes(file.content)
    path = folder / "p.yaml"
    path.write_text(HEAD + RULE % "plot.bedz: 3, plot.b: 1", "utf-8")
    path.chmod(0o640)
    others = {file.name: file.stat().st_mtime_ns for file in folder.iterdir() if file != path}
    ended = advise("check", "--fix", "policies", cwd=tmp_path)
    assert ended.code == 1
    assert ended.out.startswith("policies/p.yaml:10:12: `plot.bedz` is now `plot.beds` [unknown-fact]\n\n")
    assert "policies/p.yaml:10:26: There is no fact `plot.b`." in ended.out
    assert path.read_text("utf-8") == HEAD + RULE % "plot.beds: 3, plot.b: 1"
    assert stat.S_IMODE(path.stat().st_mode) == 0o640
    assert sorted(os.listdir(folder)) == sorted([*others, "p.yaml"])
    assert {name: (folder / name).stat().st_mtime_ns for name in others} == others
    again = advise("check", "--fix", "policies", "--format", "json", cwd=tmp_path)
    assert again.out.startswith("{")
    assert again.err == ""


def test_a_full_disk_leaves_the_file_as_it_was(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    folder = Path("policies")
    folder.mkdir()
    wrong = HEAD.replace("title: P", "title: P {p}")
    (folder / "p.yaml").write_text(wrong, "utf-8")
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, limits[1]))
    try:
        mends, _, (problem,) = fix_folder(folder, DAY)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)
    assert not mends
    assert f"{problem.at} {problem.code}" == "policies/p.yaml:1:1 not-written"
    assert problem.message == "The file cannot be mended: File too large."
    assert [path.read_text("utf-8") for path in folder.iterdir()] == [wrong]


def test_nothing_is_mended_beside_a_file_that_cannot_be_read(tmp_path: Path) -> None:
    for file in FIELD:
        (tmp_path / file.path).write_bytes(file.content)
    wrong = HEAD + RULE % "plot.beds: {at_least: {parameter: spare_bedz}}"
    declared = "parameters: {spare_beds: {values: {2020-01-01: 3}, cites: [statutes#plots]}}\n"
    (tmp_path / "p.yaml").write_text(wrong + declared, "utf-8")
    (tmp_path / "q.yaml").mkdir()
    assert fix_folder(tmp_path, DAY) == ((), (), ())
    (tmp_path / "q.yaml").rmdir()
    (fixed,), _, _ = fix_folder(tmp_path, DAY)
    assert fixed.replacement == "spare_beds"


def test_what_somebody_else_saved_stays(tmp_path: Path) -> None:
    path, link = tmp_path / "a.yaml", tmp_path / "link.yaml"
    path.write_bytes(b"theirs")
    link.symlink_to(path)
    assert not replace_file(path, b"before", b"ours")
    assert path.read_bytes() == b"theirs"
    assert replace_file(link, b"theirs", b"ours")
    assert link.is_symlink()
    assert path.read_bytes() == b"ours"
    assert sorted(os.listdir(tmp_path)) == ["a.yaml", "link.yaml"]


def errors(files: tuple[PolicyFile, ...]) -> int:
    return check_files(files, (), DAY).count("error")


@pytest.mark.slow
@settings(DETERMINISTIC, max_examples=60)
@given(st.sampled_from(sorted(FILES)), st.integers(0, 2**32).map(Random))
def test_one_wrong_character_never_costs_a_line_or_brings_a_problem(name: str, random: Random) -> None:
    text = FILES[name]
    at = random.randrange(len(text))
    typed = random.choice(("", "", random.choice("\"'{}[]:#,-|> \n\txX1é\u200b"), text[at] * 2))
    broken = text[:at] + typed + text[at + 1 :]
    files = tuple(
        PolicyFile(path, (broken if path == name else content).encode())
        for path, content in sorted(FILES.items())
    )
    before = Counter(
        key(each) for each in check_files(files, (), DAY).diagnostics if each.severity == "error"
    )
    found = fix_files(files, (), DAY)
    left = Counter(key(each) for each in found.left.diagnostics if each.severity == "error")
    assert left <= before
    assert left < before or not any(fix.severity == "error" for fix in found.fixes)
    lost = [
        line
        for one, other in zip(files, found.files, strict=True)
        for line in difflib.ndiff(one.content.decode().split("\n"), other.content.decode().split("\n"))
        if line.startswith("- ")
    ]
    assert len(lost) <= len(found.fixes)
    for one, other in zip(files, found.files, strict=True):
        assert other.content.count(b"\n") >= one.content.count(b"\n")


def key(problem: Diagnostic) -> tuple[str, str, str]:
    return problem.location.path, problem.code, problem.message


@pytest.mark.slow
@settings(DETERMINISTIC, max_examples=40)
@given(st.sampled_from(sorted(FILES)), st.integers(0, 2**32).map(Random))
def test_nothing_is_made_worse(name: str, random: Random) -> None:
    """Lines and comments stay; what is left to mend is nothing; a file that could be read still can."""
    files = tuple(
        PolicyFile(path, damaged(text, random) if path == name else text.encode())
        for path, text in sorted(FILES.items())
    )
    found = fix_files(files, (), DAY)
    for before, after in zip(files, found.files, strict=True):
        if not any(fixed.at.path == before.path for fixed in found.fixes):
            assert after.content == before.content
        assert after.content.count(b"\n") >= before.content.count(b"\n")
        assert after.content.count(b"#") == before.content.count(b"#")
    again = fix_files(found.files, (), DAY)
    assert again.files == found.files
    assert not again.fixes
    if found.fixes:
        read = ("not-yaml", "duplicate-key", "yaml-key")
        unreadable = {each.at.path for each in check_files(files, (), DAY).diagnostics if each.code in read}
        assert {each.at.path for each in found.left.diagnostics if each.code in read} <= unreadable
