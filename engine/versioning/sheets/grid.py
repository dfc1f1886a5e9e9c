"""Rows of a decision table as a grid of texts, and back into what a policy file holds."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final

from engine.base.diagnostic import CommandLine, InvalidInput
from engine.base.numbers import JSON_NUMBER, as_written, number_from
from engine.base.read import read_yaml
from engine.base.strict_table import ITEMS

Grid = tuple[tuple[str, ...], ...]
"""The names of the columns, then a row of texts each."""

ID, CITES, WHY = "id", "cites", "why"
_PLAIN: Final = re.compile("[A-Za-z_][A-Za-z0-9_.#-]*")
_NOT_PLAIN: Final = frozenset({"true", "false", "null", "yes", "no", "on", "off", "y", "n"})
_TRUTH: Final[Mapping[str, bool]] = {"yes": True, "true": True, "no": False, "false": False}


def outputs_of(table: Mapping[str, Any]) -> tuple[str, ...]:
    """The columns of what a table gives."""
    return tuple(table.get("outputs") or table.get("conclusions") or ())


def grid_of(table: Mapping[str, Any]) -> Grid:
    """The rows of a table that stand in the policy file."""
    head = (ID, *table["inputs"], *outputs_of(table), CITES, WHY)
    rows = [
        (
            row["id"],
            *map(cell_text, row["when"]),
            *map(cell_text, row["then"]),
            f"{ITEMS} ".join(row.get("cites") or ()),
            " ".join((row.get("why") or "").split()),
        )
        for row in table["rows"]
    ]
    return (head, *rows)


def cell_text(value: Any) -> str:
    """A cell as a spreadsheet shows it."""
    if value == {"": None}:
        return "?"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, list):
        return f"{ITEMS} ".join(map(cell_text, value))
    if isinstance(value, dict):
        return row_text(value)
    return value if isinstance(value, str) else as_written(value)


def rows_of(grid: Grid, table: Mapping[str, Any]) -> list[dict[str, Any]]:
    """The rows that a grid holds; a cell that says the same as before is as it was written.

    Raises InvalidInput where a column is missing or strange.
    """
    head, *lines = grid
    inputs, outputs = tuple(table["inputs"]), outputs_of(table)
    needed = (ID, *inputs, *outputs)
    wrong = [name for name in needed if name not in head]
    wrong += [name for name in head if name and name not in (*needed, CITES, WHY)]
    if wrong:
        message = f"The columns of the sheet are not those of the table: `{wrong[0][:60]}`."
        help_text = f"Its first line names {', '.join((*needed, CITES, WHY))}."
        raise InvalidInput.error("row-cells", message, CommandLine("--import"), help_text)
    before = {row["id"]: row for row in table["rows"]} if isinstance(table["rows"], list) else {}
    truths = _columns_of_truth(table, (*inputs, *outputs))
    return [_row(dict(zip(head, line, strict=False)), inputs, outputs, before, truths) for line in lines]


def _columns_of_truth(table: Mapping[str, Any], names: Sequence[str]) -> frozenset[str]:
    """The columns in which somewhere true or false is written."""
    rows = table["rows"] if isinstance(table["rows"], list) else []
    cells = [zip(names, (*row["when"], *row["then"]), strict=True) for row in rows]
    return frozenset(name for row in cells for name, cell in row if isinstance(cell, bool))


def _row(
    line: Mapping[str, str],
    inputs: Sequence[str],
    outputs: Sequence[str],
    before: Mapping[str, Any],
    truths: frozenset[str],
) -> dict[str, Any]:
    former = before.get(line[ID], {})

    def cells(names: Sequence[str], was: Iterable[Any]) -> list[Any]:
        known = dict(zip(names, was, strict=False))
        same = {name for name, value in known.items() if cell_text(value) == line[name]}
        return [known[name] if name in same else _value(line[name], name in truths) for name in names]

    row: dict[str, Any] = {
        "id": line[ID],
        "when": cells(inputs, former.get("when", ())),
        "then": cells(outputs, former.get("then", ())),
    }
    if cites := [each.strip() for each in line.get(CITES, "").split(ITEMS) if each.strip()]:
        row["cites"] = cites
    if why := line.get(WHY, ""):
        was = former.get("why") or ""
        row["why"] = was if " ".join(was.split()) == why else why
    return row


def _value(text: str, truth: bool) -> Any:
    if text.startswith("{"):
        try:
            return read_yaml(f"cell: {text}".encode(), "cell").data["cell"]
        except InvalidInput:
            return text  # which is told when the folder is read
    if ITEMS in text:
        return [_value(each.strip(), truth) for each in text.split(ITEMS)]
    if truth and text.lower() in _TRUTH:
        return _TRUTH[text.lower()]
    return number_from(text) if JSON_NUMBER.fullmatch(text) and len(text) < 100 else text


def row_text(row: Mapping[str, Any]) -> str:
    """A row, or any mapping, as one line of YAML."""
    return "{" + ", ".join(f"{key}: {_yaml(value)}" for key, value in row.items()) + "}"


def _yaml(value: Any) -> str:
    if isinstance(value, dict):
        return (
            "{" + ", ".join(f"{key or json.dumps(key)}: {_yaml(each)}" for key, each in value.items()) + "}"
        )
    if isinstance(value, list):
        return f"[{', '.join(map(_yaml, value))}]"
    if value is None:
        return "null"
    if not isinstance(value, str):
        return as_written(value)
    if _PLAIN.fullmatch(value) and value.lower() not in _NOT_PLAIN:
        return value
    return json.dumps(value, ensure_ascii=False)
