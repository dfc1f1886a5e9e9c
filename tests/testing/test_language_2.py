"""What policy tests expect of constructs of version 2 of the language, and what mutation makes of these."""

from __future__ import annotations

import shutil
from datetime import date
from pathlib import Path

import pytest

from engine.base.diagnostic import InvalidInput
from engine.testing import PolicyTests
from engine.testing.mutate import mutate
from tests.support.case_files import TESTS

DAY = date(2026, 9, 15)
VOCABULARY = """
parameters:
  beds_of: {by: gardener.kind, values: {2026-01-01: {child: 2, adult: 4}}, cites: [statutes#plots]}
  later: {values: {2027-01-01: 3}, cites: [statutes#plots]}
  free: {values: {2026-01-01: [child, senior]}, cites: [statutes#plots]}
derived:
  plot.share:
    {title: S, type: number, precision: 0.1, compute: {divide: {of: plot.beds, by: plot.trees, way: down}}}
"""
EXCLUSIVE = """
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
  - {id: share, title: Share, when: {plot.share: {at_least: 0.3}, gardener.kind: {one_of: {parameter: free}}},
     advise: {text: T., category: plot, severity: soon}, tier: custom, cites: [statutes#plots]}
  - {id: crowded, title: Crowded, when: {plot.trees: {above: 10}}, conclude: [note.second],
     tier: custom, cites: [statutes#plots]}
"""
CHILD = "facts: {gardener: {kind: child}, plot: {beds: 3, trees: 10}}"


def folder_with(tmp_path: Path, cases: str, language: int = 2) -> Path:
    folder = tmp_path / "policies"
    shutil.copytree(TESTS / "fields" / "allotment", folder)
    vocabulary = (folder / "vocabulary.yaml").read_text("utf-8")
    written = vocabulary.replace("advise_language: 1", "advise_language: 2") + VOCABULARY + EXCLUSIVE
    (folder / "vocabulary.yaml").write_text(written, "utf-8")
    (folder / "p.yaml").write_text(POLICY, "utf-8")
    (folder / "tests").mkdir()
    head = f"advise_language: {language}\ntests: t\ncases:\n"
    (folder / "tests" / "t.yaml").write_text(head + cases, "utf-8")
    return folder


def case(expect: str, facts: str = CHILD) -> str:
    return f"  - {{name: one, as_of: 2026-09-15, {facts}, expect: {{{expect}}}}}\n"


@pytest.mark.parametrize(
    ("expect", "facts"),
    [
        ("values: {beds_of: 2, later: null, free: [child, senior], plot.share: 0.3}", CHILD),
        (
            "values: {beds_of: null}, findings: {note.first: not_applicable}",
            "facts: {gardener: {kind: senior}}",
        ),
        ("values: {beds_of: null}, findings: {note.first: null}", "facts: {plot: {beds: 3}}"),
    ],
)
def test_what_is_so_passes(tmp_path: Path, expect: str, facts: str) -> None:
    tests = PolicyTests(folder_with(tmp_path, case(expect, facts)), DAY)
    assert tests.run(tests.tests[0]).failures == ()


@pytest.mark.parametrize(
    ("expect", "facts", "found"),
    [
        ("values: {beds_of: 3}", CHILD, "it is 2"),
        ("values: {later: 3}", CHILD, "it is unknown"),
        ("values: {free: [child]}", CHILD, "it is [child, senior]"),
        ("findings: {note.first: not_applicable}", CHILD, "it is true"),
        ("findings: {note.first: false}", "facts: {gardener: {kind: senior}}", "it is not applicable"),
        ("findings: {note.first: null}", "facts: {gardener: {kind: senior}}", "it is not applicable"),
    ],
)
def test_what_is_not_so_fails(tmp_path: Path, expect: str, facts: str, found: str) -> None:
    tests = PolicyTests(folder_with(tmp_path, case(expect, facts)), DAY)
    assert [failure.found for failure in tests.run(tests.tests[0]).failures] == [found]


@pytest.mark.parametrize("expect", ["values: {beds_of: 2}", "findings: {note.first: not_applicable}"])
def test_a_test_file_of_version_1_does_not_know_it(tmp_path: Path, expect: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        PolicyTests(folder_with(tmp_path, case(expect), language=1), DAY)
    assert [problem.code for problem in refused.value.diagnostics] == ["newer-language"]


def test_mutation_takes_one_step_in_each(tmp_path: Path) -> None:
    folder = folder_with(tmp_path, case("only: [p/share], findings: {note.first: true}"))
    tests = PolicyTests(folder, DAY)
    survived = mutate(folder, tests, tests.tests, today=DAY, jobs=1).survivors
    tried = {(mutant.before, mutant.after) for mutant in survived}
    assert ("2026-01-01: child: 2", "2026-01-01: child: 1") in tried  # 3 beds are above both
    assert ("2026-01-01: child: 2", "2026-01-01: child: 3") not in tried
    assert ("2026-01-01: [child, senior]", "2026-01-01: [child]") in tried
    assert ("2026-01-01: [child, senior]", "2026-01-01: [senior]") not in tried
    share = "divide: [plot.beds, plot.trees, 0.1, down]"
    assert (share, "divide: [plot.beds, plot.trees, 0.1, up]") in tried  # 3 by 10 is 0.3 whatever the way
    assert (share, "divide: [plot.beds, plot.trees, 0.2, down]") not in tried


def test_facts_of_which_exclusive_findings_are_concluded_are_refused(tmp_path: Path) -> None:
    """And a change of a rule that concludes them together, or no longer, is noticed."""
    both = "facts: {gardener: {kind: child}, plot: {beds: 3, trees: 11}}"
    near = case("findings: {note.first: true}").replace("name: one", "name: two")
    folder = folder_with(tmp_path, case("refused: [exclude each other]", both) + near)
    tests = PolicyTests(folder, DAY)
    assert [tests.run(test).failures for test in tests.tests] == [(), ()]
    survived = mutate(folder, tests, tests.tests, today=DAY, jobs=1, words="crowded").survivors
    tried = {mutant.after for mutant in survived}
    assert "plot.trees: {above: 9}" not in tried
    assert "plot.trees: {above: 11}" not in tried
    assert "no such rule" not in tried
