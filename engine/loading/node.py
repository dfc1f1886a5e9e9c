"""A file's data as nodes, each of which knows where it stands and whether its shape is right.

What is wrong goes to the `ParseContext`, once, and an entry (a rule, a fact, a band …) in which something is
wrong is left out and its name remembered, so that the rest can be checked without following errors.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from datetime import date
from typing import Any, TypeVar

from engine.base.dates import parse_date
from engine.base.diagnostic import Location
from engine.base.diagnostics import Diagnostics
from engine.base.read import Document, Pointer, PolicyFile
from engine.base.record import record

Parsed = TypeVar("Parsed")


class UnusableEntry(Exception):
    """The entry being read cannot be used; the problem is in the diagnostics already."""


class ParseContext:
    """One file while it is parsed: its problems, and the names of what had to be left out.

    `misshapen` are the pointers at which its shape is not right. The name `*` stands for any name.
    """

    def __init__(
        self,
        source: Document,
        misshapen: Iterable[Pointer],
        problems: Diagnostics,
        rows_files: tuple[PolicyFile, ...] = (),
    ) -> None:
        self.source = source
        self.rows_files = rows_files
        """Files beside it that may hold rows of its tables."""
        self.misshapen = frozenset(misshapen)
        self.affected = frozenset(
            pointer[:length] for pointer in self.misshapen for length in range(len(pointer) + 1)
        )
        """Where something is wrong at or below."""
        self.problems = problems
        self.broken: list[str] = []

    @property
    def file(self) -> Node:
        """All of the file."""
        return Node(self, (), self.source.data)


@record
class Node:
    """A value and where it stands; `value` is None where there is none, or null."""

    context: ParseContext
    pointer: Pointer
    value: Any

    def __getitem__(self, key: str | int) -> Node:
        """The value of a key, or at an index of a list."""
        value = self.value
        inner = value.get(key) if isinstance(value, dict) else value[key] if isinstance(key, int) else None
        return Node(self.context, (*self.pointer, key), inner)

    def __iter__(self) -> Iterator[Node]:
        """The entries of a mapping or a list; of anything else none."""
        keys = range(len(self.value)) if isinstance(self.value, list) else self.value
        return (self[key] for key in keys) if isinstance(self.value, (list, dict)) else iter(())

    @property
    def name(self) -> Any:
        """The key or index under which it stands."""
        return self.pointer[-1]

    @property
    def present(self) -> bool:
        """Whether there is a value."""
        return self.value is not None

    @property
    def usable(self) -> bool:
        """Whether nothing is wrong with its shape."""
        return self.pointer not in self.context.affected

    def sound(self) -> Node:
        """The same. Raises UnusableEntry when something is wrong with its shape."""
        if not self.usable:
            raise UnusableEntry
        return self

    @property
    def at(self) -> Location:
        """Where the value stands."""
        return self.context.source.at(self.pointer)

    @property
    def key_at(self) -> Location:
        """Where its key stands."""
        return self.context.source.at(self.pointer, key=True)

    def error(
        self, code: str, message: str, help: str | None = None, at: Location | None = None
    ) -> UnusableEntry:
        """Adds an error; to be raised where the entry cannot be used."""
        self.context.problems.error(code, message, at or self.at, help)
        return UnusableEntry()

    def day(self) -> date:
        """The value as a date. Raises UnusableEntry."""
        return self._day(self.value, self.at)

    def day_of_key(self) -> date:
        """The key as a date. Raises UnusableEntry."""
        return self._day(self.name, self.key_at)

    def optional_day(self) -> date | None:
        """The value as a date; None where there is none. Raises UnusableEntry."""
        return self.day() if self.present else None

    def _day(self, text: Any, at: Location) -> date:
        day = parse_date(text)
        if day is None:
            help_text = "Write year-month-day, such as 2026-09-23."
            raise self.error("not-a-date", f"`{text}` is not a date of the calendar.", help_text, at)
        return day

    def names(self) -> tuple[tuple[str, Location], ...]:
        """The texts of a list, each with its place."""
        return tuple((entry.value, entry.at) for entry in self)

    def entries(self) -> Iterator[Node]:
        """The entries that can be used; the others are noted as broken."""
        if self.pointer in self.context.misshapen:
            self.context.broken.append("*")
            return
        for entry in self:
            if entry.usable:
                yield entry
            else:
                entry.leave_out()

    def each(self, read: Callable[[Node], Parsed]) -> tuple[Parsed, ...]:
        """What is read of the entries that can be used; the others are noted as broken."""
        entries = []
        for entry in self.entries():
            try:
                entries.append(read(entry))
            except UnusableEntry:
                entry.leave_out()
        return tuple(entries)

    def leave_out(self) -> None:
        """Remembers the name of an entry that cannot be used: a fact's, a band's …, a rule's full name."""
        if isinstance(self.name, str):
            self.context.broken.append(self.name)
        elif isinstance(self.value, dict) and isinstance(self["id"].value, str):
            self.context.broken.append(f"{self.context.file['policy'].value}/{self['id'].value}")
