"""`advise test`: the tests that stand in a policy folder."""

from __future__ import annotations

from datetime import date

import click

from engine.commands.exits import FELL_SHORT, exits
from engine.commands.options import policies_option


@click.command("test")
@click.argument("folder", required=False)
@policies_option("named")
@click.option("-k", "words", help="Only tests whose name or file holds these words.")
@click.option("-v", "--verbose", is_flag=True, help="Name the tests that pass, too.")
def command(folder: str | None, named: str | None, words: str | None, verbose: bool) -> None:
    """Runs a policy folder's tests. Exit 1 when one fails or there is none."""
    folder = folder or named
    with exits():
        from engine.folder import find_folder
        from engine.policytests import PolicyTests

        tests = PolicyTests(find_folder(folder), date.today())
        chosen = [test for test in tests.tests if not words or words in f"{test.file} {test.name}"]
        failed = 0
        for test in chosen:
            failures = tests.run(test).failures
            failed += bool(failures)
            if failures or verbose:
                click.echo(f"{test.at}: {'FAILED' if failures else 'passed'}: {test.name}")
            for failure in failures:
                click.echo(f"  → {failure}")
        click.echo(f"{len(chosen) - failed} passed, {failed} failed")
        if failed or not chosen:
            raise click.exceptions.Exit(FELL_SHORT)
