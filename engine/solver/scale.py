"""The possible values of a fact as whole numbers: each step of a number, each day, each value of an enum."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from fractions import Fraction
from typing import Any

from engine.base.record import record
from engine.language.model import Fact, Scalar


@record
class Scale:
    """How one value of a fact (or one item of a list) is numbered.

    `factor` numbers make one unit; `low` and `high` are the least and greatest number (None: texts, which
    have no end). `names` are an enum's values in the order of their numbers.
    """

    kind: str
    factor: int
    low: int | None
    high: int | None
    names: tuple[str, ...] = ()


def scale_of(fact: Fact) -> Scale:
    """The scale of a fact, of its items where it is a list."""
    kind = str(fact.item_type if fact.type == "list" else fact.type)
    if kind == "boolean":
        return Scale(kind, 1, 0, 1)
    if kind == "enum":
        names = tuple(sorted(fact.value_names))
        return Scale(kind, 1, 0, len(names) - 1, names)
    if kind == "text":
        return Scale(kind, 1, None, None)
    low, high = fact.limits
    if kind == "date":
        return Scale(kind, 1, low.toordinal(), high.toordinal())
    factor = int(1 / Fraction(fact.step)) if kind == "number" else 1
    return Scale(kind, factor, _ceiling(Fraction(low) * factor), (Fraction(high) * factor).__floor__())


def _ceiling(value: Fraction) -> int:
    return value.__ceil__()


class Texts:
    """Texts that conditions name are numbered 0, 1, … as they are met; any other text is below 0."""

    def __init__(self) -> None:
        self._numbers: dict[str, int] = {}

    def number(self, text: str) -> int:
        """The number of a text that a condition names."""
        return self._numbers.setdefault(text, len(self._numbers))

    def text(self, number: int) -> str:
        """A text with that number."""
        if number >= 0:
            return next(text for text, known in self._numbers.items() if known == number)
        found = "some text" if number == -1 else f"some text {-number}"
        while found in self._numbers:
            found += "'"
        return found


def number_of(value: Scalar, scale: Scale, texts: Texts) -> Fraction:
    """The number of a value; a fraction where it lies between two values that the fact can have."""
    if isinstance(value, bool):
        return Fraction(int(value))
    if isinstance(value, date):
        return Fraction(value.toordinal())
    if isinstance(value, str):
        if scale.kind == "text":
            return Fraction(texts.number(value))
        return Fraction(scale.names.index(value) if value in scale.names else -1)
    return Fraction(value) * scale.factor


def value_of(number: int, scale: Scale, texts: Texts) -> Scalar:
    """The value with that number."""
    match scale.kind:
        case "boolean":
            return bool(number)
        case "enum":
            return scale.names[number]
        case "text":
            return texts.text(number)
        case "date":
            return date.fromordinal(number)
    exact = Fraction(number, scale.factor)
    return exact.numerator if exact.denominator == 1 else decimal_of(exact)


def decimal_of(exact: Fraction) -> Decimal:
    """A fraction of tens as a decimal number."""
    digits = 0
    while (exact * 10**digits).denominator != 1:
        digits += 1
    return Decimal((exact * 10**digits).numerator).scaleb(-digits)


def plainness(number: int, fact: Fact, scale: Scale, day: date) -> Any:
    """By which values sort, the plainest first.

    Dates by how far they lie from the day of the check, then the earlier; numbers by how far they lie from 0,
    then the positive; an enum's values as they are declared; false before true; texts that no condition
    names first.
    """
    match scale.kind:
        case "date":
            return abs(number - day.toordinal()), number
        case "enum":
            return [name for name, _ in fact.values].index(scale.names[number])
        case "text":
            return (0, -number) if number < 0 else (1, number)
    return abs(number), -number
