"""`advise what-if`: what would change if facts were otherwise."""

from __future__ import annotations

from datetime import date

import click

from engine.commands.exits import exits
from engine.commands.options import facts_argument, session_options


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
@session_options
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
            outcome = what_if_any(session.case, changes, session.advisor_on)
            print_as(form, lambda: view.outline(outcome, policies), lambda: view.as_data(outcome))
            return
        along = along_any(session.case, changes, session.advisor_on)
        print_as(
            form,
            lambda: view.range_outline(along, policies),
            lambda: view.range_as_data(along, session.advisor.bands),
        )
