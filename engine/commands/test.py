"""`advise test`: the tests that stand in a policy folder, and how good they are."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date
from typing import TYPE_CHECKING

import click

from engine.commands.exits import FELL_SHORT, exits
from engine.commands.options import folder_names, policies_option
from engine.commands.printing import tell, write, write_as

if TYPE_CHECKING:  # imported when it is needed: `advise test --help` reads no policies
    from engine.testing.mutate import Advance

FORMATS = ("text", "json", "junit", "github")


@click.command("test")
@click.argument("folder", required=False, shell_complete=folder_names)
@policies_option("named")
@click.option("-k", "words", help="Only tests whose name or file holds these words.")
@click.option("-v", "--verbose", is_flag=True, help="Name the tests that pass, too.")
@click.option("--format", "form", type=click.Choice(FORMATS), default="text", help="How to tell it.")
@click.option("--coverage", "covering", is_flag=True, help="Tell what no test looks at.")
@click.option("--mutate", "mutating", is_flag=True, help="Change the policies step by step: is it noticed?")
@click.option(
    "--rules", metavar="WORDS", default="", help="Only rules or facts with these words in their name."
)
@click.option("--jobs", type=click.IntRange(1, 64), help="Processes for --mutate; default: one a processor.")
@click.option(
    "--threshold",
    type=click.FloatRange(0, 100),
    help="Exit 1 when coverage, or what is noticed, is below this percentage.",
)
@click.option("--suggest", "rule", metavar="RULE", help="Write tests of this rule, ready to paste.")
def command(
    folder: str | None,
    named: str | None,
    words: str | None,
    verbose: bool,
    form: str,
    covering: bool,
    mutating: bool,
    rules: str,
    jobs: int | None,
    threshold: float | None,
    rule: str | None,
) -> None:
    """Runs a policy folder's tests. Exit 1 when one fails or there is none."""
    _check_usage(form, covering, mutating, rules, threshold, rule)
    with exits():
        from importlib import import_module

        from engine.base.record import replace
        from engine.loading import policy_cache
        from engine.loading.folder import find_folder
        from engine.testing import PolicyTests
        from engine.testing.coverage import measure
        from engine.testing.mutate import mutate
        from engine.testing.results import Results

        place, today = find_folder(folder or named), date.today()
        tests = PolicyTests(place, today, keep_in=policy_cache.default_folder())
        if rule is not None:
            from engine.testing.suggest import suggest

            write(suggest(tests, rule, today))
            return
        chosen = [test for test in tests.tests if not words or words in f"{test.file} {test.name}"]
        outcomes = tests.run_all(chosen)
        coverage = measure(tests.sets, outcomes, rules) if covering else None
        results = Results(place.as_posix(), outcomes, coverage, threshold=threshold)
        if mutating and not results.failed:
            with _progress() as advance:
                mutation = mutate(place, tests, chosen, words=rules, today=today, jobs=jobs, advance=advance)
            results = replace(results, mutation=mutation)
        render: Callable[[Results, bool], str]
        render = import_module(f"engine.testing.formats.as_{form}").render
        write_as(form, render(results, verbose))
        if mutating and results.failed:
            tell("Nothing was changed: --mutate needs tests that pass.")
        if not chosen:
            where = f"holds “{words}” in its name or file" if words else f"stands in {place.as_posix()}/tests"
            tell(f"No test {where}.")
        if results.fell_short:
            raise click.exceptions.Exit(FELL_SHORT)


def _check_usage(
    form: str, covering: bool, mutating: bool, rules: str, threshold: float | None, rule: str | None
) -> None:
    if threshold is not None and math.isnan(threshold):
        raise click.UsageError("--threshold is a percentage: 0 to 100.")
    if threshold is not None and not (covering or mutating):
        raise click.UsageError("--threshold is for --coverage or --mutate.")
    if rules and not (covering or mutating):
        raise click.UsageError("--rules is for --coverage or --mutate.")
    if rule is not None and (covering or mutating or form != "text"):
        raise click.UsageError("--suggest writes tests, and nothing else.")
    if form == "junit" and (covering or mutating):
        raise click.UsageError("JUnit has no place for --coverage and --mutate; use json.")


@contextmanager
def _progress() -> Iterator[Advance | None]:
    """A bar on standard error where that is a terminal."""
    from rich.console import Console

    console = Console(stderr=True)
    if not console.is_terminal:
        yield None
        return
    from rich.progress import Progress

    with Progress(console=console, transient=True) as progress:
        task = progress.add_task("Changes tried", total=None)
        yield lambda done, total: progress.update(task, completed=done, total=total)
