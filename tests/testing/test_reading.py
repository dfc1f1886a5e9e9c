"""Test files are read alike by `advise test` and `advise check`; what became of a rule that they name."""

from __future__ import annotations

import json
import shutil
from datetime import date
from pathlib import Path

import pytest

from engine.base.diagnostic import Diagnostic, InvalidInput
from engine.checking.check import check_folder
from engine.checking.fix import fix_folder
from engine.language.policy_set import PolicySet
from engine.loading.folder import list_tests
from engine.loading.read_folder import read_policies
from engine.testing import PolicyTests
from engine.testing.read import read_test_files
from engine.testing.rule_names import RuleNames
from engine.testing.untested import FIRED
from tests.support.case_files import TESTS
from tests.support.edited import copied, edit
from tests.support.process import WORKSHOP
from tests.testing.test_policytests import HEAD, MISTAKES

DAY = date(2026, 11, 22)
NOTHING = "expect: {banners: []}"


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    copied(Path("policies"))
    return Path("policies")


def put(folder: Path, cases: str, name: str = "tests/saw.yaml", head: str = HEAD) -> None:
    (folder / name).parent.mkdir(parents=True, exist_ok=True)
    (folder / name).write_text(head + cases, "utf-8")


def refused(folder: Path) -> tuple[Diagnostic, ...]:
    """What `advise test` refuses; `advise check` must say just the same."""
    try:
        PolicyTests(folder, DAY)
        found: tuple[Diagnostic, ...] = ()
    except InvalidInput as problems:
        found = problems.diagnostics
    checked = tuple(each for each in check_folder(folder, DAY).diagnostics if each.severity == "error")
    assert checked == found
    return found


def places(folder: Path) -> list[str]:
    return [f"{found.at} {found.code}" for found in refused(folder)]


# -- what `advise test` refuses, `advise check` tells ------------------------------------------------


@pytest.mark.parametrize("case", MISTAKES)
def test_a_check_tells_what_a_test_would_refuse(folder: Path, case: str) -> None:
    free = '{"member": {"joined_on": "2026-01-05"}}'
    put(folder, free, "tests/free.json", head="")
    Path("free.json").write_text(free, "utf-8")
    put(folder, f"  - {case}\n")
    assert refused(folder)


BROKEN = {
    "cases: [\n": ["policies/tests/saw.yaml:2:1 not-yaml"],
    "": ["policies/tests/saw.yaml:1:1 empty"],
    "# Nothing yet\n": ["policies/tests/saw.yaml:1:1 empty"],
    "advise_language: 1\npolicy: p\n": ["policies/tests/saw.yaml:1:1 not-read"],
    f"{HEAD}  - {{name: one, facts: {{}}, {NOTHING}}}\n  - {{name: one, facts: {{}}, {NOTHING}}}\n": [
        "policies/tests/saw.yaml:5:5 duplicate-test"
    ],
}


@pytest.mark.parametrize(("text", "problems"), BROKEN.items())
def test_a_file_that_holds_no_tests(folder: Path, text: str, problems: list[str]) -> None:
    put(folder, text, head="")
    assert places(folder) == problems


def test_the_facts_files_of_tests_are_read_by_both(folder: Path) -> None:
    put(folder, f"  - {{name: one, facts_file: facts/a.json, {NOTHING}}}\n")
    assert places(folder) == ["policies/tests/saw.yaml:4:29 unreadable"]
    put(folder, '{"saw": {"traned": true}}', "tests/facts/a.json", head="")
    assert places(folder) == ["policies/tests/facts/a.json:1:10 unknown-fact"]
    put(folder, '{"saw": ', "tests/facts/a.json", head="")
    (found,) = refused(folder)
    assert f"{found.at} {found.code}" == "policies/tests/saw.yaml:4:29 not-json"
    assert str(found.related[0].at) == "policies/tests/facts/a.json:1:9"


def test_a_facts_file_in_yaml_beside_the_tests_is_no_test(folder: Path) -> None:
    put(folder, f"  - {{name: one, facts_file: facts/a.yaml, {NOTHING}}}\n")
    put(folder, "saw: {trained: true}\n", "tests/facts/a.yaml", head="")
    assert places(folder) == []
    put(folder, "saw: {trained: true}\n", "tests/facts/b.yaml", head="")
    assert set(places(folder)) == {
        "policies/tests/facts/b.yaml:1:1 missing-key",
        "policies/tests/facts/b.yaml:1:1 unknown-key",
    }


