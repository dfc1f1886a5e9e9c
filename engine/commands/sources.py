"""`advise sources`: the sources, and the rules that rest on them."""

from __future__ import annotations

import sys
from datetime import date

import click

from engine.commands.exits import exits
from engine.commands.options import IsoDate, as_of_option, policies_option


@click.command("sources")
@click.option("--format", "form", type=click.Choice(["text", "json"]), default="text")
@click.option(
    "--check-by", type=IsoDate(), help="Only what must be read again by this day: sources, files, numbers."
)
@policies_option()
@as_of_option("The day whose sources are meant; default: today.")
def command(form: str, check_by: date | None, folder: str | None, as_of: date | None) -> None:
    """Lists the sources. The one nobody checked for longest comes first, each with the rules that cite it."""
    with exits():
        from engine.analysis.catalogue.view import sources_text

        if check_by is not None:
            from engine.analysis.catalogue.review_due import due_text
            from engine.loading.load import load_named

            policies = load_named(folder, as_of or date.today())
            sys.stdout.buffer.write(due_text(policies, check_by, as_json=form == "json").encode())
            return
        sys.stdout.buffer.write(sources_text(folder, as_of or date.today(), as_json=form == "json").encode())
