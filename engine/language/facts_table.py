"""Facts of many applicants as a table: a column a fact, a line an applicant."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from engine.base.diagnostic import Place
from engine.base.diagnostics import Diagnostics
from engine.base.read import Pointer
from engine.base.record import record
from engine.base.strict_table import Column, ColumnKind, InputTable, TableRow
from engine.language.facts import Locate, check_names, grouped
from engine.language.model import Fact
from engine.language.new_names import given_facts


@record
class FactsRow:
    """One applicant: the line, the facts as a facts file nests them, and where each stands."""

    line: int
    data: Mapping[str, Any]
    locate: Locate


def read_facts_table(
    lines: Iterable[bytes], path: str, declared: Mapping[str, Fact], problems: Diagnostics
) -> Iterator[FactsRow]:
    """The applicants of a table, each as it is read; those with a cell that cannot be read are left out.

    What is wrong goes to `problems`. Whether a value is possible is told by `read_facts`. Raises InvalidInput
    where nothing more can be read.
    """
    table = InputTable(lines, path, problems)
    check_names(((name, table.head_at(name)) for name in table.names if name), declared, problems)
    columns = {fact.name: _column(fact) for fact in given_facts(declared)}
    for row in table.rows(columns):
        yield FactsRow(row.line, grouped(row.values), _places(row))


_KINDS: Mapping[str, ColumnKind] = {
    "boolean": "boolean", "integer": "number", "number": "number", "date": "date",
}  # fmt: skip


def _column(fact: Fact) -> Column:
    return Column(_KINDS.get(fact.value_type, "text"), several=fact.type == "list")


def _places(row: TableRow) -> Locate:
    def locate(pointer: Pointer, _name: bool) -> Place:
        return row.at(".".join(map(str, pointer)))

    return locate
