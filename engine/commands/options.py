"""Options that several commands share."""

from __future__ import annotations

import os
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

if TYPE_CHECKING:
    from click.shell_completion import CompletionItem

Command = TypeVar("Command", bound=Callable[..., Any])

FOLDER_HELP = "The policy folder; else $ADVISE_POLICIES, else ./policies, else the one that came with advise."
OWN_FOLDER_HELP = "Your policy folder; else $ADVISE_POLICIES, else ./policies."


class IsoDate(click.ParamType[date]):
    """A date on the command line, as year-month-day."""

    name = "date"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> date:
        """The date; a usage error for anything else."""
        from engine.base.dates import parse_date

        day = value if isinstance(value, date) else parse_date(value)
        if day is None:
            self.fail(f"`{value}` is not a date; write year-month-day, such as 2026-09-23.", param, ctx)
        return day


class PlainText(click.ParamType[str]):
    """Text on the command line that is kept, or looked for: taken in as text of a file is."""

    name = "text"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> str:
        """The text; a usage error for what the terminal's encoding made no text of."""
        from engine.base.plain_text import composed, holds_half_a_character

        text = str(value)
        if holds_half_a_character(text):
            self.fail("This holds a character that is no text; type it anew.", param, ctx)
        return composed(text)


def file_names(_ctx: click.Context, _param: click.Parameter, incomplete: str) -> list[CompletionItem]:
    """Lets the shell complete the name of a file."""
    from click.shell_completion import CompletionItem

    return [CompletionItem(incomplete, type="file")]


def folder_names(_ctx: click.Context, _param: click.Parameter, incomplete: str) -> list[CompletionItem]:
    """Lets the shell complete the name of a folder."""
    from click.shell_completion import CompletionItem

    return [CompletionItem(incomplete, type="dir")]


facts_argument = click.argument("facts", shell_complete=file_names)


def policies_option(name: str = "folder") -> Callable[[Command], Command]:
    """`--policies FOLDER`, handed to the command as `name`."""
    return click.option("--policies", name, help=FOLDER_HELP, shell_complete=folder_names)


def own_policies_option(name: str = "folder") -> Callable[[Command], Command]:
    """The same, of a command that wants a folder of the user's."""
    return click.option("--policies", name, help=OWN_FOLDER_HELP, shell_complete=folder_names)


def as_of_option(help: str) -> Callable[[Command], Command]:
    """`--as-of DATE`."""
    return click.option("--as-of", type=IsoDate(), help=help)


audit_option = click.option(
    "--audit", metavar="FILE", help="The audit file; else $ADVISE_AUDIT.", shell_complete=file_names
)


def chosen_audit(named: str | None) -> Path:
    """The audit file that the option or the environment names. Raises UsageError when neither does."""
    path = named or os.environ.get("ADVISE_AUDIT")
    if not path:
        raise click.UsageError("Which audit file? Name it with --audit FILE or in $ADVISE_AUDIT.")
    return Path(path)


format_option = click.option(
    "--format",
    "form",
    type=click.Choice(["text", "json", "markdown", "html"]),
    default="text",
    show_default=True,
)


def session_options(command: Command) -> Command:
    """`--format`, `--as-of` and `--policies`, of a command on the facts of one applicant."""
    day = as_of_option("The day the advice is for; default: the file's as_of, else today.")
    return format_option(day(policies_option()(command)))
