"""`advise test`: the tests that stand in a policy folder, and how good they are."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

import click

from engine.base.sentence import os_reason
from engine.commands.exits import FELL_SHORT, exits
from engine.commands.options import folder_names, own_policies_option
from engine.commands.printing import print_text, tell, write, write_as
from engine.loading.layout import ENDINGS, TESTS

if TYPE_CHECKING:  # imported when it is needed: `advise test --help` reads no policies
    from engine.testing import PolicyTests
    from engine.testing.mutate import Advance

FORMATS = ("text", "json", "junit", "github")


@click.command("test")
@click.argument("folder", required=False, shell_complete=folder_names)
@own_policies_option("named")
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
@click.option(
    "--suggest", "rule", metavar="RULE", is_flag=False, flag_value="", help="Write tests of this rule."
)
@click.option("--all", "every", is_flag=True, help="With --suggest: of every rule that lacks a test.")
@click.option("--write", "file", metavar="FILE", help="With --suggest: into this new file.")
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
    every: bool,
    file: str | None,
) -> None:
    """Runs a policy folder's tests. Exit 1 when one fails or there is none."""
    _check_usage(form, covering, mutating, rules, threshold, rule)
    _check_suggesting(rule, every, file)
    with exits():
        from importlib import import_module

        from engine.base.record import replace
        from engine.loading import policy_cache
        from engine.loading.folder import find_own_folder
        from engine.testing import PolicyTests
        from engine.testing.coverage import measure
        from engine.testing.mutate import mutate
        from engine.testing.results import Results

        place, today = find_own_folder(folder or named), date.today()
        keep_in = policy_cache.default_folder()
        if rule is not None:
            tests = PolicyTests(place, today, keep_in=keep_in, without_empty=True)
            _suggest(place, tests, rule or None, today, Path(file) if file else None)
            return
        tests = PolicyTests(place, today, keep_in=keep_in)
        chosen = [test for test in tests.tests if not words or words in f"{test.file} {test.name}"]
        outcomes = tests.run_all(chosen)
        coverage = measure(tests.sets, outcomes, rules) if covering else None
        results = Results(place.as_posix(), outcomes, coverage, threshold=threshold)
        if mutating and not results.failed:
            with _progress("Changes tried") as advance:
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


def _check_suggesting(rule: str | None, every: bool, file: str | None) -> None:
    if rule is None and (every or file is not None):
        raise click.UsageError("--all and --write are for --suggest.")
    if rule is not None and bool(rule) == every:
        raise click.UsageError("Tests of which rule? Write --suggest RULE, or --suggest --all.")
    if file is not None and not file.endswith(ENDINGS):
        raise click.UsageError("The file of --write must end in .yaml: no other is read as tests.")


def _suggest(folder: Path, tests: PolicyTests, rule: str | None, today: date, file: Path | None) -> None:
    """Tells tests that are made up, or writes them into a file. Raises InvalidInput."""
    from engine.base.counted import counted
    from engine.testing.suggest import suggest

    if file is not None:
        _require_free(file)
    with _progress("Rules") as advance:
        suggested = suggest(tests, rule, today, advance=advance)
    if suggested is None:
        tell("Every rule has a test.")
    elif file is None or not suggested.tests:
        write(suggested.text)
    else:
        _write_new(file, suggested.text, folder)
        written = f"{counted(suggested.tests, 'test')} written to {file.as_posix()}"
        print_text(f"{written}: read them, case by case.\n")


def _require_free(file: Path) -> None:
    """Raises UsageError where a file stands, unless it is empty, as one is that the shell has made."""
    with suppress(FileNotFoundError):
        if file.is_symlink() or file.stat().st_size or not file.is_file():
            raise click.UsageError(
                f"{file.as_posix()} is there already, and stays as it is. Name another file."
            )


def _write_new(file: Path, text: str, folder: Path) -> None:
    from engine.base.atomic_write import put_file
    from engine.base.diagnostic import InvalidInput, Location

    _require_free(file)  # it may have come meanwhile
    try:
        if file.parent == folder / TESTS:
            file.parent.mkdir(exist_ok=True)
        put_file(file, text.encode())
    except OSError as error:
        message = f"The tests cannot be written: {os_reason(error)}."
        raise InvalidInput.error("not-written", message, Location(file.as_posix(), 0)) from None


@contextmanager
def _progress(what: str) -> Iterator[Advance | None]:
    """A bar on standard error where that is a terminal."""
    from rich.console import Console

    console = Console(stderr=True)
    if not console.is_terminal:
        yield None
        return
    from rich.progress import Progress

    with Progress(console=console, transient=True) as progress:
        task = progress.add_task(what, total=None)
        yield lambda done, total: progress.update(task, completed=done, total=total)
