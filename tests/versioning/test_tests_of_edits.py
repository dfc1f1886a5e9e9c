"""A folder under edit: what `advise test` and `advise release` say of its tests is the same."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path

import pytest

from engine.base.diagnostic import InvalidInput
from engine.testing import PolicyTests
from engine.versioning.release.plan import ReleaseRequest
from engine.versioning.release.run import release
from engine.versioning.release.try_out import TrialResult
from tests.support.edited import copied, edit

pytestmark = pytest.mark.slow

TODAY = date(2026, 11, 27)
BEFORE = TODAY - timedelta(days=1)
FIRST = ReleaseRequest(None, "First.", "Ann", "Bo", TODAY)
NEXT = ReleaseRequest("minor", "Next.", "Ann", "Bo", TODAY)
UNTRAINED = "{saw: {trained: false}, member: {role: member}}"
SOFTEN = ("machines.yaml", "severity: do", "severity: know")
RENAME = ("machines.yaml", "- id: train\n", "- id: course\n    formerly: [machines/train]\n")
SHORTER = ("machines.yaml", "member.days: {at_least: 90}", "member.days: {at_least: 30}")
MOST = ("vocabulary.yaml", "range: {at_least: 0, at_most: 10}", "range: {at_least: 0, at_most: 12}")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """The workshop's policies, all released."""
    place = copied(tmp_path / "policies")
    (place / "tests").mkdir()
    release(place, (), FIRST)
    return place


def write(folder: Path, *cases: tuple[str, date | None, str, str]) -> None:
    """The tests of a folder: name, day, facts and expectations."""
    lines = ["advise_language: 1", "tests: t", "cases:"]
    for name, day, facts, expect in cases:
        on = f"as_of: {day}, " if day else ""
        lines.append(f"- {{name: {name}, {on}facts: {facts}, expect: {{{expect}}}}}")
    (folder / "tests" / "t.yaml").write_text("\n".join(lines) + "\n", "utf-8")


def failing(folder: Path) -> dict[str, str]:
    """The tests that fail, each with the reasons."""
    tests = PolicyTests(folder, TODAY)
    outcomes = tests.run_all(tests.tests)
    return {
        each.test.name: "; ".join(str(reason) for found in each.failures for reason in found.because)
        for each in outcomes
        if each.failures
    }


def refused(folder: Path, *names: str, request: ReleaseRequest = NEXT) -> list[str]:
    """What hinders a release."""
    with pytest.raises(InvalidInput) as problems:
        release(folder, names or ("machines",), request)
    return [f"{found.message} {found.help} [{found.code}]" for found in problems.value.diagnostics]


def released(folder: Path, *names: str) -> TrialResult:
    return release(folder, names or ("machines",), NEXT)


EARLY = (
    f"`machines` 2.1.0 is in force on {BEFORE}, and what is new in machines.yaml from {TODAY}: "
    f"to test that, write `as_of: {TODAY}` (archive/machines-2.1.0.yaml:2)"
)


def test_the_version_of_the_day_is_judged(folder: Path) -> None:
    """Before the edit counts the version in the archive is right, and from then on the edit."""
    edit(folder, SOFTEN)
    write(
        folder,
        ("as it was", BEFORE, UNTRAINED, "severity: {machines/train: do}"),
        ("as it is", TODAY, UNTRAINED, "severity: {machines/train: know}"),
        ("today", None, UNTRAINED, "severity: {machines/train: know}"),
    )
    assert failing(folder) == {}
    assert released(folder).passed == 3
    assert failing(folder) == {}


def test_a_test_of_an_edit_on_a_day_before_it_says_so(folder: Path) -> None:
    edit(folder, SOFTEN)
    write(
        folder,
        ("too early", BEFORE, UNTRAINED, "severity: {machines/train: know}"),
        ("wrong", BEFORE, UNTRAINED, "severity: {machines/train: halt}"),
    )
    found = failing(folder)
    assert found == {"too early": EARLY, "wrong": ""}
    early, wrong = refused(folder)
    assert early.startswith(
        "too early: severity: expected machines/train is know; found it is do. On its day, "
    )
    assert EARLY in early
    assert "in force on" not in wrong


def test_an_expectation_of_an_edit_says_so_beside_others_that_fail(folder: Path) -> None:
    edit(folder, SOFTEN)
    write(
        folder,
        ("both", BEFORE, UNTRAINED, "severity: {machines/train: know}, fails: [machines/train]"),
    )
    (outcome,) = PolicyTests(folder, TODAY).run_all(PolicyTests(folder, TODAY).tests)
    assert {each.key: [str(cause) for cause in each.early] for each in outcome.failures} == {
        "severity": [EARLY],
        "fails": [],
    }
    of_edit, other = refused(folder)
    assert (EARLY in of_edit, "in force on" in other) == (True, False)


def test_a_new_name_in_a_test_before_it_counts_says_so(folder: Path) -> None:
    edit(folder, RENAME)
    write(
        folder,
        ("new", BEFORE, UNTRAINED, "holds: [machines/course]"),
        ("none", BEFORE, UNTRAINED, "holds: [machines/curse]"),
    )
    with pytest.raises(InvalidInput) as problems:
        PolicyTests(folder, TODAY)
    told = [f"{found.message} {found.help} [{found.code}]" for found in problems.value.diagnostics]
    new, none = told
    assert new == (
        f"There is no rule `machines/course` in force on {BEFORE}. What is new in machines.yaml is in force "
        f"from {TODAY}: to test it, write `as_of: {TODAY}`. [unknown-rule]"
    )
    assert "is in force from" not in none
    # A release names the day as that of the version that it would make.
    assert [(f"{TODAY}" in line, line.endswith("[unknown-rule]")) for line in refused(folder)] == [
        (True, True),
        (False, True),
    ]


