"""`advise facts-schema`: a JSON Schema of facts files."""

from __future__ import annotations

import json
from datetime import date

import click

from engine.commands.exits import exits
from engine.commands.options import as_of_option, policies_option
from engine.commands.printing import write


@click.command("facts-schema")
@policies_option()
@as_of_option("The day whose vocabulary is meant; default: today.")
def command(folder: str | None, as_of: date | None) -> None:
    """Writes the JSON Schema of facts files. It is made from the vocabulary."""
    with exits():
        from engine.loading.facts_schema import facts_schema
        from engine.loading.load import load_named

        policies = load_named(folder, as_of or date.today())
        text = json.dumps(facts_schema(policies.facts, policies.words), indent=2, ensure_ascii=False)
        write(f"{text}\n")
