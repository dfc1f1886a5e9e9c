"""`advise rules`: the rules in force, listed."""

from __future__ import annotations

from datetime import date

import click

from engine.commands.exits import exits
from engine.commands.options import as_of_option, policies_option
from engine.commands.printing import print_as, write


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
    if form == "markdown" and (words or cites is not None or fact is not None):
        raise click.UsageError("--format markdown is the whole guidance; leave out what selects rules.")
    with exits():
        from engine.loading.load import load_named

        policies = load_named(folder, as_of or date.today())
        if form == "markdown":
            from engine.analysis.catalogue.guidance_page import guidance

            write(guidance(policies))
            return
        from engine.analysis.catalogue.query import list_rules
        from engine.analysis.catalogue.view import rules_as_data, rules_outline

        rules = list_rules(policies, words=" ".join(words), cites=cites, fact=fact)
        print_as(form, lambda: rules_outline(rules, policies, fact), lambda: rules_as_data(rules, policies))
