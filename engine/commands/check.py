"""`advise check`: a policy folder, read and checked."""

from __future__ import annotations

from datetime import date

import click

from engine.commands.exits import FELL_SHORT, exits
from engine.commands.options import as_of_option, policies_option


@click.command("check")
@click.argument("folder", required=False)
@policies_option("named")
@as_of_option("The day whose versions are checked; default: today.")
@click.option(
    "--fail-on",
    type=click.Choice(["error", "warning"]),
    default="error",
    show_default=True,
    help="What exit 1 is for.",
)
@click.option(
    "--prove/--no-prove",
    default=True,
    help="Whether to look for what no applicant, or every applicant, shows (most of it needs z3-solver).",
)
@click.option(
    "--budget",
    type=click.FloatRange(min=0),
    default=60,
    show_default=True,
    help="Seconds that proofs may take.",
)
def command(
    folder: str | None, named: str | None, as_of: date | None, fail_on: str, prove: bool, budget: float
) -> None:
    """Reads and checks a policy folder; exit 1 when something is wrong."""
    with exits():
        from engine.check import check_folder
        from engine.folder import find_folder
        from engine.tell import tell

        seconds = budget if prove else None
        checked = check_folder(find_folder(folder or named), as_of or date.today(), prove_for=seconds)
        errors, warnings = checked.count("error"), checked.count("warning")
        if checked.diagnostics:
            click.echo(tell(checked.diagnostics))
            click.echo(f"\n{_counted(errors, 'error')}, {_counted(warnings, 'warning')}.", err=True)
        else:
            click.echo(f"{checked.summary}: no problems.")
        for left in checked.unfinished:
            click.echo(f"Not settled: {left.code} of {left.about}: {left.reason}.", err=True)
        if errors or (warnings and fail_on == "warning"):
            raise click.exceptions.Exit(FELL_SHORT)


def _counted(number: int, word: str) -> str:
    return f"{number} {word}{'' if number == 1 else 's'}"
