"""Policy tests: what passes, what fails and with which reason, what is refused as a mistake in the test."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest
from click.testing import CliRunner

import cli
from engine.base.diagnostic import InvalidInput
from engine.testing import PolicyTests
from tests.support.case_files import TESTS

HEAD = "advise_language: 1\ntests: saw\ncases:\n"
FREE = "{member: {joined_on: 2026-01-05, role: member}, saw: {trained: true, test_score: 8.0, accidents: []}}"
DAY = date(2026, 11, 22)
Golden = Callable[[str, str], None]


def folder_with(tmp_path: Path, cases: str) -> PolicyTests:
    shutil.copytree(TESTS / "fields" / "workshop", tmp_path / "policies")
    (tmp_path / "policies" / "tests").mkdir()
    (tmp_path / "policies" / "tests" / "saw.yaml").write_text(HEAD + cases, "utf-8")
    free = '{"member": {"joined_on": "2026-01-05", "role": "member"}}'
    (tmp_path / "policies" / "tests" / "free.json").write_text(free, "utf-8")
    (tmp_path / "free.json").write_text(free, "utf-8")
    return PolicyTests(tmp_path / "policies", DAY)


def passes(tmp_path: Path, expect: str, facts: str = FREE) -> bool:
    tests = folder_with(
        tmp_path, f"  - {{name: one, as_of: 2026-11-22, facts: {facts}, expect: {{{expect}}}}}\n"
    )
    (test,) = tests.tests
    return tests.run(test).failures == ()


PASSING = [
    "ranking: [machines/saw-free]",
    "only: [machines/saw-free]",
    "shown: [machines/saw-free], not_shown: [machines/train], first: machines/saw-free",
    "order: [machines/saw-free]",
    "holds: [machines/saw-free], fails: [machines/train], unknown: [machines/accident-wait, machines/key]",
    "bands: {saw.level: passed}, findings: {safety.doubt: null}",
    "values: {member.days: 321, saw.free_again_on: absent, course.begins: null}",
    "text: {machines/saw-free: [8 of at least 7.5]}",
    "due: {machines/saw-free: null}",
    "severity: {machines/saw-free: know}",
    "banners: []",
]


@pytest.mark.parametrize("expect", PASSING)
def test_what_is_so_passes(tmp_path: Path, expect: str) -> None:
    assert passes(tmp_path, expect)


FAILING = [
    "ranking: [machines/train, machines/saw-free]",
    "ranking: []",
    "only: [machines/train, machines/saw-free]",
    "only: []",
    "shown: [machines/key]",
    "not_shown: [machines/saw-free]",
    "first: machines/train",
    "order: [machines/train, machines/saw-free]",
    "holds: [machines/train]",
    "fails: [machines/saw-free]",
    "unknown: [machines/saw-free]",
    "bands: {saw.level: failed}",
    "bands: {saw.level: null}",
    "findings: {safety.doubt: false}",
    "values: {member.days: 320}",
    "values: {member.days: absent}",
    "values: {saw.free_again_on: null}",
    "text: {machines/saw-free: [8 of at least 7.5, never]}",
    "text: {machines/train: [Book]}",
    "due: {machines/saw-free: 2026-11-02}",
    "severity: {machines/saw-free: do}",
    "severity: {machines/train: do}",
    "banners: [stale]",
    "asks: [saw.trained]",
    "provisional: [machines/saw-free]",
    "suppressed: {machines/train: machines/accident-wait}",
    "refused: [before]",
]


@pytest.mark.parametrize("expect", FAILING)
def test_what_is_not_so_fails(tmp_path: Path, expect: str) -> None:
    assert not passes(tmp_path, expect)


@pytest.mark.parametrize(
    ("expected", "because"),
    [
        ("course.begins: 2026-11-03", "`year` is 2026"),
        ("safety.doubt: true", "machines/train fails"),
    ],
)
def test_a_value_that_is_not_so_tells_what_it_comes_from(tmp_path: Path, expected: str, because: str) -> None:
    facts = FREE.removesuffix("}") + ", year: 2026}"
    tests = folder_with(
        tmp_path,
        f"  - {{name: one, as_of: 2026-11-22, facts: {facts}, expect: {{values: {{{expected}}}}}}}\n",
    )
    (failure,) = tests.run(tests.tests[0]).failures
    assert because in [reason.text for reason in failure.because]


def test_every_expectation_is_tried_both_ways() -> None:
    schema = json.loads((TESTS.parent / "schemas" / "tests.schema.json").read_text("utf-8"))
    known = set(schema["properties"]["cases"]["items"]["properties"]["expect"]["properties"])
    asked_for_and_refused = {"asks", "provisional", "suppressed", "refused"}  # their passing is tried below
    assert known <= {key for key in known if any(f"{key}: " in expect for expect in FAILING)}
    assert known - asked_for_and_refused <= {
        key for key in known if any(f"{key}: " in expect for expect in PASSING)
    }


def test_outranked_by(tmp_path: Path) -> None:
    hurt = FREE.replace("8.0", "5").replace("[]", "[2026-11-01]")
    assert passes(tmp_path / "a", "suppressed: {machines/train: machines/accident-wait}", hurt)
    assert not passes(tmp_path / "b", "suppressed: {machines/train: machines/key}", hurt)


def test_what_is_asked(tmp_path: Path) -> None:
    untested = FREE.replace("test_score: 8.0, ", "")
    assert passes(tmp_path / "a", "ranking: [], asks: [saw.test_score]", untested)
    assert not passes(tmp_path / "b", "asks: []", untested)


def test_provisional(tmp_path: Path) -> None:
    facts = "{member: {joined_on: 2026-01-05, role: member}, saw: {trained: true, test_score: 5}}"
    assert passes(tmp_path, "provisional: [machines/train], shown: [machines/train]", facts)


def test_a_given_fact_that_follows_from_others_may_be_expected(tmp_path: Path) -> None:
    untrained = "{saw: {trained: false}}"
    assert passes(tmp_path / "a", "values: {saw.test_score: absent, saw.accidents: []}", untrained)
    assert not passes(tmp_path / "b", "values: {saw.accidents: [2026-01-01]}", untrained)


def test_refused_facts(tmp_path: Path) -> None:
    facts = "{member: {joined_on: 2026-01-05}, saw: {trained: true, accidents: [2020-01-01]}}"
    assert passes(tmp_path / "a", "refused: [before the member joined]", facts)
    assert not passes(tmp_path / "b", "refused: [before the member joined, after]", facts)
    assert not passes(tmp_path / "c", "banners: []", facts)


def test_facts_of_a_file(tmp_path: Path) -> None:
    cases = "  - {name: one, as_of: 2026-11-22, facts_file: free.json, expect: {asks: [saw.trained]}}\n"
    tests = folder_with(tmp_path, cases)
    assert tests.run(tests.tests[0]).failures == ()


def test_files_that_end_in_yml_count_too(tmp_path: Path) -> None:
    tests = folder_with(tmp_path, "  - {name: one, facts: {}, expect: {banners: []}}\n")
    path = tmp_path / "policies" / "tests" / "saw.yaml"
    path.rename(path.with_suffix(".yml"))
    assert len(PolicyTests(tmp_path / "policies", DAY).tests) == len(tests.tests) == 1


MISTAKES = {
    "{name: one, facts: {}, expect: {shown: [machines/saw-fre]}}": ["4:45 unknown-rule"],
    "{name: one, facts: {}, expect: {only: [machines/saw-fre]}}": ["4:44 unknown-rule"],
    "{name: one, facts: {}, expect: {due: {machines/saw-fre: null}}}": ["4:43 unknown-rule"],
    "{name: one, facts: {}, expect: {due: {machines/key: 2026-02-30}}}": ["4:57 not-a-date"],
    "{name: one, facts: {}, expect: {severity: {machines/key: knwo}}}": ["4:62 unknown-severity"],
    "{name: one, facts: {}, expect: {suppressed: {machines/key: machines/kye}}}": ["4:64 unknown-rule"],
    "{name: one, facts: {}, expect: {first: machines/kye}}": ["4:44 unknown-rule"],
    "{name: one, facts: {}, expect: {bands: {saw.levle: null}}}": ["4:45 unknown-fact"],
    "{name: one, facts: {}, expect: {bands: {saw.level: pased}}}": ["4:56 wrong-value"],
    "{name: one, facts: {}, expect: {bands: {member.role: null}}}": ["4:45 wrong-kind"],
    "{name: one, facts: {}, expect: {findings: {saw.level: null}}}": ["4:48 wrong-kind"],
    "{name: one, facts: {}, expect: {values: {saw.test_score: 7.55}}}": ["4:62 wrong-value"],
    "{name: one, facts: {}, expect: {asks: [saw.traned]}}": ["4:44 unknown-fact"],
    "{name: one, facts: {}, expect: {asks: [member.days]}}": ["4:44 wrong-kind"],
    "{name: one, facts: {}, expect: {banners: [stail]}}": ["4:47 unknown-banner"],
    "{name: one, facts: {}, expect: {shwon: []}}": ["4:37 unknown-key"],
    "{name: one, facts: {}, expect: {}}": ["4:36 empty"],
    "{name: one, facts: {}, expect: {shown: [], holds: [machines/kye]}}": ["4:44 empty", "4:56 unknown-rule"],
    "{name: one, facts: {}, expect: {not_shown: []}}": ["4:48 empty"],
    "{name: one, facts: {}, expect: {banners: [{}], first: machines/kye}}": [
        "4:47 wrong-type",
        "4:59 unknown-rule",
    ],
    "{name: one, facts: {}, expect: {suppressed: {}}}": ["4:49 empty"],
    "{name: one, facts: {}, expect: {text: {}}}": ["4:43 empty"],
    "{name: one, facts: {}, expect: {refused: [x], shown: [machines/key]}}": ["4:37 refused-with-more"],
    "{name: one, facts: {}}": ["4:5 missing-key"],
    "{name: one, expect: {banners: []}}": ["4:5 test-facts"],
    "{name: one, facts: {}, facts_file: free.json, expect: {banners: []}}": ["4:5 test-facts"],
    "{name: one, facts_file: fre.json, expect: {banners: []}}": ["4:29 unreadable"],
    "{name: one, facts_file: ../../free.json, expect: {banners: []}}": ["4:29 facts-outside"],
    "{name: one, facts_file: /etc/hostname, expect: {banners: []}}": ["4:29 facts-outside"],
    "{name: one, as_of: 2026-02-30, facts: {}, expect: {banners: []}}": ["4:24 not-a-date"],
    "{name: one, facts: {saw: {traned: true}}, expect: {banners: []}}": ["4:31 unknown-fact"],
    '{name: one, facts: {}, expect: {refused: ["joined", " "]}}': ["4:57 vacuous-expectation"],
    '{name: one, facts: {}, expect: {refused: ["`"]}}': ["4:47 vacuous-expectation"],
    '{name: one, facts: {}, expect: {text: {machines/key: [" | "]}}}': ["4:59 vacuous-expectation"],
    "{name: one, facts: {year: 2026}, expect: {values: {year: 2026}}}": ["4:56 vacuous-expectation"],
    "{name: one, facts: {}, expect: {values: {year: null}}}": ["4:46 vacuous-expectation"],
    "{name: one, as_of: 2026-11-22, facts: {}, expect: {values: {as_of: 2026-11-22}}}": [
        "4:65 vacuous-expectation"
    ],
    "{name: one, facts: {saw: {trained: true, accidents: []}}, expect: {values: {saw.accidents: []}}}": [
        "4:81 vacuous-expectation"
    ],
}


@pytest.mark.parametrize(("case", "codes"), MISTAKES.items())
def test_a_mistake_in_a_test_is_never_a_pass(tmp_path: Path, case: str, codes: list[str]) -> None:
    with pytest.raises(InvalidInput) as refused:
        folder_with(tmp_path, f"  - {case}\n")
    found = refused.value.diagnostics
    assert all(problem.at.path.endswith("tests/saw.yaml") for problem in found)
    assert [f"{problem.at.line}:{problem.at.column} {problem.code}" for problem in found] == codes


def test_not_shown_of_a_rule_that_is_never_shown_is_a_mistake(tmp_path: Path) -> None:
    folder_with(tmp_path, "  - {name: one, facts: {}, expect: {banners: []}}\n")
    path = tmp_path / "policies" / "machines.yaml"
    text = path.read_text("utf-8")
    concluding = "  - {id: doubt, title: T, conclude: [safety.doubt], tier: rule, cites: [house-rules#saw]}\n"
    path.write_text(text + concluding, "utf-8")
    case = "  - {name: one, facts: {}, expect: {not_shown: [machines/doubt]}}\n"
    (tmp_path / "policies" / "tests" / "saw.yaml").write_text(HEAD + case, "utf-8")
    with pytest.raises(InvalidInput) as refused:
        PolicyTests(tmp_path / "policies", DAY)
    (problem,) = refused.value.diagnostics
    assert f"{problem.at.line}:{problem.at.column} {problem.code}" == "4:49 rule-without-advice"


def test_a_link_out_of_the_folder_is_not_followed(tmp_path: Path) -> None:
    folder_with(tmp_path, "  - {name: one, facts: {}, expect: {banners: []}}\n")
    tests = tmp_path / "policies" / "tests"
    os.symlink(tmp_path / "free.json", tests / "link.json")
    case = "  - {name: one, facts_file: link.json, expect: {banners: []}}\n"
    (tests / "saw.yaml").write_text(HEAD + case, "utf-8")
    with pytest.raises(InvalidInput) as refused:
        PolicyTests(tmp_path / "policies", DAY)
    assert [problem.code for problem in refused.value.diagnostics] == ["facts-outside"]


def test_two_tests_of_one_name(tmp_path: Path) -> None:
    case = "  - {name: one, facts: {}, expect: {banners: []}}\n"
    with pytest.raises(InvalidInput) as refused:
        folder_with(tmp_path / "a", case + case)
    (problem,) = refused.value.diagnostics
    assert f"{problem.at.line}:{problem.at.column} {problem.code}" == "5:5 duplicate-test"
    folder_with(tmp_path / "b", case)
    (tmp_path / "b" / "policies" / "tests" / "other.yaml").write_text(HEAD + case, "utf-8")
    with pytest.raises(InvalidInput, match="Two tests are called `one`"):
        PolicyTests(tmp_path / "b" / "policies", DAY)


# -- the command -------------------------------------------------------------------------------------


@pytest.fixture
def workshop(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A working folder with the workshop's policies and the tests of `tests/suites`."""
    monkeypatch.chdir(tmp_path)
    shutil.copytree(TESTS / "fields" / "workshop", "policies")
    shutil.copytree(TESTS / "suites", "policies/tests")
    return tmp_path


