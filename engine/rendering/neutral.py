"""Texts without power over whatever shows them.

Strings of a report come from policy files and facts files, which anybody may have written. They are made
neutral once, for the whole report, so that no renderer can forget a field.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date
from decimal import Decimal
from types import NoneType
from typing import Any

from engine.base.record import values_of
from engine.language.report import Because, Item, Report

# What shows nothing and does nothing that advice needs; it comes along with text copied from web pages.
_SILENT = dict.fromkeys(map(ord, "\u00ad\u061c\u180e\u200b\u200e\u200f\u2060\ufeff"))
# Controls, embeddings and overrides of direction, invisible "tag" characters, lone surrogates.
_HARMFUL = (
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u202a-\u202e\u2061-\u206f\ufff9-\ufffb\ufffe\uffff"
    "\ud800-\udfff\U000e0000-\U000e007f]"
)
_NEW_LINE = "\r\n?|[\x85\u2028\u2029]"


def _stand_in(match: re.Match[str]) -> str:
    code = ord(match[0])
    # The pictures of control characters (␛ for escape) tell the reader that something stood there.
    return chr(0x2400 + code) if code < 0x20 else "␡" if code == 0x7F else "\ufffd"


def neutral_text(text: str) -> str:
    """A text without characters that could steer a terminal or reorder what is read."""
    if text.isprintable():  # then it holds no control, format or surrogate character
        return text
    text = re.sub(_NEW_LINE, "\n", text).replace("\t", " ").translate(_SILENT)
    return re.sub(_HARMFUL, _stand_in, text)


def neutral(report: Report, text: Callable[[str], str] = neutral_text) -> Report:
    """The same report, with every string in it made neutral."""
    made: Report = _neutral(report, text)
    return made


def _neutral(value: Any, text: Callable[[str], str]) -> Any:  # any value a report may hold
    if isinstance(value, str):
        return text(value)
    if isinstance(value, (Because, Item)):
        return type(value)(*[_neutral(part, text) for part in value])
    if isinstance(value, tuple):
        return tuple(_neutral(part, text) for part in value)
    if isinstance(value, (date, Decimal, int, NoneType)):
        return value
    return type(value)(*[_neutral(part, text) for part in values_of(value)])
