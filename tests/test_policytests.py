"""Policy tests: what passes, what fails and with which reason, what is refused as a mistake in the test."""

from __future__ import annotations

import shutil
from datetime import date
from pathlib import Path

import pytest

from engine.diagnostic import Refused
from engine.policytests import PolicyTests
from tests.case_files import TESTS

HEAD = "advise_language: 1\ntests: saw\ncases:\n"
FREE = "{member: {joined_on: 2026-01-05, role: member}, saw: {trained: true, test_score: 8.0, accidents: []}}"
DAY = date(2026, 11, 22)


def folder_with(tmp_path: Path, cases: str) -> PolicyTests:
    shutil.copytree(TESTS / "fields" / "workshop", tmp_path / "policies")
    (tmp_path / "policies" / "tests").mkdir()
    (tmp_path / "policies" / "tests" / "saw.yaml").write_text(HEAD + cases, "utf-8")
    (tmp_path / "free.json").write_text('{"member": {"joined_on": "2026-01-05", "role": "member"}}', "utf-8")
    return PolicyTests(tmp_path / "policies", DAY)


def failures(tmp_path: Path, expect: str, facts: str = FREE) -> list[str]:
    tests = folder_with(
        tmp_path, f"  - {{name: one, as_of: 2026-11-22, facts: {facts}, expect: {{{expect}}}}}\n"
    )
    (test,) = tests.tests
    return list(tests.run(test).failures)


PASSING = [
    "ranking: [machines/saw-free]",
    "shown: [machines/saw-free], not_shown: [machines/train], first: machines/saw-free",
    "order: [machines/saw-free]",
    "holds: [machines/saw-free], fails: [machines/train], unknown: [machines/accident-wait, machines/key]",
    "bands: {saw.level: passed}, findings: {safety.doubt: null}",
    "values: {member.days: 321, saw.free_again_on: absent, member.joined_on: 2026-01-05}",
    "text: {machines/saw-free: [8 of at least 7.5]}",
    "due: {machines/saw-free: null}",
    "banners: []",
    "suppressed: {}",
]


@pytest.mark.parametrize("expect", PASSING)
def test_what_is_so_passes(tmp_path: Path, expect: str) -> None:
    assert failures(tmp_path, expect) == []


WHY_NOT_TRAIN = (
    "it FAILS, because `saw.trained` is no: does not hold, it is yes; "
    "`saw.level` is failed: does not hold, it is Passed"
)
WHY_FREE = (
    "it HOLDS, because `member.role` is one of full member, keyholder: holds, it is full member; "
    "`saw.level` is Passed: holds, it is Passed; `saw.recent_accidents` is 0: holds, it is 0"
)
SAID = "The saw is yours to use With 8 of at least 7.5 points you may use the saw."

FAILING = {
    "ranking: [machines/train]": [
        f"machines/train should be shown; {WHY_NOT_TRAIN}",
        "machines/saw-free is shown at rank 1, and should not be",
    ],
    "ranking: []": ["machines/saw-free is shown at rank 1, and should not be"],
    "not_shown: [machines/saw-free]": ["machines/saw-free should not be shown"],
    "first: machines/key": [
        "machines/key should be shown; it is UNKNOWN, for want of an answer that nobody can give now",
        "machines/key should come first; first is machines/saw-free",
    ],
    "order: [machines/key, machines/saw-free]": [
        "order: expected machines/key, machines/saw-free; found machines/saw-free"
    ],
    "fails: [machines/saw-free]": [f"machines/saw-free should be FAILS; {WHY_FREE}"],
    "bands: {saw.level: failed}": ["bands: saw.level should be failed; it is passed"],
    "findings: {safety.doubt: false}": ["findings: safety.doubt should be false; it is unknown"],
    "values: {member.days: 320}": ["values: member.days should be 320; it is 321"],
    "text: {machines/saw-free: [never]}": [f"machines/saw-free does not say “never”: {SAID}"],
    "due: {machines/saw-free: 2026-11-02}": ["due: machines/saw-free should be 2026-11-02; it is unknown"],
    "banners: [stale]": ["banners: expected stale; found none"],
    "asks: [saw.trained]": ["asks: expected saw.trained; found none"],
    "provisional: [machines/saw-free]": ["machines/saw-free should be provisional"],
    "suppressed: {machines/train: machines/accident-wait}": [
        f"machines/train should be suppressed; {WHY_NOT_TRAIN}"
    ],
    "refused: [before]": ["The facts are not refused."],
}