def run(*arguments: str, code: int) -> str:
    """What `advise test` prints, on both ways out."""
    ended = CliRunner(env={"ADVISE_CACHE": "", "COLUMNS": "100"}).invoke(cli.main, ["test", *arguments])
    assert ended.exit_code == code, ended.output
    return ended.output


@pytest.mark.usefixtures("workshop")
@pytest.mark.parametrize(
    ("form", "name"), [("text", "txt"), ("json", "json"), ("junit", "xml"), ("github", "github")]
)
def test_failures_in_each_format(form: str, name: str, golden: Golden) -> None:
    golden(f"policytests/failures.{name}", run("--format", form, code=1))


@pytest.mark.usefixtures("workshop")
def test_words_choose_tests() -> None:
    assert run("-k", "saw.yaml", code=0) == "policies: 3 passed, 0 failed\n"
    assert run("-k", "course", "-v", code=0).count(": passed: ") == 2
    assert "No test holds “nowhere” in its name or file." in run("-k", "nowhere", code=1)


@pytest.mark.slow
@pytest.mark.usefixtures("workshop")
def test_coverage_and_mutation(golden: Golden) -> None:
    Path("policies/tests/failing.yaml").unlink()
    measured = run("--coverage", "--mutate", "--jobs", "1", code=0)
    golden("policytests/measured.txt", measured)
    assert run("--coverage", "--mutate", "--jobs", "2", code=0) == measured
    for form, name in (("json", "json"), ("github", "github")):
        arguments = ("--coverage", "--mutate", "--jobs", "1", "--format", form)
        golden(f"policytests/measured.{name}", run(*arguments, code=0))


