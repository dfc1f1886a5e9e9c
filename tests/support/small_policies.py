"""Random policy folders with a small vocabulary, and every applicant that it allows."""

from __future__ import annotations

import itertools
import json
from collections.abc import Iterable, Iterator, Mapping
from datetime import date, timedelta
from typing import Any

from hypothesis import assume
from hypothesis import strategies as st

from engine.base.diagnostic import InvalidInput
from engine.base.read import PolicyFile
from engine.language.domain import domain_of
from engine.language.model import Value
from engine.language.policy_set import PolicySet
from engine.loading.read_folder import read_policies
from engine.loading.resolve import resolve
from engine.solver.applicants import Applicant, Applicants
from engine.solver.goal import ProofGoal, fails, holds, met
from engine.solver.prover import Prover
from engine.solver.texts import Texts, number_of, plainness
from tests.support.small_tables import HITS, a_table

DAY = date(2026, 9, 15)
FOLDER_HITS = [hit for hit in HITS if hit != "collect"]  # which gives a list

GIVEN: Mapping[str, dict[str, Any]] = {
    "x.flag": {"type": "boolean"},
    "x.kind": {"type": "enum", "values": ["pear", "apple"]},
    "x.low": {"type": "integer", "range": {"at_least": -1, "at_most": 2}},
    "x.high": {"type": "number", "range": {"at_least": 0, "at_most": 0.2}, "precision": 0.1},
    "x.day": {"type": "date", "range": {"at_least": "2026-09-14", "at_most": "2026-09-16"}},
}
"""Few facts of few values: a thousand applicants at most."""

DERIVED: Mapping[str, dict[str, Any]] = {
    "y.sum": {
        "type": "number",
        "range": {"at_most": 2},
        "precision": 0.1,
        "compute": {"sum": ["x.low", "x.high"]},
    },
    "y.less": {"type": "number", "precision": 0.1, "compute": {"subtract": ["x.low", "x.high"]}},
    "y.product": {"type": "number", "precision": 0.1, "compute": {"multiply": ["x.low", "x.high"]}},
    "y.first": {"type": "number", "precision": 0.1, "compute": {"first_known": ["x.high", "x.low"]}},
    "y.days": {"type": "integer", "compute": {"days_between": ["as_of", "x.day"]}},
    "y.later": {"type": "date", "compute": {"add_weeks": ["x.day", "x.high"]}},
    "y.year": {"type": "integer", "range": {"at_least": -1}, "compute": {"years_between": [2026, "x.day"]}},
    "y.largest": {"type": "integer", "compute": {"largest": ["x.low", 1]}},
    "y.truth": {"type": "boolean", "compute": {"truth": {"any": [{"x.flag": True}, {"x.low": 2}]}}},
    "y.guarded": {"type": "integer", "compute": {"sum": ["x.low"]}, "only_when": {"x.flag": True}},
}

TABLED: Mapping[str, dict[str, Any]] = {"t.out": {"type": "integer"}}
DECLARED = {**GIVEN, **DERIVED, **TABLED}

HEAD = {
    "title": "T",
    "version": "1.0.0",
    "status": "active",
    "effective": {"from": str(DAY), "until": str(DAY)},
}
RULE = {"title": "T", "tier": "t", "cites": ["s#a"]}


def literals(name: str) -> st.SearchStrategy[Any]:
    """Values that a fact, given or derived, may be compared with."""
    kind = DECLARED.get(name, {"type": "boolean"})["type"]
    pools: dict[str, list[Any]] = {
        "boolean": [True, False],
        "enum": ["pear", "apple"],
        "integer": [-1, 0, 1, 2],
        "number": [0, 0.1, 0.2, 1, 1.1],
        "date": ["2026-09-14", "2026-09-15", "2026-09-16"],
    }
    return st.sampled_from([0, 0.1, 0.2] if name == "x.high" else pools[kind])


