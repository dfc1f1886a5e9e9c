"""`python -m engine`: the `advise` command."""

from engine.commands.entry import advise

if __name__ == "__main__":
    advise()
