"""Which facts somebody may be advised to change, to which values, and at what cost.

The vocabulary says so, fact by fact. What lies in the past is never to be changed, nor what is not declared.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from decimal import Decimal
from typing import Any as AnyType
from typing import Final

from engine.evaluate import HOLDS, Values, verdict_of
from engine.model import Fact, Scalar, Value
from engine.policyset import PolicySet
from engine.values import ORDERED
from engine.whatif.stretches import Grid

LONGEST_WAIT: Final = timedelta(days=366)
"""Nobody is advised to wait longer."""


def may_change(fact: Fact, values: Values, policies: PolicySet) -> tuple[Scalar | None, Scalar | None] | None:
    """The lowest and highest value to suggest (None, None: any value); None: it is not to be changed."""
    if fact.origin != "given" or fact.private or fact.type in ("text", "list"):
        return None
    value: AnyType = values.get(fact.name)
    if fact.mutability == "time":
        return _by_waiting(fact, value, policies)
    if fact.mutability != "improvable" or (fact.changeable is None and fact.better is None):
        return None
    unless = fact.changeable.unless if fact.changeable else None
    if unless is not None and verdict_of(unless, values) == HOLDS:
        return None
    if fact.type not in ORDERED:
        return (None, None) if fact.changeable and fact.changeable.to else None
    low, high = fact.limits
    if fact.type == "date":
        today: AnyType = values["as_of"]
        return None if value is not None and value < today else (max(low, today), high)
    if value is not None and fact.better == "higher":
        low = value
    elif value is not None and fact.better == "lower":
        high = value
    return low, high


def _by_waiting(fact: Fact, value: AnyType, policies: PolicySet) -> tuple[Scalar, Scalar] | None:
    if fact.name == "as_of":
        last = value + LONGEST_WAIT
        return value, last if policies.changes_on is None else min(
            last, policies.changes_on - timedelta(days=1)
        )
    if fact.type in ("integer", "number") and fact.better == "higher" and value is not None:
        return value, fact.limits[1]
    return None


def cost_of(fact: Fact, before: Value | None, after: Scalar) -> Decimal:
    """What a change costs: its small steps (of a fact without sizes: the change), each at the fact's cost."""
    cost = fact.changeable.cost if fact.changeable else Decimal(1)
    if before is None or isinstance(before, (bool, str, tuple)) or fact.type not in ORDERED:
        return cost
    low, high = sorted((before, after))
    distance = Grid(fact, low, high).steps(high, low)
    return cost * distance / (fact.near or Decimal(1))


def cannot_in_words(fact: Fact, values: Values) -> str:
    """Why a fact is not to be changed."""
    if fact.name not in values:
        return "is not known, and would have to be asked for"
    if fact.mutability == "immutable":
        return "cannot be changed"
    if fact.mutability == "time":
        return "changes by time alone"
    if fact.type == "date" and fact.name in values and values[fact.name] < values["as_of"]:  # type: ignore[operator]  # two dates
        return "lies in the past"
    if fact.changeable and fact.changeable.unless and verdict_of(fact.changeable.unless, values) == HOLDS:
        return "is settled"
    return "is not declared to be changeable"


Choices = Mapping[str, tuple[Scalar | None, Scalar | None]]
"""Fact -> the range in which it may be changed."""
