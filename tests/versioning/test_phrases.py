"""A phrase through its life: released with the rest, changed in one place, told for each rule saying it."""

from __future__ import annotations

import json
from datetime import date, timedelta
from pathlib import Path

import pytest

from engine.base.diagnostic import InvalidInput
from engine.language.templates import as_written
from engine.loading.load import load
from engine.versioning.release.run import release
from tests.support.edited import RELEASE_DAY, copied, edit, request
from tests.support.process import advise

pytestmark = pytest.mark.slow

PHRASES = """advise_language: 2
phrases: common
title: What many rules say
version: "1.0.0"
status: active
effective: {from: 2026-01-01}
entries:
  keyholder: Talk to a keyholder.
  next-course: Book the next course.
"""
NEWER = ("machines.yaml", "advise_language: 1", "advise_language: 2")
SAID = [
    ("machines.yaml", '        - "Talk to a keyholder."', "        - phrase: keyholder"),
    ("machines.yaml", "text: Book the next course.", 'text: "{phrase: next-course}"'),
    ("machines.yaml", "        - Repeat the test.", '        - "{phrase: next-course} Repeat the test."'),
]
CHANGED = ("phrases.yaml", "Book the next course.", "Book a course of this month.")
TOMORROW = RELEASE_DAY + timedelta(days=1)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """The workshop with two phrases, all released."""
    place = copied(tmp_path / "policies", NEWER, *SAID)
    (place / "phrases.yaml").write_text(PHRASES, "utf-8")
    release(place, (), request(level=None, note="First."))
    return place


def said(folder: Path, day: date) -> list[str]:
    """The texts and steps of two rules on a day."""
    rules = load(folder, day).by_name
    advices = (rules["machines/accident-wait"].advice, rules["machines/train"].advice)
    return [as_written(text) for advice in advices if advice is not None for text in advice.texts]


def test_a_released_phrase_is_locked_and_said(folder: Path) -> None:
    assert "phrases:common 1.0.0 sha256:" in (folder / "releases.lock").read_text("utf-8")
    assert said(folder, RELEASE_DAY)[1:] == [
        "Talk to a keyholder.",
        "Book the next course. Repeat the test.",
        "Book the next course.",
    ]


def test_a_changed_phrase_shows_in_every_rule_that_says_it(folder: Path) -> None:
    edit(folder, CHANGED)
    sides = ("last-release", "policies", "--as-of", str(RELEASE_DAY), "--format", "json")
    ended = advise("diff", *sides, cwd=folder.parent)
    changes = json.loads(ended.out)["changes"]
    rules = {(each["subject"], each["what"]) for each in changes if each["about"] == "rule"}
    assert rules == {("machines/accident-wait", "steps"), ("machines/train", "text")}


def test_each_day_has_its_words(folder: Path) -> None:
    edit(folder, CHANGED)
    release(folder, ("phrases:common",), request(note="A month.", today=TOMORROW))
    assert said(folder, RELEASE_DAY)[-1] == "Book the next course."
    assert said(folder, TOMORROW)[-1] == "Book a course of this month."
    assert (folder / "archive" / "phrases-1.0.0.yaml").exists()


def test_a_day_on_which_a_phrase_is_lacking_is_an_error(folder: Path) -> None:
    edit(folder, ("phrases.yaml", "  keyholder: Talk to a keyholder.\n", ""))
    with pytest.raises(InvalidInput, match="There is no phrase `keyholder`"):
        load(folder, RELEASE_DAY)
    assert "unknown-phrase" in advise("check", folder, "--no-prove").out


def test_a_variant_that_changes_is_told_in_words(tmp_path: Path) -> None:
    old = copied(tmp_path / "old", NEWER)
    new = copied(
        tmp_path / "new",
        NEWER,
        (
            "machines.yaml",
            "      text: Book the next course.\n",
            (
                "      text:\n"
                "        - {when: {saw.test_score: {known: true, below: 3}}, say: Begin anew.}\n"
                "        - {otherwise: Book the next course.}\n"
            ),
        ),
    )
    ended = advise("diff", old, new, "--as-of", str(RELEASE_DAY), "--format", "json")
    (change,) = (each for each in json.loads(ended.out)["changes"] if each["about"] == "rule")
    assert (change["subject"], change["what"], change["before"]) == (
        "machines/train",
        "text",
        "Book the next course.",
    )
    assert "Begin anew." in change["after"]
    assert "otherwise: Book the next course." in change["after"]
