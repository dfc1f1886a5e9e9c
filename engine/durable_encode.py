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
- *known*: 1 when the fact has a value, else 0. Always sent.

The others are left out while a fact they need is unknown. durable-rules finds every comparison with a
missing integer false, whatever the operator: a test and its opposite are then both false, which is what
strong Kleene logic asks of the leaves once negation has been pushed down to them.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterable, Iterator, Mapping
from string import ascii_letters, ascii_uppercase, digits
from typing import Any as AnyType
from typing import Literal, NamedTuple

from engine.model import All, Any, Condition, Fact, FactReference, Not, Scalar, Test, Value
from engine.record import record

Values = Mapping[str, Value]
"""Fact name -> value. A fact that is missing is unknown."""

Relation = Literal["$eq", "$neq", "$gte", "$lte", "$gt", "$lt"]
"""How durable-rules writes a comparison."""

Encoder = Callable[[Values], str]
"""Values -> the JSON that carries one integer, empty when the integer cannot be told."""

_CHARACTERS = ascii_letters + digits
KEY_LIMIT = len(ascii_uppercase) * len(_CHARACTERS) ** 2
"""So many integers can be told apart. Far more than the policies of a folder can mention."""

_RELATIONS: Mapping[str, Relation] = {
    "is": "$eq", "is_not": "$neq", "at_least": "$gte", "at_most": "$lte", "above": "$gt", "below": "$lt",
    "one_of": "$eq", "none_of": "$neq", "includes": "$eq", "known": "$eq",
}  # fmt: skip

_OPPOSITES: Mapping[Relation, Relation] = {
    "$eq": "$neq", "$neq": "$eq", "$gte": "$lt", "$lt": "$gte", "$lte": "$gt", "$gt": "$lte",
}  # fmt: skip

_WITH_AN_ORDER = frozenset({"integer", "number", "date"})


class Comparison(NamedTuple):
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


class Encoding:
    """The integers that some conditions need, one a slot, and how they follow from an applicant's values."""

    def __init__(self, conditions: Iterable[Condition], facts: Mapping[str, Fact]) -> None:
        self._facts = facts
        self._slots: dict[_Integer, int] = {}
        named: dict[str, set[AnyType]] = {}
        for test in (test for condition in conditions for test in tests_of(condition)):
            integer = _integer(test)
            self._slots.setdefault(integer, len(self._slots))
            if isinstance(integer, _Place):
                named.setdefault(test.fact, set()).add(test.operand)
        self._literals: dict[str, list[AnyType]] = {fact: sorted(found) for fact, found in named.items()}

    def __len__(self) -> int:
        return len(self._slots)

    def comparison(self, test: Test, holds: bool) -> Comparison:
        """The comparison that is true exactly when the test holds or, for `holds=False`, when it fails."""
        integer = _integer(test)
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
        return Comparison(self._slots[integer], relation, constant)

    def encoders(self) -> tuple[Encoder, ...]:
        """One a slot."""
        return tuple(self._encoder(integer, slot) for integer, slot in self._slots.items())

    def _encoder(self, integer: _Integer, slot: int) -> Encoder:
        no, yes, less = piece(slot, 0), piece(slot, 1), piece(slot, -1)
        match integer:
            case _Place(fact) if self._has_order(fact):
                literals = self._literals[fact]
                return _place(fact, literals, tuple(piece(slot, n) for n in range(2 * len(literals) + 1)))
            case _Place(fact):
                pieces = {value: piece(slot, 2 * n + 1) for n, value in enumerate(self._literals[fact])}
                return lambda values: pieces.get(values[fact], no) if fact in values else ""
            case _Among(fact, choices):
                return lambda values: (yes if values[fact] in choices else no) if fact in values else ""
            case _Holds(fact, item):
                return _holds(fact, item, yes, no)
            case _HoldsFact(fact, other):
                return _holds_fact(fact, other, yes, no)
            case _Against(fact, other):
                return _against(fact, other, self._has_order(fact), (less, no, yes))
            case _Known(fact):
                return lambda values: yes if fact in values else no

    def _has_order(self, fact: str) -> bool:
        return self._facts[fact].type in _WITH_AN_ORDER


def key(slot: int) -> str:
    """The name an integer goes under: a capital and two letters or digits, never anybody's own words.

    durable-rules tells names apart by a 32-bit hash only. No two of these share one, nor does any share
    that of a name the library keeps for itself (`sid`); a test goes through them all.
    """
    if slot >= KEY_LIMIT:
        raise OverflowError(f"conditions compare more than {KEY_LIMIT} different things")
    rest, last = divmod(slot, len(_CHARACTERS))
    first, middle = divmod(rest, len(_CHARACTERS))
    return ascii_uppercase[first] + _CHARACTERS[middle] + _CHARACTERS[last]


def piece(slot: int, number: int) -> str:
    """The JSON that carries one integer, with the comma before it."""
    return f',"{key(slot)}":{number}'


def tests_of(condition: Condition) -> Iterator[Test]:
    """Every test of a condition, in the order they are written."""
    match condition:
        case All(parts) | Any(parts):
            for part in parts:
                yield from tests_of(part)
        case Not(part):
            yield from tests_of(part)
        case Test():
            yield condition


def _integer(test: Test) -> _Integer:
    operand: AnyType = test.operand
    match test.operator:
        case "known":
            return _Known(test.fact)
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


def _place(fact: str, literals: list[AnyType], pieces: tuple[str, ...]) -> Encoder:
    def place(values: Values) -> str:
        value = values.get(fact)
        if value is None:
            return ""
        return pieces[bisect_left(literals, value) + bisect_right(literals, value)]

    return place


def _holds(fact: str, item: Scalar, yes: str, no: str) -> Encoder:
    def holds(values: Values) -> str:
        items: AnyType = values.get(fact)
        if items is None:
            return ""
        return yes if item in items else no

    return holds


def _holds_fact(fact: str, other: str, yes: str, no: str) -> Encoder:
    def holds_fact(values: Values) -> str:
        items: AnyType = values.get(fact)
        item = values.get(other)
        if items is None or item is None:
            return ""
        return yes if item in items else no

    return holds_fact


def _against(fact: str, other: str, has_order: bool, pieces: tuple[str, str, str]) -> Encoder:
    less, equal, more = pieces

    def against(values: Values) -> str:
        left: AnyType = values.get(fact)
        right: AnyType = values.get(other)
        if left is None or right is None:
            return ""
        if left == right:
            return equal
        return less if has_order and left < right else more

    return against
