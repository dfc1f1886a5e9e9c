"""Published decision tables, rebuilt: every row, and partly unknown inputs, against brute force."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Mapping
from decimal import Decimal
from math import prod
from random import Random
from typing import Any

import pytest

from engine.advising.derive import Derivation
from engine.language.facts import nested, read_facts
from engine.language.policy_set import PolicySet
from tests.support.published_tables import FACTS, PUBLISHED
from tests.support.small_policies import DAY, HEAD, RANKING, SOURCES, policy_set
from tests.support.table_oracle import (
    ABSENT,
    UNKNOWN,
    applies,
    could_apply,
    every_input,
    expected,
    is_complete,
)

MOST_INPUTS = 6_000
MOST_OPEN = 11
"""Sets of so many rows that could be gathered are tried."""


def folder(table: Mapping[str, Any]) -> PolicySet:
    facts = {name: {"title": name, "question": "?", **FACTS[name]} for name in table["inputs"]}
    vocabulary = {
        "advise_language": 2, "vocabulary": "v", **HEAD,
        "facts": {"as_of": {"title": "D", "type": "date", "question": "?"}, **facts},
        "tables": {"t.table": table},
    }  # fmt: skip
    return policy_set({"vocabulary.yaml": vocabulary, "sources.yaml": SOURCES, "ranking.yaml": RANKING})


def values_of(name: str, table: Mapping[str, Any]) -> list[Any]:
    """Values of an input on both sides of everything that the table tells apart."""
    fact = FACTS[name]
    if fact["type"] == "boolean":
        return [True, False]
    if fact["type"] == "enum":
        return list(fact["values"])
    step = Decimal(str(fact.get("precision", 1)))
    low, high = (Decimal(str(fact["range"][end])) for end in ("at_least", "at_most"))
    place = table["inputs"].index(name)
    cells = [row["when"][place] for row in table["rows"] if row["when"][place] != "-"]
    ends = {Decimal(word) for cell in cells for word in str(cell).strip("<>= ").split("..")}
    near = {each for end in ends for each in (end - step, end, end + step) if low <= each <= high}
    return [int(each) if step == 1 else each for each in sorted({low, *near, high})]


def inputs_to_try(table: Mapping[str, Any], possible: Mapping[str, list[Any]]) -> Iterator[dict[str, Any]]:
    """Each row with every part of it unknown; and every input, or of very many some."""
    for row in table["rows"]:
        fitting = {
            name: next(v for v in possible[name] if applies({"when": [cell]}, {name: v}))
            for name, cell in zip(table["inputs"], row["when"], strict=True)
        }
        for left_out in itertools.product((False, True), repeat=min(len(fitting), 4)):
            pairs = itertools.zip_longest(fitting.items(), left_out, fillvalue=False)
            yield {name: UNKNOWN if out else value for (name, value), out in pairs}
    if prod(len(values) + 1 for values in possible.values()) <= MOST_INPUTS:
        yield from every_input(table, possible)
        return
    draw = Random(1)
    for _ in range(MOST_INPUTS):
        yield {name: draw.choice([UNKNOWN, *possible[name]]) for name in table["inputs"]}


def test_they_have_more_than_500_rows() -> None:
    assert sum(len(table["rows"]) for table in PUBLISHED.values()) > 500


@pytest.mark.slow
@pytest.mark.parametrize("name", PUBLISHED)
def test_published_table(name: str) -> None:
    table = PUBLISHED[name]
    policies = folder(table)
    derivation = Derivation(policies)
    possible = {each: values_of(each, table) for each in table["inputs"]}
    complete = name not in ("news2", "wind-chill") and is_complete(table, possible)
    tried: set[Any] = set()
    for inputs in inputs_to_try(table, possible):
        if tuple(inputs.items()) in tried:
            continue
        tried.add(tuple(inputs.items()))
        open_ = sum(could_apply(row, inputs, possible) and not applies(row, inputs) for row in table["rows"])
        if table["hit"] == "collect sum" and open_ > MOST_OPEN:
            continue
        given = {each: value for each, value in inputs.items() if value is not UNKNOWN}
        derived = derivation.derive(read_facts(nested({"as_of": DAY, **given}), policies.facts), DAY)
        actual = ABSENT if "t.out" in derived.absent else derived.values.get("t.out", UNKNOWN)
        outcome = expected(table, inputs, possible, complete)
        assert actual == (Decimal(str(outcome)) if isinstance(outcome, float) else outcome), inputs
