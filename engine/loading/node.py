"""A file's data as nodes, each of which knows where it stands and whether its shape is right.

What is wrong is noted once, in the `Reading`, and an entry (a rule, a fact, a band …) in which something is
wrong is left out and its name remembered, so that the rest can be checked without following errors.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from datetime import date
from typing import Any, TypeVar

from engine.base.dates import parse_date
from engine.base.diagnostic import Diagnostic, Location
from engine.base.read import Document, Pointer
from engine.base.record import record

Read = TypeVar("Read")


class Malformed(Exception):
    """The entry being read cannot be used; the problem is already noted."""


class Reading:
    """One file while it is read: the problems found, and the names of what had to be left out.

    `misshapen` are the pointers at which its shape is not right. The name `*` stands for any name.
    """

    def __init__(self, source: Document, misshapen: Iterable[Pointer]) -> None:
        self.source = source
        self.misshapen = frozenset(misshapen)
        self.affected = frozenset(
            pointer[:length] for pointer in self.misshapen for length in range(len(pointer) + 1)
        )
        """Where something is wrong at or below."""
        self.problems: list[Diagnostic] = []
        self.broken: list[str] = []

    @property
    def file(self) -> Node:
        """All of the file."""
        return Node(self, (), self.source.data)


@record
class Node:
    """A value and where it stands; `value` is None where there is none, or null."""

    reading: Reading
    pointer: Pointer
    value: Any

    def __getitem__(self, key: str | int) -> Node:
        """The value of a key, or at an index of a list."""
        value = self.value
        found = value.get(key) if isinstance(value, dict) else value[key] if isinstance(key, int) else None
        return Node(self.reading, (*self.pointer, key), found)

    def __iter__(self) -> Iterator[Node]:
        """The entries of a mapping or a list; of anything else none."""
        keys = range(len(self.value)) if isinstance(self.value, list) else self.value
        return (self[key] for key in keys) if isinstance(self.value, (list, dict)) else iter(())

    @property
    def name(self) -> Any:
        """The key or index under which it stands."""
        return self.pointer[-1]

    @property
    def given(self) -> bool:
        """Whether there is a value."""
        return self.value is not None

    @property
    def usable(self) -> bool:
        """Whether nothing is wrong with its shape."""
        return self.pointer not in self.reading.affected

    def sound(self) -> Node:
        """The same. Raises Malformed when something is wrong with its shape."""
        if not self.usable:
            raise Malformed
        return self

    @property
    def at(self) -> Location:
        """Where the value stands."""
        return self.reading.source.at(self.pointer)

    @property
    def key_at(self) -> Location:
        """Where its key stands."""
        return self.reading.source.at(self.pointer, key=True)

    def problem(
        self, code: str, message: str, help: str | None = None, at: Location | None = None
    ) -> Malformed:
        """Notes a problem; to be raised where the entry cannot be used."""
        found = self.reading.source.diagnose(code, message, at or self.at, help)
        self.reading.problems.append(found)
        return Malformed()

    def day(self) -> date:
        """The value as a date. Raises Malformed."""
        return self._day(self.value, self.at)

    def day_of_key(self) -> date:
        """The key as a date. Raises Malformed."""
        return self._day(self.name, self.key_at)

    def optional_day(self) -> date | None:
        """The value as a date; None where there is none. Raises Malformed."""
        return self.day() if self.given else None

    def _day(self, text: Any, at: Location) -> date:
        found = parse_date(text)
        if found is None:
            help_text = "Write year-month-day, such as 2026-09-23."
            raise self.problem("not-a-date", f"`{text}` is not a date of the calendar.", help_text, at)
        return found

    def names(self) -> tuple[tuple[str, Location], ...]:
        """The texts of a list, each with its place."""
        return tuple((entry.value, entry.at) for entry in self)

    def entries(self) -> Iterator[Node]:
        """The entries that can be used; the others are noted as broken."""
        if self.pointer in self.reading.misshapen:
            self.reading.broken.append("*")
            return
        for entry in self:
            if entry.usable:
                yield entry
            else:
                entry.leave_out()

    def each(self, read: Callable[[Node], Read]) -> tuple[Read, ...]:
        """What is read of the entries that can be used; the others are noted as broken."""
        found = []
        for entry in self.entries():
            try:
                found.append(read(entry))
            except Malformed:
                entry.leave_out()
        return tuple(found)

    def leave_out(self) -> None:
        """Remembers the name of an entry that cannot be used: a fact's, a band's …, a rule's full name."""
        if isinstance(self.name, str):
            self.reading.broken.append(self.name)
        elif isinstance(self.value, dict) and isinstance(self["id"].value, str):
            self.reading.broken.append(f"{self.reading.file['policy'].value}/{self['id'].value}")
