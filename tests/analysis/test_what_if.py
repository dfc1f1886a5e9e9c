"""What-if: a range is what its values are one by one, a difference what two runs differ in."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from datetime import date
from functools import cache
from pathlib import Path
from random import Random
from typing import Any

import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from engine.advising.advisor import Advisor
from engine.analysis.certainty.report_certainty import ReportCertainty, certainty_of
from engine.analysis.what_if import view
from engine.analysis.what_if.change import Range, read_changes
from engine.analysis.what_if.outcome import outcome
from engine.analysis.what_if.sensitivity import sensitivity
from engine.analysis.what_if.what_if import Along, Explorer, Row, what_if
from engine.base.diagnostic import InvalidInput
from engine.base.diagnostic_text import format_diagnostics
from engine.base.read import read_yaml
from engine.language.facts import Facts, read_facts, with_changes
from engine.language.model import Scalar, Value
from engine.language.operators import ORDERED
from engine.language.policy_set import PolicySet
from engine.loading.folder import list_files
from engine.loading.load import resolve_files
from engine.rendering.as_json import json_text
from engine.rendering.outline import as_html, as_markdown, as_text
from tests.support.case_files import load_set
from tests.support.possible_values import possible_values
from tests.support.process import ROOT, WORKSHOP, advise
from tests.support.shipped_cases import NAMES, example
from tests.support.strategies import DETERMINISTIC

pytestmark = pytest.mark.slow

MEMBER = "tests/facts/member.json"
Golden = Callable[[str, str], None]
Said = tuple[Any, ...]

EVERY_FUNCTION = ROOT / "tests" / "facts" / "every-function.yaml"


@cache
def every_function() -> tuple[PolicySet, Explorer]:
    policies = load_set(read_yaml(EVERY_FUNCTION.read_bytes(), "case").data)
    return policies, Explorer(Advisor(policies, engine="evaluator"))


def days(low: date, high: date) -> st.SearchStrategy[str]:
    return st.dates(low, high).map(date.isoformat)


DAY = days(date(2018, 1, 1), date(2026, 12, 31))
GARDENERS = st.fixed_dictionaries(
    {},
    optional={
        "plot": st.fixed_dictionaries(
            {},
            optional={
                "beds": st.integers(0, 20),
                "trees": st.integers(-3, 40),
                "tended": st.booleans(),
                "fenced": st.booleans(),
                "area": st.sampled_from([1, 2.5]),
            },
        ),
        "lease": st.fixed_dictionaries({}, optional={"from": DAY, "until": DAY}),
        "work": st.fixed_dictionaries({"days": st.lists(DAY, max_size=3, unique=True)}),
        "pet": st.just({"kind": "cat"}),
    },
)
RANGES: dict[str, tuple[Scalar, Scalar]] = {
    "alone.cap": (0, 45),
    "alone.day": (date(2020, 9, 1), date(2021, 4, 1)),
    "alone.parts": (-12, 45),
    "alone.vee": (-5, 45),
    "plot.beds": (0, 20),
    "plot.trees": (-5, 45),
    "lease.from": (date(2020, 1, 1), date(2021, 2, 28)),
    "lease.until": (date(2020, 8, 1), date(2021, 4, 1)),
    "as_of": (date(2020, 2, 1), date(2021, 2, 1)),
}


def what_is_said(
    advisor: Advisor, facts: Facts, changed: dict[str, Value], day: date
) -> tuple[Any, ...] | None:
    """One value's outcome by a run of its own; None when such facts are refused."""
    try:
        derived = advisor.derive(with_changes(facts, changed, str), day)
    except InvalidInput:
        return None
    found = outcome(derived, advisor)
    values = derived.values
    return (
        [name for name, _ in found.shown],
        dict(found.suppressed),
        found.decisions.holding,
        set(found.decisions.unknown),
        [values.get(name) for name in advisor.bands],
    )


def said_in(row: Row, advisor: Advisor) -> Said | None:
    if row.outcome is None:
        assert row.impossible
        return None
    found, values = row.outcome, row.outcome.decisions.values
    return (
        [name for name, _ in found.shown],
        dict(found.suppressed),
        found.decisions.holding,
        set(found.decisions.unknown),
        [values.get(name) for name in advisor.bands],
    )


