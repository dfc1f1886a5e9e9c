"""What durable-rules is sent: every test becomes the comparison of one small integer with a constant.

The library takes `true` for 1 and text for numbers, keeps string lengths in 16 bits and cannot read every
number. So it never sees a value. It is sent integers that say where a value stands:

- *place*: among the literals that the conditions compare the fact with. With the literals in rising order,
  `2 * i + 1` is the i-th literal itself, and `2 * i` whatever lies between it and the one before. Equality
  and order stay exact for every number, however large or fine, and for every date. For a fact without an
  order (boolean, enum, text), 0 is any value that no condition names.
- *among*: 1 when the value is one of the listed ones, else 0.
- *holds*: 1 when a list has an item, or the value of another fact, else 0.
- *against*: how the value stands to another fact's: -1, 0 or 1 (without an order: 0 equal, 1 different).
- *known*: 1 when the fact has a value, else 0.

All but *known* cannot be told while a fact they need is unknown, and are then left out. durable-rules finds
every comparison with a missing integer false, whatever the operator: a test and its opposite are then both
false, which is what strong Kleene logic asks of the leaves once negation has been pushed down to them.

Integers that follow from the same value make a **source**. It is in one of a few states, and the state tells
them all, so that what to send in a state is worked out once.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable, Hashable, Iterable, Mapping
from typing import Any as AnyType
from typing import Literal, NamedTuple

from engine.base.record import record
from engine.language.conditions import Values, tests_of
from engine.language.model import Comparison, Condition, Fact, FactReference, Scalar
from engine.language.operators import ORDERED

Relation = Literal["$eq", "$neq", "$gte", "$lte", "$gt", "$lt"]
"""How durable-rules writes a comparison."""

SlotEncoder = Callable[[Values], int | None]
"""Values -> one integer, None when it cannot be told."""

_RELATIONS: Mapping[str, Relation] = {
    "is": "$eq", "is_not": "$neq", "at_least": "$gte", "at_most": "$lte", "above": "$gt", "below": "$lt",
    "one_of": "$eq", "none_of": "$neq", "includes": "$eq", "known": "$eq",
}  # fmt: skip

_OPPOSITES: Mapping[Relation, Relation] = {
    "$eq": "$neq", "$neq": "$eq", "$gte": "$lt", "$lt": "$gte", "$lte": "$gt", "$gt": "$lte",
}  # fmt: skip


class EncodedComparison(NamedTuple):
    """The integer of this slot, compared with a constant."""

    slot: int
    relation: Relation
    constant: int


@record
class _Place:
    fact: str


@record
class _Among:
    fact: str
    choices: frozenset[Scalar]


@record
class _Holds:
    fact: str
    item: Scalar


@record
class _HoldsFact:
    fact: str
    other: str


@record
class _Against:
    fact: str
    other: str


@record
class _Known:
    fact: str


_Integer = _Place | _Among | _Holds | _HoldsFact | _Against | _Known


@record
class FactSource:
    """Integers that follow from one thing: `state` tells them all, and `integers` are by slot."""

    state: Callable[[Values], Hashable]
    integers: tuple[tuple[int, SlotEncoder], ...]


class Encoding:
    """The integers that some conditions need, one a slot, and how they follow from an applicant's values."""

    def __init__(self, conditions: Iterable[Condition], facts: Mapping[str, Fact]) -> None:
        self._facts = facts
        self._slots: dict[_Integer, int] = {}
        self._tests = [test for condition in conditions for test in tests_of(condition)]
        self._integers: dict[int, tuple[_Integer, int]] = {}
        """By the identity of a test, which `_tests` keeps: looking one up by its content takes longer."""
        named: dict[str, set[AnyType]] = {}
        for test in self._tests:
            integer = _integer(test)
            slot = self._slots.setdefault(integer, len(self._slots))
            self._integers[id(test)] = integer, slot
            match integer:
                case _Place(fact):
                    named.setdefault(fact, set()).add(test.operand)
                case _Among(fact, choices):
                    named.setdefault(fact, set()).update(choices)
                case _:
                    pass
        self._literals: dict[str, list[AnyType]] = {
            fact: sorted(literals) for fact, literals in named.items()
        }

    def __len__(self) -> int:
        return len(self._slots)

    def comparison(self, test: Comparison, holds: bool) -> EncodedComparison:
        """The comparison that is true exactly when the test holds or, for `holds=False`, when it fails."""
        integer, slot = self._integers[id(test)]
        relation = _RELATIONS[test.operator] if holds else _OPPOSITES[_RELATIONS[test.operator]]
        match integer:
            case _Place(fact):
                constant = 2 * bisect_left(self._literals[fact], test.operand) + 1
            case _Against():
                constant = 0
            case _:
                constant = 0 if test.operand is False and isinstance(integer, _Known) else 1
                if relation == "$neq":  # the integer is 0 or 1: one way to write it, so that rules share it
                    relation, constant = "$eq", 1 - constant
        return EncodedComparison(slot, relation, constant)

    def sources(self) -> tuple[FactSource, ...]:
        """They have each slot once."""
        by_value: dict[str, list[tuple[int, SlotEncoder]]] = {}
        sources = []
        for integer, slot in self._slots.items():
            encoder = self._encoder(integer)
            if isinstance(integer, _Place | _Among | _Known) and integer.fact in self._literals:
                by_value.setdefault(integer.fact, []).append((slot, encoder))
            else:
                sources.append(FactSource(encoder, ((slot, encoder),)))
        sources += [FactSource(self._position(fact), tuple(slots)) for fact, slots in by_value.items()]
        return tuple(sources)

    def _encoder(self, integer: _Integer) -> SlotEncoder:
        match integer:
            case _Place(fact):
                return self._position(fact)
            case _Among(fact, choices):
                return lambda values: int(values[fact] in choices) if fact in values else None
            case _Holds(fact, item):
                return _holds(fact, item)
            case _HoldsFact(fact, other):
                return _holds_fact(fact, other)
            case _Against(fact, other):
                return _against(fact, other, self._has_order(fact))
            case _Known(fact):
                return lambda values: int(fact in values)

    def _position(self, fact: str) -> SlotEncoder:
        literals = self._literals[fact]
        return _place(fact, literals) if self._has_order(fact) else _which(fact, literals)

    def _has_order(self, fact: str) -> bool:
        return self._facts[fact].type in ORDERED


