"""A cell of a decision table that is text: a mark, a value, or a range."""

from __future__ import annotations

import re
from typing import Any, Final

from engine.base.diagnostic import Location
from engine.base.numbers import JSON_NUMBER, number_from
from engine.language.model import CellMark, Comparison, Condition
from engine.language.operators import Operator

_MARKS: Final[dict[Any, CellMark]] = {"-": "any", "?": "not known", "absent": "absent"}
_SIGNS: Final[dict[str, Operator]] = {"<=": "at_most", ">=": "at_least", "<": "below", ">": "above"}
_COMPARED: Final = re.compile(r"(<=|>=|<|>)\s*(\S.*)", re.DOTALL)
_RANGE: Final = re.compile(r"(\S*?)\s*\.\.\s*(\S*)")


def text_cell(column: str, value: str, at: Location) -> Condition | CellMark:
    """A cell that is text: a mark, a value, or a range."""
    if value in _MARKS:
        return _MARKS[value]
    if compared := _COMPARED.fullmatch(value):
        return Comparison(column, _SIGNS[compared[1]], literal(compared[2]), at)
    if ends := _RANGE.fullmatch(value):
        return Comparison(column, "between", (literal(ends[1]), literal(ends[2])), at)
    return Comparison(column, "is", value, at)


def literal(text: str) -> Any:
    """The end of a range: a number where it reads as one, else text, which may be a date."""
    return number_from(text) if JSON_NUMBER.fullmatch(text) and len(text) < 100 else text
