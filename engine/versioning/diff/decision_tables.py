"""Decision tables, side by side: what a table means to what it gives, and its rows in words."""

from __future__ import annotations

from typing import Any

from engine.base.diagnostic import Location
from engine.language.model import CellMark, Condition, DecisionRow, DecisionTable, FactReference, Operand
from engine.language.policy_set import PolicySet, Tabled
from engine.versioning.diff.canonical import canonical
from engine.versioning.diff.phrases import condition_in_words, value_in_words

_IN_ORDER = ("first", "collect")


def table_meaning(table: DecisionTable, output: int) -> Any:
    """How a table comes to an output: the same for tables that differ in words and needless order only."""
    rows = [
        (tuple(map(_cell, row.when)), repr(_named(row.then[output])), _gives_otherwise(row, table))
        for row in table.rows
    ]
    otherwise = None if table.otherwise is None else repr(_named(table.otherwise[output]))
    ordered = rows if table.hit in _IN_ORDER else sorted(rows, key=repr)
    return table.hit, table.columns, tuple(ordered), otherwise, table.complete


def _gives_otherwise(row: DecisionRow, table: DecisionTable) -> Any:
    """What else a row gives, where rows that differ in it refuse an applicant."""
    return tuple(repr(_named(each)) for each in row.then) if table.hit == "any" else None


def _cell(cell: Condition | CellMark) -> Any:
    return cell if isinstance(cell, str) else canonical(cell)


def _named(operand: Operand | None) -> Any:
    return ("fact", operand.fact) if isinstance(operand, FactReference) else operand


def tables_of(policies: PolicySet) -> dict[str, DecisionTable]:
    """The tables in force by their names."""
    return {step.table.name: step.table for step in policies.computations if isinstance(step, Tabled)}


def table_in_words(table: DecisionTable, policies: PolicySet) -> dict[str, tuple[str, Location | None]]:
    """A table and its rows, each thing that may change under a name of its own."""
    own: dict[str, tuple[str, Location | None]] = {
        "title": (table.title, table.at),
        "hit": (table.hit, table.at),
        "inputs": (", ".join(table.columns), table.at),
        "gives": (", ".join(_outputs(table)), table.at),
    }
    if table.otherwise is not None and not table.conclusions:
        own["otherwise"] = (_given(table.otherwise, table), table.at)
    for about, text in (("tier", table.tier), ("why", table.why), ("cites", _cited(table))):
        if text:
            own[about] = (text, table.at)
    for place, row in enumerate(table.rows, 1):
        own[f"row {row.id}"] = (_row(row, table, policies), row.at)
        if table.hit in _IN_ORDER:
            own[f"place of row {row.id}"] = (str(place), row.at)
    return own


def _outputs(table: DecisionTable) -> list[str]:
    return [output.name for output in table.outputs] or [name for name, _ in table.conclusions]


def _row(row: DecisionRow, table: DecisionTable, policies: PolicySet) -> str:
    cells = [
        f"{column} is {cell}" if isinstance(cell, str) else condition_in_words(cell, policies.facts)
        for column, cell in zip(table.columns, row.when, strict=True)
        if cell != "any"
    ]
    cites, why = _cited(row), f" ({row.why.strip()})" if row.why else ""
    when = " and ".join(cells) or "always"
    return f"{when}: {_given(row.then, table)}{f' [{cites}]' if cites else ''}{why}"


def _given(given: tuple[Operand | None, ...], table: DecisionTable) -> str:
    if table.conclusions:
        named = [name for name, is_so in zip(_outputs(table), given, strict=True) if is_so]
        return ", ".join(named) or "nothing"
    return ", ".join("absent" if each is None else _value(each) for each in given)


def _value(operand: Operand) -> str:
    return operand.fact if isinstance(operand, FactReference) else value_in_words(operand)


def _cited(part: DecisionRow | DecisionTable) -> str:
    return ", ".join(f"{cite.source}#{cite.anchor}" for cite in part.cites)
