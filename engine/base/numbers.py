"""Numbers as they are read, and as they were written: `0417` is 417, and a text that was left unquoted."""

from __future__ import annotations

import re
from decimal import Context, Decimal, Inexact, InvalidOperation, Overflow
from typing import Any, Final

MAX_NUMBER_LENGTH: Final = 100
MAX_EXPONENT: Final = 999
EXACT: Final = Context(prec=4000, traps=[Inexact, InvalidOperation, Overflow])
"""Arithmetic with room for any numbers that can be read: it rounds nothing, or raises ArithmeticError."""
JSON_NUMBER: Final = re.compile(r"-?(0|[1-9][0-9]*)(\.[0-9]+)?([eE][-+]?[0-9]+)?")
_EXPONENT: Final = re.compile("[eE]([-+]?[0-9]+)$")


class WrittenInteger(int):
    """A whole number that is not written as it is shown, such as `0417` or `+5`."""

    written: str


class WrittenDecimal(Decimal):
    """A number that is not written as it is shown, such as `1e3` or `.5`."""

    written: str


def number_from(text: str) -> int | Decimal:
    """The number that digits stand for, with a point or an exponent. Raises ValueError, with why not."""
    if len(text) > MAX_NUMBER_LENGTH:
        raise ValueError("This number has too many digits.")
    exponent = _EXPONENT.search(text)
    if exponent and abs(int(exponent[1])) > MAX_EXPONENT:
        raise ValueError("This number is too large, or too fine.")
    number: int | Decimal
    written: WrittenInteger | WrittenDecimal
    if text.lstrip("+-").isdigit():
        number = int(text)
        if str(number) == text:
            return number
        written = WrittenInteger(number)
    else:
        number = Decimal(text)
        if f"{number:f}" == text:
            return number
        written = WrittenDecimal(number)
    written.written = text
    return written


def plain(value: Any) -> Any:
    """A value that does not know any more how it was written."""
    if isinstance(value, WrittenInteger):
        return int(value)
    return Decimal(value) if isinstance(value, WrittenDecimal) else value


def as_written(value: Any) -> str:
    """A value outside quotation marks, as its author wrote it where that is known."""
    if isinstance(value, bool):
        return "true" if value else "false"
    return getattr(value, "written", None) or str(value)
