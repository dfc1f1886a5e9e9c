"""Conditions, values and cases in words, for whoever reads a comparison."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import Any as AnyType

from engine.diff.regions import Case
from engine.model import All, Any, Condition, Fact, FactReference, Not, Test
from engine.words import test_in_words


def condition_in_words(condition: Condition, facts: Mapping[str, Fact]) -> str:
    """A condition on one line, facts by their names."""
    match condition:
        case All(parts):
            return " and ".join(_bracketed(part, facts) for part in parts) or "always"
        case Any(parts):
            return " or ".join(_bracketed(part, facts) for part in parts)
        case Not(part):
            return f"not {_bracketed(part, facts)}"
        case Test(fact, operator, FactReference(other)):
            relation = {"is": "is", "is_not": "is not"}.get(operator) or f"is {operator.replace('_', ' ')}"
            return f"{_name(fact)} {relation} {_name(other)}"
        case Test(fact):
            return f"{_name(fact)} {test_in_words(condition, facts)}"


def _bracketed(condition: Condition, facts: Mapping[str, Fact]) -> str:
    said = condition_in_words(condition, facts)
    return f"({said})" if isinstance(condition, All | Any) and len(condition.parts) > 1 else said


def _name(fact: str) -> str:
    """A fact's name; a parameter's without the fact that dates it, where that is the day of the report."""
    return fact.removesuffix("@as_of")


def case_in_words(case: Case, other: Case | None = None) -> str:
    """The facts of a case; with `other`, an opposite one, only those in which they differ."""
    differing = {name: value for name, value in case.items() if other is not None and other[name] != value}
    return ", ".join(_told(name, value) for name, value in (differing or case).items()) or "any facts"


def _told(name: str, value: AnyType) -> str:
    if " " in name:  # a test between facts
        return f"{name.replace('_', ' ')}: {('no', 'not known', 'yes')[value]}"
    return f"{name} {value_in_words(value)}"


def value_in_words(value: AnyType) -> str:
    """A value as an advisor writes it."""
    if value is None:
        return "not known"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, tuple):
        return f"[{', '.join(map(value_in_words, value))}]"
    if isinstance(value, date):
        return value.isoformat()
    return f"{value:f}" if isinstance(value, Decimal) else str(value)
