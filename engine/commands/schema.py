"""`advise schema`: JSON Schemas, of policy files in the words of a folder for editors, and of outputs."""

from __future__ import annotations

from datetime import date

import click

from engine.commands.exits import exits
from engine.commands.options import as_of_option, folder_names, policies_option
from engine.commands.printing import write

KINDS = ("policy", "vocabulary", "sources", "ranking", "calendar", "phrases", "tests")
"""The files that advisors write."""
OUTPUTS = (
    "report", "check", "explain", "what-if", "what-if-range", "reach", "ask", "diff", "versions", "rules",
    "sources-list", "sources-due", "test", "audit-list", "audit-rule", "audit-overrides", "audit-export",
)  # fmt: skip
"""What `--format json` and `advise audit export` write: X is the output with the key X_format."""


@click.command("schema")
@click.argument("folder", required=False, shell_complete=folder_names)
@policies_option("named")
@as_of_option("The day whose words are meant; default: today.")
@click.option(
    "--kind",
    type=click.Choice([*KINDS, *OUTPUTS]),
    default="policy",
    show_default=True,
    help="Which files or output it is for; that of a policy has the names in force in it.",
)
def command(folder: str | None, named: str | None, as_of: date | None, kind: str) -> None:
    """Writes a JSON Schema of policy files, by which editors complete and explain, or of an output."""
    with exits():
        from engine.loading.folder import find_folder, schema_folder

        if kind != "policy":
            write((schema_folder() / f"{kind}.schema.json").read_text("utf-8"))
            return
        import json

        from engine.loading.editor_schema import policy_schema
        from engine.loading.load import load

        schema = policy_schema(load(find_folder(folder or named), as_of or date.today()))
        write(json.dumps(schema, indent=1, ensure_ascii=False) + "\n")