def _integer(test: Comparison) -> _Integer:
    operand: AnyType = test.operand
    match test.operator:
        case "known":
            return _Known(test.fact)
        case "one_of" | "none_of" if isinstance(operand, FactReference):  # a fact that is a list
            return _HoldsFact(operand.fact, test.fact)
        case "one_of" | "none_of":
            return _Among(test.fact, frozenset(operand))
        case "includes" if isinstance(operand, FactReference):
            return _HoldsFact(test.fact, operand.fact)
        case "includes":
            return _Holds(test.fact, operand)
        case _ if isinstance(operand, FactReference):
            return _Against(test.fact, operand.fact)
        case _:
            return _Place(test.fact)


def _place(fact: str, literals: list[AnyType]) -> SlotEncoder:
    count = len(literals)

    def place(values: Values) -> int | None:
        value = values.get(fact)
        if value is None:
            return None
        below = bisect_left(literals, value)
        return 2 * below + 1 if below < count and literals[below] == value else 2 * below

    return place


def _which(fact: str, literals: list[AnyType]) -> SlotEncoder:
    """The same without an order."""
    places = {value: 2 * number + 1 for number, value in enumerate(literals)}

    def which(values: Values) -> int | None:
        value = values.get(fact)
        return None if value is None else places.get(value, 0)

    return which


def _holds(fact: str, item: Scalar) -> SlotEncoder:
    def holds(values: Values) -> int | None:
        items: AnyType = values.get(fact)
        return None if items is None else int(item in items)

    return holds


def _holds_fact(fact: str, other: str) -> SlotEncoder:
    def holds_fact(values: Values) -> int | None:
        items: AnyType = values.get(fact)
        item = values.get(other)
        return None if items is None or item is None else int(item in items)

    return holds_fact


def _against(fact: str, other: str, has_order: bool) -> SlotEncoder:
    def against(values: Values) -> int | None:
        left: AnyType = values.get(fact)
        right: AnyType = values.get(other)
        if left is None or right is None:
            return None
        if left == right:
            return 0
        return -1 if has_order and left < right else 1

    return against