def check_range(explorer: Explorer, facts: Facts, fact: str, low: Scalar, high: Scalar) -> tuple[Row, ...]:
    """The rows of a range, held against a run for every single value."""
    advisor = explorer.advisor
    day = advisor.policies.as_of
    rows = explorer.along(facts, advisor.derive(facts), Range(fact, low, high, ""))
    values, index = possible_values(advisor.policies.facts[fact], low, high), 0
    before: Any = object()
    for row in rows:
        said = said_in(row, advisor)
        if said is not None and advisor.policies.facts[fact].type in ORDERED:
            assert said != before, "two neighbouring rows say the same"
        assert (row.low, row.high) == (values[index], values[index + row.count - 1])
        for value in values[index : index + row.count]:
            on = value if fact == "as_of" and isinstance(value, date) else day
            assert what_is_said(advisor, facts, {fact: value}, on) == said, value
        before, index = said, index + row.count
    assert index == len(values)
    return rows


def test_the_policies_on_every_function_load() -> None:
    _, explorer = every_function()
    rows = check_range(explorer, read_facts({}, explorer.advisor.policies.facts), "plot.beds", 0, 20)
    assert len(rows) > 3


@settings(DETERMINISTIC, max_examples=25, phases=[Phase.generate])  # to shrink a case takes minutes
@given(GARDENERS, st.integers(0, 10**6).map(Random))
def test_a_range_is_what_its_values_are_one_by_one(given_facts: dict[str, Any], random: Random) -> None:
    policies, explorer = every_function()
    facts = read_facts(given_facts, policies.facts)
    try:
        explorer.advisor.derive(facts)
    except InvalidInput:
        return
    for fact, (low, high) in RANGES.items():
        values = possible_values(policies.facts[fact], low, high)
        first, last = sorted((random.randrange(len(values)), random.randrange(len(values))))
        check_range(explorer, facts, fact, values[first], values[last])


@pytest.mark.parametrize("name", NAMES)
def test_ranges_of_the_shipped_facts(name: str) -> None:
    advisor, case = example(name)
    explorer = Explorer(advisor)
    rows = check_range(explorer, case.facts, "step2_ck.score", 205, 250)
    check_range(explorer, case.facts, "visa.need", None, None)
    check_range(explorer, case.facts, "application.submission_date", date(2026, 8, 25), date(2026, 10, 30))
    check_range(explorer, case.facts, "as_of", date(2026, 8, 20), date(2026, 10, 25))
    if name == "case-b":
        assert [row.low for row in rows] == [205, 218, 220, 225, 226, 227, 231, 234, 235]


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize(
    "sets",
    [
        ["visa.need=h1b", "education.gap_months=7"],
        ["letters.complete=true", "letters.strong=true"],
        ["experience.us_clinical_months=0.5"],
    ],
)
def test_a_difference_is_that_of_two_runs(name: str, sets: list[str]) -> None:
    advisor, case = example(name)
    changes = read_changes(sets, ["statement.status"], advisor.policies)
    found = what_if(case, changes, advisor)
    before, after = advisor.report(case.facts), advisor.report(changes.apply(case.facts))
    assert found.after.report == ReportCertainty(advisor).case(changes.apply(case.facts)).report
    assert certainty_of(found.after.report).keys() >= {item.rule for item in after.advice}
    old, new = ({item.rule for item in report.advice} for report in (before, after))
    assert {change.name for change in found.difference.gained} == new - old
    assert {change.name for change in found.difference.lost} == old - new
    stay = [item.rule for item in after.advice if item.rule in old]
    moved = {change.name for change in found.difference.moved}
    assert moved <= set(stay)
    still = [rule for rule in stay if rule not in moved]
    assert still == [item.rule for item in before.advice if item.rule in still]
    assert {change.name for change in found.difference.bands} == {
        name for (name, one), (_, other) in zip(before.bands, after.bands, strict=True) if one != other
    }
    assert {change.name for change in found.difference.findings} == {
        name for (name, one), (_, other) in zip(before.findings, after.findings, strict=True) if one != other
    }
    for change in (*found.difference.gained, *found.difference.lost, *found.difference.findings):
        assert change.because, change


