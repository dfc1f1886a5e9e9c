"""`python -m engine`: the `advise` command."""

from engine.commands.entry import advise

advise()
