"""`python -m engine`: the `advise` command."""

from engine.commands.main import main

main(prog_name="advise")