@pytest.mark.parametrize("name", NAMES)
def test_near_edges_are_where_something_changes_first(name: str) -> None:
    advisor, case = example(name)
    edges = sensitivity(case, Explorer(advisor))
    assert edges
    for edge in edges:
        fact = advisor.policies.facts[edge.fact]
        assert fact.near is not None
        assert 0 < edge.distance <= fact.near
        now: Any = case.decisions.values[edge.fact]
        values = possible_values(fact, *sorted((now, edge.value)))
        beside = values[-2] if edge.higher else values[1]
        said = []
        for value in (now, beside, edge.value):
            day = value if edge.fact == "as_of" else advisor.policies.as_of
            said.append(what_is_said(advisor, case.facts, {edge.fact: value}, day))
        assert said[0] == said[1] != said[2]


def test_what_was_not_changed_does_not_differ() -> None:
    advisor, case = example("case-b")
    assert not what_if(case, read_changes(["step2_ck.score=230"], [], advisor.policies), advisor).difference


def test_every_rendering_of_a_range() -> None:
    advisor, case = example("case-b")
    changes = read_changes(["step2_ck.score=200..260"], [], advisor.policies)
    assert changes.range is not None
    rows = Explorer(advisor).along(case.facts, case.derived, changes.range)
    along = Along(case, changes.range, rows)
    outline = view.range_outline(along, advisor.policies)
    for render in (lambda o: as_text(o, 60), as_markdown, as_html):
        text = render(outline)
        assert "impossible" in text
        assert "218" in text
    drawing = as_html(outline)
    assert drawing.count("</title></rect>") % len(rows) == 0
    assert drawing.count("</title></rect>") >= len(rows)
    assert all(f">{word}</text>" in drawing for word in ("shown", "not shown", "impossible"))
    data = json.loads(json_text(view.range_as_data(along, advisor.bands)))
    assert [row["low"] for row in data["rows"]] == [row.low for row in rows]


@pytest.mark.parametrize(
    ("arguments", "name"),
    [
        (["--set", "saw.test_score=8.2"], "passed.txt"),
        (["--unset", "saw.test_score", "--format", "markdown"], "unset.md"),
        (["--set", "saw.test_score=6..8"], "range.txt"),
        (["--set", "saw.test_score=..", "--format", "html"], "range.html"),
        (["--set", "member.role=*", "--format", "json"], "roles.json"),
        (["--set", "as_of=2026-10-01..2026-12-31"], "days.txt"),
    ],
)
def test_what_a_person_sees(arguments: list[str], name: str, golden: Golden) -> None:
    ended = advise("what-if", MEMBER, *arguments, "--policies", WORKSHOP, cwd=ROOT)
    assert ended.code == 0, ended.err
    golden(f"what-if/{name}", ended.out)


def test_bad_changes_are_refused_in_one_run() -> None:
    wrong = [
        ("saw.test_scor=3", "Did you mean `saw.test_score`?"),
        ("saw.level=passed", "Set what it comes from: saw.test_score"),
        ("saw.trained=yes", "Write true."),
        ("year", "Write fact=value."),
        ("saw.test_score=9..3", "Write 3..9."),
        ("member.role=a..b", "Write member.role=* for each of its values."),
        ("member.joined_on=2026-01-01", "member.joined_on"),
        ("member.joined_on=2026-01-02", "is changed twice"),
    ]
    sets = [word for text, _ in wrong for word in ("--set", text)]
    ended = advise("what-if", MEMBER, *sets, "--policies", WORKSHOP, cwd=ROOT)
    assert (ended.code, ended.out) == (2, "")
    for _, said in wrong:
        assert said in ended.err
    assert ended.err.endswith("\n7 problems.\n")


@pytest.mark.parametrize(
    ("text", "behind"),
    [
        ("course.begins=2026-12-01", "year"),
        ("safety.doubt=true", "member.role, saw.trained, saw.test_score, saw.accidents"),
    ],
)
def test_who_sets_what_is_worked_out_is_told_what_it_comes_from(text: str, behind: str) -> None:
    policies = resolve_files(list_files(WORKSHOP), date(2026, 11, 22))
    with pytest.raises(InvalidInput) as refused:
        read_changes([text], [], policies)
    assert [problem.help for problem in refused.value.diagnostics] == [f"Set what it comes from: {behind}."]


def test_changes_that_contradict_other_facts_are_refused_with_their_place() -> None:
    ended = advise("what-if", MEMBER, "--set", "saw.trained=false", "--policies", WORKSHOP, cwd=ROOT)
    assert (ended.code, ended.out) == (2, "")
    assert "--set saw.trained=false: " in ended.err
    assert "must be none, because `saw.trained` is no" in ended.err


