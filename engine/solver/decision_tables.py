"""Decision tables as formulas: which rows apply, which could, and what comes out.

A table that gives lists, and one that gathers while some rows are undecided, is not written out: what it
gives then may be anything, so that what never holds, never holds whatever it is.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from functools import reduce
from typing import Any, Protocol

import z3

from engine.language.conditions import facts_of
from engine.language.model import Condition, Fact, FactReference, Operand, Scalar, Table
from engine.language.policy_set import Tabled
from engine.solver.apply import chosen
from engine.solver.terms import (
    FactState,
    ListTerm,
    Term,
    Truth,
    as_truth,
    both,
    compared,
    either,
    every,
    follows,
    opposite,
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

    def __init__(self, working: Working, table: Table, label: str) -> None:
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

    def state(self, tabled: Tabled, fact: Fact, free: Callable[[], FactState]) -> FactState:
        """What is known of an output; `free` makes one of which nothing is."""
        if fact.type == "list":
            return free()
        if self._table.hit.startswith("collect") and not self._table.conclusions:
            return self._gathered(tabled, fact, free)
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

    def _gathered(self, tabled: Tabled, fact: Fact, free: Callable[[], FactState]) -> FactState:
        """What is gathered where every row is decided; anything where one is not."""
        table, anything = self._table, free()
        given = [self._given(row.then[tabled.output], fact) for row in table.rows]
        if table.hit == "collect count":
            given = [each if each is NOTHING else FactState(True, False, Term(1)) for each in given]
        pairs = list(zip(self.holds, given, strict=True))
        undecided = [
            both(could, opposite(holds)) for holds, could in zip(self.holds, self.could, strict=True)
        ]
        unknown = [both(holds, opposite(either(each.known, each.absent))) for holds, each in pairs]
        decided = self._named(opposite(some((*undecided, *unknown))))
        counted = [(both(holds, each.known), each.value) for holds, each in pairs]
        value: Any = Term(0)
        there: Truth = False
        for here, term in counted:
            value = self._with(here, term, there, value)
            there = either(there, here)
        known, absent = (True, False) if table.hit == "collect count" else (there, opposite(there))
        applies, outcome = some(self.holds), FactState(known, absent, value)
        outside = self._without_row(tabled, fact)
        result = [
            either(both(applies, one), both(opposite(applies), other))
            for one, other in ((outcome.known, outside.known), (outcome.absent, outside.absent))
        ]
        assert not isinstance(anything.value, ListTerm)
        return FactState(
            either(both(decided, result[0]), both(opposite(decided), anything.known)),
            either(both(decided, result[1]), both(opposite(decided), anything.absent)),
            chosen(decided, chosen(applies, outcome.value, outside.value), anything.value),
        )

    def _with(self, here: Truth, term: Any, there: Truth, value: Any) -> Any:
        """What was gathered, with what one more row gives."""
        match self._table.hit:
            case "collect min":
                counts = both(here, either(opposite(there), compared(term, "at_most", value)))
                return chosen(counts, term, value)
            case "collect max":
                counts = both(here, either(opposite(there), compared(term, "at_least", value)))
                return chosen(counts, term, value)
        factor = math.lcm(term.factor, value.factor)
        return Term(
            value.number * (factor // value.factor)
            + chosen(here, term, Term(0, term.factor)).number * (factor // term.factor),
            factor,
        )
