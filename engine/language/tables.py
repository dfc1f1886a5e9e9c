"""What decision tables mean: which rows apply, and what they give, for inputs of which some are not known.

A row applies where each of its cells holds, and *could* apply unless one of them fails. A value that is not
known leaves every cell open but `-` and `?`, which hold; one that is absent has only `-` and `absent` hold.
What could come out is what each row that could apply gives, and what comes of no row at all; where these are
the same, the output is known. Sets of rows are the bits of whole numbers, the first row the lowest bit.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from typing import Any as AnyType

from engine.language.conditions import FAILS, HOLDS, Evaluator, Values, compile_condition, facts_of, tests_of
from engine.language.functions import ABSENT, Argument
from engine.language.model import (
    AllOf,
    CellMark,
    Comparison,
    Condition,
    DecisionRow,
    DecisionTable,
    FactReference,
    Operand,
)

TRUTH: Mapping[str, bool] = {"true": True, "yes": True, "false": False, "no": False}
"""How true and false are written where all is text."""


def conclusion_fact(table: str, finding: str) -> str:
    """The fact that tells whether a row of a table concludes a finding."""
    return f"{table}.{finding}"


def conditions_in(table: DecisionTable) -> tuple[Condition, ...]:
    """The conditions of the cells, those included that ask whether a fact is known."""
    return tuple(
        Comparison(column, "known", False, row.at) if isinstance(cell, str) else cell
        for row in table.rows
        for column, cell in zip(table.columns, row.when, strict=True)
        if cell != "any"
    )


def references_in(table: DecisionTable, output: int) -> Iterator[str]:
    """The facts whose values the rows give for an output."""
    outcomes = (row.then[output] for row in table.rows)
    last = table.otherwise[output] if table.otherwise is not None else None
    for outcome in (*outcomes, last):
        if isinstance(outcome, FactReference):
            yield outcome.fact


def is_total(table: DecisionTable, output: int) -> bool:
    """Whether a table gives an output a value wherever all its inputs have one, whatever these are."""
    cells = (cell for row in table.rows for cell in row.when if not isinstance(cell, str))
    if any(test.against is not None for cell in cells for test in tests_of(cell)):
        return False
    if table.hit == "collect" or (table.hit == "collect count" and table.otherwise is None):
        return True
    given = [row.then[output] for row in table.rows]
    given += [table.otherwise[output]] if table.otherwise is not None else [] if table.complete else [None]
    return not any(each is None or isinstance(each, FactReference) for each in given)


def rows_in(bits: int) -> Iterator[int]:
    """The places of the rows of a set, the first first."""
    while bits:
        lowest = bits & -bits
        yield lowest.bit_length() - 1
        bits ^= lowest


class Spans:
    """Sets of rows by the value of an ordered fact: the ends of their ranges, and what holds between them.

    An end is a value and 0, or 1 for just above it.
    """

    def __init__(self, ranges: Iterable[tuple[AnyType, AnyType, int]]) -> None:
        changes: dict[AnyType, int] = {}
        without_begin = 0
        for begin, end, row in ranges:
            if begin is not None and end is not None and end <= begin:
                continue
            if begin is None:
                without_begin ^= row
            else:
                changes[begin] = changes.get(begin, 0) ^ row
            if end is not None:
                changes[end] = changes.get(end, 0) ^ row
        self.ends = sorted(changes)
        self.rows = [without_begin]
        for end in self.ends:
            self.rows.append(self.rows[-1] ^ changes[end])

    def of(self, value: AnyType) -> int:
        """The rows whose ranges hold a value."""
        return self.rows[bisect_right(self.ends, (value, 0))] if self.ends else self.rows[0]


_ENDS = {"at_least": (0, 0), "above": (0, 1), "below": (1, 0), "at_most": (1, 1)}


def range_of(cell: Condition, column: str) -> tuple[AnyType, AnyType] | None:
    """The ends of the values that a cell allows; None of a cell that is no range between literals."""
    ends: list[AnyType] = [None, None]
    for test in cell.parts if isinstance(cell, AllOf) else (cell,):
        if not isinstance(test, Comparison) or test.operator not in _ENDS or not _is_plain(test, column):
            return None
        side, above = _ENDS[test.operator]
        end = (test.operand, above)
        if ends[side] is None or (end > ends[side]) == (side == 0):
            ends[side] = end
    return ends[0], ends[1]


def _is_plain(test: Comparison, column: str) -> bool:
    return test.fact == column and not isinstance(test.operand, FactReference)


def values_of(cell: Condition, column: str) -> tuple[AnyType, ...] | None:
    """The values that a cell lists; None of any other cell."""
    if isinstance(cell, Comparison) and _is_plain(cell, column):
        if cell.operator == "is":
            return (cell.operand,)
        if cell.operator == "one_of":
            assert isinstance(cell.operand, tuple)
            return cell.operand
    return None


class InputColumn:
    """The cells of one input: the rows that hold for a value, and those that do without one."""

    def __init__(self, fact: str, cells: Sequence[Condition | CellMark]) -> None:
        self.fact = fact
        self.every = (1 << len(cells)) - 1
        self.any = self.unknown = self.absent = self.others = 0
        self.listed: dict[AnyType, int] = {}
        ranges: list[tuple[AnyType, AnyType, int]] = []
        tested: list[tuple[Condition, int]] = []
        for place, cell in enumerate(cells):
            row = 1 << place
            if cell == "any":
                self.any |= row
            elif cell == "not known":
                self.unknown |= row
            elif cell == "absent":
                self.absent |= row
            elif (values := values_of(cell, fact)) is not None:
                for value in values:
                    self.listed[value] = self.listed.get(value, 0) | row
            elif (ends := range_of(cell, fact)) is not None:
                ranges.append((*ends, row))
            else:
                tested.append((cell, row))
                self.others |= row
        self.spans = Spans(ranges)
        self._tested: list[tuple[Evaluator, tuple[str, ...], int]] = [
            (compile_condition(cell), tuple(facts_of(cell)), rows) for cell, rows in tested
        ]

    def holding(self, value: AnyType) -> int:
        """The rows that hold for a value, but for those that look at other facts too."""
        return self.any | self.listed.get(value, 0) | self.spans.of(value)

    def match(self, values: Values, absent: AbstractSet[str]) -> tuple[int, int]:
        """The rows whose cell holds, and those whose cell does not fail."""
        if self.fact in absent:
            holds = self.any | self.absent
            return holds, holds
        value = values.get(self.fact)
        if value is None:
            holds, could = self.any | self.unknown, self.every & ~self.others
        else:
            holds = could = self.holding(value)
        for evaluate, facts, rows in self._tested:
            verdict = evaluate(values)
            if verdict == HOLDS:
                holds |= rows
            if verdict != FAILS and absent.isdisjoint(facts):
                could |= rows
        return holds, could


class Matcher:
    """A decision table, compiled once for many applicants."""

    def __init__(self, table: DecisionTable) -> None:
        self.table = table
        self.columns = tuple(
            InputColumn(fact, [row.when[place] for row in table.rows])
            for place, fact in enumerate(table.columns)
        )
        outputs = range(len(table.rows[0].then)) if table.rows else range(0)
        self._alike = tuple(_alike([row.then[output] for row in table.rows]) for output in outputs)

    def match(self, values: Values, absent: AbstractSet[str]) -> tuple[int, int]:
        """The rows that apply, and those that could."""
        holds = could = -1
        for column in self.columns:
            holding, open_ = column.match(values, absent)
            holds &= holding
            could &= open_
            if not could:
                return 0, 0
        return holds, could

    def counting(self, values: Values, absent: AbstractSet[str]) -> int:
        """The rows that apply; of `first` the one that counts."""
        holds, _ = self.match(values, absent)
        return holds & -holds if self.table.hit == "first" else holds

    def undecided(self, values: Values, absent: AbstractSet[str]) -> Iterator[str]:
        """The facts because of which it is not known whether rows apply that could, column by column."""
        _, could = self.match(values, absent)
        for column in self.columns:
            holds, _ = column.match(values, absent)
            for row in rows_in(could & ~holds):
                cell = self.table.rows[row].when[self.table.columns.index(column.fact)]
                yield column.fact
                yield from () if isinstance(cell, str) else facts_of(cell)

    def conflict(self, holds: int) -> tuple[DecisionRow, DecisionRow] | None:
        """Two rows that apply and may not both: any two of `unique`, two that give otherwise of `any`."""
        if not holds & (holds - 1) or self.table.hit not in ("unique", "any"):
            return None
        first, *others = (self.table.rows[place] for place in rows_in(holds))
        if self.table.hit == "unique":
            return first, others[0]
        return next(((first, other) for other in others if other.then != first.then), None)

    def outcome(self, output: int, holds: int, could: int, state: State) -> Argument:
        """What comes out: a value, ABSENT, or None where it is not known; `state` tells of facts."""
        table = self.table
        if table.hit.startswith("collect"):
            return self._collected(output, holds, could, state)
        if table.hit == "first" and holds:
            lowest = holds & -holds
            could &= lowest | (lowest - 1)
        possible: list[Argument] = []
        alike = self._alike[output]
        while could:
            given = table.rows[(could & -could).bit_length() - 1].then[output]
            could &= ~alike[given]
            possible.append(_given(given, state))
            if possible[-1] is None or possible[-1] != possible[0]:
                return None
        if not possible or not (holds or table.complete):
            possible.append(self._without_row(output, state))
        return possible[0] if all(each == possible[0] for each in possible) else None

    def _without_row(self, output: int, state: State) -> Argument:
        otherwise = self.table.otherwise
        if otherwise is not None:
            outcome: Argument = _given(otherwise[output], state)
            return outcome
        return self._gather(()) if self.table.hit in _GATHER else ABSENT

    def _collected(self, output: int, holds: int, could: int, state: State) -> Argument:
        """What is gathered of the rows that apply, where those that only could cannot change it."""
        open_ = could & ~holds
        sets = [holds, *(holds | 1 << place for place in rows_in(open_)), could]
        if not holds and self.table.complete and open_:
            del sets[0]
        outcome = self._gathered(output, sets[0], state)
        for rows in sets[1:]:
            if outcome is None or self._gathered(output, rows, state) != outcome:
                return None
        return outcome

    def _gathered(self, output: int, rows: int, state: State) -> Argument:
        if not rows:
            return self._without_row(output, state)
        given = [_given(self.table.rows[place].then[output], state) for place in rows_in(rows)]
        if None in given:
            return None
        return self._gather([each for each in given if each is not ABSENT])

    def _gather(self, given: Sequence[AnyType]) -> Argument:
        if self.table.conclusions:
            return any(given)
        return _GATHER[self.table.hit](given)


State = Callable[[str], Argument]
"""A fact -> its value, ABSENT or None."""


def _given(operand: Operand | None, state: State) -> AnyType:
    if operand is None:
        return ABSENT
    return state(operand.fact) if isinstance(operand, FactReference) else operand


def _alike(given: Sequence[Operand | None]) -> Mapping[Operand | None, int]:
    """What is given -> the rows that give it."""
    alike: dict[Operand | None, int] = {}
    for place, each in enumerate(given):
        alike[each] = alike.get(each, 0) | 1 << place
    return alike


_GATHER: Mapping[str, Callable[[Sequence[AnyType]], Argument]] = {
    "collect": tuple,
    "collect count": len,
    "collect sum": lambda given: sum(given) if given else ABSENT,
    "collect min": lambda given: min(given, default=ABSENT),
    "collect max": lambda given: max(given, default=ABSENT),
}
