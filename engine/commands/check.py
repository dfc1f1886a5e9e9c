"""`advise check`: a policy folder, read and checked."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import click

from engine.commands.exits import FELL_SHORT, exits
from engine.commands.options import as_of_option, policies_option


@click.command("check")
@click.argument("folder", required=False)
@policies_option("named")
@as_of_option("The day whose versions are checked; default: today.")
@click.option(
    "--format",
    "form",
    type=click.Choice(["text", "json", "sarif", "github", "markdown"]),
    default="text",
    show_default=True,
    help="How it is told.",
)
@click.option(
    "--fail-on",
    type=click.Choice(["error", "warning"]),
    default="error",
    show_default=True,
    help="What exit 1 is for.",
)
@click.option("--fix", is_flag=True, help="Mend what is mechanical, in the files, and say what was done.")
@click.option("--explain", "code", metavar="CODE", help="Explain a code, with examples, and check nothing.")
def command(
    folder: str | None,
    named: str | None,
    as_of: date | None,
    form: str,
    fail_on: str,
    fix: bool,
    code: str | None,
) -> None:
    """Reads and checks a policy folder; exit 1 when something is wrong."""
    with exits():
        if code is not None:
            click.echo(_explained(code), nl=False)
            return
        from engine.check import check_folder
        from engine.checked import render
        from engine.folder import find_folder

        place, day = find_folder(folder or named), as_of or date.today()
        if fix:
            click.echo(_mended(place, day), err=form != "text", nl=False)
        checked = check_folder(place, day)
        click.echo(render(checked, form), nl=False)
        if checked.count("error") or (fail_on == "warning" and checked.count("warning")):
            raise click.exceptions.Exit(FELL_SHORT)


def _mended(folder: Path, day: date) -> str:
    """Mends the files of a folder, and says what was done, a line a mend."""
    from engine.mend import mend_folder
    from engine.tell import printable

    lines = [f"{found.at}: {words} [{found.code}]\n" for found, words in mend_folder(folder, day)]
    return printable("".join([*lines, "\n" if lines else ""]))


def _explained(code: str) -> str:
    from engine.codes import explain, nearest_code

    found = explain(code)
    if found is not None:
        return found.as_text()
    near = nearest_code(code)
    suggestion = f" Did you mean {near}?" if near else " docs/checks.md lists them all."
    raise click.BadParameter(f"there is no code `{code}`.{suggestion}", param_hint="'--explain'")
