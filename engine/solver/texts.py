"""Values as numbers for the solver: texts are numbered as they are met; which numbers are plain."""

from __future__ import annotations

from datetime import date
from fractions import Fraction
from typing import Any

from engine.language.domain import Domain
from engine.language.model import Fact, Scalar


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
        text = "some text" if number == -1 else f"some text {-number}"
        while text in self._numbers:
            text += "'"
        return text


def number_of(value: Scalar, domain: Domain, texts: Texts) -> Fraction:
    """The number of a value; a fraction where it lies between two values that the fact can have."""
    if domain.kind == "text" and isinstance(value, str):
        return Fraction(texts.number(value))
    return domain.number(value)


def value_of(number: int, domain: Domain, texts: Texts) -> Scalar:
    """The value with that number."""
    return texts.text(number) if domain.kind == "text" else domain.value(number)


def plainness(number: int, fact: Fact, domain: Domain, day: date) -> Any:
    """By which values sort, the plainest first.

    Dates by how far they lie from the day of the check, then the earlier; numbers by how far they lie from 0,
    then the positive; an enum's values as they are declared; false before true; texts that no condition
    names first.
    """
    match domain.kind:
        case "date":
            return abs(number - day.toordinal()), number
        case "enum":
            return [name for name, _ in fact.values].index(domain.names[number])
        case "text":
            return (0, -number) if number < 0 else (1, number)
    return abs(number), -number
