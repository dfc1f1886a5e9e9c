"""Decision tables as formulas: which rows apply, which could, and what comes out.

As `engine.language.tables` has it, but for lists, of which nothing is said.
"""

from __future__ import annotations

from functools import reduce
from typing import Any, NamedTuple, Protocol

import z3

from engine.language.conditions import facts_of
from engine.language.model import Condition, DecisionTable, Fact, FactReference, Operand, Scalar
from engine.language.policy_set import Tabled
from engine.solver.apply import chosen
from engine.solver.limits import Unsettled
from engine.solver.terms import (
    FactState,
    Number,
    Term,
    Truth,
    as_truth,
    both,
    choose,
    compared,
    either,
    every,
    follows,
    opposite,
    rescaled,
    some,
)

NOTHING = FactState(False, True, Term(0))


class Working(Protocol):
    """What works out the facts of a policy set as formulas."""

    certain: list[Truth]

    def state(self, name: str) -> FactState:
        """What is known of a fact."""
        ...

    def verdict(self, condition: Condition) -> tuple[Truth, Truth]:
        """When a condition holds, and when it fails."""
        ...

    def literal(self, value: Scalar, fact: Fact) -> Term:
        """A value that is written down."""
        ...


class TableFormulas:
    """One table: for each row when it applies, and when it could."""

    def __init__(self, working: Working, table: DecisionTable, label: str) -> None:
        self._working, self._table, self._label = working, table, label
        self._names = 0
        truths = [self._row(place) for place in range(len(table.rows))]
        self.holds = [self._named(holds) for holds, _ in truths]
        self.could = [self._named(could) for _, could in truths]

    def _named(self, truth: Truth) -> Truth:
        """The same under a name of its own: formulas stay small."""
        if isinstance(truth, bool) or z3.is_const(truth):
            return truth
        self._names += 1
        named = z3.Bool(f"{self._label} row truth {self._names}")
        self._working.certain.append(named == truth)
        return named

    def _row(self, place: int) -> tuple[Truth, Truth]:
        cells = zip(self._table.columns, self._table.rows[place].when, strict=True)
        truths = [self._cell(column, cell) for column, cell in cells]
        return every(holds for holds, _ in truths), opposite(some(fails for _, fails in truths))

    def _cell(self, column: str, cell: Any) -> tuple[Truth, Truth]:
        if cell == "any":
            return True, False
        state = self._working.state(column)
        if cell == "not known":
            there = either(state.known, state.absent)
            return opposite(there), there
        if cell == "absent":
            return state.absent, state.known
        holds, fails = self._working.verdict(cell)
        return holds, either(fails, some(self._working.state(name).absent for name in facts_of(cell)))

    def conflict(self) -> Truth:
        """That two rows apply which may not both."""
        groups = {"unique": [[each] for each in self.holds], "any": self._alike()}.get(self._table.hit, [])
        truths = [some(group) for group in groups]
        left = [truth for truth in truths if truth is not False]
        if len(left) < 2:
            return False
        return opposite(z3.AtMost(*map(as_truth, left), 1))

    def _alike(self) -> list[list[Truth]]:
        groups: dict[tuple[Operand | None, ...], list[Truth]] = {}
        for row, holds in zip(self._table.rows, self.holds, strict=True):
            groups.setdefault(row.then, []).append(holds)
        return list(groups.values())

    # -- what comes out ----------------------------------------------------------------------------

    def state(self, tabled: Tabled, fact: Fact) -> FactState:
        """What is known of an output. Raises Unsettled of a list."""
        if fact.type == "list":
            raise Unsettled(f"table `{self._table.name}` gives a list")
        if self._table.hit.startswith("collect") and not self._table.conclusions:
            return self._gathered(tabled, fact)
        return self._agreed(tabled, fact)

    def _given(self, operand: Operand | None, fact: Fact) -> FactState:
        if operand is None:
            return NOTHING
        if isinstance(operand, FactReference):
            return self._working.state(operand.fact)
        return FactState(True, False, self._working.literal(operand, fact))  # type: ignore[arg-type]  # no list

    def _without_row(self, tabled: Tabled, fact: Fact) -> FactState:
        otherwise = self._table.otherwise
        if otherwise is None and self._table.hit == "collect count":
            return FactState(True, False, Term(0))
        return NOTHING if otherwise is None else self._given(otherwise[tabled.output], fact)

    def _agreed(self, tabled: Tabled, fact: Fact) -> FactState:
        """The outcome on which all agree that are possible."""
        table, candidates = self._table, self.could
        if table.hit == "first":
            earlier: Truth = False
            candidates = []
            for holds, could in zip(self.holds, self.could, strict=True):
                candidates.append(self._named(both(could, opposite(earlier))))
                earlier = self._named(either(earlier, holds))
        if table.conclusions and table.hit == "collect":
            return self._concluded(tabled)
        groups: dict[Operand | None, list[Truth]] = {}
        for row, could in zip(table.rows, candidates, strict=True):
            groups.setdefault(row.then[tabled.output], []).append(could)
        possible = [(self._named(some(truths)), self._given(each, fact)) for each, truths in groups.items()]
        none = opposite(some(truth for truth, _ in possible))
        if not table.complete:
            none = either(none, opposite(some(self.holds)))
        possible.append((self._named(none), self._without_row(tabled, fact)))
        value = reduce(
            lambda value, each: chosen(each[0], each[1].value, value), possible[1:], possible[0][1].value
        )
        same = every(
            follows(truth, both(state.known, compared(value, "is", state.value)))  # type: ignore[arg-type]  # no list
            for truth, state in possible
        )
        return FactState(same, every(follows(truth, state.absent) for truth, state in possible), value)

    def _concluded(self, tabled: Tabled) -> FactState:
        """Whether one of the rows that apply says so, where those that only could cannot change it."""
        yes = [row.then[tabled.output] is True for row in self._table.rows]
        held = some(holds for holds, is_so in zip(self.holds, yes, strict=True) if is_so)
        open_ = some(could for could, is_so in zip(self.could, yes, strict=True) if is_so)
        known = either(held, opposite(open_))
        return FactState(known, False, Term(z3.If(as_truth(held), z3.IntVal(1), z3.IntVal(0))))

    def _gathered(self, tabled: Tabled, fact: Fact) -> FactState:
        """What is gathered, where rows that only could apply cannot change it."""
        table = self._table
        given = [self._given(row.then[tabled.output], fact) for row in table.rows]
        if table.hit == "collect count":
            given = [each if each is NOTHING else FactState(True, False, Term(1)) for each in given]
        outside = self._without_row(tabled, fact)
        numbers, factor = rescaled([*(each.value for each in given), outside.value])  # type: ignore[list-item]  # no list
        parts = [_Gathered(each.known, number) for each, number in zip(given, numbers, strict=False)]
        none = _Gathered(outside.known, numbers[-1])
        held, everything = self._all(parts, self.holds), self._all(parts, self.could)
        applies, could = self._named(some(self.holds)), self._named(some(self.could))
        result = everything.where(could, none)
        undecided = [both(open_, opposite(here)) for here, open_ in zip(self.holds, self.could, strict=True)]
        counts: Truth = opposite(some(undecided)) if table.complete else True
        same = [follows(either(applies, counts), held.where(applies, none).equals(result))]
        for open_, part in zip(undecided, parts, strict=True):
            same.append(follows(open_, self._with(held, part, True).equals(result)))
        told = [
            follows(open_, either(each.known, each.absent))
            for open_, each in zip(self.could, given, strict=True)
        ]
        without_row = either(could, outside.known, outside.absent)
        known = self._named(every((*same, *told, without_row)))
        return FactState(
            both(known, result.there), both(known, opposite(result.there)), Term(result.number, factor)
        )

    def _all(self, parts: list[_Gathered], rows: list[Truth]) -> _Gathered:
        """What is gathered of these rows."""
        total = _Gathered(self._table.hit == "collect count", 0)
        for part, here in zip(parts, rows, strict=True):
            total = self._with(total, part, here)
        return _Gathered(self._named(total.there), total.number)

    def _with(self, total: _Gathered, part: _Gathered, here: Truth) -> _Gathered:
        """What was gathered, with what one more row gives where it is there."""
        here = both(here, part.there)
        there = either(total.there, here)
        if self._table.hit in ("collect min", "collect max"):
            is_min = self._table.hit == "collect min"
            beats = part.number <= total.number if is_min else part.number >= total.number
            return _Gathered(
                there,
                choose(both(here, either(opposite(total.there), beats)), part.number, total.number),
            )
        return _Gathered(there, total.number + choose(here, part.number, 0))


class _Gathered(NamedTuple):
    """Whether there is something, and which number."""

    there: Truth
    number: Number

    def where(self, condition: Truth, otherwise: _Gathered) -> _Gathered:
        """This where the condition is true, else the other."""
        there = either(both(condition, self.there), both(opposite(condition), otherwise.there))
        return _Gathered(there, choose(condition, self.number, otherwise.number))

    def equals(self, other: _Gathered) -> Truth:
        """That both are the same."""
        neither = both(opposite(self.there), opposite(other.there))
        return either(neither, both(self.there, other.there, self.number == other.number))
