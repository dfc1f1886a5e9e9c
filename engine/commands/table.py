"""`advise table`: the rows of a decision table, taken to a spreadsheet and back."""

from __future__ import annotations

from pathlib import Path

import click

from engine.commands.exits import exits
from engine.commands.printing import print_text

_SHEET = click.Path(path_type=Path, dir_okay=False)


@click.command("table")
@click.argument("policy")
@click.argument("name")
@click.option("--export", "target", type=_SHEET, help="Write the rows there: a file .csv or .xlsx.")
@click.option("--import", "sheet", type=_SHEET, help="Put the rows of this file in their place.")
@click.option("--policies", help="Your policy folder; else $ADVISE_POLICIES, else ./policies.")
def command(policy: str, name: str, target: Path | None, sheet: Path | None, policies: str | None) -> None:
    """Takes the rows of a decision table to a spreadsheet, and back.

    POLICY is a policy's id, or vocabulary; NAME that of the table. Ids, citations and reasons go with the
    rows.
    """
    if (target is None) == (sheet is None):
        raise click.UsageError("Name one file: --export FILE or --import FILE.")
    with exits("; nothing is written"):
        from engine.base.counted import counted
        from engine.loading.folder import find_own_folder
        from engine.versioning.sheets.written import exported, imported

        folder = find_own_folder(policies)
        if target is not None:
            print_text(f"{target.as_posix()}: {counted(exported(folder, policy, name, target), 'row')}\n")
        elif sheet is not None:
            path, rows = imported(folder, policy, name, sheet)
            print_text(f"{(folder / path).as_posix()}: {counted(rows, 'row')}. Look at it: advise check\n")
