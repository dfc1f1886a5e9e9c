"""`python -m engine`: the `advise` command."""

from engine.commands.main import main

if __name__ == "__main__":
    main(prog_name="advise")
