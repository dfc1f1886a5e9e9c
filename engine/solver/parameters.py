"""The values of parameters, of which day and key are unknown."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping
from datetime import date
from fractions import Fraction
from functools import cached_property
from typing import Any

from engine.language.model import Parameter, Scalar, Value
from engine.solver.apply import chosen
from engine.solver.terms import Number, Term, Truth, both, some


def term_of(value: Any, factor: int = 1) -> Term:
    """A number, or a date, that is written down."""
    number = Fraction(value.toordinal() if isinstance(value, date) else value)
    return Term(number.numerator, factor * number.denominator)


class DatedValues:
    """What a parameter comes to on a `day` and, where it is keyed, for a `key`, a number of `names`."""

    def __init__(self, parameter: Parameter, names: tuple[str, ...] | None, day: Number, key: Number) -> None:
        self._parameter, self._names, self._day, self._key = parameter, names, day, key

    @cached_property
    def _cases(self) -> tuple[tuple[Truth, Value], ...]:
        """Each value with when it counts; never two at once."""
        return tuple(self._each_case())

    def _each_case(self) -> Iterator[tuple[Truth, Value]]:
        values = self._parameter.values
        ends = [first.toordinal() for first, _ in values[1:]]
        for (first, value), end in zip(values, [*ends, None], strict=True):
            begun = self._day >= first.toordinal()
            here = begun if end is None else both(begun, self._day < end)
            if not isinstance(value, Mapping):
                yield here, value
                continue
            assert self._names is not None
            for name, each in value.items():
                yield both(here, self._key == self._names.index(name)), each

    @property
    def factor(self) -> int:
        """What makes every value a whole number."""
        return math.lcm(*(term_of(value).factor for _, value in self._cases if not isinstance(value, tuple)))

    @property
    def known(self) -> Truth:
        """Whether there is a value."""
        if self._parameter.by is None:
            return self._day >= self._parameter.values[0][0].toordinal()
        return some(here for here, _ in self._cases)

    @property
    def value(self) -> Term:
        """The value, where there is one; of a list nothing is told."""
        result = Term(0)
        for here, value in self._cases:
            if not isinstance(value, tuple):
                result = chosen(here, term_of(value), result)
        return result

    def listed(self, is_value: Callable[[Scalar], Truth]) -> Truth:
        """Whether something is among the listed values."""
        return some(
            both(here, some(map(is_value, value))) for here, value in self._cases if isinstance(value, tuple)
        )
