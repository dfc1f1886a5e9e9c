"""`python cli.py` in a checkout: the `advise` command; `cli.main` is it for Python."""

if __name__ == "__main__":
    from engine.commands.entry import advise

    advise()
else:
    from engine.commands.main import main

    __all__ = ["main"]
