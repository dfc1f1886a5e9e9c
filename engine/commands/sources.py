"""`advise sources`: the sources, and the rules that rest on them."""

from __future__ import annotations

from datetime import date

import click

from engine.commands.exits import exits
from engine.commands.options import IsoDate, as_of_option, policies_option, text_or_json_option
from engine.commands.printing import write_as


@click.command("sources")
@text_or_json_option
@click.option(
    "--check-by", type=IsoDate(), help="Only what must be read again by this day: sources, files, numbers."
)
@policies_option()
@as_of_option("The day whose sources are meant; default: today.")
def command(form: str, check_by: date | None, folder: str | None, as_of: date | None) -> None:
    """Lists the sources. The one nobody checked for longest comes first, each with the rules that cite it."""
    with exits():
        day = as_of or date.today()
        if check_by is None:
            from engine.analysis.catalogue.view import sources_text

            write_as(form, sources_text(folder, day, as_json=form == "json"))
        else:
            from engine.analysis.catalogue.review_due import due_text
            from engine.loading.load import load_named

            write_as(form, due_text(load_named(folder, day), check_by, as_json=form == "json"))
