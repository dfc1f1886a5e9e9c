"""The rows of a decision table in a file of their own (CSV): a line a row.

The first line names the columns: `id`, the inputs, the outputs, and if there are any `cites` and `why`. Cells
are written as in the table, several values with `;` between them.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from io import BytesIO
from typing import Any, Final

from engine.base.diagnostic import Location
from engine.base.diagnostics import Diagnostics
from engine.base.read import PolicyFile
from engine.base.strict_table import ITEMS, InputTable, TableRow
from engine.language.model import CellMark, Citation, Comparison, Condition, DecisionRow, Operand
from engine.loading.folder import is_archived, text_digest
from engine.loading.node import Node, UnusableEntry
from engine.loading.table_cell import text_cell

ID: Final = "id"
CITES: Final = "cites"
WHY: Final = "why"
_KEBAB: Final = re.compile("[a-z0-9]+(-[a-z0-9]+)*")
_BESIDES: Final = (CITES, WHY)


def rows_of_file(node: Node, inputs: tuple[str, ...], outputs: tuple[str, ...]) -> tuple[DecisionRow, ...]:
    """The rows of the file that a table names. Raises UnusableEntry, when what is wrong was noted."""
    file = _file(node)
    problems = node.context.problems
    before = len(problems)
    table = InputTable(BytesIO(file.content), file.path, problems)
    _check_columns(table, inputs, outputs, problems)
    rows = []
    for line in table.rows({}):
        row = _row(line, inputs, outputs, problems)
        if row is not None:
            rows.append(row)
    if len(problems) > before:
        raise UnusableEntry
    return tuple(rows)


def _file(node: Node) -> PolicyFile:
    """The file that is named; of an archived policy the copy with its digest."""
    named, digest = node["rows"].value, node["rows_digest"].value
    files = node.context.rows_files
    if digest is not None and is_archived(node.context.source.path):
        found = next((file for file in files if digest_of_rows(file) == digest), None)
    else:
        found = next((file for file in files if file.path == named), None)
    if found is None:
        message = f"There is no file `{named}` with the rows of `{node.name}`."
        raise node.error("no-rows-file", message, "Put it beside the policy file.", node["rows"].at)
    if digest is not None and digest_of_rows(found) != digest:
        message = f"`{named}` is not as `rows_digest` says: it was edited."
        help_text = "If the rows are right, remove the line: the next release writes it anew."
        raise node.error("rows-edited", message, help_text, node["rows_digest"].at)
    return found


def digest_of_rows(file: PolicyFile) -> str:
    """The digest by which a released policy knows the file of its rows; line ends make no difference."""
    return f"sha256:{text_digest(file.content)}"


def archived_rows(file: PolicyFile) -> str:
    """Where the copy of a file with rows lies, that belongs to a released version."""
    return f"archive/{file.path.removesuffix('.csv')}-{text_digest(file.content)[:12]}.csv"


def _check_columns(
    table: InputTable, inputs: tuple[str, ...], outputs: tuple[str, ...], problems: Diagnostics
) -> None:
    known = (ID, *inputs, *outputs, *_BESIDES)
    for name in table.names:
        if name and name not in known:
            message = f"`{name}` is neither an input nor an output of the table."
            problems.error("row-cells", message, table.head_at(name), f"Known here: {', '.join(known)}.")
    for name in (ID, *inputs, *outputs):
        if table.names and name not in table.names:
            message = f"There is no column `{name}`."
            problems.error("row-cells", message, Location(table.path, 1, 1), "Add it to the first line.")


def _row(
    line: TableRow, inputs: tuple[str, ...], outputs: tuple[str, ...], problems: Diagnostics
) -> DecisionRow | None:
    values: Mapping[str, Any] = line.values
    for name in (ID, *inputs, *outputs):
        if name not in values and name in line.table.names:
            message = f"The cell of `{name}` is empty."
            help_text = (
                "Write `-` for anything." if name in inputs else "Write `absent` where nothing is given."
            )
            help_text = "Give the row a name." if name == ID else help_text
            problems.error("row-cells", message, line.at(name), help_text, line_text=line.text)
            return None
    if any(name not in values for name in (ID, *inputs, *outputs)):
        return None  # a column is missing, which was told
    if not _KEBAB.fullmatch(values[ID]):
        message = f"`{values[ID][:60]}` is not a name of the right form."
        help_text = "Write small letters, digits and single hyphens."
        problems.error("malformed-name", message, line.at(ID), help_text, line_text=line.text)
        return None
    cites = line.at(CITES)
    cited = [each.strip() for each in values.get(CITES, "").split(ITEMS)]
    return DecisionRow(
        id=values[ID],
        when=tuple(_cell(name, values[name], line.at(name)) for name in inputs),
        then=tuple(_given(values[name]) for name in outputs),
        cites=tuple(_citation(each, cites) for each in cited if each),
        why=values.get(WHY),
        at=line.at(ID),
        then_at=tuple(line.at(name) for name in outputs),
    )


def _cell(column: str, text: str, at: Location) -> Condition | CellMark:
    items = [item.strip() for item in text.split(ITEMS)]
    return text_cell(column, text, at) if len(items) == 1 else Comparison(column, "one_of", tuple(items), at)


def _given(text: str) -> Operand | None:
    if text in ("absent", "-"):
        return None
    items = tuple(item.strip() for item in text.split(ITEMS))
    return items if len(items) > 1 else text


def _citation(text: str, at: Location) -> Citation:
    source, _, anchor = text.partition("#")
    return Citation(source, anchor, at)
