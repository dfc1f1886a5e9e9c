"""The shipped policies: no hole between scores or days, the right audience, safety above everything."""

from __future__ import annotations

import re
from datetime import date, timedelta
from functools import cache
from typing import Any

import pytest

from engine.advising.decide import Decisions
from engine.base.diagnostic import InvalidInput
from engine.base.record import replace
from engine.language.conditions import FAILS, HOLDS, UNKNOWN
from tests.support.shipped import (
    AUDIENCE,
    DAY,
    OTHER_AUDIENCE,
    advisor,
    decide,
    decided,
    facts,
    held,
    holding,
    items,
    policies,
    report,
)

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("shipped")]  # which runs the policy tests once

# -- no hole: scores ---------------------------------------------------------------------------------

STANDARDS = {
    date(2013, 6, 30): None,
    date(2013, 7, 1): 203,
    date(2014, 7, 1): 209,
    date(2022, 6, 30): 209,
    date(2022, 7, 1): 214,
    date(2025, 6, 30): 214,
    date(2025, 7, 1): 218,
    date(2026, 8, 31): 218,
}
RANGES = ("competitive", "viable", "low", "difficult-after-passing")


def expected_range(score: int) -> str:
    return RANGES[(score < 235) + (score < 225) + (score < 215)]


@pytest.mark.parametrize("day", STANDARDS, ids=str)
@pytest.mark.parametrize("status", ["passed", "failed"])
def test_each_score_is_in_one_range_or_refused(day: date, status: str) -> None:
    standard = STANDARDS[day]
    for score in range(1, 301):
        sat = {"status": status, "score": score, "attempt_dates": [day.isoformat()]}
        given = facts({"applicant": AUDIENCE, "step2_ck": sat})
        if standard is not None and (score >= standard) != (status == "passed"):
            with pytest.raises(InvalidInput):
                decide(given)
            continue
        verdicts = decide(given).verdicts
        found = [name for name in RANGES if verdicts[f"score-bands/{name}"] is HOLDS]
        assert all(verdicts[f"score-bands/{name}"] is FAILS for name in RANGES if name not in found)
        assert found == ([expected_range(score)] if status == "passed" else []), score
        later = verdicts["score-bands/difficult-before-passing"]
        assert later is (HOLDS if status == "failed" else FAILS), score


def test_each_practice_score_asks_for_one_length_of_preparation() -> None:
    lengths = {"below-200": range(1, 200), "200-to-220": range(200, 221), "above-220": range(221, 301)}
    for score in range(1, 301):
        given = {"applicant": AUDIENCE, "step2_ck": {"status": "not_taken"}, "practice": {"score": score}}
        found = holding(decide(facts(given)).verdicts)
        names = [name for name in lengths if f"preparation/diagnostic-{name}" in found]
        assert names == [name for name, scores in lengths.items() if score in scores]
        if 190 < score < 240:
            items = [item.rule for item in report(given).advice if "/diagnostic-" in item.rule]
            assert len(items) == 1, (score, items)
        assert ("preparation/delay-rather-than-fail" in found) == (score < 228)


def test_a_percentage_is_never_read_on_the_three_digit_scale() -> None:
    for percent in range(101):
        given = {
            "applicant": AUDIENCE,
            "step2_ck": {"status": "not_taken"},
            "practice": {"percent": percent, "form": "free"},
        }
        decisions = decide(facts(given))
        assert decisions.values.get("practice.band") is None
        about = {
            name for name in holding(decisions.verdicts) if re.search("diagnostic-|delay|on-practice", name)
        }
        assert about == set(), percent
        assert decisions.verdicts["preparation/percentage-is-no-score"] is HOLDS
        assert decisions.verdicts["degrees/readiness-in-doubt"] is UNKNOWN


# -- no hole: days -----------------------------------------------------------------------------------

SEASON = [date(2026, 6, 3) + timedelta(number) for number in range(290)]
"""From the day the 2027 season opens to its Match Day."""
OCTOBER = SEASON[98:150:3]
WHEN_SCORED = (
    "timing/score-in-hand",
    "timing/score-expected-in-time",
    "timing/acceptable",
    "timing/late-score",
    "timing/risky",
    "timing/season-decision",
    "timing/postpone-rather-than-late",
)


@pytest.mark.parametrize("status", ["passed", "awaiting_result"])
@pytest.mark.parametrize("submission", [date(2026, 9, 16), date(2026, 9, 30)], ids=str)
def test_each_day_of_a_score_gets_one_word_on_timing(status: str, submission: date) -> None:
    early = "timing/score-in-hand" if status == "passed" else "timing/score-expected-in-time"
    for day in SEASON:
        exam = {"status": status, "failures": 0, "score_available_date": day.isoformat()}
        exam |= {"score": 231} if status == "passed" else {}
        season = {"season": 2027, "submission_date": submission.isoformat()}
        given = {"applicant": AUDIENCE, "step2_ck": exam, "application": season}
        late = {"timing/late-score"} | ({"timing/risky"} if day >= date(2026, 10, 21) else set())
        if status != "passed" and day < DAY:
            expected = set()  # that day is over, and the result not there: nobody knows when it comes
        elif day <= min(submission, date(2026, 9, 23)):
            expected = {early}
        elif day <= date(2026, 10, 10):
            expected = {"timing/acceptable"}
        else:
            expected = late if status == "passed" else late | {"timing/season-decision"}
        assert holding(decide(facts(given)).verdicts) & {*WHEN_SCORED} == expected, day
        if day in OCTOBER:
            items = [item.rule for item in report(given).advice if item.rule in WHEN_SCORED]
            assert items == [max(expected, key=WHEN_SCORED.index)], day