@st.composite
def a_test(draw: st.DrawFn, names: list[str]) -> dict[str, Any]:
    """A test as it is written."""
    name = draw(st.sampled_from(names))
    kind = DECLARED.get(name, {"type": "boolean"})["type"]
    operators = ["is", "is_not", "known", "one_of"]
    if kind in ("integer", "number", "date"):
        operators += ["at_least", "below", "above", "fact"]
    operator = draw(st.sampled_from(operators))
    if operator == "known":
        return {name: {"known": draw(st.booleans())}}
    if operator == "one_of":
        return {name: {"one_of": draw(st.lists(literals(name), min_size=1, max_size=2, unique_by=str))}}
    if operator == "fact":
        ordered = {"integer": "number", "number": "number", "date": "date"}
        others = [n for n in names if ordered.get(DECLARED.get(n, {}).get("type", "")) == ordered[kind]]
        return {name: {"at_most": {"fact": draw(st.sampled_from(others))}}}
    value = draw(literals(name))
    if kind == "integer":
        value = int(value)
    return {name: {operator: value}}


def conditions(names: list[str], max_leaves: int = 5) -> st.SearchStrategy[dict[str, Any]]:
    """A condition as it is written."""
    return st.recursive(
        a_test(names),
        lambda inner: st.one_of(
            st.lists(inner, min_size=1, max_size=3).map(lambda parts: {"all": parts}),
            st.lists(inner, min_size=1, max_size=3).map(lambda parts: {"any": parts}),
            inner.map(lambda part: {"not": part}),
        ),
        max_leaves=max_leaves,
    )


@st.composite
def folders(draw: st.DrawFn) -> PolicySet:
    """A policy folder with every kind of thing that makes one fact depend on another."""
    given_names = draw(st.lists(st.sampled_from(sorted(GIVEN)), min_size=2, max_size=3, unique=True))
    possible = [name for name in DERIVED if set(facts_in(DERIVED[name])) <= {*given_names, "as_of"}]
    derived = draw(st.lists(st.sampled_from(possible), max_size=2, unique=True)) if possible else []
    names = [*given_names, *derived]
    table = draw(st.none() | a_table({name: DECLARED[name]["type"] for name in names}, hits=FOLDER_HITS))
    names += TABLED if table else []
    implied = draw(st.sampled_from(given_names))
    free = [name for name in given_names if name != implied]
    rules = draw(st.lists(conditions([*names, "n.one"]), min_size=1, max_size=3))
    vocabulary: dict[str, Any] = {
        "advise_language": 1, "vocabulary": "v", **HEAD,
        "facts": {
            "as_of": {"title": "D", "type": "date", "question": "?"},
            **{name: {"title": name, "question": "?", **GIVEN[name]} for name in given_names},
        },
        "findings": {"n.one": {"title": "N", "polarity": "worse"}},
    }  # fmt: skip
    if derived:
        vocabulary["derived"] = {name: {"title": name, **DERIVED[name]} for name in derived}
    if table:
        vocabulary |= {"advise_language": 2, "tables": {"t.table": table}}
    if draw(st.booleans()):
        value = draw(st.one_of(literals(implied), st.just({"known": False})))
        value = int(value) if GIVEN[implied]["type"] == "integer" and not isinstance(value, dict) else value
        vocabulary["implications"] = [
            {"id": "i", "when": draw(conditions(free, 2)), "then": {implied: value}}
        ]
    if draw(st.booleans()):
        vocabulary["consistency"] = [{"id": "c", "when": draw(conditions(names, 3)), "message": "No."}]
    policy = {
        "advise_language": 1, "policy": "p", **HEAD,
        "rules": [
            {"id": "concludes", **RULE, "when": draw(conditions(names, 3)), "conclude": ["n.one"]},
            *({"id": f"r{n}", **RULE, "when": when, "advise": ADVICE} for n, when in enumerate(rules)),
        ],
    }  # fmt: skip
    files = {
        "vocabulary.yaml": vocabulary,
        "p.yaml": policy,
        "sources.yaml": SOURCES,
        "ranking.yaml": RANKING,
    }
    try:
        return policy_set(files)
    except InvalidInput:  # rows overlap, or a cell fits no value of a derived fact
        assume(False)
        raise