def test_what_makes_two_implications_disagree_is_blamed_and_no_value_that_may_be_right() -> None:
    implications = [
        {"id": "untended", "when": {"plot.tended": False}, "then": {"plot.beds": 0}},
        {"id": "goats", "when": {"pet.kind": "goat"}, "then": {"plot.beds": 1}},
    ]
    more = {"implications": implications}
    policies = load_set({"field": "allotment", "as_of": "2026-09-15", "more": more})
    advisor = Advisor(policies, engine="evaluator")
    given = {"plot": {"beds": 0, "tended": False}}
    before = ReportCertainty(advisor).case(read_facts(given, policies.facts, path="facts.json"))
    with pytest.raises(InvalidInput) as refused:
        what_if(before, read_changes(["pet.kind=goat"], [], policies), advisor)
    (problem,) = refused.value.diagnostics
    assert (problem.code, str(problem.at)) == ("contradictory-implications", "--set pet.kind=goat")
    assert "`untended` makes it 0" in problem.message
    assert "`goats` makes it 1" in problem.message


def test_one_range_at_a_time_and_always_a_day() -> None:
    ranges = ["--set", "saw.test_score=1..2", "--set", "member.role=*", "--unset", "as_of"]
    ended = advise("what-if", MEMBER, *ranges, "--policies", WORKSHOP, cwd=ROOT)
    assert (ended.code, ended.out) == (2, "")
    assert "--set member.role=*: Only one fact can go through a range. [two-ranges]" in ended.err
    ended = advise("what-if", MEMBER, "--unset", "as_of", "--policies", WORKSHOP, cwd=ROOT)
    assert (ended.code, ended.out) == (2, "")
    assert "--unset as_of: Every case has a day: `as_of` cannot be unset. [no-day]" in ended.err
    twice = ["--set", "year=2026", "--set", "year=2027"]
    ended = advise("what-if", MEMBER, *twice, "--policies", WORKSHOP, cwd=ROOT)
    assert (
        "--set year=2027: `year` is changed twice: --set year=2026 and --set year=2027. [contradicting-set]"
        in (ended.err)
    )


def test_a_range_on_which_too_much_changes_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("engine.analysis.certainty.intervals.MOST_EVALUATIONS", 5)
    advisor, case = example("case-b")
    with pytest.raises(InvalidInput) as refused:
        Explorer(advisor).along(case.facts, case.derived, Range("step2_ck.score", 1, 300, ""))
    said = "--set: On the range of `step2_ck.score` too much changes. [range-too-long]"
    assert said in format_diagnostics(refused.value.diagnostics)


def test_a_range_of_days_goes_on_under_the_next_version(tmp_path: Path) -> None:
    """The row that begins with another version says what it changes, against the day before."""
    folder = tmp_path / "workshop"
    shutil.copytree(WORKSHOP, folder)
    policy = folder / "machines.yaml"
    former = policy.read_text("utf-8")
    (folder / "archive").mkdir()
    (folder / "archive" / "machines-2.1.0.yaml").write_text(former, "utf-8")
    later = former.replace('"2.1.0"', '"3.0.0"').replace("{from: 2026-01-01}", "{from: 2026-12-01}")
    policy.write_text(later.replace("2026-06-01: 7.5", "2026-06-01: 7"), "utf-8")
    member, asked = str(ROOT / "tests/facts/member.json"), ("--policies", str(folder), "--format", "json")
    ended = advise("what-if", member, *asked, "--set", "as_of=2026-11-01..2027-03-01")
    first, second = json.loads(ended.out)["rows"]
    assert (first["low"], first["difference"]) == ("2026-11-01", None)
    assert second["low"] == "2026-12-01"
    (band,) = second["difference"]["bands"]
    assert (band["before"], band["after"], band["reasons"]) == (
        "failed",
        "passed",
        ["saw pass was 7.5, is 7"],
    )
    asked = (*asked, "--as-of", "2026-11-30")
    single = json.loads(advise("what-if", member, *asked, "--set", "as_of=2026-12-01").out)["difference"]
    assert second["difference"] == single

    policy.write_text(later, "utf-8")  # another version that says the same
    unchanged = advise("what-if", member, *asked[:4], "--set", "as_of=2026-11-01..2027-03-01")
    (row,) = json.loads(unchanged.out)["rows"]
    assert (row["low"], row["high"]) == ("2026-11-01", "2027-03-01")
