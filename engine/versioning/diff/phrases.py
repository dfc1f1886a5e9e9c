"""Conditions, values and cases in words, for whoever reads a comparison."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING
from typing import Any as AnyType

from engine.language.condition_text import test_in_words
from engine.language.model import AllOf, AnyOf, Comparison, Condition, Fact, FactReference, Not

if TYPE_CHECKING:
    from engine.solver.applicants import Given


def condition_in_words(condition: Condition, facts: Mapping[str, Fact]) -> str:
    """A condition on one line, facts by their names."""
    match condition:
        case AllOf(parts):
            return " and ".join(_bracketed(part, facts) for part in parts) or "always"
        case AnyOf(parts):
            return " or ".join(_bracketed(part, facts) for part in parts)
        case Not(part):
            return f"not {_bracketed(part, facts)}"
        case Comparison(fact, operator, FactReference(other)):
            relation = {"is": "is", "is_not": "is not"}.get(operator) or f"is {operator.replace('_', ' ')}"
            return f"{_name(fact)} {relation} {_name(other)}"
        case Comparison(fact):
            return f"{_name(fact)} {test_in_words(condition, facts)}"


def _bracketed(condition: Condition, facts: Mapping[str, Fact]) -> str:
    words = condition_in_words(condition, facts)
    return f"({words})" if isinstance(condition, AllOf | AnyOf) and len(condition.parts) > 1 else words


def _name(fact: str) -> str:
    """A fact's name; a parameter's without the fact that dates it, where that is the day of the report."""
    return fact.removesuffix("@as_of")


def given_in_words(given: Given, day: date) -> str:
    """What is given of an applicant; the day of the comparison goes without saying."""
    answers = [
        f"{name} {value_in_words(value)}" for name, value in given.items() if (name, value) != ("as_of", day)
    ]
    return ", ".join(answers) or "somebody of whom nothing is known"


def value_in_words(value: AnyType) -> str:
    """A value as an advisor writes it."""
    if value is None:
        return "not known"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, tuple):
        return f"[{', '.join(map(value_in_words, value))}]"
    if isinstance(value, Mapping):
        return ", ".join(f"{key}: {value_in_words(each)}" for key, each in value.items())
    if isinstance(value, date):
        return value.isoformat()
    return f"{value:f}" if isinstance(value, Decimal) else str(value)
