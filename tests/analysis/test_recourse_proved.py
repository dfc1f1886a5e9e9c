"""The cheapest change is so, and what is called impossible is: against every combination there is."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Mapping
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from engine.advising.advisor import Advisor, Case
from engine.analysis.recourse.goal import Goal, goal_of
from engine.analysis.recourse.recourse import Recourse, RecourseResult
from engine.analysis.recourse.view import outline
from engine.analysis.what_if.changeable import cost_of, may_change
from engine.base.diagnostic import InvalidInput
from engine.base.record import record, replace
from engine.language.conditions import HOLDS, verdict_of
from engine.language.facts import nested, read_facts, with_changes
from engine.language.model import AllOf, AnyOf, Changeable, Comparison, Fact, Not, Scalar
from engine.language.operators import ORDERED
from engine.language.policy_set import PolicySet, ResolvedRule
from engine.rendering import outline as outlines
from tests.solver.test_prove import DAY, folders
from tests.support.case_files import load_set
from tests.support.possible_values import possible_values
from tests.support.shipped_cases import example
from tests.support.strategies import AT, DETERMINISTIC

SOME = settings(DETERMINISTIC, max_examples=60)
DAYS = 3  # so many may be waited, or none


@record
class Sample:
    """A small policy set in which facts may be changed, and one applicant."""

    policies: PolicySet
    given: Mapping[str, Any]


@st.composite
def samples(draw: st.DrawFn) -> Sample:
    """Random policies with random costs, directions and ends of what may be changed."""
    policies = draw(folders())
    facts = dict(policies.facts)
    given = {}
    for name, fact in facts.items():
        if fact.origin == "given" and name != "as_of":
            facts[name] = draw(_changeable(fact))
            value = draw(st.one_of(st.none(), st.sampled_from(_values(fact))))
            given |= {} if value is None else {name: value}
    fixed = [name for name, fact in facts.items() if fact.mutability == "immutable"]
    for name, fact in facts.items():
        if fact.changeable is not None and fixed and draw(st.integers(0, 2)) == 0:
            # What becomes unknown is a list in a vocabulary; here any fact will do.
            added = (draw(st.sampled_from(fixed)),)
            facts[name] = replace(fact, changeable=replace(fact.changeable, adds_to=added))
    waits = draw(st.booleans())
    facts["as_of"] = replace(facts["as_of"], mutability="time" if waits else None, near=draw(_NEAR))
    changes_on = DAY + timedelta(days=draw(st.sampled_from([1, DAYS + 1])))
    strata = tuple(tuple(draw(_maybe_later(rule)) for rule in stratum) for stratum in policies.strata)
    return Sample(replace(policies, facts=facts, changes_on=changes_on, strata=strata), given)


@st.composite
def _maybe_later(draw: st.DrawFn, rule: ResolvedRule) -> ResolvedRule:
    """The rule as it is, or on some days only."""
    if draw(st.booleans()):
        return rule
    day = DAY + timedelta(days=draw(st.integers(0, DAYS)))
    days = Comparison("as_of", draw(st.sampled_from(["is", "at_least", "below"])), day, AT)
    parts = (rule.when, days)
    when = draw(st.sampled_from([AllOf(parts, AT), AnyOf(parts, AT)]))
    return replace(rule, rule=replace(rule.rule, when=when))


_NEAR = st.sampled_from([None, Decimal(2)])


@st.composite
def _changeable(draw: st.DrawFn, fact: Fact) -> Fact:
    mutability = draw(st.sampled_from(["improvable", "improvable", "improvable", "immutable", "time"]))
    better = draw(st.sampled_from([None, "higher", "lower"])) if fact.type in ("integer", "number") else None
    changeable = None
    if mutability == "improvable":
        values = _values(fact)
        to = draw(st.lists(st.sampled_from(values), min_size=1, unique=True))
        unless = None
        if draw(st.integers(0, 3)) == 0:
            unless = Comparison(fact.name, "is", draw(st.sampled_from(values)), AT)
        requires = None
        if draw(st.integers(0, 3)) == 0:
            requires = Comparison(fact.name, "is", draw(st.sampled_from(values)), AT)
        cost = Decimal(draw(st.sampled_from([1, 2, "0.5"])))
        changeable = Changeable(() if fact.type in ORDERED else tuple(to), cost, unless, requires, (), AT)
    return replace(fact, mutability=mutability, better=better, near=draw(_NEAR), changeable=changeable)


def _values(fact: Fact) -> list[Any]:
    return possible_values(fact, *fact.limits)


class Everything:
    """Every combination of allowed changes, tried one after the other."""

    def __init__(self, advisor: Advisor, case: Case) -> None:
        self._advisor, self._case, self._policies = advisor, case, advisor.policies
        before = case.decisions.values
        self.allowed: dict[str, list[Any]] = {}
        for name, fact in self._policies.facts.items():
            ends = may_change(fact, before, self._policies)
            if ends is None or (ends[0] is not None and ends[0] > ends[1]):  # type: ignore[operator]  # ordered
                continue
            to = fact.changeable.to if fact.changeable else ()
            values = list(to) or possible_values(fact, *ends)
            same = before.get(name) if name in case.facts.values or name == "as_of" else None
            self.allowed[name] = [value for value in values if same is None or value != same]
        self.tried = list(self._tried())

    def _tried(self) -> Iterator[tuple[Any, dict[str, Scalar], Any]]:
        """By how they sort; the changes; what is known then. Only what the engine does not refuse."""
        before = self._case.decisions.values
        for values in itertools.product(*([None, *each] for each in self.allowed.values())):
            changes = {name: v for name, v in zip(self.allowed, values, strict=True) if v is not None}
            day: Any = changes.get("as_of", DAY)
            if any(isinstance(value, date) and value < day for value in changes.values()):
                continue
            declared = [each for name in changes if (each := self._policies.facts[name].changeable)]
            past = {
                name: before[name]
                for name, fact in self._policies.facts.items()
                if fact.mutability == "immutable" and name in before
            }
            unknown = dict.fromkeys(name for each in declared for name in each.adds_to)
            facts = with_changes(self._case.facts, {**past, **unknown, **changes}, str)
            try:
                derived = self._advisor.derive(facts, day)
            except InvalidInput:
                continue
            after = self._advisor.decide(derived).values
            if any(each.requires and verdict_of(each.requires, after) is not HOLDS for each in declared):
                continue
            stays = (
                name
                for name, fact in self._policies.facts.items()
                if fact.mutability in ("immutable", "time") and name != "as_of" and name not in changes
            )
            if all(name not in before or after.get(name, before[name]) == before[name] for name in stays):
                yield self._order(changes), changes, after

    def _order(self, changes: Mapping[str, Scalar]) -> Any:
        """Cheapest first; then the fewest; then the first facts; then the nearest values, the lower first."""
        before, facts = self._case.decisions.values, self._policies.facts
        costs = (cost_of(facts[name], before.get(name), value) for name, value in changes.items())
        places = [place for place, name in enumerate(self.allowed) if name in changes]
        near = []
        for name, value in changes.items():
            now: Any = before.get(name)
            to: Any = value
            if facts[name].type not in ORDERED:
                near.append((self.allowed[name].index(value), 0))
            else:
                near.append((abs(to - now) if now is not None else 0, to))
        return round(sum(costs, Decimal(0)), 12), len(changes), places, near

    def answers(self, goal: Goal) -> list[dict[str, Scalar]]:
        """The first, and the first that does not include one before, three at most."""
        found: list[dict[str, Scalar]] = []
        for _, changes, after in sorted(self.tried, key=lambda each: each[0]):
            more = any(self._includes(changes, each) for each in found)
            if not more and (verdict_of(goal.condition, after) is HOLDS) != goal.stop:
                found.append(changes)
        return found[:3]

    def _includes(self, changes: Mapping[str, Scalar], other: Mapping[str, Scalar]) -> bool:
        """Whether it changes all facts of another answer, and not these less and others instead."""
        facts, before = self._policies.facts, self._case.decisions.values
        costs, former = (
            {name: cost_of(facts[name], before.get(name), value) for name, value in each.items()}
            for each in (changes, other)
        )
        as_cheap = round(sum(costs.values()), 12) == round(sum(former.values()), 12)
        instead = as_cheap and any(costs[name] for name in costs.keys() - former.keys())
        return former.keys() <= costs.keys() and not instead


def goals_of(policies: PolicySet) -> list[Goal]:
    """Each rule and its opposite; any of them; and that it be so no longer."""
    conditions = [rule.when for rule in policies.rules]
    goals = [each for one in conditions for each in (one, Not(one, AT))]
    wanted = (*goals, AnyOf(tuple(conditions), AT))
    return [Goal("", each, stop) for each in wanted for stop in (False, True)]


def case_of(sample: Sample) -> tuple[Advisor, Case]:
    advisor = Advisor(sample.policies, engine="evaluator")
    try:
        return advisor, advisor.case(read_facts(nested(sample.given), sample.policies.facts))
    except InvalidInput:
        assume(False)
        raise


def changes_of(found: RecourseResult) -> list[dict[str, Scalar]]:
    return [{name: value for name, _, value in answer.changes} for answer in found.answers]


@pytest.mark.slow
@SOME
@given(samples())
def test_every_answer_is_the_cheapest_of_all_that_there_are(sample: Sample) -> None:
    advisor, case = case_of(sample)
    everything, reach = Everything(advisor, case), Recourse(advisor)
    for goal in goals_of(sample.policies):
        found, expected = reach.reach(case, goal), everything.answers(goal)
        assert found.in_doubt is None
        if found.already:
            assert expected == [{}]
            continue
        assert changes_of(found) == expected
        assert bool(found.because) == (not expected)
        for answer in found.answers:
            assert (verdict_of(goal.condition, answer.case.decisions.values) is HOLDS) != goal.stop


@pytest.mark.parametrize(("better", "expected"), [("higher", [{"z.weeks": 4}]), (None, [])])
def test_what_rises_as_time_goes_by_may_be_the_change(
    better: str | None, expected: list[dict[str, Scalar]]
) -> None:
    fact = {"type": "integer", "range": {"at_least": 0, "at_most": 9}, "mutability": "time"}
    more = {"facts": {"z.weeks": {**fact, "better": better} if better else fact}}
    policy = {"rules": [{"id": "ready", "when": {"z.weeks": {"at_least": 4}}}]}
    policies = load_set({"field": "allotment", "as_of": "2026-09-15", "more": more, "policy": policy})
    advisor, case = case_of(Sample(policies, {"z.weeks": 1}))
    found = Recourse(advisor).reach(case, goals_of(policies)[0])
    assert (changes_of(found), found.in_doubt, bool(found.because)) == (expected, None, not expected)


def test_what_a_solver_that_gives_up_leaves_open_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    advisor, case = example("case-b")
    goal = goal_of("program-list/nearly-all-programs", advisor.policies, str, stop=False)
    monkeypatch.setattr("engine.solver.solve.EFFORT", 1)
    found = Recourse(advisor).reach(case, goal)
    assert (found.answers, found.because) == ((), ())
    assert found.in_doubt == "it was too hard for the solver"
    told = outlines.as_text(outline(found, advisor.policies), 120)
    assert "No change was found that brings it about. That none exists is not shown; it was too hard" in told