@pytest.mark.usefixtures("workshop")
def test_threshold() -> None:
    Path("policies/tests/failing.yaml").unlink()
    assert "rules fired: 75.0 %, below 76 %" in run("--coverage", "--threshold", "76", code=1)
    run("--coverage", "--threshold", "33", code=0)
    assert "changes noticed" in run("--mutate", "--jobs", "1", "--threshold", "90", code=1)
    assert "66.7 % of conditions" in run("--coverage", "--rules", "saw-free", "--threshold", "60", code=0)


@pytest.mark.usefixtures("workshop")
def test_failing_tests_are_not_mutated() -> None:
    assert "Nothing was changed: --mutate needs tests that pass." in run("--mutate", code=1)


@pytest.mark.usefixtures("workshop")
@pytest.mark.parametrize(
    "arguments",
    [
        "--threshold 5",
        "--rules x",
        "--suggest machines/key --mutate",
        "--format junit --coverage",
        "--suggest",
        "--all",
        "--suggest machines/key --all",
        "--write policies/tests/new.yaml",
        "--suggest machines/key --write policies/tests/new.YAML",
    ],
)
def test_wrong_usage(arguments: str) -> None:
    assert run(*arguments.split(), code=2)


# -- tests made up -----------------------------------------------------------------------------------


