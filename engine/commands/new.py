"""`advise new`: an interview that begins with nothing."""

from __future__ import annotations

from datetime import date

import click

from engine.commands.exits import exits
from engine.commands.options import as_of_option, facts_argument, policies_option


@click.command("new")
@facts_argument
@as_of_option("The day the advice is for; default: today.")
@policies_option()
def command(facts: str, as_of: date | None, folder: str | None) -> None:
    """Asks for the facts of a case, and writes them to a new file."""
    with exits():
        from engine.commands.interview import interview_from_nothing

        interview_from_nothing(facts, as_of, folder)
