"""The generated policy in the form that every other engine is translated from.

Names become identifiers and dates become integers, for not every engine has dates. This is done before
the clock starts, for the policy and for the applicants, which favours the other engines: ours gets the
values as an applicant's file gives them.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Literal

from benchmarks.flat_policy import FlatPolicy
from engine.language.model import AllOf, Comparison, Condition
from engine.language.operators import Operator

Plain = bool | int | str
"""What every engine can hold."""

Applicant = Mapping[str, Plain]

Fire = Callable[[Applicant], set[str]]
"""An applicant's values -> the names of the rules that hold."""

Kind = Literal["boolean", "integer", "enum"]

Symbol = Literal["==", "!=", ">=", "<=", ">", "<", "in", "not in"]

_SYMBOLS: Mapping[Operator, Symbol] = {
    "is": "==", "is_not": "!=", "one_of": "in", "none_of": "not in",
    "at_least": ">=", "at_most": "<=", "above": ">", "below": "<",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class PlainComparison:
    """One fact against a constant; `in` and `not in` have a tuple of strings."""

    fact: str
    symbol: Symbol
    right: Plain | tuple[str, ...]


@dataclass(frozen=True, slots=True)
class PlainPolicy:
    """`rules` maps a rule's name to its comparisons, all of which must hold, no two on one fact."""

    kinds: Mapping[str, Kind]
    choices: Mapping[str, tuple[str, ...]]
    rules: Mapping[str, tuple[PlainComparison, ...]]


def plain_policy(policy: FlatPolicy) -> PlainPolicy:
    """The same policy; a condition that is no conjunction of tests against constants is a TypeError."""
    kinds: dict[str, Kind] = {}
    for fact in policy.facts.values():
        if fact.type not in ("boolean", "integer", "enum", "date"):
            raise TypeError(f"{fact.name}: no engine was taught the type {fact.type}")
        kinds[identifier(fact.name)] = "integer" if fact.type == "date" else fact.type
    if len(kinds) < len(policy.facts):
        raise ValueError("two facts have one identifier")
    choices = {
        identifier(fact.name): tuple(value for value, _ in fact.values) for fact in policy.facts.values()
    }
    rules = {name: _comparisons(name, condition) for name, condition in policy.conditions.items()}
    return PlainPolicy(kinds, choices, rules)


def plain_applicant(values: Mapping[str, object]) -> dict[str, Plain]:
    """The same applicant under identifiers, dates as integers."""
    return {identifier(name): _plain(value) for name, value in values.items()}


def identifier(name: str) -> str:
    """A name that every engine accepts."""
    return name.replace(".", "_").replace("-", "_")


def json_text(value: Plain | tuple[str, ...]) -> str:
    """A constant as JSON writes it, which most expression languages read."""
    return json.dumps(value)


def texts(value: Plain | tuple[str, ...]) -> tuple[str, ...]:
    """The right side of `in` and `not in`."""
    if not isinstance(value, tuple):
        raise TypeError(f"{value!r} is no list of texts")
    return value


def _comparisons(name: str, condition: Condition) -> tuple[PlainComparison, ...]:
    parts = condition.parts if isinstance(condition, AllOf) else (condition,)
    comparisons = tuple(_comparison(name, part) for part in parts)
    if len({comparison.fact for comparison in comparisons}) < len(comparisons):
        raise TypeError(f"{name}: two tests on one fact")
    return comparisons


def _comparison(name: str, test: Condition) -> PlainComparison:
    if not isinstance(test, Comparison):
        raise TypeError(f"{name}: {type(test).__name__} in a flat policy")
    right: Plain | tuple[str, ...]
    if isinstance(test.operand, tuple):
        right = tuple(value for value in test.operand if isinstance(value, str))
    else:
        right = _plain(test.operand)
    return PlainComparison(identifier(test.fact), _SYMBOLS[test.operator], right)


def _plain(value: object) -> Plain:
    if isinstance(value, date):
        return value.toordinal()
    if isinstance(value, (bool, int, str)):
        return value
    raise TypeError(f"{value!r} is no boolean, integer, text or date")
