"""The shipped policies: every policy test run, every passage and rule accounted for, nothing unkind, no hole.

Reads the files of the repository only. The functions that look for something missing return its names, so
that the tests below can show that each of them can fail.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import date, timedelta
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from engine.advisor import Advisor
from engine.decide import Decider, Decisions
from engine.derive import Derivation
from engine.diagnostic import Refused
from engine.evaluate import FAILS, HOLDS
from engine.facts import Facts, read_facts
from engine.model import All, Condition, Parameter, Test
from engine.model import Any as AnyOf
from engine.policyset import Implied, PolicySet, ResolvedRule
from engine.policytests import Outcome, PolicyTest, PolicyTests
from engine.record import replace
from engine.report import Item, Report
from engine.texts import in_words

FOLDER = Path(__file__).parent.parent / "policies"
GUIDE = "step-guide"
DAY = date(2026, 9, 1)
TODAY = date(2026, 6, 4)
"""Stands in for today: on this day no policy test is meant to be."""
AUDIENCE = {"category": "non_us_img", "target_specialty": "med_peds"}
OTHER_AUDIENCE = {"category": "us_md", "target_specialty": "other"}


# -- what is read and run, once ----------------------------------------------------------------------


@cache
def suite() -> PolicyTests:
    return PolicyTests(FOLDER, TODAY)


@cache
def outcomes() -> Mapping[tuple[str, int], Outcome]:
    """Every policy test, run: file and line -> how it came out."""
    return {(Path(test.file).name, test.at.line): suite().run(test) for test in suite().tests}


def items_of(test: PolicyTest) -> tuple[Item, ...]:
    """The items that a policy test's facts get, ranked."""
    return items_by_name()[test.name]


@cache
def items_by_name() -> Mapping[str, tuple[Item, ...]]:
    return {test.name: items_made(test) for test in suite().tests}


def items_made(test: PolicyTest) -> tuple[Item, ...]:
    if not isinstance(test.facts, Facts) or "refused" in test.expect:
        return ()
    bench = suite().bench(test.as_of)
    observed = bench.observe(test, bench.situation(test))
    return tuple(
        bench.writers[name].write(rank, due, observed.decisions.values, observed.words, None)
        for rank, (name, due) in enumerate(observed.dues.items(), 1)
    )


@cache
def policies() -> PolicySet:
    return suite().policies(DAY)


@cache
def derivation() -> Derivation:
    return Derivation(policies())


@cache
def decider() -> Decider:
    return Decider(policies(), None)


def facts(given: Mapping[str, Any]) -> Facts:
    return read_facts(dict(given), policies().facts)


def decide(given: Facts, day: date = DAY) -> Decisions:
    """What follows on a day, without a report: the same files are in force on every day of these tests."""
    return decider().decide(derivation().situation(given, day))


@cache
def advisor(day: date) -> Advisor:
    return Advisor(replace(policies(), as_of=day), engine="evaluator")


def report(given: Mapping[str, Any]) -> Report:
    return advisor(DAY).report(facts(given))


@cache
def decided() -> tuple[tuple[PolicyTest, Facts, Decisions], ...]:
    """Every policy test that is not refused, with what comes out on its day."""
    found = []
    for test in suite().tests:
        if isinstance(test.facts, Facts) and "refused" not in test.expect:
            found.append((test, test.facts, decide(test.facts, test.as_of)))
    return tuple(found)


@cache
def held() -> frozenset[str]:
    """The rules that HOLD in some policy test."""
    return frozenset(name for outcome in outcomes().values() for name in holding(outcome.verdicts))


@cache
def not_held() -> frozenset[str]:
    """The rules that FAIL or are UNKNOWN in some policy test."""
    return frozenset(
        name
        for outcome in outcomes().values()
        for name, verdict in outcome.verdicts.items()
        if verdict is not HOLDS
    )


