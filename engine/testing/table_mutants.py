"""Small wrong steps in decision tables: a row left out, a cell changed as a condition is, another result."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from engine.base.diagnostic import Location
from engine.base.record import replace
from engine.language.model import DecisionRow, DecisionTable, Fact, FactReference, Operand
from engine.language.policy_set import PolicySet, Tabled
from engine.testing.mutants import Mutant, changes, format_value, neighbours, replaced

TableChange = tuple[Location, str, str, DecisionTable]
"""Where, what stood there, what stands there now, and the whole table with it."""


def table_mutants(policies: PolicySet) -> Iterator[Mutant]:
    """Every change to the decision tables of a policy set."""
    steps = {step.table.name: step for step in policies.computations if isinstance(step, Tabled)}
    for name, step in steps.items():
        for at, before, after, table in _changes_of(step.table, policies.facts):
            computations = tuple(
                replace(each, table=table) if isinstance(each, Tabled) and each.table.name == name else each
                for each in policies.computations
            )
            yield Mutant(at, name, before, after, {}, replace(policies, computations=computations), "table")


def _changes_of(table: DecisionTable, facts: Mapping[str, Fact]) -> Iterator[TableChange]:
    for place, row in enumerate(table.rows):
        if len(table.rows) > 1:
            yield row.at, f"row {row.id}", "no such row", _with(table, place)
        for at, before, after, changed in _changes_of_row(row, table, facts):
            yield at, before, after, _with(table, place, changed)


def _with(table: DecisionTable, place: int, *rows: DecisionRow) -> DecisionTable:
    """The table with others in the place of a row: it may leave gaps."""
    return replace(table, rows=replaced(table.rows, place, *rows), complete=False)


def _changes_of_row(
    row: DecisionRow, table: DecisionTable, facts: Mapping[str, Fact]
) -> Iterator[tuple[Location, str, str, DecisionRow]]:
    for column, cell in enumerate(row.when):
        if isinstance(cell, str):
            continue
        for at, before, after, condition in changes(cell, facts):
            changed = "any" if after == "nothing" else condition
            yield at, before, after, replace(row, when=replaced(row.when, column, changed))
    outputs = table.outputs or (None,) * len(table.conclusions)
    for place, (given, at, output) in enumerate(zip(row.then, row.then_at, outputs, strict=True)):
        for other in _others(given, output, table):
            before, after = (f"gives {format_value(each)}" for each in (given, other))
            yield at, before, after, replace(row, then=replaced(row.then, place, other))


def _others(given: Operand | None, output: Fact | None, table: DecisionTable) -> Iterator[Operand | None]:
    """What a row might give by mistake: the neighbours of a number or a date, another value of an enum."""
    if output is None:
        yield not given
    elif given is None or isinstance(given, (FactReference, tuple)) or table.hit == "collect count":
        return
    elif output.value_type == "boolean":
        yield not given
    elif output.value_type == "enum":
        names = [name for name, _ in output.values]
        yield from [names[(names.index(str(given)) + 1) % len(names)]] if len(names) > 1 else []
    else:
        yield from neighbours(given, output)
