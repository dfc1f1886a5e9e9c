"""What `reach` calls an answer: against what-if on the same changes, and beside other answers of its cost."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests.support.edited import copied
from tests.support.process import ROOT, advise

PLOT = """\
advise_language: 1
policy: plot
title: The plot
version: "1.0.0"
status: active
effective: {from: 2020-01-01}
rules:
  - id: grown
    title: It is green
    when:
      any:
        - plot.beds: {at_least: 3}
        - {plot.beds: {at_least: 2}, plot.trees: {at_least: 1}}
    advise: {category: plot, severity: idea, text: "Rest."}
    tier: custom
    cites: [statutes#plots]
  - id: guarded
    title: It is guarded
    when: {plot.fenced: true}
    advise: {category: plot, severity: idea, text: "Lock it."}
    tier: custom
    cites: [statutes#plots]
  - id: open
    title: It is open
    when: {plot.fenced: false}
    advise: {category: plot, severity: idea, text: "Close it."}
    tier: custom
    cites: [statutes#plots]
"""
MORE_FACTS = """\
implications:
  - {id: tended-is-fenced, when: {plot.tended: true}, then: {plot.fenced: true}}
"""


@pytest.fixture
def garden(tmp_path: Path) -> Path:
    """A folder where the beds and trees of a plot may become more, and who tends it may leave it."""
    folder = copied(
        tmp_path / "garden",
        ("vocabulary.yaml", "title: Tended, type: boolean,",
         "title: Tended, type: boolean, mutability: improvable, changeable: {to: [false]},"),
        ("vocabulary.yaml", "title: Beds, type: integer,",
         "title: Beds, type: integer, mutability: improvable, better: higher,"),
        ("vocabulary.yaml", "title: Trees, type: integer,",
         "title: Trees, type: integer, mutability: improvable, better: higher, range: {at_most: 9},"),
        ("vocabulary.yaml", "# more sections\n", MORE_FACTS),
        source=ROOT / "tests/fields/allotment",
    )  # fmt: skip
    (folder / "plot.yaml").write_text(PLOT, "utf-8")
    return folder


def said(garden: Path, plot: dict[str, Any], verb: str, *arguments: str) -> Any:
    facts = garden.parent / "facts.json"
    facts.write_text(json.dumps({"as_of": "2026-09-15", "plot": plot}), "utf-8")
    ended = advise(verb, facts, *arguments, "--policies", garden, "--format", "json")
    assert ended.code == 0, ended.err
    return json.loads(ended.out)


def test_what_cannot_be_told_is_stopped_as_what_if_shows(garden: Path) -> None:
    """Untended, the plot may be fenced or not: nobody knows, and the item is gone."""
    plot = {"tended": True}
    (answer,) = said(garden, plot, "reach", "guarded", "--stop")["answers"]
    assert answer["changes"] == [{"fact": "plot.tended", "before": True, "after": False}]
    changed = said(garden, plot, "what-if", "--set", "plot.tended=false")
    assert (changed["before"]["advice"], changed["after"]["advice"]) == (["plot/guarded"], [])
    # To bring the opposite about is more, and nothing does.
    assert said(garden, plot, "reach", "open")["answers"] == []


def test_what_was_never_told_is_stopped_already_and_it_is_said_how(garden: Path) -> None:
    facts = garden.parent / "facts.json"
    facts.write_text('{"as_of": "2026-09-15"}', "utf-8")
    ended = advise("reach", facts, "guarded", "--stop", "--policies", garden)
    assert "It is so already, as long as this cannot be told" in ended.out
    facts.write_text('{"as_of": "2026-09-15", "plot": {"fenced": false}}', "utf-8")
    ended = advise("reach", facts, "guarded", "--stop", "--policies", garden)
    assert "It is so already.\n" in ended.out


def test_less_of_one_and_some_of_another_is_another_answer_where_it_costs_the_same(garden: Path) -> None:
    answers = said(garden, {"beds": 1, "trees": 0}, "reach", "grown")["answers"]
    assert [
        ({each["fact"]: each["after"] for each in answer["changes"]}, answer["cost"]) for answer in answers
    ] == [({"plot.beds": 3}, 2), ({"plot.beds": 2, "plot.trees": 1}, 2)]


def test_what_only_adds_a_change_is_no_other_answer(garden: Path) -> None:
    """With two beds, one more is enough; so is one tree. Both together are no third."""
    answers = said(garden, {"beds": 2, "trees": 0}, "reach", "grown")["answers"]
    assert [[each["fact"] for each in answer["changes"]] for answer in answers] == [
        ["plot.beds"],
        ["plot.trees"],
    ]
