"""A grid of texts in a file: CSV, or an Excel workbook (with openpyxl, the extra `office`)."""

from __future__ import annotations

import csv
import io
from pathlib import Path
from typing import Any

from engine.base.atomic_write import put_file
from engine.base.diagnostic import CommandLine, InvalidInput, Location
from engine.base.diagnostics import Diagnostics
from engine.base.read import read_bytes
from engine.base.strict_table import InputTable
from engine.versioning.sheets.grid import Grid

WORKBOOK = ".xlsx"


def write_grid(path: Path, grid: Grid) -> None:
    """Writes a grid; in a workbook every cell is text, so that nothing is made a date."""
    put_file(path, _workbook(grid) if path.suffix == WORKBOOK else csv_of(grid))


def csv_of(grid: Grid) -> bytes:
    """A grid as CSV."""
    made = io.StringIO()
    csv.writer(made, lineterminator="\n").writerows(grid)
    return made.getvalue().encode()


def read_grid(path: Path) -> Grid:
    """The grid of a file. Raises InvalidInput where it cannot be read."""
    content = read_bytes(path, path.as_posix())
    if path.suffix == WORKBOOK:
        return _of_workbook(content, path)
    with Diagnostics() as problems:
        table = InputTable(io.BytesIO(content), path.as_posix(), problems)
        lines = [tuple(str(row.values.get(name, "")) for name in table.names) for row in table.rows({})]
    return (table.names, *lines)


def _workbook(grid: Grid) -> bytes:
    workbook = _openpyxl().Workbook()
    sheet = workbook.active
    for row_number, row in enumerate(grid, 1):
        for column_number, text in enumerate(row, 1):
            cell = sheet.cell(row_number, column_number)
            cell.value, cell.number_format = text, "@"
            cell.data_type = "s"  # what begins with `=` is no formula
    sheet.freeze_panes = "B2"
    made = io.BytesIO()
    workbook.save(made)
    return made.getvalue()


def _of_workbook(content: bytes, path: Path) -> Grid:
    openpyxl = _openpyxl()
    try:
        sheet = openpyxl.load_workbook(io.BytesIO(content), data_only=True).worksheets[0]
    except Exception:  # whatever a file that is none makes of the reader
        message, help_text = "This is no Excel workbook.", "Save it as .xlsx."
        raise InvalidInput.error("not-a-sheet", message, Location(path.as_posix(), 0), help_text) from None
    rows = [tuple(_text(cell.value) for cell in row) for row in sheet.iter_rows()]
    return tuple(row for row in rows if any(row))


def _text(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if hasattr(value, "isoformat"):
        return str(value.isoformat()).removesuffix("T00:00:00")
    return str(int(value) if isinstance(value, float) and value.is_integer() else value).strip()


def _openpyxl() -> Any:
    try:
        import openpyxl
    except ImportError:
        message = "Excel workbooks need the package openpyxl."
        help_text = "Install it: pip install 'advise[office]'; or use a file that ends in .csv."
        raise InvalidInput.error("not-installed", message, CommandLine("advise table"), help_text) from None
    return openpyxl
