"""The `advise` command: parses, wires, exits."""

from __future__ import annotations

import gc
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from io import TextIOWrapper
from typing import Any

import click
from click_default_group import DefaultGroup

from engine.diagnostic import Refused
from engine.version import VERSION

UNUSABLE = 2
DEFECT = 70

_FOLDER_HELP = (
    "The policy folder; else $ADVISE_POLICIES, else ./policies, else the one that came with advise."
)


@contextmanager
def exits(so: str = "") -> Iterator[None]:
    """Refused input ends with exit 2 and every problem, our own defect with 70; never with a traceback."""
    try:
        yield
    except (click.ClickException, click.exceptions.Exit, click.Abort, BrokenPipeError, KeyboardInterrupt):
        raise
    except Refused as refused:
        from engine.tell import tell

        click.echo(tell(refused.diagnostics), err=True)
        count = len(refused.diagnostics)
        click.echo(f"\n{count} problem{'s' if count > 1 else ''}{so}.", err=True)
        raise click.exceptions.Exit(UNUSABLE) from None
    except OSError as error:  # files are read with errors of their own, so this is the output
        click.echo(f"The output cannot be written: {error.strerror or type(error).__name__}.", err=True)
        raise click.exceptions.Exit(UNUSABLE) from None
    except Exception as error:  # the last resort: an advisor must never see a traceback
        click.echo(f"A defect in advise ({type(error).__name__}). {_write_trace(error)}", err=True)
        raise click.exceptions.Exit(DEFECT) from None


def _write_trace(error: Exception) -> str:
    """Writes where it happened, without any value: facts are student records."""
    import tempfile
    import traceback

    from engine.diagnostic import EngineDefect

    said = f": {error}" if isinstance(error, EngineDefect) else ""
    frames = "".join(traceback.format_list(traceback.extract_tb(error.__traceback__)))
    try:
        handle, path = tempfile.mkstemp(prefix="advise-", suffix=".trace")
        with os.fdopen(handle, "w", encoding="utf-8") as stream:
            stream.write(f"advise {VERSION}, Python {sys.version}\n{type(error).__name__}{said}\n{frames}")
    except OSError:
        return "The trace could not be written."
    return f"The trace, without any fact, is in {path}"


class IsoDate(click.ParamType[date]):
    """A date on the command line, as year-month-day."""

    name = "date"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> date:
        """The date; a usage error for anything else."""
        from engine.values import parse_date

        found = value if isinstance(value, date) else parse_date(value)
        if found is None:
            self.fail(f"`{value}` is not a date; write year-month-day, such as 2026-09-23.", param, ctx)
        return found


def _version_text() -> str:
    from engine.advisor import available_compiler

    _, engine = available_compiler()
    return f"advise {VERSION} ({engine}; Python {sys.version.split()[0]})"


def _show_version(ctx: click.Context, _param: click.Parameter, wanted: bool) -> None:
    if wanted:
        click.echo(_version_text())
        ctx.exit()


@click.group(cls=DefaultGroup, default="report", default_if_no_args=False)
@click.option(
    "--version",
    is_flag=True,
    is_eager=True,
    expose_value=False,
    callback=_show_version,
    help="Show the version and the engine.",
)
def main() -> None:
    """Ranked, cited advice for one applicant: advise FACTS.

    FACTS is a JSON or YAML file, or - for standard input. Everything said names its rule and its source.
    """
    if isinstance(sys.stdout, TextIOWrapper):
        sys.stdout.reconfigure(errors="replace")  # a narrow encoding costs a dash or an arrow, not the advice


@main.command()
@click.argument("facts")
@click.option(
    "--format",
    "form",
    type=click.Choice(["text", "json", "markdown", "html"]),
    default="text",
    show_default=True,
)
@click.option(
    "--as-of", type=IsoDate(), help="The day the advice is for; default: the file's as_of, else today."
)
@click.option("--policies", "folder", help=_FOLDER_HELP)
@click.option("--top", type=click.IntRange(min=1), help="Show only the first N items (text and markdown).")
@click.option(
    "--all",
    "show_all",
    is_flag=True,
    help="Show everything: all items, what was outranked, all that cannot be told.",
)
@click.option(
    "--engine",
    type=click.Choice(["durable-rules", "evaluator"]),
    default="durable-rules",
    help="`evaluator` leaves durable-rules out.",
)
def report(
    facts: str,
    form: str,
    as_of: date | None,
    folder: str | None,
    top: int | None,
    show_all: bool,
    engine: Any,
) -> None:
    """Advice for one applicant (the default command)."""
    with exits("; no advice is given"):
        # One report makes no garbage worth looking for, and looking takes a tenth of the run.
        gc.disable()
        from engine.run import advise_file, notes_on_day

        _not_a_command(facts)
        result = advise_file(
            facts, folder=folder, as_of=as_of, engine=engine, read_stdin=sys.stdin.buffer.read
        )
        _print(result.report, form, top, show_all)
        for note in notes_on_day(result, date.today()):
            click.echo(note, err=True)