@pytest.mark.parametrize(("expect", "found"), FAILING.items())
def test_what_is_not_so_fails_with_the_reason(tmp_path: Path, expect: str, found: list[str]) -> None:
    assert failures(tmp_path, expect) == found


def test_refused_facts(tmp_path: Path) -> None:
    facts = "{member: {joined_on: 2026-01-05}, saw: {trained: true, accidents: [2020-01-01]}}"
    assert failures(tmp_path / "a", "refused: [before the member joined]", facts) == []
    (wrong,) = failures(tmp_path / "b", "refused: [after]", facts)
    assert wrong.startswith("“after” is not among the reasons: The accident of 2020-01-01")
    (unexpected,) = failures(tmp_path / "c", "banners: []", facts)
    assert unexpected.startswith("The facts are refused: The accident of 2020-01-01")


def test_facts_of_a_file(tmp_path: Path) -> None:
    cases = "  - {name: one, as_of: 2026-11-22, facts_file: ../../free.json, expect: {asks: [saw.trained]}}\n"
    tests = folder_with(tmp_path, cases)
    assert tests.run(tests.tests[0]).failures == ()


MISTAKES = {
    "{name: one, facts: {}, expect: {shown: [machines/saw-fre]}}": ["4:45 unknown-rule"],
    "{name: one, facts: {}, expect: {due: {machines/saw-fre: null}}}": ["4:43 unknown-rule"],
    "{name: one, facts: {}, expect: {suppressed: {machines/key: machines/kye}}}": ["4:64 unknown-rule"],
    "{name: one, facts: {}, expect: {first: machines/kye}}": ["4:44 unknown-rule"],
    "{name: one, facts: {}, expect: {bands: {saw.levle: null}}}": ["4:45 unknown-fact"],
    "{name: one, facts: {}, expect: {asks: [saw.traned]}}": ["4:44 unknown-fact"],
    "{name: one, facts: {}, expect: {shwon: []}}": ["4:37 unknown-key"],
    "{name: one, facts: {}, expect: {}}": ["4:36 empty"],
    "{name: one, facts: {}}": ["4:5 missing-key"],
    "{name: one, expect: {banners: []}}": ["4:5 test-facts"],
    "{name: one, facts: {}, facts_file: ../../free.json, expect: {banners: []}}": ["4:5 test-facts"],
    "{name: one, facts_file: ../../fre.json, expect: {banners: []}}": ["4:29 unreadable"],
    "{name: one, as_of: 2026-02-30, facts: {}, expect: {banners: []}}": ["4:5 not-a-date"],
    "{name: one, facts: {saw: {traned: true}}, expect: {banners: []}}": ["4:31 unknown-fact"],
}


@pytest.mark.parametrize(("case", "codes"), MISTAKES.items())
def test_a_mistake_in_a_test_is_never_a_pass(tmp_path: Path, case: str, codes: list[str]) -> None:
    with pytest.raises(Refused) as refused:
        folder_with(tmp_path, f"  - {case}\n")
    found = refused.value.diagnostics
    assert all(problem.at.path.endswith("tests/saw.yaml") for problem in found)
    assert [f"{problem.at.line}:{problem.at.column} {problem.code}" for problem in found] == codes


def test_two_tests_of_one_name(tmp_path: Path) -> None:
    case = "  - {name: one, facts: {}, expect: {banners: []}}\n"
    with pytest.raises(Refused) as refused:
        folder_with(tmp_path, case + case)
    (problem,) = refused.value.diagnostics
    assert f"{problem.at.line}:{problem.at.column} {problem.code}" == "5:5 duplicate-test"