def test_a_release_from_a_later_day_says_when_its_tests_are_right(folder: Path) -> None:
    edit(folder, SOFTEN)
    write(folder, ("now", None, UNTRAINED, "severity: {machines/train: know}"))
    later = TODAY + timedelta(days=30)
    (said,) = refused(folder, request=ReleaseRequest("minor", "N.", "Ann", "Bo", TODAY, begins=later))
    assert f"what is new in machines.yaml from {later}: to test that, write `as_of: {later}`" in said


@pytest.mark.parametrize("moved", [date(2026, 12, 24), date(2026, 3, 1)])
def test_the_day_that_a_file_names_counts(moved: date, folder: Path) -> None:
    edit(folder, SOFTEN, ("machines.yaml", "from: 2026-01-01", f"from: {moved}"))
    write(
        folder,
        ("as it was", moved - timedelta(days=1), UNTRAINED, "severity: {machines/train: do}"),
        ("as it is", moved, UNTRAINED, "severity: {machines/train: know}"),
    )
    assert failing(folder) == {}
    assert released(folder).released[0].begins == moved


def test_an_edit_puts_no_banner_on_tests(folder: Path) -> None:
    edit(folder, SOFTEN, MOST)
    write(folder, ("calm", TODAY, UNTRAINED, "banners: []"))
    assert failing(folder) == {}
    assert released(folder).passed == 1


def test_a_version_number_that_was_raised_by_hand(folder: Path) -> None:
    edit(folder, SOFTEN, ("machines.yaml", 'version: "2.1.0"\nstatus', 'version: "2.2.0"\nstatus'))
    write(
        folder,
        ("as it was", BEFORE, UNTRAINED, "severity: {machines/train: do}"),
        ("as it is", TODAY, UNTRAINED, "severity: {machines/train: know}"),
    )
    assert failing(folder) == {}
    assert released(folder).released[0].version == "2.2.0"


def test_two_edits_in_one_day(folder: Path) -> None:
    """The second can count from tomorrow only."""
    edit(folder, SOFTEN)
    released(folder)
    edit(folder, ("machines.yaml", "severity: know\n      due", "severity: halt\n      due"))
    write(folder, ("today", None, UNTRAINED, "severity: {machines/train: halt}"))
    assert f"write `as_of: {TODAY + timedelta(days=1)}`" in failing(folder)["today"]


@pytest.mark.parametrize(
    "broken",
    [
        ("machines.yaml", "category: keys", "category: locks"),  # the folder cannot be used
        SHORTER,  # a test of the former version fails
    ],
)
def test_an_edit_does_not_hinder_the_release_of_another_file(
    broken: tuple[str, str, str], folder: Path
) -> None:
    edit(folder, broken)
    young = f"{{member: {{role: member, joined_on: {TODAY - timedelta(days=60)}}}, saw: {{trained: true}}}}"
    write(folder, ("young", TODAY, young, "fails: [machines/key]"))
    with pytest.raises((InvalidInput, AssertionError)):
        assert failing(folder) == {}
    edit(folder, MOST)
    tried = released(folder, "vocabulary")
    assert (tried.passed, tried.of_edits) == (1, ())


def test_tests_of_another_edit_do_not_hinder_a_release(folder: Path) -> None:
    edit(folder, MOST, SHORTER, RENAME)
    young = f"{{member: {{role: member, joined_on: {TODAY - timedelta(days=60)}}}, saw: {{trained: true}}}}"
    write(
        folder,
        ("young", TODAY, young, "unknown: [machines/key]"),
        ("course", TODAY, UNTRAINED, "holds: [machines/course]"),
        ("ten", TODAY, "{saw: {test_score: 11}}", "values: {saw.level: passed}"),
    )
    assert failing(folder) == {}
    tried = released(folder, "vocabulary")
    assert tried.passed == 3


def test_tests_that_pass_only_with_another_edit_are_told(folder: Path) -> None:
    edit(folder, MOST, SOFTEN)
    write(
        folder,
        ("soft", TODAY, UNTRAINED, "severity: {machines/train: know}"),
        ("any", TODAY, UNTRAINED, "holds: [machines/train]"),
    )
    tried = released(folder, "vocabulary")
    assert (tried.passed, tried.of_edits) == (1, ("soft",))


def test_what_fails_with_other_edits_and_without_hinders(folder: Path) -> None:
    edit(folder, SOFTEN, MOST)
    write(folder, ("hard", TODAY, UNTRAINED, "severity: {machines/train: halt}"))
    assert failing(folder).keys() == {"hard"}
    (said,) = refused(folder)
    assert said.startswith("hard: severity: expected machines/train is halt; found it is know.")


def test_a_release_that_rests_on_another_edit(folder: Path) -> None:
    edit(
        folder,
        ("vocabulary.yaml", "findings:\n", "findings:\n  safety.praise: {title: Praise, polarity: better}\n"),
        (
            "machines.yaml",
            "    when: {saw.level: passed, ",
            "    conclude: [safety.praise]\n    when: {saw.level: passed, ",
        ),
    )
    (said,) = refused(folder)
    assert said.endswith(
        "vocabulary.yaml does not count: if it is needed, release both together. [unknown-finding]"
    )
    assert len(released(folder, "machines", "vocabulary").released) == 2