@cache
def shown() -> frozenset[str]:
    """The rules whose item is shown in some policy test."""
    return frozenset(rule for outcome in outcomes().values() for rule in outcome.shown)


def holding(verdicts: Mapping[str, Any]) -> set[str]:
    return {name for name, verdict in verdicts.items() if verdict is HOLDS}


# -- every policy test passes ------------------------------------------------------------------------


def cases() -> list[Any]:
    """Each case by its file and line: found without reading YAML, so that collecting stays cheap."""
    return [
        pytest.param(path.name, line, id=f"{path.stem}: {named[1].strip(chr(34))}")
        for path in sorted((FOLDER / "tests").glob("*.yaml"))
        for line, text in enumerate(path.read_text("utf-8").splitlines(), 1)
        if (named := re.match(r" *- name: *(.*)", text))
    ]


@pytest.mark.parametrize(("file", "line"), cases())
def test_policy_test(file: str, line: int) -> None:
    assert outcomes()[file, line].failures == ()


def test_no_policy_test_is_left_out() -> None:
    assert {tuple(case.values) for case in cases()} == set(outcomes())


def test_every_policy_test_says_for_which_day_it_is() -> None:
    assert [str(test.at) for test in suite().tests if test.as_of == TODAY] == []


# -- every passage is cited and fires, every rule holds and does not ---------------------------------


def cited_by(policy_set: PolicySet) -> dict[str, list[str]]:
    """Each passage of the guide, with the rules that cite it."""
    found: dict[str, list[str]] = {anchor: [] for anchor in policy_set.sources[GUIDE].anchors}
    for rule in policy_set.rules:
        for citation in rule.rule.cites:
            if citation.source == GUIDE:
                found[citation.anchor].append(rule.name)
    return found


def uncited(policy_set: PolicySet) -> list[str]:
    return [anchor for anchor, rules in cited_by(policy_set).items() if not rules]


def never_fired(policy_set: PolicySet, fired: Iterable[str]) -> list[str]:
    return [anchor for anchor, rules in cited_by(policy_set).items() if rules and not set(rules) & {*fired}]


def missing(policy_set: PolicySet, seen: Iterable[str]) -> list[str]:
    return sorted({rule.name for rule in policy_set.rules} - {*seen})


def test_the_guide_has_91_passages() -> None:
    assert len(policies().sources[GUIDE].anchors) == 91


def test_every_passage_is_cited() -> None:
    assert uncited(policies()) == []


def test_every_passage_fires_in_some_policy_test() -> None:
    assert never_fired(policies(), held()) == []


def test_every_rule_holds_in_some_policy_test() -> None:
    assert missing(policies(), held()) == []


def test_every_rule_does_not_hold_in_some_policy_test() -> None:
    assert missing(policies(), not_held()) == []


ABSORBED = {"exam-failure/step2-failed", "pitfalls/quick-retake", "pitfalls/wait-before-retake"}
"""Items of which another policy's item, with the dates, takes the place while that policy is in force."""


def test_every_item_is_shown_in_some_policy_test() -> None:
    silent = {rule.name for rule in policies().rules if rule.rule.advise is None}
    assert missing(policies(), shown() | silent | ABSORBED) == []
    assert not ABSORBED & shown()


# -- words -------------------------------------------------------------------------------------------

HARSH = r"post-?mortem|excus\w*|weak\w*|clean\w*|winn?ing|fatal\w*"
ODDS = (
    r"\d\s*(%|percent) (chance|probab|likel|of (all )?applicants)|(chances?|likelihood) of (a match|matching)"
)
PROMISES = r"guarante\w*|promis\w*|odds|probabilit\w*|certain to"
DENIALS = r"\b(no|not|nobody|none|never|nothing|neither|nor|cannot|without)\b"
"""A promise, or odds, may be spoken of in a sentence that denies it."""
HANDED_OVER = r"in hand or (firmly )?promised"


