"""What `reach` proposes holds when fired, is allowed, and is the least; what it calls impossible is so."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from decimal import Decimal
from itertools import product
from typing import Any

import pytest

from engine.advising.advisor import Advisor, Case
from engine.analysis.recourse.goal import Goal, goal_of
from engine.analysis.recourse.recourse import Recourse, RecourseResult
from engine.analysis.recourse.view import outline
from engine.analysis.what_if.changeable import cost_of, may_change
from engine.base.diagnostic import InvalidInput
from engine.base.record import replace
from engine.language.conditions import HOLDS, Values, verdict_of
from engine.language.facts import read_facts, with_changes
from engine.language.policy_set import PolicySet
from engine.loading.load import load
from engine.rendering import outline as outlines
from tests.support.possible_values import possible_values
from tests.support.process import ROOT, WORKSHOP, advise
from tests.support.shipped_cases import NAMES, example

pytestmark = pytest.mark.slow

MEMBER = "tests/facts/member.json"
Golden = Callable[[str, str], None]


def goal(text: str, policies: PolicySet, *, stop: bool = False) -> Goal:
    return goal_of(text, policies, lambda name: name, stop=stop)


def so(wanted: Goal, values: Values) -> bool:
    """Whether a goal is met: its condition holds or, to stop it, does not (as nobody can tell, perhaps)."""
    return (verdict_of(wanted.condition, values) is HOLDS) != wanted.stop


def check_answers(found: RecourseResult, policies: PolicySet) -> None:
    """Every answer, fired by itself."""
    before = found.case.decisions.values
    changed_together = [{name for name, _, _ in answer.changes} for answer in found.answers]
    assert [answer.cost for answer in found.answers] == sorted(answer.cost for answer in found.answers)
    assert len(found.answers) <= 3
    for index, (names, answer) in enumerate(zip(changed_together, found.answers, strict=True)):
        for other, before_it in zip(changed_together[:index], found.answers, strict=False):
            assert not other <= names or (other != names and before_it.cost == answer.cost)
        changes = {name: value for name, _, value in answer.changes}
        facts = with_changes(
            found.case.facts, {**changes, **dict(answer.kept), **dict.fromkeys(answer.added)}, str
        )
        day: Any = changes.get("as_of", policies.as_of)
        case = Advisor(replace(policies, as_of=day)).case(facts)
        assert so(found.goal, case.decisions.values)
        for name, was, value in answer.changes:
            fact = policies.facts[name]
            assert was == before.get(name)
            assert was != value or name not in found.case.facts.values  # implied, and to be said from now on
            assert value == was or (fact.mutability != "immutable" and fact.type != "list")
            if was is not None and fact.better == "higher":
                assert value >= was  # type: ignore[operator]  # of one ordered type
            if isinstance(value, date) and value != was:
                assert value >= policies.as_of
            if fact.changeable and fact.changeable.to:
                assert value in fact.changeable.to
        for name, fact in policies.facts.items():
            if fact.origin == "given" and fact.mutability == "immutable" and name in before:
                assert case.decisions.values.get(name) == before[name], name


GOALS = [
    ("score-bands/viable-without-us-experience", True),
    ("personal-statement/no-long-exam-essay", True),
    ("season/submit-by-review-day", True),
    ("step2_ck.band=competitive", False),
    ("profile.exam_issue=false", False),
    ("readiness.doubtful=false", False),
    ("profile.limited_us_experience=false", False),
    ("visa/visa-filter", True),
    ("score-bands/case-a", False),
]


@pytest.mark.parametrize("name", ["case-b", "failed-once", "not-taken"])
def test_answers_on_the_shipped_policies(name: str) -> None:
    advisor, case = example(name)
    policies, reach = advisor.policies, Recourse(advisor)
    rules = {rule.name for rule in policies.rules}
    for text, stop in GOALS:
        if "=" in text or text in rules:
            found = reach.reach(case, goal(text, policies, stop=stop))
            check_answers(found, policies)
            assert found.already + bool(found.answers) + bool(found.because) <= 1


def every_goal(policies: PolicySet) -> list[Goal]:
    """Each rule that is to hold, and to hold no longer; each range and each finding."""
    rules = [goal(rule.name, policies, stop=stop) for rule in policies.rules for stop in (False, True)]
    decided = [fact for fact in policies.facts.values() if fact.origin in ("band", "finding")]
    values = [(fact, value) for fact in decided for value in sorted(fact.value_names) or ("true", "false")]
    return [*rules, *(goal(f"{fact.name}={value}", policies) for fact, value in values)]


@pytest.mark.parametrize("name", NAMES)
def test_nothing_is_left_in_doubt_on_the_shipped_policies(name: str) -> None:
    """A sample of all goals, another one for each example: the cheapest is proved, or why there is none."""
    advisor, case = example(name)
    reach, goals = Recourse(advisor), every_goal(advisor.policies)
    titles = {fact.title for fact in advisor.policies.facts.values()}
    for wanted in goals[NAMES.index(name) * 3 :: 19]:
        found = reach.reach(case, wanted)
        assert found.in_doubt is None
        assert found.already + bool(found.answers) + bool(found.because) == 1, wanted.words
        assert all(any(title in why for title in titles) for why in found.because)
        check_answers(found, advisor.policies)


TOGETHER = [
    (
        "case-b",
        "program-list/list-is-sent",
        {"as_of": "2026-09-17", "application.list_status": "final"},
    ),
    (
        "not-taken",
        "step2_ck.band=competitive",
        {"step2_ck.status": "passed", "step2_ck.score": "235"},
    ),
    (
        "not-taken",  # who has failed nothing so far, because nothing was taken
        "score-bands/competitive",
        {"step2_ck.status": "passed", "step2_ck.score": "235"},
    ),
    (
        "not-taken",
        "timing/score-expected-in-time",
        {"step2_ck.score_available_date": "2026-09-20", "application.submission_date": "2026-09-20"},
    ),
]
"""No fact alone would do."""


@pytest.mark.parametrize(("name", "text", "first"), TOGETHER)
def test_several_changes_together_are_found(name: str, text: str, first: dict[str, str]) -> None:
    advisor, case = example(name)
    found = Recourse(advisor).reach(case, goal(text, advisor.policies))
    check_answers(found, advisor.policies)
    assert {fact: str(value) for fact, _, value in found.answers[0].changes} == first


def test_what_followed_from_a_changed_fact_can_be_said_as_it_is() -> None:
    """Without pediatric letters there are none from the US; with the first, that has to be said."""
    advisor, case = example("not-taken")
    found = Recourse(advisor).reach(case, goal("letters/no-us-pediatrics-letter", advisor.policies))
    assert found.answers[0].changes == (("letters.peds", 0, 1), ("letters.peds_us", 0, 0))
    check_answers(found, advisor.policies)
    told = outlines.as_text(outline(found, advisor.policies), 120)
    assert "letters.peds_us = 0 (it is so, but would no longer follow from other facts)" in told


def test_whoever_failed_may_pass_at_another_sitting_and_has_failed_all_the_same() -> None:
    advisor, case = example("failed-once")
    policies = advisor.policies
    found = Recourse(advisor).reach(case, goal("step2_ck.band=competitive", policies))
    check_answers(found, policies)
    (answer,) = found.answers
    assert answer.changes == (("step2_ck.status", "failed", "passed"), ("step2_ck.score", 216, 235))
    assert answer.added == ("step2_ck.attempt_dates",)
    assert dict(answer.kept)["step2_ck.failures"] == 1
    told = outlines.as_text(outline(found, policies), 120)
    assert "Step 2 CK sittings: one more, which is not known yet (step2_ck.attempt_dates)" in told
    assert "step2_ck.failures = 1 (it is so, but would no longer follow from other facts)" in told
    found = Recourse(advisor).reach(case, goal("exam-failure/failure-filters", policies, stop=True))
    assert not found.answers


def test_nobody_is_told_to_sit_once_more_when_no_attempt_is_left_or_nobody_knows() -> None:
    advisor, case = example("four-attempts")
    policies, reach = advisor.policies, Recourse(advisor)
    found = reach.reach(case, goal("step2_ck.band=viable", policies))
    assert not found.answers
    assert (
        "what a change of Step 2 CK requires (Failed Step 2 CK sittings cannot be changed" in found.because[0]
    )
    unknown = with_changes(case.facts, {"step2_ck.failures": None, "step2_ck.attempt_dates": None}, str)
    found = reach.reach(advisor.case(unknown), goal("step2_ck.band=viable", policies))
    assert not found.answers
    assert "Failed Step 2 CK sittings is not known, and would have to be asked for" in found.because[0]


def test_what_would_be_contradicted_is_named() -> None:
    advisor, case = example("failed-once")
    found = Recourse(advisor).reach(case, goal("letters/none-yet", advisor.policies))
    assert "may be changed, but not so without a contradiction to" in "; ".join(found.because)


def test_a_passed_score_citizenship_and_the_visa_are_never_to_be_changed() -> None:
    advisor, case = example("case-b")
    policies, reach = advisor.policies, Recourse(advisor)
    for text, stop, said in [
        ("step2_ck.band=competitive", False, "Step 2 CK score is settled"),
        ("visa/visa-filter", True, "Visa needed cannot be changed"),
        ("exam-failure/failure-filters", True, "Failed Step 1 sittings cannot be changed"),
    ]:
        found = reach.reach(case, goal(text, policies, stop=stop))
        assert not found.answers
        assert said in "; ".join(found.because)


# --- Against every combination there is


def workshop(facts: dict[str, Any]) -> tuple[Advisor, Case]:
    advisor = Advisor(load(WORKSHOP, date(2026, 11, 22)), engine="evaluator")
    return advisor, advisor.case(read_facts(facts, advisor.policies.facts))


FREE = ("saw.test_score", "as_of")


def every_combination(advisor: Advisor, case: Case, wanted: Goal) -> list[Decimal]:
    """What each combination of allowed changes costs that brings the goal about."""
    policies, before = advisor.policies, case.decisions.values
    choices: list[list[Any]] = []
    for name in FREE:
        allowed = may_change(policies.facts[name], before, policies)
        choices.append([None, *(possible_values(policies.facts[name], *allowed) if allowed else ())])
    costs = []
    for values in product(*choices):
        changes = {
            name: value
            for name, value in zip(FREE, values, strict=True)
            if value is not None and value != before.get(name)
        }
        facts = with_changes(case.facts, changes, str)
        day: Any = changes.get("as_of", policies.as_of)
        try:
            decisions = advisor.decide(advisor.derive(facts, day))
        except InvalidInput:
            continue
        if so(wanted, decisions.values):
            costs.append(
                sum(
                    (
                        cost_of(policies.facts[name], before.get(name), value)
                        for name, value in changes.items()
                    ),
                    Decimal(0),
                )
            )
    return costs


@pytest.mark.parametrize(
    ("score", "joined", "accident"),
    [(7.0, "2026-02-05", "2026-04-20"), (7.0, "2026-09-30", "2026-10-05"), (9.0, "2026-09-30", "2026-10-05")],
)
def test_the_first_answer_is_the_cheapest_there_is(
    score: float, accident: str, joined: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("engine.analysis.what_if.changeable.LONGEST_WAIT", timedelta(days=70))
    facts = {
        "member": {"joined_on": joined, "role": "member"},
        "saw": {"trained": True, "test_score": score, "accidents": [accident]},
        "year": 2026,
    }
    advisor, case = workshop(facts)
    reach = Recourse(advisor)
    for text, stop in [
        ("machines/key", False), ("machines/saw-free", False), ("machines/train", True),
        ("machines/accident-wait", True), ("saw.level=passed", False), ("safety.doubt=false", False),
    ]:  # fmt: skip
        wanted = goal(text, advisor.policies, stop=stop)
        found = reach.reach(case, wanted)
        costs = every_combination(advisor, case, wanted)
        if found.already:
            assert min(costs) == 0
        elif found.answers:
            assert found.answers[0].cost == min(costs), (text, found.answers[0].changes)
        else:
            assert not costs, text


@pytest.mark.parametrize(
    ("arguments", "name"),
    [
        (["machines/key"], "key.txt"),
        (["saw.level=passed", "--format", "json"], "level.json"),
        (["saw.level=failed", "--stop", "--format", "markdown"], "stop.md"),
        (["accident-wait"], "never.txt"),
    ],
)
def test_what_a_person_sees(arguments: list[str], name: str, golden: Golden) -> None:
    ended = advise("reach", MEMBER, *arguments, "--policies", WORKSHOP, cwd=ROOT)
    assert ended.code == 0, ended.err
    golden(f"reach/{name}", ended.out)


WRONG_GOALS = {
    "saw.levl=passed": "GOAL: There is no range and no finding `saw.levl`. [unknown-fact]",
    "saw.level=pased": "GOAL: `saw.level` is never `pased`. [wrong-value]",
    "machines/kee": "RULE: There is no rule `machines/kee` in force on 2026-11-22. [unknown-rule]",
}


@pytest.mark.parametrize("text", WRONG_GOALS)
def test_a_goal_that_does_not_exist(text: str) -> None:
    ended = advise("reach", MEMBER, text, "--policies", WORKSHOP, cwd=ROOT)
    assert (ended.code, ended.out) == (2, "")
    assert WRONG_GOALS[text] in ended.err
    assert "Did you mean" in ended.err
