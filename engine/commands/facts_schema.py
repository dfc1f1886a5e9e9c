"""`advise facts-schema`: a JSON Schema of facts files."""

from __future__ import annotations

import sys
from datetime import date

import click

from engine.commands.exits import exits
from engine.commands.options import as_of_option, policies_option


@click.command("facts-schema")
@policies_option()
@as_of_option("The day whose vocabulary is meant; default: today.")
def command(folder: str | None, as_of: date | None) -> None:
    """Writes the JSON Schema of facts files. It is made from the vocabulary."""
    with exits():
        from engine.advising.session import facts_schema_text

        sys.stdout.buffer.write(facts_schema_text(folder, as_of or date.today()).encode())