def texts(rule: ResolvedRule) -> tuple[str, ...]:
    advise = rule.rule.advise
    return (rule.rule.title, advise.text, *advise.steps) if advise else ()


def harsh_words(policy_set: PolicySet) -> list[str]:
    """Words that are never used towards an applicant, odds and promises, each with its rule."""
    said = [(rule.name, text) for rule in policy_set.rules for text in texts(rule)]
    said += [(f"consistency {rule.rule.id}", rule.rule.message) for rule in policy_set.consistency]
    found = []
    for name, text in said:
        found += [f"{name}: {match[0]}" for match in re.finditer(rf"\b({HARSH})\b|{ODDS}", text, re.I)]
        for sentence in re.split(r"(?<=[.!?;])\s+", re.sub(HANDED_OVER, "", text)):
            promise = re.search(rf"\b({PROMISES})\b", sentence, re.I)
            if promise and not re.search(DENIALS, sentence, re.I):
                found.append(f"{name}: {promise[0]}")
    return found


def too_long(policy_set: PolicySet, words: int = 75, steps: int = 4) -> list[str]:
    """Items that do not fit on a phone screen."""
    found = []
    for rule in policy_set.rules:
        advise = rule.rule.advise
        if advise and (len(advise.text.split()) > words or len(advise.steps) > steps):
            found.append(f"{rule.name}: {len(advise.text.split())} words, {len(advise.steps)} steps")
    return found


def test_no_harsh_word_no_odds_no_promise() -> None:
    assert harsh_words(policies()) == []


def test_every_item_fits_on_a_phone() -> None:
    assert too_long(policies()) == []


# -- official figures --------------------------------------------------------------------------------


def unsupported(policy_set: PolicySet) -> list[str]:
    """Official parameters and rules that do not say where they come from, or when that was checked."""
    kinds = {source.id: source.kind for source in policy_set.sources.values()}
    found = [
        f"{parameter.name}: {lack}"
        for parameter in policy_set.parameters.values()
        if parameter.tier == "official"
        for lack in _lacks(parameter, kinds)
    ]
    first = {"official": "official", "guide": "guide"}
    found += [
        f"{rule.name}: {rule.rule.tier}, but rests on {rule.rule.cites[0].source}"
        for rule in policy_set.rules
        if first.get(rule.rule.tier, kinds[rule.rule.cites[0].source]) != kinds[rule.rule.cites[0].source]
    ]
    return found


def _lacks(parameter: Parameter, kinds: Mapping[str, str]) -> Iterator[str]:
    if parameter.checked_on is None:
        yield "no checked_on"
    if "official" not in [kinds[citation.source] for citation in parameter.cites]:
        yield "no official source"


def test_official_figures_are_sourced_and_dated() -> None:
    assert unsupported(policies()) == []


def test_official_figures_are_there() -> None:
    official = {name for name, parameter in policies().parameters.items() if parameter.tier == "official"}
    assert official >= {"attempt_limit", "step2_passing_score", "eras_fee_first", "score_release_weeks_usual"}


# -- the checks above can fail -----------------------------------------------------------------------


def with_rule(**changes: Any) -> PolicySet:
    """The policies, with the advice or the head of `score-bands/low` changed."""
    advise = {key: changes.pop(key) for key in ("text", "steps") if key in changes}

    def changed(rule: ResolvedRule) -> ResolvedRule:
        if rule.name != "score-bands/low":
            return rule
        return replace(rule, rule=replace(rule.rule, **changes, advise=replace(rule.rule.advise, **advise)))

    strata = tuple(tuple(map(changed, stratum)) for stratum in policies().strata)
    return replace(policies(), strata=strata)


def with_parameter(**changes: Any) -> PolicySet:
    limit = replace(policies().parameters["attempt_limit"], **changes)
    return replace(policies(), parameters={**policies().parameters, "attempt_limit": limit})


def with_anchor() -> PolicySet:
    guide = policies().sources[GUIDE]
    more = replace(guide, anchors={**guide.anchors, "forgotten": ("Forgotten", None)})
    return replace(policies(), sources={**policies().sources, GUIDE: more})


