"""`advise what-if`: what would change if facts were otherwise."""

from __future__ import annotations

from datetime import date

import click

from engine.commands.exits import exits
from engine.commands.options import as_of_option, facts_argument, format_option, policies_option


@click.command("what-if")
@facts_argument
@click.option(
    "--set",
    "sets",
    multiple=True,
    metavar="FACT=VALUE",
    help="Another value; low..high or * for a whole range.",
)
@click.option("--unset", "unsets", multiple=True, metavar="FACT", help="As if this were not known.")
@format_option()
@as_of_option("The day the advice is for; default: the file's as_of, else today.")
@policies_option()
def command(
    facts: str,
    sets: tuple[str, ...],
    unsets: tuple[str, ...],
    form: str,
    as_of: date | None,
    folder: str | None,
) -> None:
    """Tells what would change with other facts, each change with the test responsible."""
    if not sets and not unsets:
        raise click.UsageError("Say what is to change: --set fact=value, or --unset fact.")
    with exits():
        from engine.analysis.session import Options, Session
        from engine.analysis.what_if import view
        from engine.analysis.what_if.change import read_changes
        from engine.analysis.what_if.days import along_any, what_if_any
        from engine.commands.printing import print_as

        session = Session.open(facts, Options(folder, as_of))

        policies = session.policies
        changes = read_changes(sets, unsets, policies)
        if changes.range is None:
            found = what_if_any(session, changes)
            print_as(form, lambda: view.outline(found, policies), lambda: view.as_data(found))
            return
        along = along_any(session, changes)
        print_as(
            form,
            lambda: view.range_outline(along, policies),
            lambda: view.range_as_data(along, session.advisor.bands),
        )
