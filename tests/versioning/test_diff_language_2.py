"""Differences of meaning in constructs of version 2 of the language."""

from __future__ import annotations

import shutil
from datetime import date
from pathlib import Path

import pytest

from engine.versioning.diff.changes import PolicyChange
from engine.versioning.diff.difference import difference
from engine.versioning.diff.revisions import revision
from tests.support.case_files import TESTS
from tests.support.edited import edit

pytestmark = pytest.mark.slow

DAY = date(2026, 9, 15)
VOCABULARY = """
parameters:
  beds_of: {by: gardener.kind, values: {2026-01-01: {child: 2, adult: 4}}, cites: [statutes#plots]}
  free: {values: {2026-01-01: [child, senior]}, cites: [statutes#plots]}
derived:
  plot.share:
    {title: S, type: number, precision: 0.1,
     compute: {divide: {of: plot.trees, by: plot.beds, to: 0.5, way: down}}}
exclusive:
  - {id: apart, findings: [note.first, note.second]}
"""
POLICY = """
advise_language: 2
policy: p
title: P
version: "1.0.0"
status: active
effective: {from: 2020-01-01}
applies_to: {gardener.kind: [child, adult]}
rules:
  - {id: many, title: Many, when: {plot.beds: {above: {parameter: beds_of}}}, conclude: [note.first],
     tier: custom, cites: [statutes#plots]}
"""
OTHER = """
advise_language: 2
policy: q
title: Q
version: "1.0.0"
status: active
effective: {from: 2020-01-01}
rules:
  - {id: share, title: Share, when: {plot.share: {at_least: 1}, gardener.kind: {one_of: {parameter: free}}},
     advise: {text: T., category: plot, severity: soon}, tier: custom, cites: [statutes#plots]}
  - {id: not-many, title: Not many, when: {note.first: false},
     advise: {text: T., category: plot, severity: soon}, tier: custom, cites: [statutes#plots]}
"""


def folder_in(place: Path) -> Path:
    shutil.copytree(TESTS / "fields" / "allotment", place)
    vocabulary = (place / "vocabulary.yaml").read_text("utf-8")
    written = vocabulary.replace("advise_language: 1", "advise_language: 2") + VOCABULARY
    (place / "vocabulary.yaml").write_text(written, "utf-8")
    (place / "p.yaml").write_text(POLICY, "utf-8")
    (place / "q.yaml").write_text(OTHER, "utf-8")
    return place


def changes(tmp_path: Path, file: str, old: str, new: str) -> tuple[PolicyChange, ...]:
    before, after = folder_in(tmp_path / "before"), folder_in(tmp_path / "after")
    edit(after, (file, old, new))
    return difference(revision(str(before), None, DAY), revision(str(after), None, DAY), prove=True)


SHARE = "divide of plot.trees, plot.beds, 0.5, down"


@pytest.mark.parametrize(
    ("old", "new", "subject", "was", "now", "through"),
    [
        # 0.6 goes up to 1 by steps of 0.5, and 1.5 down to 0 by steps of 2.
        ("way: down", "way: up", "plot.share", SHARE, SHARE.replace("down", "up"), ("q/share", "loosened")),
        ("to: 0.5", "to: 0.1", "plot.share", SHARE, SHARE.replace("0.5", "0.1"), ("q/share", "same")),
        ("to: 0.5", "to: 2", "plot.share", SHARE, SHARE.replace("0.5", "2"), ("q/share", "tightened")),
        ("{child: 2,", "{child: 3,", "beds_of", "child: 2,", "child: 3,", ("q/not-many", "loosened")),
        ("[child, senior]}", "[child]}", "free", "[child, senior]", "[child]", ("q/share", "tightened")),
    ],
)
def test_a_change_is_told_with_the_rules_that_it_reaches(
    old: str, new: str, subject: str, was: str, now: str, through: tuple[str, str], tmp_path: Path
) -> None:
    found = [each for each in changes(tmp_path, "vocabulary.yaml", old, new) if each.subject == subject]
    (change,) = found
    assert was in str(change.old)
    assert now in str(change.new)
    assert through in {(each.rule, each.effect) for each in change.through}


def test_where_a_policy_applies_is_part_of_what_its_findings_mean(tmp_path: Path) -> None:
    """The condition of the rule is the same; but of a senior the finding is now false."""
    when = "when: {plot.beds: {above: {parameter: beds_of}}"
    applies = "applies_to: {gardener.kind: [child, adult]}\n"
    before, after = folder_in(tmp_path / "before"), folder_in(tmp_path / "after")
    edit(after, ("p.yaml", applies, ""), ("p.yaml", when, f"{when}, gardener.kind: [child, adult]"))
    found = difference(revision(str(before), None, DAY), revision(str(after), None, DAY), prove=True)
    (change,) = found
    assert (change.subject, change.what, change.new) == ("p/many", "applies to", "everybody")
    assert [(each.rule, each.effect) for each in change.through] == [("q/not-many", "loosened")]


def test_a_group_of_exclusive_findings_that_goes(tmp_path: Path) -> None:
    group = "exclusive:\n  - {id: apart, findings: [note.first, note.second]}\n"
    (change,) = changes(tmp_path, "vocabulary.yaml", group, "")
    assert (change.about, change.subject, change.what) == ("finding", "apart", "removed")
    assert change.old == "note.first, note.second exclude each other"
