"""Texts filled with an applicant's values, and values in words."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date
from decimal import Decimal
from typing import Final

from engine.language.field_words import PLAIN, Formats
from engine.language.model import Fact, Value
from engine.language.policy_set import PlacedText


class Words(dict[str, str]):
    """Fact name -> its value in words, each worked out when it is first asked for."""

    def __init__(self, values: Mapping[str, Value], facts: Mapping[str, Fact]) -> None:
        super().__init__()
        self._values, self._facts = values, facts

    def __missing__(self, name: str) -> str:
        value = self._values.get(name)
        text = self[name] = in_words(value, self._facts[name])
        return text


def fill(text: PlacedText, words: Mapping[str, str]) -> str:
    """The text with values in place of its placeholders."""
    parts = text.parts
    if len(parts) == 1:
        return parts[0]
    return "".join([words[part] if index % 2 else part for index, part in enumerate(parts)])


def as_written(text: PlacedText) -> str:
    """The text with its placeholders, as a policy has it."""
    parts = (
        f"{{{part.partition('@')[0]}}}" if index % 2 else part.replace("{", "{{").replace("}", "}}")
        for index, part in enumerate(text.parts)
    )
    return "".join(parts)


def in_words(value: Value | None, fact: Fact) -> str:
    """A value as a person reads it: dates in both forms, enums by their label, unknown as such."""
    if value is None:
        return "not known"
    if isinstance(value, tuple):
        between = (fact.formats or PLAIN).between
        return between.join(_scalar_in_words(item, fact) for item in value) or "none"
    return _scalar_in_words(value, fact)


def _scalar_in_words(value: Value, fact: Fact) -> str:
    formats = fact.formats
    if formats is not None and type(value) is not bool:
        if isinstance(value, date):
            return formats.day(value)
        if isinstance(value, int | Decimal):
            return formats.number(value, fact.step, fact.unit)
    write = _WRITERS.get(type(value))
    if write is not None:
        return write(value)
    return fact.labels.get(str(value), str(value))


def settled_in_words(value: Value | None, fact: Fact) -> str:
    """What an implication does with a fact: `makes it yes`; None leaves it without a value."""
    return "leaves it without a value" if value is None else f"makes it {in_words(value, fact)}"


def date_in_words(day: date, formats: Formats = PLAIN) -> str:
    """`2026-09-21 (21 September 2026)`, or as is declared; whatever the machine's locale."""
    return formats.day(day)


_WRITERS: Final[Mapping[type, Callable[..., str]]] = {
    bool: lambda value: "yes" if value else "no",
    int: str,
    Decimal: lambda value: f"{value:f}",
    date: PLAIN.day,
}
