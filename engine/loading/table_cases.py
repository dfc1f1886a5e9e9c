"""The cases of a decision table: which rows apply to which values of its inputs, each input taken by itself.

The values of an input on which no cell differs are one case, shown by the least of them. Cells that look at
other facts, and those of lists, are taken to fail: a gap may be none, an overlap is one.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from typing import Any, Final

from engine.base.record import record
from engine.language.conditions import tests_of
from engine.language.domain import domain_of
from engine.language.functions import ABSENT
from engine.language.model import DecisionRow, DecisionTable, Fact, FactReference
from engine.language.operators import ORDERED
from engine.language.tables import InputColumn, Matcher, rows_in
from engine.language.values import show

MOST_STEPS: Final = 200_000
"""A search through cases that takes more steps is given up: it would take longer than all else."""
MOST_OVERLAPS: Final = 10
"""So many overlaps of one table are told."""

NOT_KNOWN: Final = "not known"
"""The case of an input that is not known."""


@record
class Overlap:
    """Two rows that both apply, and a case for each column (None: any) in which they do."""

    first: DecisionRow
    second: DecisionRow
    case: tuple[Any, ...]


class TableCases:
    """The cases of a table, its cells resolved; `absent` are the facts that may be without a value."""

    def __init__(self, table: DecisionTable, facts: Mapping[str, Fact], absent: Collection[str]) -> None:
        self._table, self._facts = table, facts
        self._matcher = Matcher(table)
        self._columns = [self._cases(column, absent) for column in self._matcher.columns]
        self._steps = 0

    def _cases(self, column: InputColumn, absent: Collection[str]) -> list[tuple[int, Any]]:
        """For each case of an input the rows that hold and a value, none of them twice."""
        fact = self._facts[column.fact]
        cases: dict[int, Any] = {}
        for value in self._values(fact):
            cases.setdefault(column.holding(value) if fact.type != "list" else column.any, value)
        if fact.name in absent:
            cases.setdefault(column.any | column.absent, ABSENT)
        return list(cases.items())

    def _values(self, fact: Fact) -> Iterator[Any]:
        if fact.type == "boolean":
            yield from (False, True)
        elif fact.type == "enum":
            yield from (name for name, _ in fact.values)
        elif fact.type in ORDERED:
            domain = domain_of(fact)
            yield from map(domain.value, domain.cuts(self._compared(fact.name)))
        else:
            yield from (value for value in self._compared(fact.name) if fact.type == "text")
            yield None  # any other, which no cell lists

    def _compared(self, name: str) -> Iterator[Any]:
        """The values with which cells compare a fact."""
        place = self._table.columns.index(name)
        for row in self._table.rows:
            cell = row.when[place]
            for test in () if isinstance(cell, str) else tests_of(cell):
                operand: Any = test.operand
                if test.fact == name and test.operator != "known" and not isinstance(operand, FactReference):
                    yield from operand if isinstance(operand, tuple) else (operand,)

    def never(self, place: int) -> Iterator[DecisionRow]:
        """The rows whose cell of a column holds in none of its cases."""
        column = self._matcher.columns[place]
        if self._facts[column.fact].type in ("list", "text"):
            return
        held = column.unknown | column.others
        for holding, _ in self._columns[place]:
            held |= holding
        for row in rows_in(column.every & ~held):
            yield self._table.rows[row]

    def gap(self) -> tuple[Any, ...] | None:
        """A case for each column in which no row applies; empty where there is none, None where unsettled."""
        self._steps = 0
        everywhere = [(1 << len(self._table.rows)) - 1]
        for column in reversed(self._matcher.columns):
            everywhere.append(everywhere[-1] & column.any)
        rest = everywhere[::-1]  # the rows that hold whatever the columns from here on are
        seen: set[tuple[int, int]] = set()

        def search(place: int, rows: int, case: tuple[Any, ...]) -> tuple[Any, ...] | None:
            if not rows:
                return (*case, *(cases[0][1] for cases in self._columns[place:]))
            if rows & rest[place] or (place, rows) in seen or self._given_up():
                return None
            seen.add((place, rows))
            for holding, value in self._columns[place]:
                self._steps += 1
                found = search(place + 1, rows & holding, (*case, value))
                if found is not None:
                    return found
            return None

        found = search(0, everywhere[0], ())
        return found if found is not None else None if self._given_up() else ()

    def overlaps(self) -> Iterator[Overlap]:
        """Pairs of rows that both apply and may not, each once; not all where there are very many cases."""
        self._steps = 0
        rows = self._table.rows
        seen: set[tuple[int, int]] = set()
        told: set[tuple[int, int]] = set()

        def search(place: int, holding: int, case: tuple[Any, ...]) -> Iterator[Overlap]:
            if not holding & (holding - 1) or (place, holding) in seen or self._given_up():
                return
            seen.add((place, holding))
            if place < len(self._columns):
                column = self._matcher.columns[place]
                unknown = (column.any | column.unknown, NOT_KNOWN)
                for here, value in (*self._columns[place], unknown):
                    self._steps += 1
                    yield from search(place + 1, holding & here, (*case, value))
                return
            first, *others = rows_in(holding)
            for other in others:
                pair = self._matcher.conflict(1 << first | 1 << other)
                if pair is not None and (first, other) not in told and len(told) < MOST_OVERLAPS:
                    told.add((first, other))
                    yield Overlap(rows[first], rows[other], case)

        yield from search(0, (1 << len(rows)) - 1, ())

    def _given_up(self) -> bool:
        return self._steps > MOST_STEPS

    def in_words(self, case: tuple[Any, ...]) -> str:
        """A case: the facts with their values."""
        return ", ".join(
            f"`{name}` {_value_in_words(value)}"
            for name, value in zip(self._table.columns, case, strict=True)
        )


def _value_in_words(value: Any) -> str:
    if value is ABSENT:
        return "absent"
    if value is None or value == NOT_KNOWN:
        return "anything else" if value is None else NOT_KNOWN
    return show(value).strip("`")
