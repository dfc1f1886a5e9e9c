"""The rows of a table of a policy folder: taken out as a grid, and a grid put in their place."""

from __future__ import annotations

import copy
import re
from pathlib import Path
from typing import Any

from engine.base.atomic_write import put_file
from engine.base.diagnostic import CommandLine, InvalidInput, did_you_mean
from engine.base.read import Document, PolicyFile, read_yaml
from engine.loading.folder import list_files
from engine.loading.layout import part_of
from engine.loading.table_file import digest_of_rows
from engine.versioning.release.edits import Edit, edited
from engine.versioning.sheets.grid import grid_of, row_text, rows_of
from engine.versioning.sheets.spreadsheet import csv_of, read_grid, write_grid

_COMMENT = re.compile(r"(?m)(^|[ \t])#[ \t]")


def exported(folder: Path, policy: str, name: str, target: Path) -> int:
    """Writes the rows of a table into a sheet; how many. Raises InvalidInput."""
    _, source = _policy(folder, policy)
    table = _table(source, policy, name)
    rows = table["rows"]
    grid = read_grid(folder / rows) if isinstance(rows, str) else grid_of(table)
    write_grid(target, grid)
    return len(grid) - 1


def imported(folder: Path, policy: str, name: str, sheet: Path) -> tuple[str, int]:
    """Puts the rows of a sheet in the place of a table's; the file that was written, and how many.

    Raises InvalidInput. What the rows mean is checked when the folder is read next.
    """
    file, source = _policy(folder, policy)
    table = _table(source, policy, name)
    grid = read_grid(sheet)
    if isinstance(table["rows"], str):
        rows_of(grid, table)  # whose columns must be right
        rows_file = PolicyFile(table["rows"], csv_of(grid))
        if "rows_digest" in table and table["rows_digest"] != digest_of_rows(rows_file):
            put_file(folder / file.path, _without_digest(source, file, name))
        put_file(folder / rows_file.path, rows_file.content)
        return rows_file.path, len(grid) - 1
    rows = rows_of(grid, table)
    expected = copy.deepcopy(source.data)
    expected["tables"][name]["rows"] = rows
    edits = [_rows_edit(source, table, name, rows)]
    put_file(folder / file.path, edited(source, file.content, edits, expected))
    return file.path, len(rows)


def _policy(folder: Path, policy: str) -> tuple[PolicyFile, Document]:
    files = [file for file in list_files(folder) if part_of(file.path) == "policies"]
    read = [(file, read_yaml(file.content, file.path)) for file in files]
    named = {_name(source): (file, source) for file, source in read if isinstance(source.data, dict)}
    if policy not in named:
        message = f"There is no policy `{policy[:60]}`."
        help_text = did_you_mean(policy, named)
        raise InvalidInput.error("unknown-policy", message, CommandLine("advise table"), help_text)
    return named[policy]


def _name(source: Document) -> str:
    """A policy's id; the vocabulary is called so."""
    return str(source.data.get("policy") or ("vocabulary" if "vocabulary" in source.data else ""))


def _table(source: Document, policy: str, name: str) -> Any:
    tables = source.data.get("tables") or {}
    if name not in tables:
        message = f"`{policy}` has no table `{name[:60]}`."
        help_text = did_you_mean(name, tables) or f"It has {', '.join(tables) or 'none'}."
        raise InvalidInput.error("unknown-table", message, CommandLine("advise table"), help_text)
    return tables[name]


def _without_digest(source: Document, file: PolicyFile, name: str) -> bytes:
    """The policy with the digest of the rows emptied of what they were: the next release writes it anew."""
    expected = copy.deepcopy(source.data)
    del expected["tables"][name]["rows_digest"]
    pointer = ("tables", name, "rows_digest")
    start, end = source.key_spans[pointer].start, source.spans[pointer].end
    line_start = source.text.rfind("\n", 0, start) + 1
    if not source.text[line_start:start].strip():
        after = source.text.find("\n", end)
        whole = Edit(line_start, after + 1 if after >= 0 else end, "")
        return edited(source, file.content, [whole], expected)
    before = source.text.rfind(",", 0, start)
    return edited(source, file.content, [Edit(before, end, "")], expected)


def _rows_edit(source: Document, table: Any, name: str, rows: list[dict[str, Any]]) -> Edit:
    """The rows written anew, those that stay as they are in the text that they have."""
    pointer = ("tables", name, "rows")
    span = source.spans[pointer]
    if _COMMENT.search(source.text[span.start : span.end]):
        message = f"There are comments between the rows of `{name}`, which would be lost."
        help_text = "Move them above `rows:`, or into the `why` of a row."
        raise InvalidInput.error("comments-lost", message, source.at(pointer), help_text)
    texts = []
    for row in rows:
        places = [place for place, former in enumerate(table["rows"]) if former == row]
        own = source.spans[(*pointer, places[0])] if places else None
        texts.append(row_text(row) if own is None else source.text[own.start : own.end].rstrip())
    if source.text[span.start] == "[":
        return Edit(span.start, span.end, f"[{', '.join(texts)}]")
    indent = " " * (source.place(span.start).column - 1)
    rest = source.text[span.start : span.end]
    trailing = rest[len(rest.rstrip()) :]
    return Edit(span.start, span.end, f"\n{indent}".join(f"- {text}" for text in texts) + trailing)