@pytest.mark.usefixtures("workshop")
def test_suggestions_go_where_the_shell_has_made_an_empty_file() -> None:
    file = Path("policies/tests/new.yaml")
    file.touch()
    file.write_text(run("--suggest", "machines/key", code=0), "utf-8")
    assert run("-k", "new.yaml", code=0) == "policies: 6 passed, 0 failed\n"


@pytest.mark.usefixtures("workshop")
def test_an_empty_file_is_no_test_that_passes() -> None:
    Path("policies/tests/new.yaml").touch()
    assert "policies/tests/new.yaml:1:1: This file is empty. [empty]" in run(code=2)


@pytest.mark.usefixtures("workshop")
def test_suggestions_of_every_rule_without_a_test() -> None:
    shutil.rmtree("policies/tests")
    said = run("--suggest", "--all", "--write", "policies/tests/all.yaml", code=0)
    assert said.endswith("tests written to policies/tests/all.yaml: read them, case by case.\n")
    assert run(code=0) == f"policies: {said.split()[0]} passed, 0 failed\n"
    written = Path("policies/tests/all.yaml").read_text("utf-8")
    for name in ("train", "saw-free", "key", "accident-wait"):
        assert f"holds: [machines/{name}]" in written
    assert run("--suggest", "--all", code=0) == "Every rule has a test.\n"


@pytest.mark.usefixtures("workshop")
def test_suggestions_leave_out_the_rules_that_have_a_test() -> None:
    Path("policies/tests/failing.yaml").unlink()
    written = run("--suggest", "--all", code=0)
    assert "[machines/key]" in written
    assert "[machines/saw-free]" not in written


@pytest.mark.usefixtures("workshop")
def test_suggestions_are_written_over_nothing() -> None:
    file, link = Path("policies/tests/saw.yaml"), Path("link.yaml")
    before = file.read_bytes()
    link.symlink_to("nowhere")
    for taken in (file, link):
        said = run("--suggest", "machines/key", "--write", str(taken), code=2)
        assert f"{taken} is there already, and stays as it is." in said
    assert file.read_bytes() == before
    assert not link.exists()


@pytest.mark.usefixtures("workshop")
def test_suggestions_into_a_folder_that_is_not_there() -> None:
    said = run("--suggest", "machines/key", "--write", "polices/tests/new.yaml", code=2)
    assert "The tests cannot be written: No such file or directory. [not-written]" in said
    assert not Path("polices").exists()
