"""Decision tables that look at findings: decided among the rules, each of their conclusions by one condition.

Which of their rows apply is known only while the rules fire, so there is no fact to tell it beforehand.
"""

from __future__ import annotations

from collections.abc import Container, Iterator
from itertools import groupby
from typing import Final

from engine.base.diagnostic import Location
from engine.base.record import replace
from engine.language.model import (
    AllOf,
    AnyOf,
    Comparison,
    Condition,
    DecisionRow,
    DecisionTable,
    Fact,
    Not,
    Policy,
    Rule,
)
from engine.language.tables import TRUTH
from engine.loading.parse_table import rules_of
from engine.loading.resolve_tables import check_row_ids, written_cell
from engine.loading.scope import Scope

MOST_TURNS: Final = 100
"""So often a `first` table may turn from rows that conclude something to rows that do not."""


def looks_at_findings(table: DecisionTable, findings: Container[str]) -> bool:
    """Whether a table that concludes has a finding among its inputs."""
    return bool(table.conclusions) and any(name in findings for name in table.columns)


def with_conditions(policy: Policy, findings: Container[str], names: Scope) -> Policy:
    """The policy, the rules of its tables that look at findings with the conditions of the rows."""
    conditions: dict[str, Condition] = {}
    for table in policy.tables:
        if looks_at_findings(table, findings):
            check_row_ids(table, names)
            rules = rules_of(table, policy.file_version.id)
            for place, rule in enumerate(rules):
                conditions[rule.name] = _condition(table, place, names)
    if not conditions:
        return policy
    rules_now = tuple(
        _when(rule, conditions[rule.name]) if rule.name in conditions else rule for rule in policy.rules
    )
    return replace(policy, rules=rules_now)


def _when(rule: Rule, condition: Condition) -> Rule:
    """The rule with a condition in place of the test of a fact, beside that of its policy."""
    parts = rule.when.parts[:-1] if isinstance(rule.when, AllOf) else ()
    return replace(rule, when=AllOf((*parts, condition), rule.at) if parts else condition)


def _condition(table: DecisionTable, place: int, names: Scope) -> Condition:
    """When a row applies that concludes this, and none before it that does not."""
    if table.hit not in ("first", "collect"):
        message = f"Table `{table.name}` looks at findings: rows that both apply could not be refused."
        names.error("table-gives", message, table.at, "Write `hit: first` or `hit: collect`.")
    rows = [(_says(row, place, names), _applies(row, table, names)) for row in table.rows]
    if table.hit != "first":
        return AnyOf(tuple(condition for says, condition in rows if says), table.at)
    runs = [
        (says, AnyOf(tuple(condition for _, condition in run), table.at))
        for says, run in groupby(rows, key=lambda row: row[0])
    ]
    if len(runs) > MOST_TURNS:
        message = f"Table `{table.name}` turns too often from rows that conclude something to others."
        names.error("too-many", message, table.at, "Write a table of its own for each finding.")
        return AnyOf((), table.at)
    result: Condition = AnyOf((), table.at)
    for says, run in reversed(runs):
        result = AnyOf((run, result), table.at) if says else AllOf((Not(run, table.at), result), table.at)
    return result


def _says(row: DecisionRow, place: int, names: Scope) -> bool:
    given = row.then[place]
    given = TRUTH.get(given.lower(), given) if isinstance(given, str) else given
    if given is not None and not isinstance(given, bool):
        message = "A table that concludes says true or false of each finding."
        names.error("type-mismatch", message, row.then_at[place], "Write true or false.")
    return given is True


def _applies(row: DecisionRow, table: DecisionTable, names: Scope) -> Condition:
    return AllOf(tuple(_tests(row, table, names)), row.at)


def _tests(row: DecisionRow, table: DecisionTable, names: Scope) -> Iterator[Condition]:
    from_file = table.rows_file is not None
    for (column, at), cell in zip(table.inputs, row.when, strict=True):
        fact = names.fact(column, at)
        if fact is None or cell == "any":
            continue
        if cell == "absent":
            message = f"Table `{table.name}` looks at findings: it cannot ask whether `{column}` is absent."
            names.error("table-gives", message, row.at, "Let the vocabulary derive a fact that tells it.")
        yield _test(column, cell, fact, row.at, from_file)


def _test(column: str, cell: Condition | str, fact: Fact, at: Location, from_file: bool) -> Condition:
    if isinstance(cell, str):
        return Comparison(column, "known", False, at)
    return written_cell(cell, fact, from_file)
