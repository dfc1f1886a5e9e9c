"""Decision tables against brute force: every partly unknown input of small tables."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, settings

from engine.advising.derive import Contradicted, Derivation
from engine.base.diagnostic import InvalidInput
from engine.language.facts import nested, read_facts
from engine.language.policy_set import PolicySet
from tests.support.small_policies import DAY, GIVEN, HEAD, RANKING, SOURCES, policy_set
from tests.support.small_tables import a_table
from tests.support.strategies import DETERMINISTIC
from tests.support.table_oracle import ABSENT, UNKNOWN, completions, every_input, expected, is_complete

KINDS = {name: declared["type"] for name, declared in GIVEN.items()}
VALUES: Mapping[str, list[Any]] = {
    "x.flag": [True, False],
    "x.kind": ["pear", "apple"],
    "x.low": [-1, 0, 1, 2],
    "x.high": [0, Decimal("0.1"), Decimal("0.2")],
    "x.day": [date(2026, 9, 14), date(2026, 9, 15), date(2026, 9, 16)],
}
CAN_BE_ABSENT = ("x.low", "x.kind")
POSSIBLE = {name: [*values, *([ABSENT] if name in CAN_BE_ABSENT else [])] for name, values in VALUES.items()}


def folder(table: Mapping[str, Any]) -> PolicySet:
    """A vocabulary with this table; `x.low` and `x.kind` have no answer where `x.off…` says so."""
    off = {f"x.off_{name[2:]}": {"type": "boolean"} for name in CAN_BE_ABSENT}
    vocabulary = {
        "advise_language": 2, "vocabulary": "v", **HEAD,
        "facts": {
            "as_of": {"title": "D", "type": "date", "question": "?"},
            **{name: {"title": name, "question": "?", **how} for name, how in {**GIVEN, **off}.items()},
        },
        "implications": [
            {"id": f"i{name[2:]}", "when": {f"x.off_{name[2:]}": True}, "then": {name: {"known": False}}}
            for name in CAN_BE_ABSENT
        ],
        "tables": {"t.table": table},
    }  # fmt: skip
    return policy_set({"vocabulary.yaml": vocabulary, "sources.yaml": SOURCES, "ranking.yaml": RANKING})


def actual(derivation: Derivation, policies: PolicySet, inputs: Mapping[str, Any]) -> Any:
    values: dict[str, Any] = {"as_of": DAY}
    for name, value in inputs.items():
        if value is ABSENT:
            values[f"x.off_{name[2:]}"] = True
        elif value is not UNKNOWN:
            values[name] = value
    facts = read_facts(nested(values), policies.facts)
    try:
        derived = derivation.derive(facts, DAY)
    except Contradicted as refused:
        return "refused" if {each.code for each in refused.diagnostics} == {"rows-disagree"} else refused
    return ABSENT if "t.out" in derived.absent else derived.values.get("t.out", UNKNOWN)


@settings(DETERMINISTIC, max_examples=400)
@given(a_table(KINDS, CAN_BE_ABSENT))
def test_every_partly_unknown_input(table: dict[str, Any]) -> None:
    complete = is_complete(table, POSSIBLE)
    outcomes = [(each, expected(table, each, POSSIBLE, complete)) for each in every_input(table, POSSIBLE)]
    overlaps = "refused" in {outcome for _, outcome in outcomes}
    if overlaps and not set(table["inputs"]) & set(CAN_BE_ABSENT):  # of which an implication tells
        with pytest.raises(InvalidInput, match="both apply"):
            folder(table)
        return
    try:
        policies = folder(table)
    except InvalidInput:
        assert overlaps  # of rows with the same cells, which is told of any fact
        return
    derivation = Derivation(policies)
    for inputs, outcome in outcomes:
        assert actual(derivation, policies, inputs) == outcome, inputs


@settings(DETERMINISTIC, max_examples=200)
@given(a_table({name: KINDS[name] for name in ("x.low", "x.kind", "x.flag")}, CAN_BE_ABSENT))
def test_what_is_known_stays_so_whatever_the_answers_are(table: dict[str, Any]) -> None:
    for row in table["rows"]:
        row["when"] = ["-" if cell == "?" else cell for cell in row["when"]]
    table["hit"] = "first" if table["hit"] in ("unique", "any") else table["hit"]
    policies = folder(table)
    derivation = Derivation(policies)
    for inputs in every_input(table, POSSIBLE):
        known = actual(derivation, policies, inputs)
        if known is not UNKNOWN:
            assert {actual(derivation, policies, each) for each in completions(inputs, POSSIBLE)} == {known}