@pytest.mark.parametrize(
    ("found", "wanted"),
    [
        (lambda: uncited(with_anchor()), ["forgotten"]),
        (
            lambda: never_fired(policies(), held() - {"preparation/beside-work-or-rotations"}),
            ["study.working"],
        ),
        (lambda: missing(policies(), held() - {"score-bands/low"}), ["score-bands/low"]),
        (
            lambda: too_long(with_rule(text="word " * 76, steps=("Go.",))),
            ["score-bands/low: 76 words, 1 steps"],
        ),
        (
            lambda: too_long(with_rule(text="Short.", steps=("Go.",) * 5)),
            ["score-bands/low: 1 words, 5 steps"],
        ),
        (lambda: unsupported(with_parameter(checked_on=None)), ["attempt_limit: no checked_on"]),
        (
            lambda: unsupported(with_parameter(cites=policies().parameters["low_score_below"].cites[:1])),
            ["attempt_limit: no official source"],
        ),
        (
            lambda: unsupported(with_rule(tier="official")),
            ["score-bands/low: official, but rests on step-guide"],
        ),
    ],
)
def test_these_checks_can_fail(found: Callable[[], list[str]], wanted: list[str]) -> None:
    assert set(wanted) <= set(found())
    assert set(wanted).isdisjoint({*uncited(policies()), *too_long(policies()), *unsupported(policies())})


@pytest.mark.parametrize(
    ("text", "word"),
    [
        ("Do a post-mortem.", "post-mortem"),
        ("Programs want growth, not excuses.", "excuses"),
        ("Your weakest systems.", "weakest"),
        ("A clean pass.", "clean"),
        ("A winning plan.", "winning"),
        ("This is not fatal.", "fatal"),
        ("You have a 40% chance.", "0% chance"),
        ("It is 40 percent likely.", "0 percent likel"),
        ("Your chances of matching rise.", "chances of matching"),
        ("This guarantees a visa.", "guarantees"),
        ("The odds are good.", "odds"),
    ],
)
def test_harsh_words_are_found(text: str, word: str) -> None:
    assert harsh_words(with_rule(text=text)) == [f"score-bands/low: {word}"]


@pytest.mark.parametrize(
    "text",
    [
        "It guarantees nothing.",
        "Nobody can tell you the odds.",
        "Chances may fall a lot.",
        "70 percent correct.",
    ],
)
def test_denials_are_no_promises(text: str) -> None:
    assert harsh_words(with_rule(text=text)) == []


# -- contradictions ----------------------------------------------------------------------------------


@cache
def refusals() -> tuple[str, ...]:
    """Everything said where a policy test's facts are refused."""
    said = []
    for test in suite().tests:
        if "refused" in test.expect:
            try:
                if isinstance(test.facts, Refused):
                    raise test.facts
                decide(test.facts, test.as_of)
            except Refused as refused:
                said += [problem.message for problem in refused.diagnostics]
    return tuple(said)


def test_every_consistency_rule_refuses_in_some_policy_test() -> None:
    said = "\n".join(refusals())
    longest = {rule.rule.id: max(rule.message.parts[::2], key=len).strip() for rule in policies().consistency}
    assert [name for name, words in longest.items() if words not in said] == []


def test_every_implication_refuses_in_some_policy_test() -> None:
    found = {
        implication.id: implication.when
        for step in policies().computations
        if isinstance(step, Implied)
        for implication, _ in step.by
    }
    told = [message.partition(", because ")[2] for message in refusals()]
    assert [name for name, when in found.items() if not any(_told(when, reason) for reason in told)] == []


