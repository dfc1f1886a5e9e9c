"""The possible values of a fact as whole numbers: each step of a number, each day, each value of an enum."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from decimal import Decimal
from fractions import Fraction
from math import ceil, floor

from engine.base.record import record, replace
from engine.language.model import Fact, Scalar


@record
class Domain:
    """How one value of a fact (or one item of a list) is numbered.

    `factor` numbers make one unit; `low` and `high` are the least and greatest number. `names` are an enum's
    values in the order of their numbers. Texts have neither ends nor numbers.
    """

    kind: str
    factor: int = 1
    low: int | None = None
    high: int | None = None
    names: tuple[str, ...] = ()

    @property
    def ends(self) -> tuple[int, int]:
        """The least and the greatest number, of anything but texts."""
        assert self.low is not None
        assert self.high is not None
        return self.low, self.high

    def number(self, value: Scalar) -> Fraction:
        """The number of a value; a fraction where it lies between two possible ones, below 0 of no enum's."""
        if isinstance(value, str):
            return Fraction(self.names.index(value) if value in self.names else -1)
        if isinstance(value, date):
            return Fraction(value.toordinal())
        return Fraction(value) * self.factor

    def value(self, number: int) -> Scalar:
        """The value with that number."""
        match self.kind:
            case "boolean":
                return bool(number)
            case "enum":
                return self.names[number]
            case "date":
                return date.fromordinal(number)
        return _plain(Fraction(number, self.factor))

    def between(self, low: Scalar, high: Scalar) -> Domain:
        """The possible values from one to another, both included."""
        return replace(self, low=ceil(self.number(low)), high=floor(self.number(high)))

    def distance(self, value: Scalar, other: Scalar) -> Decimal:
        """How far one value is above another, in the fact's own unit (of dates: days)."""
        return Decimal(_plain((self.number(value) - self.number(other)) / self.factor))

    def cuts(self, compared: Iterable[Scalar]) -> list[int]:
        """The least number, and each at which a comparison with one of these comes out otherwise."""
        low, high = self.ends
        numbers = [self.number(value) for value in compared]
        begins = {number for each in numbers for number in (ceil(each), floor(each) + 1)}
        return [low, *sorted(number for number in begins if low < number <= high)]


def domain_of(fact: Fact) -> Domain:
    """The domain of a fact, of its items where it is a list."""
    kind = fact.value_type
    if kind == "boolean":
        return Domain(kind, low=0, high=1)
    if kind == "enum":
        return Domain(kind, low=0, high=len(fact.value_names) - 1, names=tuple(sorted(fact.value_names)))
    if kind == "text":
        return Domain(kind)
    factor = int(1 / Fraction(fact.step)) if kind == "number" else 1
    return Domain(kind, factor).between(*fact.limits)


def _plain(exact: Fraction) -> int | Decimal:
    """A fraction of tens: a whole number if it is one."""
    digits = 0
    while (exact * 10**digits).denominator != 1:
        digits += 1
    return Decimal((exact * 10**digits).numerator).scaleb(-digits) if digits else exact.numerator