def policy_set(files: Mapping[str, Any], day: date = DAY) -> PolicySet:
    """The policy set of files given as data."""
    read = tuple(PolicyFile(name, json.dumps(data).encode()) for name, data in sorted(files.items()))
    return resolve(read_policies(read), day)


def facts_in(data: Any) -> Iterator[str]:
    """The given facts that are named in a declaration."""
    match data:
        case str() if data in GIVEN:
            yield data
        case dict():
            yield from (name for name in data if name in GIVEN)
            for value in data.values():
                yield from facts_in(value)
        case list():
            for value in data:
                yield from facts_in(value)


ADVICE = {"text": "T.", "category": "c", "severity": "s"}
SOURCES = {
    "advise_language": 1, "sources": "s", **HEAD,
    "entries": {"s": {"title": "S", "publisher": "P", "kind": "k", "retrieved": str(DAY),
                      "checked_on": str(DAY), "anchors": {"a": {"title": "A"}}}},
}  # fmt: skip
RANKING = {"advise_language": 1, "ranking": "r", **HEAD, "severities": {"s": "S"}, "tiers": {"t": "T"},
           "categories": {"c": "C"}}  # fmt: skip


def verdicts_of_rules(policies: PolicySet) -> list[ProofGoal]:
    """That each rule holds, and that it fails."""
    return [verdict(rule.when) for rule in policies.rules for verdict in (holds, fails)]


class Everybody:
    """Every applicant that a small vocabulary allows, the smallest first."""

    def __init__(self, policies: PolicySet) -> None:
        facts = [fact for fact in policies.facts.values() if fact.origin == "given" and fact.name != "as_of"]
        applicants = Applicants(policies)
        found = []
        for values in itertools.product(*(self.values(fact) for fact in facts)):
            known = {fact.name: value for fact, value in zip(facts, values, strict=True) if value is not None}
            applicant = applicants.decide({"as_of": DAY, **known})
            if applicant is not None:
                found.append((self._size(facts, known), applicant))
        self.applicants = [applicant for _, applicant in sorted(found, key=lambda pair: pair[0])]

    @staticmethod
    def values(fact: Any) -> list[Value | None]:
        """Unknown, and every value of a fact."""
        low, high = (0, 0) if fact.type in ("boolean", "enum") else fact.limits
        match fact.type:
            case "boolean":
                return [None, True, False]
            case "enum":
                return [None, *(name for name, _ in fact.values)]
            case "date":
                return [None, *(low + timedelta(days=n) for n in range((high - low).days + 1))]
        steps = int((high - low) / fact.step)
        return [None, *(low + n * fact.step if fact.type == "number" else low + n for n in range(steps + 1))]

    @staticmethod
    def _size(facts: list[Any], known: Mapping[str, Value]) -> Any:
        places = [place for place, fact in enumerate(facts) if fact.name in known]
        values = [
            plainness(int(number_of(known[fact.name], domain_of(fact), Texts())), fact, domain_of(fact), DAY)  # type: ignore[arg-type]  # no list
            for fact in facts
            if fact.name in known
        ]
        return len(places), places, values

    def hold_against(self, prover: Prover, goals: Iterable[ProofGoal]) -> None:
        """That a prover finds somebody who meets a goal where there is somebody, and nobody else."""
        for goal in goals:
            expected, found = self.first(goal), prover.find(goal)
            assert (found is None) == (expected is None), expected and expected.given
            assert found is None or met(goal, found.values)

    def first(self, goal: ProofGoal) -> Applicant | None:
        return next((applicant for applicant in self.applicants if met(goal, applicant.values)), None)