def test_a_test_without_a_day_is_for_today_in_a_check_of_another_day(folder: Path) -> None:
    edit(folder, ("machines.yaml", "effective: {from: 2026-01-01}", "effective: {from: 2026-11-23}"))
    put(folder, "  - {name: one, facts: {}, expect: {holds: [machines/key]}}\n")
    later = date(2026, 12, 1)
    assert check_folder(folder, later).count("error") == 0
    assert [each.code for each in check_folder(folder, later, today=DAY).diagnostics][-1] == "unknown-rule"


def test_tests_in_folders_are_run_and_what_is_never_run_is_refused(folder: Path) -> None:
    put(folder, f"  - {{name: one, facts: {{}}, {NOTHING}}}\n", "tests/new/saw.yaml")
    assert [test.name for test in PolicyTests(folder, DAY).tests] == ["one"]
    put(folder, f"  - {{name: two, facts: {{}}, {NOTHING}}}\n", "tests/saw.YAML")
    put(folder, f"  - {{name: three, facts: {{}}, {NOTHING}}}\n", "test/saw.yaml")
    assert places(folder) == ["policies/test:1:1 not-read", "policies/tests/saw.YAML:1:1 not-read"]


def test_tests_that_cannot_be_listed_are_no_missing_tests(folder: Path) -> None:
    (folder / "tests").symlink_to("nowhere")
    assert places(folder) == ["policies/tests:1:1 unreadable"]


def test_tests_among_the_policies_are_told_where_they_belong(folder: Path) -> None:
    put(folder, f"  - {{name: one, facts: {{}}, {NOTHING}}}\n", "saw.yaml")
    (found,) = check_folder(folder, DAY).diagnostics
    assert f"{found.at} {found.code}" == "policies/saw.yaml:1:1 unknown-kind"
    assert found.help == "Tests lie in the folder `tests`: move it there."


# -- told once -----------------------------------------------------------------------------------------


def test_a_folder_that_cannot_be_used_is_told_once_and_asked_for_once(folder: Path) -> None:
    cases = [f"  - {{name: t{n}, as_of: 2026-01-{n + 1:02}, facts: {{}}, {NOTHING}}}\n" for n in range(30)]
    put(folder, "".join(cases))
    edit(folder, ("machines.yaml", "saw.level: failed", "saw.levle: failed"))
    assert places(folder) == ["policies/machines.yaml:36:11 unknown-fact"]
    asked: list[date] = []

    def policies_on(day: date) -> PolicySet:
        asked.append(day)
        raise InvalidInput.error("unknown-fact", "There is none.", refused_at)

    (problem,) = refused(folder)
    refused_at = problem.location
    files = list_tests(folder)
    with pytest.raises(InvalidInput) as told:
        read_test_files(
            files, policies_on, RuleNames(lambda: read_policies(()), None), DAY, folder=folder, base=folder
        )
    assert len(asked) == len(told.value.diagnostics) == 1


def test_what_is_wrong_with_the_tests_as_such_is_told_beside_it(folder: Path) -> None:
    put(folder, f"  - {{name: one, facts: {{}}, {NOTHING}}}\n  - {{name: one, facts: {{}}, {NOTHING}}}\n")
    edit(folder, ("machines.yaml", "saw.level: failed", "saw.levle: failed"))
    assert places(folder) == [
        "policies/machines.yaml:36:11 unknown-fact",
        "policies/tests/saw.yaml:5:5 duplicate-test",
    ]


def test_where_a_new_name_is_declared_is_told_of_expectations_too(folder: Path) -> None:
    put(folder, "  - {name: a, facts: {}, expect: {asks: [weather.storm], findings: {tide.high: true}}}\n")
    fact, finding = (each.help for each in refused(folder))
    how = "{title: …, type: …, question: …}"
    assert fact == f"A new fact is declared in vocabulary.yaml, under `facts:`, as `weather.storm: {how}`."
    assert finding is not None
    assert finding.startswith("A new finding is declared in vocabulary.yaml, under `findings:`, as `tide")