def _not_a_command(facts: str) -> None:
    """A word that is no file and nearly a command is taken for a slip. Raises UsageError."""
    from engine.diagnostic import did_you_mean

    help_text = did_you_mean(facts, main.commands)
    if help_text and "." not in facts and not os.path.exists(facts):
        raise click.UsageError(f"There is no command and no file `{facts}`. {help_text}")


def _print(found: Any, form: str, top: int | None, show_all: bool) -> None:
    from engine import render

    if form == "text":
        from shutil import get_terminal_size

        width = max(60, min(120, get_terminal_size((100, 24)).columns))
        colour = sys.stdout.isatty() and not os.environ.get("NO_COLOR")
        click.echo(
            render.render_text(found, top=top, all_items=show_all, width=width, colour=colour),
            nl=False,
            color=colour,
        )
        return
    if form == "json":
        text = render.render_json(found)
    elif form == "markdown":
        text = render.render_markdown(found, top=top, all_items=show_all)
    else:
        text = render.render_html(found)
    sys.stdout.buffer.write(text.encode())
    sys.stdout.buffer.flush()  # here, where a closed pipe is still taken for what it is


@main.command()
@click.argument("folder", required=False)
@click.option("--policies", "named", help=_FOLDER_HELP)
@click.option("--as-of", type=IsoDate(), help="The day whose versions are checked; default: today.")
def check(folder: str | None, named: str | None, as_of: date | None) -> None:
    """Reads and checks a policy folder; exit 1 when something is wrong."""
    folder = folder or named
    with exits():
        from engine.run import check_folder
        from engine.tell import tell

        found, summary = check_folder(folder, as_of or date.today())
        if found:
            click.echo(tell(found))
            click.echo(f"\n{len(found)} problem{'s' if len(found) > 1 else ''}.", err=True)
            raise click.exceptions.Exit(1)
        click.echo(summary)


@main.command("test")
@click.argument("folder", required=False)
@click.option("--policies", "named", help=_FOLDER_HELP)
@click.option("-k", "words", help="Only tests whose name or file holds these words.")
@click.option("-v", "--verbose", is_flag=True, help="Name the tests that pass, too.")
def test_command(folder: str | None, named: str | None, words: str | None, verbose: bool) -> None:
    """Runs a policy folder's tests; exit 1 when one fails or there is none."""
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
            raise click.exceptions.Exit(1)


@main.command()
@click.argument("words", nargs=-1)
@click.option(
    "--cites", help="Only rules that rest on this passage, source#passage, or on any of this source."
)
@click.option("--fact", help="Only rules that look at this fact, themselves or through others.")
@click.option("--format", "form", type=click.Choice(["text", "json", "markdown"]), default="text")
@click.option("--policies", "folder", help=_FOLDER_HELP)
@click.option("--as-of", type=IsoDate(), help="The day whose rules are meant; default: today.")
def rules(
    words: tuple[str, ...],
    cites: str | None,
    fact: str | None,
    form: str,
    folder: str | None,
    as_of: date | None,
) -> None:
    """Lists the rules in force: by words, by passage, by fact. Markdown gives the whole guidance to read."""
    with exits():
        from engine.listing import guidance_text, rules_text

        day = as_of or date.today()
        if form == "markdown":
            text = guidance_text(folder, day)
        else:
            text = rules_text(folder, day, " ".join(words), cites, fact, as_json=form == "json")
        sys.stdout.buffer.write(text.encode())


@main.command()
@click.option("--format", "form", type=click.Choice(["text", "json"]), default="text")
@click.option("--policies", "folder", help=_FOLDER_HELP)
@click.option("--as-of", type=IsoDate(), help="The day whose sources are meant; default: today.")
def sources(form: str, folder: str | None, as_of: date | None) -> None:
    """Lists the sources, the one nobody checked for longest first, with the rules that cite each."""
    with exits():
        from engine.listing import sources_text

        sys.stdout.buffer.write(sources_text(folder, as_of or date.today(), as_json=form == "json").encode())


@main.command("facts-schema")
@click.option("--policies", "folder", help=_FOLDER_HELP)
@click.option("--as-of", type=IsoDate(), help="The day whose vocabulary is meant; default: today.")
def facts_schema(folder: str | None, as_of: date | None) -> None:
    """Writes the JSON Schema of a facts file, made from the vocabulary."""
    with exits():
        from engine.run import facts_schema_text

        sys.stdout.buffer.write(facts_schema_text(folder, as_of or date.today()).encode())


if __name__ == "__main__":
    main()
