"""Which facts somebody may be advised to change, to which values, and at what cost.

The vocabulary says so, fact by fact; whether a fact is settled is told by the facts as they are, before
anything is changed. What lies in the past is never to be changed, nor what is not declared.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from decimal import Decimal
from typing import Any as AnyType
from typing import Final

from engine.base.record import record, replace
from engine.language.conditions import HOLDS, Values, verdict_of
from engine.language.domain import domain_of
from engine.language.model import Fact, Scalar, Value
from engine.language.operators import ORDERED
from engine.language.policy_set import PolicySet

LONGEST_WAIT: Final = timedelta(days=366)
"""Nobody is advised to wait longer."""


Changes = Mapping[str, Value]
"""Facts, each with the value it gets; `as_of` among them where somebody waits.

A fact may get the value it has: where that would no longer follow from other facts, it has to be said.
"""


@record
class AllowedChange:
    """A fact that may be changed: its value now (None: not known), and those it may get.

    An ordered fact may get any from `low` to `high`; another one of `among`.
    """

    fact: Fact
    now: Value | None
    low: Scalar | None
    high: Scalar | None

    @property
    def adds_to(self) -> tuple[str, ...]:
        """The lists that a change adds an item to."""
        return self.fact.changeable.adds_to if self.fact.changeable else ()

    @property
    def among(self) -> tuple[Scalar, ...]:
        """The values that an unordered fact may get."""
        return self.fact.changeable.to if self.fact.changeable else ()


Choices = Mapping[str, AllowedChange]
"""The facts that may be changed, in the order of the vocabulary."""


def choices(values: Values, policies: PolicySet) -> Choices:
    """What may be changed of an applicant of whom these values are known."""
    allowed: dict[str, AllowedChange] = {}
    for fact in policies.facts.values():
        ends: AnyType = may_change(fact, values, policies)
        if ends is not None and (ends[0] is None or ends[0] <= ends[1]):
            allowed[fact.name] = AllowedChange(with_numbers(fact, values), values.get(fact.name), *ends)
    return allowed


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
        if policies.changes_on is not None:
            last = min(last, policies.changes_on - timedelta(days=1))
        return (value, last) if last > value else None
    if fact.type in ("integer", "number") and fact.better == "higher" and value is not None:
        return value, fact.limits[1]
    return None


def with_numbers(fact: Fact, values: Values) -> Fact:
    """The fact with what parameters say of it: what is near, and what a change costs."""
    if fact.near_from is not None:
        near: AnyType = values.get(str(fact.near_from))
        fact = replace(fact, near=None if near is None else Decimal(near))
    if fact.changeable is not None and fact.changeable.cost_from is not None:
        cost: AnyType = values.get(str(fact.changeable.cost_from), 1)
        fact = replace(fact, changeable=replace(fact.changeable, cost=Decimal(cost)))
    return fact


def cost_of(fact: Fact, before: Value | None, after: Value) -> Decimal:
    """What a change costs: its small steps (of a fact without sizes: the change), each at the fact's cost."""
    if before == after:
        return Decimal(0)
    cost = cost_of_step(fact)
    if before is None or isinstance(before, (bool, str, tuple)) or fact.type not in ORDERED:
        return cost
    distance = domain_of(fact).distance(after, before)  # type: ignore[arg-type]  # no list
    return cost * abs(distance) / (fact.near or Decimal(1))


def cost_of_step(fact: Fact) -> Decimal:
    """What a small step of a fact, or any change of one without sizes, costs."""
    return fact.changeable.cost if fact.changeable else Decimal(1)


def cannot_in_words(fact: Fact, values: Values) -> str:
    """Why a fact is not to be changed."""
    if fact.name not in values:
        return "is not known, and would have to be asked for"
    if fact.mutability == "immutable":
        return "cannot be changed"
    if fact.mutability == "time":
        return "changes by time alone"
    if fact.type == "date" and values[fact.name] < values["as_of"]:  # type: ignore[operator]  # two dates
        return "lies in the past"
    if fact.changeable and fact.changeable.unless and verdict_of(fact.changeable.unless, values) == HOLDS:
        return "is settled"
    return "is not declared to be changeable"
