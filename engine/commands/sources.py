"""`advise sources`: the sources, and the rules that rest on them."""

from __future__ import annotations

from datetime import date

import click

from engine.commands.exits import exits
from engine.commands.options import IsoDate, as_of_option, format_option, policies_option
from engine.commands.printing import print_as


@click.command("sources")
@format_option
@click.option(
    "--check-by", type=IsoDate(), help="Only what must be read again by this day: sources, files, numbers."
)
@policies_option()
@as_of_option("The day whose sources are meant; default: today.")
def command(form: str, check_by: date | None, folder: str | None, as_of: date | None) -> None:
    """Lists the sources. The one nobody checked for longest comes first, each with the rules that cite it."""
    with exits():
        from engine.loading.load import load_named

        day = as_of or date.today()
        policies = load_named(folder, day)
        if check_by is None:
            from engine.analysis.catalogue.query import list_sources
            from engine.analysis.catalogue.view import sources_as_data, sources_outline

            listed = list_sources(policies)
            print_as(form, lambda: sources_outline(listed, day), lambda: sources_as_data(listed, policies))
        else:
            from engine.analysis.catalogue.review_due import as_data, due_by, outline

            dues = due_by(policies, check_by)
            words = policies.words
            print_as(form, lambda: outline(dues, check_by, words), lambda: as_data(dues, policies, check_by))
