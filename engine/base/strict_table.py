"""Tables as text (CSV): names in the first line, then a record a line; commas, semicolons or tabs between.

As strict as the reader of JSON, and a line at a time, so that a table may be as long as it likes. A cell lies
on one line; in quotation marks where it holds what parts cells, with `""` for each quotation mark within it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Final, Literal

from engine.base.counted import counted
from engine.base.dates import parse_date
from engine.base.diagnostic import InvalidInput, Location
from engine.base.diagnostics import Diagnostics
from engine.base.numbers import JSON_NUMBER, number_from
from engine.base.plain_text import composed, unseen_message, unseen_name
from engine.base.quick_fixes import date_fix
from engine.base.record import record

MOST_COLUMNS: Final = 2_000
MOST_PROBLEMS: Final = 100
"""So many problems are told of, one by one."""
ITEMS: Final = ";"
"""Between the items of a list, in one cell."""
NO_ITEMS: Final = "[]"
_PARTED_BY: Final = {",": "commas", ";": "semicolons", "\t": "tabs"}
_NO_PART: Final = re.compile(r" *\||(?<=\S)\s+(?=\S)")
"""What parts the names in the first line of a table as it is not read."""
_TRUTH: Final = {"true": True, "yes": True, "false": False, "no": False}
_NOT_IN_A_LINE: Final = re.compile("[\0-\x08\x0b-\x1f\x7f-\x9f\u2028\u2029]")
_QUOTED: Final = re.compile('"[^"]*(?:""[^"]*)*"')
_BLANKS: Final = re.compile(" *")

ColumnKind = Literal["boolean", "number", "date", "text"]


@record
class Column:
    """As what the cells of a column are read (a date as its text); `several`: as a list of them."""

    kind: ColumnKind = "text"
    several: bool = False


@record
class TableRow:
    """A record: its line, and what it gives, by the names of the columns; an empty cell gives nothing."""

    line: int
    values: Mapping[str, Any]
    table: InputTable
    text: str

    def at(self, column: str) -> Location:
        """Where the cell of a column stands; the line itself where there is no such column."""
        names = self.table.names
        start = self.table.cells(self.text)[names.index(column)][0] if column in names else 0
        return Location(self.table.path, self.line, start + 1)


class _MalformedCell(Exception):
    """What is wrong in a line, at which character, and what to write instead."""


class InputTable:
    """A table being read from its lines; what is wrong goes to `problems`, and the rest is read all the same.

    Raises InvalidInput where nothing more can be read.
    """

    def __init__(self, lines: Iterable[bytes], path: str, problems: Diagnostics) -> None:
        self.path = path
        self._problems = problems
        self._before = len(problems)
        self._lines = iter(enumerate(lines, 1))
        self._parted_by = ","
        self._head = self._read_head()
        self.names = tuple(name for _, name in self._head)

    def head_at(self, name: str) -> Location:
        """Where a column is named."""
        return self._at(1, self._head[self.names.index(name)][0])

    def rows(self, columns: Mapping[str, Column]) -> Iterator[TableRow]:
        """The records in which nothing is wrong, each as it is read; columns that are not named are text."""
        if not self.names:
            return  # which was told
        readers = [(name, columns.get(name, Column())) for name in self.names]
        any_rows = False
        for number, text in self._texts():
            if not text.strip(f" \t{self._parted_by}"):
                continue
            any_rows = True
            values = self._values(number, text, readers)
            if values is not None:
                yield TableRow(number, values, self, text)
        if not any_rows and len(self._problems) == self._before:
            message = "The table has names in its first line, and no rows below it."
            self._problems.error("empty-table", message, Location(self.path))

    def cells(self, text: str) -> list[tuple[int, str]]:
        """The cells of a line, each with where it begins. Raises _MalformedCell."""
        parted_by = self._parted_by
        if '"' not in text:
            cells, start = [], 0
            for cell in text.split(parted_by):
                cells.append((start + len(cell) - len(cell.lstrip(" \t")), cell.strip(" \t")))
                start += len(cell) + 1
            return cells
        return list(_quoted_cells(text, parted_by))

    def _at(self, line: int, offset: int) -> Location:
        return Location(self.path, line, offset + 1)

    def error(self, code: str, message: str, line: int, offset: int, text: str, help: str | None) -> None:
        """Adds an error at a character of a line."""
        self._problems.error(code, message, self._at(line, offset), help, line_text=text)

    def _read_head(self) -> list[tuple[int, str]]:
        number, content = next(self._lines, (0, b""))
        text = self._text(number, content)
        if text is None:
            return []
        if not text.strip():
            message = "The table is empty." if not number else "The first line of the table names no columns."
            self._problems.error("empty-table", message, Location(self.path))
            return []
        outside = _QUOTED.sub(lambda quoted: "_" * len(quoted[0]), text)
        used = sorted((outside.index(mark), mark) for mark in _PARTED_BY if mark in outside)
        if len(used) > 1:
            kinds = " and ".join(_PARTED_BY[mark] for _, mark in used)
            help_text = "Save the table with one of them between all cells."
            message = f"The names are parted by {kinds}."
            self.error("table-head", message, number, used[1][0], text, help_text)
            return []
        if not used and (parted := _NO_PART.search(outside)):
            kind = "bars (`|`)" if "|" in parted[0] else "blanks"
            message = f"The names seem to be parted by {kind}; a table has commas, semicolons or tabs."
            help_text = "Save it as CSV, or put one of these between all cells."
            self.error("table-head", message, number, parted.start(), text, help_text)
            return []
        self._parted_by = used[0][1] if used else ","
        try:
            head = [(start, composed(name)) for start, name in self.cells(text)]
        except _MalformedCell as malformed:
            message, offset, help_text = malformed.args
            self.error("table-head", message, number, offset, text, help_text)
            return []
        if len(head) > MOST_COLUMNS:
            message = f"The table has more than {MOST_COLUMNS:,} columns."
            self.error("table-head", message, number, head[MOST_COLUMNS][0], text, "Is it the right file?")
            return []
        seen: set[str] = set()
        for start, name in head:
            if not name:
                help_text = "Name it, or delete the column."
                self.error("table-head", "A column has no name.", number, start, text, help_text)
            elif name in seen:
                message = f"Two columns are called `{name[:100]}`."
                self.error("table-head", message, number, start, text, "Keep one of the two.")
            seen.add(name)
        return head

    def _texts(self) -> Iterator[tuple[int, str]]:
        """The lines that can be looked at, numbered; none any more after many problems."""
        for number, content in self._lines:
            if len(self._problems) - self._before >= MOST_PROBLEMS:
                message = "There may be more from here on; so many problems are told at once."
                self._problems.error("table-row", message, Location(self.path, number))
                return
            text = self._text(number, content)
            if text is not None:
                yield number, text

    def _text(self, number: int, content: bytes) -> str | None:
        """A line without its end; None where it holds what no line may."""
        text = self._decoded(content, number)
        bad = _NOT_IN_A_LINE.search(text)
        if bad is None:
            return text
        if name := unseen_name(bad[0]):
            help_text = "Delete it."
            if bad[0] == "\r":
                help_text = "Save the table with usual line ends (in Excel: Save as …, CSV UTF-8)."
            self.error("unseen-line-break", unseen_message(name), number, bad.start(), text, help_text)
        else:
            message = f"The character U+{ord(bad[0]):04X} is not allowed in a table."
            self.error("table-row", message, number, bad.start(), text, "Delete it; it may be invisible.")
        return None

    def _decoded(self, content: bytes, number: int) -> str:
        try:
            text = content.decode("utf-8-sig" if number == 1 else "utf-8")
        except UnicodeDecodeError as error:
            offset = len(content[: error.start].decode())
            help_text = "Save it as UTF-8 (in Excel: Save as …, CSV UTF-8)."
            message = "The file is not UTF-8 text."
            raise InvalidInput.error("not-utf8", message, self._at(number, offset), help_text) from None
        return text.removesuffix("\n").removesuffix("\r")

    def _values(self, number: int, text: str, readers: list[tuple[str, Column]]) -> Mapping[str, Any] | None:
        """What a record gives; None where something is wrong with it."""
        try:
            cells = self.cells(text)
        except _MalformedCell as malformed:
            message, offset, help_text = malformed.args
            self.error("table-row", message, number, offset, text, help_text)
            return None
        if len(cells) != len(readers):
            has, names = counted(len(cells), "cell"), counted(len(readers), "column")
            mark = "tab" if self._parted_by == "\t" else _PARTED_BY[self._parted_by][:-1]
            help_text = f"A cell that holds a {mark} stands in quotation marks."
            message = f"This line has {has}; the first line names {names}."
            self.error("table-row", message, number, 0, text, help_text)
            return None
        values: dict[str, Any] = {}
        sound = True
        for (name, column), (start, cell) in zip(readers, cells, strict=True):
            if not cell:
                continue
            try:
                values[name] = _read(cell, column)
            except ValueError as error:
                message, help_text = error.args
                self.error("table-cell", f"`{name}`: {message}", number, start, text, help_text)
                sound = False
        return values if sound else None


def _quoted_cells(text: str, parted_by: str) -> Iterator[tuple[int, str]]:
    """The cells of a line with quotation marks, each with where it begins. Raises _MalformedCell."""
    start = 0
    while start <= len(text):
        begin = _after_blanks(text, start)
        if text.startswith('"', begin):
            quoted = _QUOTED.match(text, begin)
            if quoted is None:
                help_text = "Close it; a cell lies on one line."
                raise _MalformedCell("This quotation mark is not closed on its line.", begin, help_text)
            end = _after_blanks(text, quoted.end())
            if end < len(text) and text[end] != parted_by:
                help_text = 'Write "" for a quotation mark within a cell.'
                raise _MalformedCell("A cell goes on after its closing quotation mark.", end, help_text)
            yield begin, quoted[0][1:-1].replace('""', '"')
        else:
            found = text.find(parted_by, start)
            end = len(text) if found < 0 else found
            mark = text.find('"', start, end)
            if mark >= 0:
                help_text = 'Put the whole cell in quotation marks, and write "" for each within it.'
                raise _MalformedCell("A quotation mark stands within a cell.", mark, help_text)
            yield begin, text[start:end].strip(" \t")
        start = end + 1


def _after_blanks(text: str, start: int) -> int:
    match = _BLANKS.match(text, start)
    return match.end() if match else start


def _read(cell: str, column: Column) -> Any:
    """A cell as its column says. Raises ValueError with a message and what to write instead."""
    if not column.several:
        return _scalar(cell, column)
    if cell == NO_ITEMS:
        return []
    items = [item.strip() for item in cell.split(ITEMS)]
    if not all(items):
        raise ValueError("an item of the list is missing.", f"Write {ITEMS} between two items only.")
    return [_scalar(item, column) for item in items]


def _scalar(text: str, column: Column) -> Any:
    shown = f"`{text[:60]}`"
    if column.kind == "boolean":
        truth = _TRUTH.get(text.lower())
        if truth is None:
            raise ValueError(f"{shown} is neither yes nor no.", "Write yes or no (or true or false).")
        return truth
    if column.kind == "number":
        if not JSON_NUMBER.fullmatch(text):
            raise ValueError(f"{shown} is no number.", "Write digits, with a point before decimals: 7.5.")
        try:
            return number_from(text)
        except ValueError as error:
            raise ValueError(str(error), None) from None
    if column.kind == "date" and parse_date(text) is None:
        help_text = "Write YYYY-MM-DD, such as 2026-09-23; a spreadsheet can format the whole column so."
        meant = date_fix(text)
        raise ValueError(f"{shown} is no date, year-month-day.", f"Write {meant}." if meant else help_text)
    return composed(text)
