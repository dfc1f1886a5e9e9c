"""`advise rules`: the rules in force, listed."""

from __future__ import annotations

from datetime import date

import click

from engine.commands.exits import exits
from engine.commands.options import as_of_option, policies_option
from engine.commands.printing import write_as


@click.command("rules")
@click.argument("words", nargs=-1)
@click.option(
    "--cites", help="Only rules that rest on this passage, source#passage, or on any of this source."
)
@click.option("--fact", help="Only rules that rest on this fact, with their conditions, texts or due dates.")
@click.option("--format", "form", type=click.Choice(["text", "json", "markdown"]), default="text")
@policies_option()
@as_of_option("The day whose rules are meant; default: today.")
def command(
    words: tuple[str, ...],
    cites: str | None,
    fact: str | None,
    form: str,
    folder: str | None,
    as_of: date | None,
) -> None:
    """Lists the rules in force. By words, by passage, by fact; Markdown gives the whole guidance to read."""
    with exits():
        from engine.analysis.catalogue.view import guidance_text, rules_text

        day = as_of or date.today()
        if form == "markdown":
            text = guidance_text(folder, day)
        else:
            text = rules_text(folder, day, " ".join(words), cites, fact, as_json=form == "json")
        write_as(form, text)