def test_one_misspelt_name_is_one_problem_with_all_its_places(folder: Path) -> None:
    put(
        folder,
        "  - {name: a, facts: {saw: {traned: true}}, expect: {holds: [machines/kye]}}\n"
        "  - {name: b, as_of: 2026-11-20, facts: {saw: {traned: false}}, expect: {fails: [machines/kye]}}\n",
    )
    fact, rule = refused(folder)
    assert [str(fact.at), *(str(other.at) for other in fact.related)] == [
        "policies/tests/saw.yaml:4:29",
        "policies/tests/saw.yaml:5:48",
    ]
    assert fact.help == "Did you mean `saw.trained`?"
    assert [str(rule.at), *(str(other.at) for other in rule.related)] == [
        "policies/tests/saw.yaml:4:62",
        "policies/tests/saw.yaml:5:82",
    ]
    assert rule.help == (
        "Did you mean `machines/key`? If it was removed, delete these tests, or change them."
    )


def test_days_on_which_the_same_files_are_in_force_share_a_policy_set(folder: Path) -> None:
    days = [f"  - {{name: t{n}, as_of: 2026-01-{n + 1:02}, facts: {{}}, {NOTHING}}}\n" for n in range(5)]
    put(folder, "".join(days) + f"  - {{name: before, as_of: 2025-06-01, facts: {{}}, {NOTHING}}}\n")
    tests = PolicyTests(folder, DAY)
    assert len(tests.tests) == 6
    assert len(tests.sets) == 2


def test_the_day_of_a_test_is_no_expectation_whoever_gives_it(folder: Path) -> None:
    for given in ("facts: {}", "as_of: 2026-11-22, facts: {}", "facts: {as_of: 2026-11-22}"):
        put(folder, f"  - {{name: one, {given}, expect: {{values: {{as_of: 2026-11-22}}}}}}\n")
        (found,) = refused(folder)
        assert found.message == (
            "`as_of` is the day of this test: it comes out as it is, whatever the policies say."
        )


# -- rules that are not there --------------------------------------------------------------------------

FORMER = """\
advise_language: 1
policy: machines
title: Machines
version: "1.0.0"
status: active
effective: {from: 2025-01-01}
bands:
  saw.level: {of: saw.test_score, ranges: {failed: {below: 6}, passed: {at_least: 6}}}
rules:
  - {id: gone, title: T, conclude: [safety.doubt], tier: rule, cites: [house-rules#saw]}
  - {id: course, title: T, conclude: [safety.doubt], tier: rule, cites: [house-rules#saw]}
  - {id: saw, title: T, conclude: [safety.doubt], tier: rule, cites: [house-rules#saw]}
"""


@pytest.fixture
def later(folder: Path) -> Path:
    """The folder with a former version of the machines, of which no rule has its name any more."""
    put(folder, FORMER, "archive/machines-1.0.0.yaml", head="")
    edit(
        folder,
        (
            "machines.yaml",
            "  - id: train\n",
            "  - id: train\n    formerly: [machines/course, machines/saw]\n",
        ),
        ("machines.yaml", "  - id: saw-free\n", "  - id: saw-free\n    formerly: [machines/saw]\n"),
    )
    return folder


def test_a_removed_rule_is_told_once_with_the_places_of_its_tests(later: Path) -> None:
    case = "  - {{name: t{n}, as_of: 2026-11-{n:02}, facts: {{}}, expect: {{holds: [machines/gone]}}}}\n"
    put(later, "".join(case.format(n=n) for n in range(1, 18)))
    (found,) = refused(later)
    assert f"{found.at} {found.code}" == "policies/tests/saw.yaml:4:63 removed-rule"
    assert (
        found.message
        == "The rule `machines/gone` was removed: `machines` 1.0.0 was the last version with it."
    )
    assert found.help == "Delete the tests that name it, or change them."
    assert [other.at.line for other in found.related] == list(range(5, 21))


def test_a_rule_that_the_folder_was_made_with_is_removed_and_no_slip_of_another(folder: Path) -> None:
    shutil.copytree(WORKSHOP, folder.parent / ".advise" / "shipped" / "policies")
    edit(folder, ("machines.yaml", "- id: key\n", "- id: keys\n"))
    put(folder, "  - {name: one, as_of: 2026-11-22, facts: {}, expect: {unknown: [machines/key]}}\n")
    (found,) = refused(folder)
    assert (found.code, found.message) == (
        "removed-rule",
        "The rule `machines/key` was removed: it came with Advise, in machines.yaml.",
    )
    assert fix_folder(folder, DAY) == ((), (), ())