BACKWARDS = (
    "timing/work-back",
    "timing/work-back-safe-day-passed",
    "timing/work-back-too-late",
    "timing/work-back-next-season",
)
SUBMITTING = ("season/submission-not-open", "season/submit-by-review-day", "season/review-has-begun")


def test_each_day_of_the_season_has_one_plan() -> None:
    ahead = facts(
        {"applicant": AUDIENCE, "step2_ck": {"status": "not_taken"}, "application": {"season": 2027}}
    )
    passed = facts({"step2_ck": {"status": "passed"}, "application": {"season": 2027}})
    for day in SEASON:
        found = holding(decide(ahead, day).verdicts)
        turns = (date(2026, 7, 29), date(2026, 8, 26), date(2026, 9, 12))
        assert found & {*BACKWARDS} == {BACKWARDS[sum(day > turn for turn in turns)]}, day
        found = holding(decide(passed, day).verdicts)
        turns = (date(2026, 9, 1), date(2026, 9, 23))
        expected = {SUBMITTING[sum(day > turn for turn in turns)]} if day < SEASON[-1] else set()
        assert found & {*SUBMITTING} == expected, day


SITTINGS = ([-100], [-57], [-42], [-41], [-20], [-1], [0], [-700, -20], [-700, -300, -20], [-300, -200, -100])


@pytest.mark.parametrize("sittings", SITTINGS, ids=str)
def test_each_failure_gets_one_word_on_the_retake(sittings: list[int]) -> None:
    """Whatever is planned and however many weeks are prepared, one item has the days; never two."""
    days = [(DAY + timedelta(number)).isoformat() for number in sittings]
    for weeks in (None, 0, 6, 7, 9):
        for planned in (None, 0, 20, 41, 42, 56):
            exam: dict[str, Any] = {"status": "failed", "attempt_dates": days}
            if planned is not None:
                exam["planned_date"] = (DAY + timedelta(planned)).isoformat()
            study = {} if weeks is None else {"weeks_since_setback": weeks}
            for audience in (AUDIENCE, OTHER_AUDIENCE)[: 1 if weeks else 2]:
                items = [
                    item.rule
                    for item in report({"applicant": audience, "step2_ck": exam, "study": study}).advice
                    if item.category == "retake" or re.search("attempt|step2-failed", item.rule)
                ]
                assert len(items) == 1, (weeks, planned, audience, items)


# -- whom it is for ----------------------------------------------------------------------------------

EVERYBODY = ("exam-failure", "retake-waiting", "season")
"""Policies of which the official rules hold for every audience."""


@cache
def elsewhere(fact: str, value: str) -> frozenset[str]:
    """The rules that hold in some policy test once this is another applicant."""
    found: set[str] = set()
    for test, given, _ in decided():
        values = {**given.values, fact: value}
        if value == "us_img":
            values.pop("visa.need", None)  # a US citizen needs none, and to give another contradicts it
        changed = replace(given, values=values)
        found |= holding(decide(changed, test.as_of).verdicts)
    return frozenset(found)


OTHERS = [
    *(("applicant.category", category) for category in ("us_img", "us_md", "us_do")),
    *(("applicant.target_specialty", field) for field in ("internal_medicine", "pediatrics", "other")),
]


@pytest.mark.parametrize(("fact", "value"), OTHERS)
def test_the_guide_speaks_to_its_own_readers(fact: str, value: str) -> None:
    rules = {rule.name: rule.rule for rule in policies().rules}
    found = elsewhere(fact, value)
    assert [name for name in found if rules[name].tier == "guide" and rules[name].advise] == []


@pytest.mark.parametrize(("fact", "value"), OTHERS)
def test_official_rules_hold_for_everybody(fact: str, value: str) -> None:
    official = {
        rule.name
        for rule in policies().rules
        if rule.rule.tier == "official" and rule.rule.policy in EVERYBODY and rule.name in held()
    }
    signals = {"season/signals-2027"} if value == "other" else set()  # of other specialties we hold no number
    assert official - elsewhere(fact, value) == signals
    assert len(official) > 20


# -- safety, in every policy test --------------------------------------------------------------------


def test_a_stop_silences_every_category() -> None:
    every = {name for name, _ in policies().ranking.categories}
    stops = [rule.rule for rule in policies().rules if rule.rule.silences]
    assert len(stops) >= 3
    for rule in stops:
        assert {category for category, _ in rule.silences} == every, rule.id