def _told(condition: Condition, reason: str) -> bool:
    """Whether a refusal gives this condition as its reason, and no other."""
    match condition:
        case All(parts):
            whole = reason.partition("; it ")[0].count("` is ") == len(parts)
            return whole and all(_told(part, reason) for part in parts)
        case AnyOf(parts):
            return any(_told(part, reason) for part in parts)
        case Test(fact, "is", operand):
            return f"`{fact}` is {in_words(operand, policies().facts[fact])}" in reason  # type: ignore[arg-type]
    raise AssertionError(condition)


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
            with pytest.raises(Refused):
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
        if day <= min(submission, date(2026, 9, 23)):
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
    signals = {"season/signals-2027"} if fact == "applicant.target_specialty" else set()  # Med-Peds signals
    assert official - elsewhere(fact, value) == signals
    assert len(official) > 20


# -- safety, in every policy test --------------------------------------------------------------------


def test_a_stop_silences_every_category() -> None:
    every = {name for name, _ in policies().ranking.categories}
    stops = [rule.rule for rule in policies().rules if rule.rule.silences]
    assert len(stops) >= 3
    for rule in stops:
        assert {category for category, _ in rule.silences} == every, rule.id


def test_nothing_stands_beside_a_stop() -> None:
    seen = 0
    for outcome in outcomes().values():
        severities = [item.severity for item in items_of(outcome.test)]
        if "stop" in severities:
            seen += 1
            assert set(severities) == {"stop"}, outcome.test.name
    assert seen > 5


def test_after_the_pass_nothing_is_to_be_sat_or_studied() -> None:
    sat = {"passed", None}
    for test, given, _ in decided():
        if given.values.get("step2_ck.status") == "passed" and given.values.get("step1.status") in sat:
            found = items_of(test)
            wrong = [item.rule for item in found if item.category in ("retake", "preparation")]
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
        for item in items_of(test):
            rule = rules[item.rule]
            assert rule.text is not None
            named = {part for text in (rule.text, *rule.steps) for part in text.parts[1::2]}
            over = [
                name for name in named if DEADLINES.fullmatch(name) and _before(decisions, name, test.as_of)
            ]
            seen += len(over)
            words = r"passed|ended|expired|had to be|began"
            assert not over or re.search(words, item.text), f"{test.name}: {item.rule} shows {over}"
    assert seen > 20


def _before(decisions: Decisions, name: str, day: date) -> bool:
    value = decisions.values.get(name)
    return isinstance(value, date) and value < day


def test_no_report_says_the_same_thing_twice() -> None:
    for outcome in outcomes().values():
        items = items_of(outcome.test)
        for said in ([item.title for item in items], [item.text for item in items]):
            assert len(set(said)) == len(said), outcome.test.name


def test_every_failed_exam_is_met_with_kindness_and_support() -> None:
    seen = 0
    for test, given, _ in decided():
        failed = [name for name in ("step1", "step2_ck") if given.values.get(f"{name}.status") == "failed"]
        if failed:
            items = items_of(test)
            said = " ".join(text for item in items for text in (item.text, *item.steps))
            assert re.search("hurts|hard news|been through a lot|heavy result", said), test.name
            assert re.search("support service|somebody you trust", said), test.name
            seen += 1
    assert seen > 50


@pytest.mark.parametrize(
    ("day", "kinds"),
    [
        (date(2027, 2, 1), set()),
        (date(2027, 2, 2), {"stale"}),
        (date(2027, 2, 20), {"stale"}),
        (date(2027, 2, 21), {"stale", "source"}),
    ],
    ids=str,
)
def test_old_guidance_says_that_it_is_old(day: date, kinds: set[str]) -> None:
    found = advisor(day).report(facts({"application": {"season": 2027}}))
    assert {banner.kind for banner in found.banners} == kinds


@pytest.mark.parametrize("day", [DAY, date(2026, 12, 1)], ids=str)
def test_an_unpublished_season_is_said_to_be(day: date) -> None:
    found = advisor(day).report(facts({"application": {"season": 2028}}))
    assert [banner.kind for banner in found.banners] == ["season"]
    assert found.advice == ()
