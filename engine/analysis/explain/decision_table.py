"""Which rows of a decision table made a fact what it is, in words."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from collections.abc import Set as AbstractSet
from typing import Final

from engine.base.diagnostic import Place
from engine.language.condition_text import statement, test_in_words, test_text
from engine.language.conditions import Values, tests_of
from engine.language.model import DecisionRow, DecisionTable, Fact
from engine.language.policy_set import Tabled
from engine.language.tables import Matcher, rows_in
from engine.language.templates import Words

MOST_NAMED: Final = 5
"""So many rows are named where more could apply."""

Told = tuple[str, tuple[str, ...], Place]
"""The way to a value in words, the facts that it names, and where it stands in the policies."""


def rows_behind(
    table: DecisionTable, values: Values, absent: AbstractSet[str]
) -> tuple[tuple[DecisionRow, ...], tuple[DecisionRow, ...]]:
    """The rows that apply and count, and those that could and may count."""
    holds, could = Matcher(table).match(values, absent)
    if table.hit == "first" and holds:
        lowest = holds & -holds
        holds, could = lowest, could & (lowest | (lowest - 1))
    applying, open_ = (
        tuple(table.rows[place] for place in rows_in(rows)) for rows in (holds, could & ~holds)
    )
    return applying, open_


def told_of(
    step: Tabled, facts: Mapping[str, Fact], values: Values, absent: AbstractSet[str], words: Words
) -> Told:
    """How a table came to what it gives: the row, or the rows."""
    table = step.table
    applying, open_ = rows_behind(table, values, absent)
    name = f"table `{table.name}`"
    if not applying and not open_:
        how = "it gives what it gives otherwise" if table.otherwise is not None else "it gives nothing"
        return f"no row of {name} applies: {how}", table.columns, table.at
    rows = (*applying, *open_)
    inputs = _tested(rows, table)
    if open_:
        decided = step.fact in values or step.fact in absent
        how = "whichever applies" if decided else "not known, as which of them apply is not"
        return f"{_named(rows)} of {name}: {how}", inputs, rows[0].at
    reasons = "; ".join(_row(row, table, facts, words) for row in applying)
    return f"{name}, {reasons}", inputs, rows[0].at


def _named(rows: Sequence[DecisionRow]) -> str:
    shown = ", ".join(f"`{row.id}`" for row in rows[:MOST_NAMED])
    more = f" and {len(rows) - MOST_NAMED} more" if len(rows) > MOST_NAMED else ""
    return f"{'row' if len(rows) == 1 else 'rows'} {shown}{more}"


def _tested(rows: Sequence[DecisionRow], table: DecisionTable) -> tuple[str, ...]:
    """The facts that the cells of some rows look at."""
    names: dict[str, None] = {}
    for row in rows:
        for column, cell in zip(table.columns, row.when, strict=True):
            if cell != "any":
                names[column] = None
                for test in () if isinstance(cell, str) else tests_of(cell):
                    names.update({name: None for name in (test.fact, test.against) if name is not None})
    return tuple(names)


def _row(row: DecisionRow, table: DecisionTable, facts: Mapping[str, Fact], words: Words) -> str:
    """`row few, because Beds is at most 3 (it is 2) [guide#beds] (agreed in 2025)`."""
    reasons = []
    for column, cell in zip(table.columns, row.when, strict=True):
        title = facts[column].title
        if cell == "any":
            continue
        if isinstance(cell, str):
            reasons.append(f"{title} is {cell}")
            continue
        tests = [test_text(test_in_words(test, facts), words) for test in tests_of(cell)]
        reasons.append(f"{statement(title, ' and '.join(tests))} (it is {words[column]})")
    because = f", because {', '.join(reasons)}" if reasons else ", which always applies"
    cited = ", ".join(f"{each.source}#{each.anchor}" for each in row.cites)
    why = f" ({row.why.strip()})" if row.why else ""
    return f"row `{row.id}`{because}{f' [{cited}]' if cited else ''}{why}"