def test_a_slip_in_the_name_of_a_rule_is_mended(folder: Path) -> None:
    case = "  - {{name: t{n}, as_of: 2026-11-22, facts: {{}}, expect: {{unknown: [machines/kye]}}}}\n"
    put(folder, case.format(n=1) + case.format(n=2))
    assert [each.code for each in refused(folder)] == ["unknown-rule"]
    fixes, _, problems = fix_folder(folder, DAY)
    assert sorted(str(fixed.at) for fixed in fixes) == [
        "policies/tests/saw.yaml:4:65",
        "policies/tests/saw.yaml:5:65",
    ]
    assert (problems, refused(folder)) == ((), ())


def test_a_slip_in_the_name_of_what_a_test_expects_is_mended(folder: Path) -> None:
    expect = "{values: {saw.recent_acidents: 0}, findings: {safety.dout: null}}"
    put(folder, f"  - {{name: one, facts: {{}}, expect: {expect}}}\n")
    assert [each.code for each in refused(folder)] == ["unknown-fact", "unknown-fact"]
    fixes, _, problems = fix_folder(folder, DAY)
    assert (len(fixes), problems, refused(folder)) == (2, (), ())


def test_a_test_of_the_day_of_a_removed_rule_stays_good(later: Path) -> None:
    put(later, "  - {name: one, as_of: 2025-11-01, facts: {}, expect: {holds: [machines/gone]}}\n")
    assert refused(later) == ()


def test_a_renamed_rule_is_told_by_its_present_name_and_mended(later: Path) -> None:
    case = "  - {{name: t{n}, as_of: 2026-11-22, facts: {{}}, expect: {{unknown: [machines/course]}}}}\n"
    put(later, case.format(n=1) + case.format(n=2))
    found = refused(later)
    assert [f"{each.at} {each.code}" for each in found] == [
        "policies/tests/saw.yaml:4:65 renamed-rule",
        "policies/tests/saw.yaml:5:65 renamed-rule",
    ]
    assert {(each.message, each.help) for each in found} == {
        ("The rule `machines/course` is called `machines/train` now.", "Write `machines/train`.")
    }
    fixes, _, problems = fix_folder(later, DAY)
    assert (len(fixes), problems) == (2, ())
    assert refused(later) == ()


def test_a_rule_that_was_split_is_told_by_all_its_heirs(later: Path) -> None:
    put(later, "  - {name: one, as_of: 2026-11-22, facts: {}, expect: {unknown: [machines/saw]}}\n")
    (found,) = refused(later)
    assert found.message == "The rule `machines/saw` has become `machines/saw-free` and `machines/train`."
    assert found.replacement is None


@pytest.mark.parametrize(
    ("head", "as_of", "why"),
    [
        ("effective: {from: 2026-01-01}", "2025-12-31", "machines.yaml begins on 2026-01-01"),
        (
            "effective: {from: 2026-01-01, until: 2026-10-31}",
            "2026-11-01",
            "machines.yaml ended on 2026-10-31",
        ),
    ],
)
def test_a_rule_of_another_day_is_not_removed(folder: Path, head: str, as_of: str, why: str) -> None:
    edit(folder, ("machines.yaml", "effective: {from: 2026-01-01}", head))
    put(folder, f"  - {{name: one, as_of: {as_of}, facts: {{}}, expect: {{holds: [machines/key]}}}}\n")
    (found,) = refused(folder)
    assert found.message == f"There is no rule `machines/key` in force on {as_of}: {why}."
    assert found.help == "Give the test a day on which it is: `as_of`."


def test_a_rule_of_a_draft_is_not_removed(folder: Path) -> None:
    put(folder, FORMER.replace("active", "draft").replace("machines", "more"), "more.yaml", head="")
    put(folder, "  - {name: one, as_of: 2026-11-22, facts: {}, expect: {holds: [more/gone]}}\n")
    (found,) = refused(folder)
    assert found.message == "There is no rule `more/gone` in force on 2026-11-22: more.yaml is a draft."


# -- which rules are tested ------------------------------------------------------------------------------


def test_every_expectation_that_names_rules_is_known_to_fail_without_them_or_not() -> None:
    schema = json.loads((TESTS.parent / "schemas" / "tests.schema.json").read_text("utf-8"))
    expectations = schema["properties"]["cases"]["items"]["properties"]["expect"]["properties"]
    naming = {key for key, schema in expectations.items() if "rule_name" in json.dumps(schema)}
    assert naming - FIRED == {"fails", "unknown", "not_shown"}
    assert naming >= FIRED
