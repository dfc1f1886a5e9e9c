"""Unknown truths and numbers, and arithmetic on them that is done at once where everything is known.

A truth is a bool or a z3 formula, a number an int or a z3 term. Whatever can be decided without the solver
is, so that what depends on a fixed day alone is worked out while it is written down.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Sequence
from itertools import chain
from typing import Any, NamedTuple

import z3

from engine.language.operators import COMPARISONS

Truth = Any
"""bool, or a z3 Boolean term (z3 publishes no types)."""

Number = Any
"""int, or a z3 integer term."""


class Term(NamedTuple):
    """An unknown number: `number` of them, `factor` to a unit."""

    number: Number
    factor: int = 1


class ListTerm(NamedTuple):
    """An unknown list: its length, its least items in rising order, and its greatest in falling order.

    An entry of `first` or `last` has a meaning where the list is as long as that. Together they are the whole
    list up to the length `len(first) + len(last)`.
    """

    length: Number
    first: tuple[Number, ...]
    last: tuple[Number, ...]
    factor: int = 1

    @property
    def exact(self) -> int:
        """Up to this length every item is here."""
        return len(self.first) + len(self.last)

    @property
    def places(self) -> Iterator[tuple[int, Number]]:
        """Each item with the least length of a list that has it."""
        return chain(enumerate(self.first, 1), enumerate(self.last, 1))

    def item(self, index: int, length: int) -> Number:
        """The item at an index from 0, in rising order, of a list of that length (at most `exact`)."""
        return self.first[index] if index < len(self.first) else self.last[length - 1 - index]


class FactState(NamedTuple):
    """Of a fact: whether it has a value, whether it is absent (else it is unknown), and which value."""

    known: Truth
    absent: Truth
    value: Term | ListTerm


UNKNOWN_STATE = FactState(False, False, Term(0))


def both(*truths: Truth) -> Truth:
    """All of them."""
    return every(truths)


def either(*truths: Truth) -> Truth:
    """At least one of them."""
    return some(truths)


def every(truths: Iterable[Truth]) -> Truth:
    """All of them."""
    left = [truth for truth in truths if truth is not True]
    if any(truth is False for truth in left):
        return False
    return True if not left else left[0] if len(left) == 1 else z3.And(left)


def some(truths: Iterable[Truth]) -> Truth:
    """At least one of them."""
    left = [truth for truth in truths if truth is not False]
    if any(truth is True for truth in left):
        return True
    return False if not left else left[0] if len(left) == 1 else z3.Or(left)


def opposite(truth: Truth) -> Truth:
    """Not."""
    return not truth if isinstance(truth, bool) else z3.Not(truth)


def follows(condition: Truth, then: Truth) -> Truth:
    """If the one, then the other."""
    return some((opposite(condition), then))


def choose(condition: Truth, then: Number, otherwise: Number) -> Number:
    """The one number where the condition is true, else the other."""
    if isinstance(condition, bool):
        return then if condition else otherwise
    if isinstance(then, int) and isinstance(otherwise, int) and then == otherwise:
        return then
    return z3.If(condition, as_number(then), as_number(otherwise))


def as_number(number: Number) -> Any:
    """A number as a z3 term."""
    return z3.IntVal(number) if isinstance(number, int) else number


def as_truth(truth: Truth) -> Any:
    """A truth as a z3 term."""
    return z3.BoolVal(truth) if isinstance(truth, bool) else truth


def number_in(model: Any, number: Number) -> int:
    """The value of a number in a model."""
    value: int = model.eval(as_number(number), model_completion=True).as_long()
    return value


def is_true(model: Any, truth: Truth) -> bool:
    """Whether a model makes something true."""
    return bool(z3.is_true(model.eval(as_truth(truth), model_completion=True)))


def ceiling_of(number: Number, divisor: int) -> Number:
    """A number divided by one above 0, rounded up."""
    if divisor == 1:
        return number
    return -(-number // divisor if isinstance(number, int) else -number / z3.IntVal(divisor))


def rescaled(terms: Sequence[Term]) -> tuple[list[Number], int]:
    """The numbers of some terms with one factor for all, and that factor."""
    factor = math.lcm(*(term.factor for term in terms))
    return [
        term.number * (factor // term.factor) if term.factor != factor else term.number for term in terms
    ], factor


def compared(left: Term, operator: str, right: Term) -> Truth:
    """A comparison of two known values."""
    (one, other), _ = rescaled((left, right))
    return COMPARISONS[operator](one, other)
