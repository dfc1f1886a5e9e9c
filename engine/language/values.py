"""Values as people write them, with the type, precision and range that a fact declares."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date
from decimal import Context, Decimal
from typing import Any as AnyType
from typing import Final

from engine.base.dates import parse_date
from engine.base.diagnostic import QuickFix, correction, did_you_mean
from engine.base.numbers import as_written
from engine.base.quick_fixes import boolean_fix, date_fix, quoted
from engine.language.model import Fact, Scalar, Value

TYPE_WORDS: Final = {
    "boolean": "true or false",
    "integer": "a whole number",
    "number": "a number",
    "enum": "one of its values",
    "date": "a date",
    "text": "text",
    "list": "a list",
}


_EXACTLY: Final = Context(prec=3000)
"""Enough digits for any number that can be read: nothing is rounded."""


def step_of(value: int | Decimal) -> Decimal:
    """The precision of a written number: 1, 0.1, 0.01 …"""
    exponent = Decimal(value).normalize().as_tuple().exponent
    return Decimal(1).scaleb(min(int(exponent), 0))


Problem = tuple[str, str | None]
"""A message and what to write instead."""


def typed(value: AnyType, fact: Fact, *, item: bool = False) -> tuple[Value | None, Problem | None]:
    """A value as read, with the type of the fact (or of a list fact's items), or what is wrong with it."""
    kind = fact.item_type if item else fact.type
    name = f"`{fact.name}`"
    if kind == "list":
        return _typed_list(value, fact)
    if kind == "boolean":
        if isinstance(value, bool):
            return value, None
        help_text = f"Write {boolean_fix(value) or 'true or false'}."
        return None, (f"{name} is true or false; this is {show(value)}.", help_text)
    if kind in ("integer", "number"):
        return _typed_number(value, fact)
    if kind == "date" and (isinstance(value, str) or type(value) is date):
        return _typed_date(value, fact)
    if not isinstance(value, str):
        return None, (
            f"{name} is {TYPE_WORDS[str(kind)]}; this is {show(value)}.",
            _text_help(kind, fact, value),
        )
    if kind == "enum" and value not in fact.value_names:
        words = ", ".join(known for known, _ in fact.values)
        return None, (
            f"{name} cannot be `{value[:60]}`.",
            did_you_mean(value, fact.value_names) or f"It is one of {words}.",
        )
    return value, None


def _text_help(kind: AnyType, fact: Fact, value: AnyType) -> str | None:
    if kind == "date":
        return "Write year-month-day, such as 2026-09-23."
    if kind == "enum" and as_written(value) not in fact.value_names:
        return f"It is one of {', '.join(known for known, _ in fact.values)}."
    if isinstance(value, bool):
        return "Put it in quotation marks."  # whether as `True` or as `true` is not known here
    return f'Put it in quotation marks: "{as_written(value)}".' if isinstance(value, int | Decimal) else None


def _typed_list(value: AnyType, fact: Fact) -> tuple[Value | None, Problem | None]:
    if not isinstance(value, (list, tuple)):
        return None, (f"`{fact.name}` is a list; this is {show(value)}.", "Write it in brackets: […].")
    items: list[Scalar] = []
    for entry in value:
        item, problem = typed(entry, fact, item=True)
        if problem is not None:
            return None, problem
        items.append(item)  # type: ignore[arg-type]  # an item is a scalar
    if fact.distinct and len(set(items)) != len(items):
        repeated = next(entry for entry in items if items.count(entry) > 1)
        return None, (f"`{fact.name}` lists {show(repeated)} twice.", "Keep one of them.")
    return tuple(items), None


def _typed_number(value: AnyType, fact: Fact) -> tuple[Value | None, Problem | None]:
    kind = fact.value_type
    if isinstance(value, float):
        value = Decimal(repr(value))
    if isinstance(value, bool) or not isinstance(value, (int, Decimal)):
        help_text = "Write it without quotation marks." if _looks_numeric(value) else None
        return None, (f"`{fact.name}` is {TYPE_WORDS[kind]}; this is {show(value)}.", help_text)
    if isinstance(value, Decimal) and not value.is_finite():
        return None, (f"`{fact.name}` is {TYPE_WORDS[kind]}; this is none.", None)
    outside = _outside(value, fact)
    if outside is not None:
        return None, outside
    if isinstance(value, int):
        return int(value), None
    if value == value.to_integral_value():
        return int(value), None
    if kind == "integer":
        return None, (
            f"`{fact.name}` is a whole number; this is {show(value)}.",
            f"Write {round(value)}, if that is right.",
        )
    if _EXACTLY.remainder(value, fact.step):
        message = f"`{fact.name}` is given to {fact.step} at the finest; this is {show(value)}."
        return None, (message, f"Write {_EXACTLY.quantize(value, fact.step)}, if that is right.")
    return value.normalize(_EXACTLY), None


def _outside(value: AnyType, fact: Fact) -> Problem | None:
    low, high = fact.limits
    if low <= value <= high:
        return None
    unit = f" {fact.unit}" if fact.unit else ""
    shown = "This number" if not isinstance(value, date) and abs(value) > 10**15 else show(value)
    return (
        f"{shown} is not possible for `{fact.name}`.",
        f"It lies between {show(low)} and {show(high)}{unit}.",
    )


def _typed_date(value: str | date, fact: Fact) -> tuple[Value | None, Problem | None]:
    """`value` is a date already where it comes from Python, or was checked before."""
    day = parse_date(value) if isinstance(value, str) else value
    if day is None:
        help_text = "Write year-month-day, such as 2026-09-23, without a time."
        return None, (f"`{fact.name}` is a date; `{str(value)[:60]}` is not one of the calendar.", help_text)
    outside = _outside(day, fact)
    return (None, outside) if outside is not None else (day, None)


def _looks_numeric(value: AnyType) -> bool:
    return isinstance(value, str) and value.strip().replace(".", "", 1).lstrip("-").isdigit()


def show(value: AnyType) -> str:
    """A value as an advisor would write it, cut to a readable length."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, str):
        return f"`{value[:60]}{'…' if len(value) > 60 else ''}`" if value else "empty text"
    if isinstance(value, (list, tuple)):
        return "a list"
    if isinstance(value, dict):
        return "a mapping"
    if value is None:
        return "nothing"
    if type(value) is Decimal and abs(value.adjusted()) < 30:
        return f"{value:f}"
    return as_written(value)[:40]


def dated_value_in_words(value: AnyType) -> str:
    """A value of a parameter: `225`, `[1, 3]`, or of a keyed one `child: 2, adult: 4`."""
    if isinstance(value, Mapping):
        return ", ".join(f"{key}: {dated_value_in_words(each)}" for key, each in value.items())
    if isinstance(value, tuple):
        return f"[{', '.join(map(dated_value_in_words, value))}]"
    return value if isinstance(value, str) else show(value)


def value_fix(value: AnyType, fact: Fact) -> QuickFix:
    """A value of a condition that the fact cannot have."""
    kind = fact.value_type
    if isinstance(value, str):
        match kind:
            case "enum":
                return value, correction(value, fact.value_names)
            case "boolean":
                return value, boolean_fix(value)
            case "date":
                return value, date_fix(value)
            case "integer" | "number" if re.fullmatch(r"-?[0-9]+(\.[0-9]+)?", value):
                return f'"{value}"', value
        return value or None, None
    written = as_written(value)
    if kind == "text" or (kind == "enum" and written in fact.value_names):
        return written, quoted(written)
    return written, None
