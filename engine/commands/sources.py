"""`advise sources`: the sources, and the rules that rest on them."""

from __future__ import annotations

import sys
from datetime import date

import click

from engine.commands.exits import exits
from engine.commands.options import as_of_option, policies_option


@click.command("sources")
@click.option("--format", "form", type=click.Choice(["text", "json"]), default="text")
@policies_option()
@as_of_option("The day whose sources are meant; default: today.")
def command(form: str, folder: str | None, as_of: date | None) -> None:
    """Lists the sources. The one nobody checked for longest comes first, each with the rules that cite it."""
    with exits():
        from engine.listing import sources_text

        sys.stdout.buffer.write(sources_text(folder, as_of or date.today(), as_json=form == "json").encode())
