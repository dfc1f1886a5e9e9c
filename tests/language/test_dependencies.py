"""What rests on what, held against brute force: whatever a changed given fact changes must rest on it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date, timedelta
from functools import cache
from typing import Any, NamedTuple

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.advising.decide import Decider
from engine.advising.derive import Derivation
from engine.base.diagnostic import InvalidInput, Location
from engine.language.dependencies import Dependencies
from engine.language.facts import Facts
from engine.language.model import Fact, Value
from engine.language.policy_set import PolicySet
from engine.language.templates import Words, fill
from tests.support.shipped_cases import NAMES, advisor_on, example
from tests.support.small_policies import (
    ADVICE,
    DAY,
    DERIVED,
    GIVEN,
    HEAD,
    RANKING,
    RULE,
    SOURCES,
    Everybody,
    conditions,
    policy_set,
)
from tests.support.strategies import DETERMINISTIC

SMALL = Dependencies(
    {"sum": ("one", "two"), "band": ("sum",), "two": ("cause",), "date": ("one",)},
    frozenset({"one", "two", "cause"}),
)


def test_the_nearest_come_first_and_each_once() -> None:
    assert SMALL.behind(["band", "date"]) == ("band", "date", "sum", "one", "two", "cause")
    assert SMALL.given_behind(["band"]) == ("one", "two", "cause")
    assert SMALL.behind(["elsewhere"]) == ("elsewhere",)


def test_the_first_given_facts_are_not_followed_to_what_implies_them() -> None:
    assert SMALL.first_given("band") == {"one", "two"}
    assert SMALL.first_given("two") == {"two"}


def test_what_rests_on_a_fact_includes_it() -> None:
    assert SMALL.resting_on(["cause"]) == {"cause", "two", "sum", "band"}
    assert SMALL.resting_on(["band", "date"]) == {"band", "date"}


def test_two_together() -> None:
    other = Dependencies({"sum": ("three",), "three": ("one",)}, frozenset({"one"}))
    both = SMALL | other
    assert set(both.inputs["sum"]) == {"one", "two", "three"}
    assert both.given == {"one", "two", "cause"}
    assert both.resting_on(["three"]) == {"three", "sum", "band"}


def test_long_chains_are_not_followed_by_recursion() -> None:
    chain = Dependencies({f"d{n + 1}": (f"d{n}",) for n in range(5_000)}, frozenset({"d0"}))
    assert len(chain.behind(["d5000"])) == 5_001
    assert chain.given_behind(["d5000"]) == ("d0",)
    assert chain.first_given("d5000") == {"d0"}
    assert len(chain.resting_on(["d0"])) == 5_001


# -- brute force -------------------------------------------------------------------------------------


class Observed(NamedTuple):
    """What comes of an applicant: each fact, and of each rule its verdict, its texts and its due date."""

    facts: Mapping[str, object]
    verdicts: Mapping[str, object]
    texts: Mapping[str, object]
    dues: Mapping[str, object]


class Observer:
    """A policy set, asked again and again."""

    def __init__(self, policies: PolicySet) -> None:
        self.policies = policies
        self._derivation, self._decider = Derivation(policies), Decider(policies, None)

    def __call__(self, values: Mapping[str, Value]) -> Observed | None:
        """`as_of` is among the values; None where they contradict each other."""
        given = {name: value for name, value in values.items() if name != "as_of"}
        day = values["as_of"]
        assert isinstance(day, date)
        try:
            derived = self._derivation.derive(Facts(given, "", "", lambda *_: Location("")), day)
        except InvalidInput:
            return None
        decisions = self._decider.decide(derived)
        words = Words(decisions.values, self.policies.facts)
        rules = self.policies.rules
        return Observed(
            {name: (decisions.values.get(name), name in decisions.absent) for name in self.policies.facts},
            decisions.verdicts,
            {r.name: [fill(t, words) for t in r.advice.texts] if r.advice else [] for r in rules},
            {r.name: [decisions.values.get(due) for due in r.due_facts] for r in rules},
        )


def hold_against(policies: PolicySet, fact: str, before: Observed, after: Observed) -> None:
    resting = policies.dependencies.resting_on([fact])
    for name in policies.facts:
        assert name in resting or before.facts[name] == after.facts[name], (fact, name)
    for rule in policies.rules:
        ways = {"verdicts": rule.tested, "texts": rule.in_texts, "dues": rule.due_facts}
        for what, names in ways.items():
            was, is_ = (getattr(each, what)[rule.name] for each in (before, after))
            assert not resting.isdisjoint(names) or was == is_, (fact, rule.name, what)


def values_of(fact: Fact) -> Iterator[Value | None]:
    """A few values of a fact, and that it is not known."""
    yield None
    match fact.item_type if fact.type == "list" else fact.type:
        case "boolean":
            found: list[Any] = [True, False]
        case "enum":
            found = [name for name, _ in fact.values]
        case "text":
            found = ["some words"]
        case "date":
            low, high = fact.limits
            found = [day for n in (-400, -30, 1, 200) if low <= (day := DAY + timedelta(n)) <= high]
        case _:
            low, high = fact.limits
            middle = low + (high - low) // 2
            found = [value for value in (low, 2026, 2027, 2028, middle, high) if low <= value <= high]
    if fact.type == "list":
        yield from ((), *((each,) for each in found))
    else:
        yield from found


@pytest.mark.slow
@pytest.mark.parametrize("name", NAMES)
def test_of_the_shipped_policies_nothing_changes_that_does_not_rest_on_the_changed_fact(name: str) -> None:
    advisor, case = example(name)
    policies, observer = advisor.policies, shipped_observer()
    values = {**case.facts.values, "as_of": advisor.policies.as_of}
    before = observer(values)
    assert before is not None
    changed = 0
    for fact in policies.facts.values():
        if fact.origin != "given":
            continue
        days = [policies.as_of + timedelta(n) for n in (1, 60, 120)]
        for value in days if fact.name == "as_of" else values_of(fact):
            others = {name: other for name, other in values.items() if name != fact.name}
            after = observer(others if value is None else {**others, fact.name: value})
            if after is not None and after != before:
                changed += 1
                hold_against(policies, fact.name, before, after)
    assert changed > 100


def test_down_and_up_are_one_relation() -> None:
    policies = advisor_on(date(2026, 9, 10)).policies
    dependencies = policies.dependencies
    behind = {name: frozenset(dependencies.behind([name])) for name in policies.facts}
    for fact in policies.facts:
        assert dependencies.resting_on([fact]) == {name for name in behind if fact in behind[name]}


@cache
def shipped_observer() -> Observer:
    return Observer(advisor_on(date(2026, 9, 10)).policies)


def test_what_rests_on_the_season_of_the_shipped_policies() -> None:
    policies = advisor_on(date(2026, 9, 10)).policies
    resting = policies.dependencies.resting_on(["application.season"])
    by_condition = {rule.name for rule in policies.rules if not resting.isdisjoint(rule.tested)}
    shown = {rule.name for rule in policies.rules if not resting.isdisjoint(rule.shown)}
    # Without the rules that look at a finding which rests on it, they are 27 and 31.
    late = {rule.name for rule in policies.rules if "season.score_too_late" in rule.tested}
    assert late == {"timing/late-score", "timing/postpone-rather-than-late", "timing/season-decision"}
    assert (len(by_condition), len(by_condition | shown)) == (30, 34)
    assert (len(by_condition - late), len((by_condition | shown) - late)) == (27, 31)


@st.composite
def folders(draw: st.DrawFn) -> PolicySet:
    """Policies in which facts depend on each other in every way there is."""
    derived = draw(st.lists(st.sampled_from(sorted(DERIVED)), max_size=4, unique=True))
    first = [*GIVEN, *derived]
    names = [*first, "z.truth", "n.one"]
    others = st.sampled_from(
        [
            {"b.level": "high"},
            {"c.opens": {"at_most": {"fact": "x.day"}}},
            {"x.low": {"below": {"parameter": "limit", "on": "x.day"}}},
        ]
    )
    every = st.lists(st.one_of(others, conditions(names, 2)), min_size=1, max_size=3)
    some = every.map(lambda parts: {"any": parts})
    key = draw(st.sampled_from(["x.kind", "x.low"]))
    implied = draw(st.sampled_from(sorted(GIVEN)))
    free = [name for name in GIVEN if name != implied and name not in (key, "x.day")]
    seasons = ["apple", "pear"] if key == "x.kind" else ["0", "1"]
    vocabulary: dict[str, Any] = {
        "advise_language": 1, "vocabulary": "v", **HEAD,
        "facts": {
            "as_of": {"title": "D", "type": "date", "question": "?"},
            **{name: {"title": name, "question": "?", **fact} for name, fact in GIVEN.items()},
        },
        "derived": {
            **{name: {"title": name, **DERIVED[name]} for name in derived},
            "z.truth": {"title": "z", "type": "boolean", "compute": {"truth": draw(conditions(first, 3))}},
        },
        "findings": {"n.one": {"title": "N", "polarity": "worse"}},
    }  # fmt: skip
    if draw(st.booleans()):
        vocabulary["implications"] = [
            {"id": "i", "when": draw(conditions(free, 2)), "then": {implied: {"known": False}}}
        ]
    calendar = {
        "advise_language": 1, "calendar": "c", **HEAD, "keyed_by": key,
        "facts": {"c.opens": {"title": "Opens"}},
        "seasons": {seasons[0]: {"c.opens": "2026-09-14"}, seasons[1]: {"c.opens": "2026-09-16"}},
    }  # fmt: skip
    shows = draw(st.sampled_from([*first, "b.level", "c.opens", "z.truth"]))
    due = draw(st.sampled_from(["c.opens", "x.day", "as_of"]))
    policy = {
        "advise_language": 1, "policy": "p", **HEAD,
        "parameters": {
            "limit": {"dated_by": draw(st.sampled_from(["x.day", "c.opens", "as_of"])), "cites": ["s#a"],
                      "values": {"2026-09-15": 0, "2026-09-16": 1}},
        },
        "bands": {
            "b.level": {"of": "x.low", "title": "L", "ranges": {
                "low": {"below": {"parameter": "limit"}}, "high": {"at_least": {"parameter": "limit"}},
            }},
        },
        "rules": [
            {"id": "concludes", **RULE, "conclude": ["n.one"],
             "when": draw(st.one_of(others, conditions(names[:-1], 3)))},
            {"id": "tests", **RULE, "when": draw(some), "advise": ADVICE},
            {"id": "shows", **RULE, "when": {"all": [{shows: {"known": True}}, draw(some)]},
             "advise": {**ADVICE, "text": f"It is {{{shows}}}.", "due": due}},
        ],
    }  # fmt: skip
    files = {"vocabulary.yaml": vocabulary, "p.yaml": policy, "calendar.yaml": calendar}
    return policy_set({**files, "sources.yaml": SOURCES, "ranking.yaml": RANKING})


def literal(policies: PolicySet, name: str) -> st.SearchStrategy[Value | None]:
    if name == "as_of":
        return st.sampled_from([DAY, DAY + timedelta(1)])
    return st.sampled_from(Everybody.values(policies.facts[name]))


@pytest.mark.slow
@settings(DETERMINISTIC, max_examples=60)
@given(st.data())
def test_nothing_changes_that_does_not_rest_on_the_changed_fact(data: st.DataObject) -> None:
    policies = data.draw(folders())
    observer = Observer(policies)
    names = [name for name, fact in policies.facts.items() if fact.origin == "given"]
    chosen = data.draw(st.fixed_dictionaries({name: literal(policies, name) for name in names}))
    values = {name: value for name, value in chosen.items() if value is not None}
    before = observer(values)
    if before is None:
        return
    for name in names:
        possible = [DAY, DAY + timedelta(1)] if name == "as_of" else Everybody.values(policies.facts[name])
        for value in possible:
            others = {other: known for other, known in values.items() if other != name}
            after = observer(others if value is None else {**others, name: value})
            if after is not None:
                hold_against(policies, name, before, after)