STUDYING = {
    "applicant": AUDIENCE,
    "practice": {"score": 190, "taken_on": "2026-08-01", "test_conditions": False},
    "study": {"mode": "full_time", "resources": 6, "test_anxiety": True, "rotations_first": True},
    "application": {"season": 2027, "med_peds_programs": 60, "list_status": "building"},
    "letters": {"total": 0},
}
"""Facts that call for study, diagnostic and application advice, were it not for the attempts."""


@pytest.mark.parametrize("known", [{}, STUDYING], ids=["nothing else known", "much known"])
@pytest.mark.parametrize("step", ["step1", "step2_ck"])
@pytest.mark.parametrize(
    "attempts",
    [
        {"status": "failed", "failures": 4},
        {"status": "failed", "failures": 4, "incomplete_attempts": 2},
        {"status": "failed", "failures": 3, "incomplete_attempts": 1},
        {"status": "failed", "failures": 1, "incomplete_attempts": 3},
        {
            "status": "failed",
            "attempt_dates": ["2019-02-01", "2020-02-01", "2021-03-01", "2021-12-01"],
        },
        {"status": "awaiting_result", "failures": 4},
        {"failures": 4},
        {"failures": 6},
    ],
    ids=str,
)
def test_after_four_attempts_nothing_else_survives(
    attempts: dict[str, Any], step: str, known: dict[str, Any]
) -> None:
    others = {} if step == "step2_ck" else {"step2_ck": {"status": "not_taken"}}
    advice = report({**known, **others, step: attempts}).advice
    assert [item.severity for item in advice] == ["stop"], [item.rule for item in advice]


def test_nothing_stands_beside_a_stop() -> None:
    seen = 0
    for at, found in items().items():
        severities = [item.severity for item in found]
        if "stop" in severities:
            seen += 1
            assert set(severities) == {"stop"}, at
    assert seen > 5


def test_after_the_pass_nothing_is_to_be_sat_or_studied() -> None:
    sat = {"passed", None}
    for test, given, _ in decided():
        if given.values.get("step2_ck.status") == "passed" and given.values.get("step1.status") in sat:
            wrong = [item.rule for item in items()[test.at] if item.category in ("retake", "preparation")]
            assert wrong == [], test.name


DEADLINES = re.compile(
    r"(step2_ck|step1)\.(earliest_permitted|advised_retake|retake_from|awaited_score|sit_by|planned_date)\w*"
    r"|season\.(submit_from|review_from|rank_lists_due|match_day)|ecfmg\.pathway_expires_on"
    r"|exams\.seven_year_deadline|preparation\.\w+|retake\.weeks_\w+_today"
)


def test_a_day_that_is_over_is_said_to_have_passed() -> None:
    rules = {rule.name: rule for rule in policies().rules}
    seen = 0
    for test, _, decisions in decided():
        for item in items()[test.at]:
            rule = rules[item.rule]
            assert rule.advice is not None
            named = {part for text in rule.advice.texts for part in text.parts[1::2]}
            over = [
                name for name in named if DEADLINES.fullmatch(name) and _before(decisions, name, test.as_of)
            ]
            seen += len(over)
            # A sitting that is planned is permitted from that day on, whether the day is over or not.
            words = r"passed|ended|expired|had to be|began|permit it\s+from"
            assert not over or re.search(words, item.text), f"{test.name}: {item.rule} shows {over}"
    assert seen > 20


def _before(decisions: Decisions, name: str, day: date) -> bool:
    value = decisions.values.get(name)
    return isinstance(value, date) and value < day


def test_no_report_says_the_same_thing_twice() -> None:
    for at, found in items().items():
        for said in ([item.title for item in found], [item.text for item in found]):
            assert len(set(said)) == len(said), at


def test_every_failed_exam_is_met_with_kindness_and_support() -> None:
    seen = 0
    for test, given, _ in decided():
        failed = [name for name in ("step1", "step2_ck") if given.values.get(f"{name}.status") == "failed"]
        if failed:
            said = " ".join(text for item in items()[test.at] for text in (item.text, *item.steps))
            assert re.search("hurts|hard news|been through a lot|heavy result", said), test.name
            assert re.search("support service|somebody you trust", said), test.name
            seen += 1
    assert seen > 50


@pytest.mark.parametrize(
    ("day", "kinds"),
    [
        (date(2027, 2, 1), ()),
        (date(2027, 2, 2), ("stale",)),
        (date(2027, 2, 20), ("stale",)),
        (date(2027, 2, 21), ("stale", "source")),
    ],
    ids=str,
)
def test_old_guidance_says_that_it_is_old(day: date, kinds: tuple[str, ...]) -> None:
    found = advisor(day).report(facts({"application": {"season": 2027}}))
    assert {banner.kind for banner in found.banners} == set(kinds)


@pytest.mark.parametrize("day", [DAY, date(2026, 12, 1)], ids=str)
def test_an_unpublished_season_is_said_to_be(day: date) -> None:
    found = advisor(day).report(facts({"application": {"season": 2028}}))
    assert [banner.kind for banner in found.banners] == ["season"]
    assert found.advice == ()
