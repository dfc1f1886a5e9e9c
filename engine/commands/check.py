"""`advise check`: a policy folder, read and checked."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import click

from engine.commands.exits import FELL_SHORT, exits
from engine.commands.options import as_of_option, folder_names, own_policies_option
from engine.commands.printing import print_text, takes_escapes, tell, write_as

if TYPE_CHECKING:
    from engine.checking.check import Checked


@click.command("check")
@click.argument("folder", required=False, shell_complete=folder_names)
@own_policies_option("named")
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
@click.option("--watch", is_flag=True, help="Check again after each save, without proofs, until Ctrl-C.")
@click.option(
    "--prove/--no-prove",
    default=True,
    help="Whether to prove what holds whatever the facts are.",
)
@click.option(
    "--budget",
    type=click.FloatRange(min=0),
    default=60,
    show_default=True,
    help="Seconds that proofs may take.",
)
@click.option("--explain", "code", metavar="CODE", help="Explain a code, with examples, and check nothing.")
def command(
    folder: str | None,
    named: str | None,
    as_of: date | None,
    form: str,
    fail_on: str,
    fix: bool,
    watch: bool,
    prove: bool,
    budget: float,
    code: str | None,
) -> None:
    """Reads and checks a policy folder. Exit 1 when something is wrong."""
    with exits():
        if code is not None:
            print_text(_explained(code))
            return
        from engine.loading.folder import find_own_folder

        place = find_own_folder(folder or named)

        def look() -> Checked:
            return _check(place, as_of or date.today(), form, fix, budget if prove and not watch else None)

        if watch:
            _keep_checking(place, look)
            return
        checked = look()
        if checked.count("error") or (fail_on == "warning" and checked.count("warning")):
            raise click.exceptions.Exit(FELL_SHORT)


def _check(folder: Path, day: date, form: str, fix: bool, seconds: float | None) -> Checked:
    """Checks a folder, and says what was found."""
    from engine.checking.check import check_folder
    from engine.checking.formats import render

    if fix:
        _fix(folder, day, aside=form != "text")
    checked = check_folder(folder, day, today=date.today(), prove_for=seconds)
    write_as(form, render(checked, form))
    return checked


def _keep_checking(folder: Path, look: Callable[[], object]) -> None:
    from engine.checking.watch import saves

    for _ in saves(folder):
        if takes_escapes():
            click.clear()
        look()
        tell(f"\n{datetime.now():%H:%M:%S}: waiting for the next save; Ctrl-C ends.")


def _fix(folder: Path, day: date, *, aside: bool) -> None:
    """Mends the files of a folder, and says what was done, a line each. Raises InvalidInput."""
    from engine.base.diagnostic import InvalidInput
    from engine.base.diagnostic_text import printable
    from engine.checking.fix import description, fix_folder

    fixes, taken_back, problems = fix_folder(folder, day)
    lines = [f"{fixed.at}: {description(fixed)} [{fixed.code}]" for fixed in fixes]
    lines += [f"{each.fix.at}: {each.reason} [{each.fix.code}]" for each in taken_back]
    say = partial(tell, end="") if aside else print_text
    for line in lines:
        say(printable(line).replace("\n", " ") + "\n")
    if problems:
        raise InvalidInput(problems)
    if lines:
        say("\n")


def _explained(code: str) -> str:
    from engine.checking.codes import explain, nearest_code

    page = explain(code)
    if page is not None:
        return page.as_text()
    near = nearest_code(code)
    suggestion = f" Did you mean {near}?" if near else " docs/checks.md lists them all."
    raise click.BadParameter(f"there is no code `{code}`.{suggestion}", param_hint="'--explain'")
