"""The form of every cell of an audit file, and of what is packed in it, as this program writes them.

Whoever can write the file can put anything there. So no cell is used before its form was seen.
"""

from __future__ import annotations

import json
import re
import zlib
from collections.abc import Callable, Iterator
from datetime import date
from decimal import Decimal
from typing import Any, Final

from engine.base.plain_text import holds_half_a_character
from engine.rendering.neutral import neutral_text

Form = Callable[[Any], bool]

MOST_BYTES: Final = 64 * 1024 * 1024
"""A text that unpacks to more was not packed by us: facts files and policies are far smaller."""


class Malformed(ValueError):
    """Something in the file is not in the form in which it is written; the message says what."""


def _text(pattern: str = r".*") -> Form:
    whole = re.compile(pattern, re.DOTALL)

    def is_text(cell: Any) -> bool:
        return type(cell) is str and whole.fullmatch(cell) is not None and not holds_half_a_character(cell)

    return is_text


def _bytes(length: int | None = None, unit: int = 1) -> Form:
    return lambda cell: type(cell) is bytes and (len(cell) == length if length else len(cell) % unit == 0)


def _number(cell: Any) -> bool:
    return type(cell) is int and cell >= 0


def _day(cell: Any) -> bool:
    if type(cell) is not str or len(cell) not in (0, 10):
        return False
    try:
        return not cell or date.fromisoformat(cell).isoformat() == cell
    except ValueError:
        return False


_ANY_TEXT = _text()
_DIGEST = _text(r"[0-9a-f]{64}")
_TIME = _text(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ")
_NUMBERS = r"[1-9]\d{0,17}(%s[1-9]\d{0,17})*"

CELLS: Final[dict[str, dict[str, Form]]] = {
    "text": {"digest": _DIGEST, "content": _bytes()},
    "folder": {"digest": _DIGEST, "files": _ANY_TEXT},
    "basis": {"id": _number, "digest": _DIGEST, "folder": _DIGEST, "said": _ANY_TEXT},
    "basis_file": {"policy": _ANY_TEXT, "version": _ANY_TEXT, "basis": _number},
    "rule": {
        "id": _number,
        "said": _text(r"\S+ \S+( \S+#\S+)*"),
        "name": _text(r"\S+"),
        "version": _text(r"\S+"),
    },
    "rule_cite": {"source": _ANY_TEXT, "anchor": _ANY_TEXT, "rule": _number},
    "entry": {
        "id": _number,
        "kind": _text("report|outcome|removal"),
        "made_at": _TIME,
        "made_by": _ANY_TEXT,
        "as_of": _day,
        "tool": _ANY_TEXT,
        "engine": _ANY_TEXT,
        "python": _ANY_TEXT,
        "basis": _number,
        "about": _text(rf"\[({_NUMBERS % ', '})?\]"),
        "commitment": _bytes(32),
        "chain": _bytes(32),
    },
    "content": {
        "entry": _number,
        "applicant": lambda cell: cell is None or _ANY_TEXT(cell),
        "salt": _bytes(32),
        "given": _text(rf"({_NUMBERS % ','})?"),
        "facts": _bytes(),
        "body": _bytes(),
    },
    "given": {"rule": _number, "batch": _number, "records": _bytes(unit=4), "people": _bytes(unit=8)},
    "signature": {"entry": _number, "key": _DIGEST, "made_at": _TIME, "value": _bytes(64)},
    "pending": {"wipe": _text("pages|log")},
}
"""Each table's columns in their order, with the form of their cells."""


def malformed_cells(table: str, row: tuple[Any, ...]) -> Iterator[str]:
    """What is not in its form, each by its record (or table and row) and column."""
    bad = [column for (column, form), cell in zip(CELLS[table].items(), row, strict=True) if not form(cell)]
    for column in bad:
        yield malformed(_row_name(table, row), column)
    if table == "entry" and not bad:
        _, kind, _, _, as_of, *_, about, _, _ = row
        if (kind == "report") != (about == "[]") or (kind == "outcome" and "," in about):
            yield f"Record {row[0]}: `about` was altered; a {kind} has another."
        elif kind == "report" and not as_of:
            yield f"Record {row[0]}: `as_of` was altered; a report is for a day."


def malformed(row: str, column: str) -> str:
    """The words for a cell that has not its form."""
    return f"{row}: `{column}` was altered; it has not the form that is written."


def altered_content(number: int) -> str:
    """The words for a content to which the chain does not bind."""
    return f"Record {number}: the facts, the report or the rules it names were altered."


def _row_name(table: str, row: tuple[Any, ...]) -> str:
    if table in ("entry", "content"):
        return f"Record {row[0]}"
    key = neutral_text(row[0]) if isinstance(row[0], str) else repr(row[0])
    return f"Table `{table}`, row `{key[:64]}`"


# -- what is packed in a cell -------------------------------------------------------------------------

_RULE = {"rule": str}
REPORT_SHAPE: Final = {
    "produced_by": {"tool": str},
    "as_of": str,
    "facts_digest": str,
    "policies": {"digest": str, "in_force": [{"policy": str, "version": str, "path": str, "digest": str}]},
    "banners": [{"text": str}],
    "advice": [
        {**_RULE, "rank": int, "title": str, "version": str, "at": {"path": str, "line": int}},
    ],
    "undetermined": [_RULE],
    "suppressed": [{**_RULE, "by": str}],
    "bands": dict,
    "findings": dict,
}
"""What is read of a recorded report."""
OUTCOME_SHAPE: Final = {"item": str, "rule": str, "accepted": bool, "reason": str}
FILES_SHAPE: Final = [(str, str)]
BASIS_SHAPE: Final = (str, bool, [(str, str, str, str)])


def fits(value: Any, shape: Any) -> bool:
    """Whether data from JSON has a shape: a type, a list of a shape, a list of just these, keys."""
    if isinstance(shape, list):
        return isinstance(value, list) and all(fits(each, shape[0]) for each in value)
    if isinstance(shape, tuple):
        return (
            isinstance(value, list)
            and len(value) == len(shape)
            and all(fits(*pair) for pair in zip(value, shape, strict=True))
        )
    if isinstance(shape, dict):
        return isinstance(value, dict) and all(fits(value.get(key), inner) for key, inner in shape.items())
    return type(value) is shape and not (shape is str and holds_half_a_character(value))


def unpacked(content: object) -> bytes:
    """What was packed. Raises Malformed."""
    if type(content) is not bytes:
        raise Malformed("what should be packed in it is not")
    inflater = zlib.decompressobj()
    try:
        text = inflater.decompress(content, MOST_BYTES)
    except zlib.error:
        raise Malformed("what is packed in it cannot be unpacked") from None
    if not inflater.eof or inflater.unused_data:
        raise Malformed("what is packed in it is longer or shorter than it was")
    return text


def data_of(text: str | bytes, shape: Any) -> Any:
    """JSON of a shape, numbers as they stand. Raises Malformed."""
    try:
        value = json.loads(text, parse_float=Decimal)
    except (ValueError, RecursionError):
        raise Malformed("what is packed in it is no JSON") from None
    if not fits(value, shape):
        raise Malformed("what is packed in it is not what is written there")
    return value


def check_packed(kind: str, facts: bytes, body: bytes) -> None:
    """Looks at what a content has packed. Raises Malformed."""
    if facts:
        data_of(unpacked(facts), dict)
    data_of(unpacked(body), REPORT_SHAPE if kind == "report" else OUTCOME_SHAPE)
