"""The text of a file and where everything in it stands, and what readers of any syntax have in common.

Data are dict (keys always text), list, str, bool, None, int and Decimal. Where each value and key
stands is kept beside the data, under its pointer: the tuple of keys and indexes that lead to it.
"""

from __future__ import annotations

import bisect
import itertools
import re
from collections.abc import Iterable, Mapping
from decimal import Decimal
from functools import cached_property
from typing import Any, Final

from engine.base.diagnostic import NO_FIX, Diagnostic, InvalidInput, Location, QuickFix
from engine.base.diagnostics import Diagnostics
from engine.base.numbers import number_from
from engine.base.plain_text import (
    NOW,
    TextRules,
    composed,
    unfit,
    unseen_breaks,
    unseen_message,
)
from engine.base.record import record

Pointer = tuple[str | int, ...]

_LINE_END: Final = re.compile("\r\n|\r|\n")
MAX_DEPTH: Final = 50
MAX_NODES: Final = 20_000
MOST_UNSEEN: Final = 20
"""So many line breaks that nobody sees are told of, one by one."""


@record
class Span:
    """Where a value stands, in characters; `plain` is true for a YAML scalar without quotes or block."""

    start: int
    end: int
    plain: bool = False


@record
class Document:
    """A file read: its text, its data, and where everything stands."""

    path: str
    text: str
    data: Any
    spans: Mapping[Pointer, Span]
    key_spans: Mapping[Pointer, Span]
    line_starts: tuple[int, ...]

    def place(self, offset: int) -> Location:
        """The line and column of a character offset."""
        line = bisect.bisect_right(self.line_starts, offset)
        return Location(self.path, line, offset - self.line_starts[line - 1] + 1)

    def at(self, pointer: Pointer, *, key: bool = False) -> Location:
        """Where the value (or its key) stands; the nearest enclosing value when it has no place."""
        spans = self.key_spans if key else self.spans
        span = spans.get(pointer)
        while span is None and pointer:
            pointer = pointer[:-1]
            span = self.spans.get(pointer)
        return self.place(span.start) if span else Location(self.path)

    def line(self, number: int) -> str:
        """The text of a line, counted from 1, without its end; one string, however many problems keep it."""
        if number not in self._lines:
            lines = self.line_starts
            end = lines[number] if number < len(lines) else len(self.text)
            self._lines[number] = self.text[lines[number - 1] : end].rstrip("\r\n")
        return self._lines[number]

    @cached_property
    def _lines(self) -> dict[int, str]:
        return {}


class InvalidDocument(InvalidInput):
    """The text of a file has problems, yet its values are known; `source` has them, for further checks."""

    def __init__(self, diagnostics: Iterable[Diagnostic], source: Document) -> None:
        super().__init__(diagnostics)
        self.source = source


def line_starts(text: str) -> tuple[int, ...]:
    """Where each line of a text begins."""
    return (0, *(match.end() for match in _LINE_END.finditer(text)))


class Reader:
    """One file being read: collects places and problems."""

    def __init__(self, path: str, text: str, rules: TextRules = NOW) -> None:
        self.path, self.text, self.rules = path, text, rules
        self.spans: dict[Pointer, Span] = {}
        self.key_spans: dict[Pointer, Span] = {}
        self.problems = Diagnostics()
        self.nodes = 0
        self.complete = True
        """No value is missing from the data."""
        self.source = Document(path, text, None, {}, {}, line_starts(text))

    def read(self) -> Any:
        """The data of the text. Raises InvalidInput where nothing can be read."""
        raise NotImplementedError

    def document(self) -> Document:
        """The file with its data. Raises InvalidDocument, or InvalidInput where a value is missing."""
        if self.rules.strict:
            self._refuse_unseen_breaks()
        data = self.read()
        source = Document(self.path, self.text, data, self.spans, self.key_spans, self.source.line_starts)
        if self.problems:
            raise InvalidDocument(self.problems, source) if self.complete else InvalidInput(self.problems)
        return source

    def _refuse_unseen_breaks(self) -> None:
        """Raises InvalidInput where a line ends for some programs and not for the eye: no line is sure."""
        for offset, name in itertools.islice(unseen_breaks(self.text), MOST_UNSEEN):
            help_text = "Delete it, or begin a new line in its place."
            self.error("unseen-line-break", unseen_message(name), offset, help_text)
        if self.problems:
            raise InvalidInput(self.problems)

    def error(
        self, code: str, message: str, offset: int, help: str | None = None, fix: QuickFix = NO_FIX
    ) -> None:
        """Adds an error at a character, with the line as it stands there: the text may be read only once."""
        at = self.source.place(min(offset, len(self.text)))
        self.problems.error(code, message, at, help, fix=fix, line_text=self.source.line(at.line))

    def fatal(
        self, code: str, message: str, offset: int, help: str | None = None, fix: QuickFix = NO_FIX
    ) -> InvalidInput:
        """Adds an error after which nothing can be read; to be raised."""
        self.error(code, message, offset, help, fix)
        return InvalidInput(self.problems)

    def count_node(self, offset: int, depth: int) -> None:
        """Counts a value. Raises InvalidInput beyond the limits."""
        self.nodes += 1
        if self.nodes > MAX_NODES:
            raise self.fatal("too-many-values", f"The file has more than {MAX_NODES} values.", offset)
        if depth > MAX_DEPTH:
            raise self.fatal("too-deep", f"The file is nested more than {MAX_DEPTH} levels deep.", offset)

    def number(self, text: str, offset: int) -> int | Decimal:
        """A number that is written so; 0 where it is beyond the limits, which is noted."""
        try:
            return number_from(text)
        except ValueError as error:
            self.error("number-too-long", str(error), offset)
            return 0

    def taken_in(self, value: str, offset: int) -> str:
        """A text in the form in which it is compared; what no text may hold is noted."""
        if problem := unfit(value, self.rules):
            code, message, help_text = problem
            self.error(code, message, offset, help_text)
        return composed(value) if self.rules.composes else value

    def name_in(self, mapping: Mapping[str, Any], written: str, offset: int) -> str:
        """A key as it is taken in; as written where the strict rules of today would find two alike."""
        name = self.taken_in(written, offset)
        return written if name in mapping and not self.rules.strict else name

    def add_key(self, mapping: dict[str, Any], key: str, pointer: Pointer, span: Span) -> None:
        """Notes where a key stands, or that it stands twice."""
        if key in mapping:
            first = self.source.place(self.key_spans[(*pointer, key)].start)
            message = f"`{key}` stands twice; it was first given on line {first.line}."
            self.error("duplicate-key", message, span.start, "Keep one of the two.")
        else:
            self.key_spans[(*pointer, key)] = span
