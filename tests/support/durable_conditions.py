"""Conditions and facts for the tests of the network, fired and held against the evaluator."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any as AnyType

from engine.advising.durable.network import Network
from engine.language.conditions import HOLDS, verdict_of
from engine.language.model import AllOf, AnyOf, Comparison, Condition, Fact, FactType, Operand, Value
from engine.language.operators import Operator
from tests.support.strategies import AT

Values = Mapping[str, Value]


def fact(name: str, kind: FactType = "integer", item: AnyType = None) -> Fact:
    return Fact(name, name, kind, "given", AT, item_type=item)


def facts(kind: FactType, *names: str) -> dict[str, Fact]:
    return {name: fact(name, kind) for name in names}


def where(name: str, operator: Operator, operand: Operand) -> Comparison:
    return Comparison(name, operator, operand, AT)


def every(*parts: Condition) -> AllOf:
    return AllOf(parts, AT)


def some(*parts: Condition) -> AnyOf:
    return AnyOf(parts, AT)


def holding(conditions: Mapping[str, Condition], values: Values) -> set[str]:
    return {name for name, condition in conditions.items() if verdict_of(condition, values) == HOLDS}


def check(
    conditions: Mapping[str, Condition], declared: Mapping[str, Fact], *applicants: Values
) -> list[set[str]]:
    """Fires each applicant twice, holds the answers against the evaluator, and returns them."""
    answers = []
    with Network(conditions, declared) as network:
        for values in applicants:
            expected = holding(conditions, values)
            assert network.fire(values) == expected
            assert network.fire(values) == expected
            answers.append(expected)
    return answers


def hash_of(name: str) -> int:
    found = 0x811C9DC5
    for byte in name.encode():
        found = ((found ^ byte) * 16_777_619) & 0xFFFF_FFFF
    return found
