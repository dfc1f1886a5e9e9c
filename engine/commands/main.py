"""The `advise` command: finds the verb, and hands over."""

from __future__ import annotations

import sys
from importlib import import_module
from io import TextIOWrapper
from typing import TYPE_CHECKING, Any

import click
from click_default_group import DefaultGroup

from engine.base.plain_text import holds_half_a_character
from engine.base.version import VERSION
from engine.commands.exits import command_line
from engine.commands.printing import print_text

if TYPE_CHECKING:
    from click.shell_completion import CompletionItem

COMMANDS = {
    "report": "engine.commands.report",
    "explain": "engine.commands.explain",
    "what-if": "engine.commands.what_if",
    "reach": "engine.commands.reach",
    "ask": "engine.commands.ask",
    "new": "engine.commands.new",
    "init": "engine.commands.init",
    "check": "engine.commands.check",
    "test": "engine.commands.test",
    "rules": "engine.commands.rules",
    "sources": "engine.commands.sources",
    "versions": "engine.commands.versions",
    "diff": "engine.commands.diff",
    "release": "engine.commands.release",
    "table": "engine.commands.table",
    "audit": "engine.commands.audit",
    "schema": "engine.commands.schema",
    "facts-schema": "engine.commands.facts_schema",
}
"""Each verb with its module, which holds it as `command`."""


class Verbs(DefaultGroup):
    """The verbs; a word that is none of them is a facts file to report on."""

    def make_context(self, info_name: str | None, args: list[str], *more: Any, **extra: Any) -> click.Context:
        """Reads the words of the command line; `--help` and `--version` are written here."""
        if isinstance(sys.stdout, TextIOWrapper):
            sys.stdout.reconfigure(errors="replace")  # a narrow encoding costs an arrow, not the advice
        with command_line():
            _require_text(args)
            context: click.Context = super().make_context(info_name, args, *more, **extra)
            return context

    def invoke(self, ctx: click.Context) -> Any:
        """Runs the verb."""
        with command_line():
            return super().invoke(ctx)

    def list_commands(self, _ctx: click.Context) -> list[str]:
        """The verbs in the order of their importance."""
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """The command of a verb, imported now: a run pays for no verb but its own."""
        verb = cmd_name if cmd_name in COMMANDS else "report"
        self.add_command(import_module(COMMANDS[verb]).command, verb)
        command: click.Command | None = super().get_command(ctx, cmd_name)
        return command

    def shell_complete(self, ctx: click.Context, incomplete: str) -> list[CompletionItem]:
        """Verbs and options that begin so; the name of a facts file may stand there, too."""
        from click.shell_completion import CompletionItem

        files = [] if incomplete.startswith("-") else [CompletionItem(incomplete, type="file")]
        return [*files, *super().shell_complete(ctx, incomplete)]


def _require_text(words: list[str]) -> None:
    """Raises UsageError where a word is no text in the encoding of the system: no output could hold it."""
    for word in words:
        if holds_half_a_character(word):
            shown = "".join("�" if holds_half_a_character(char) else char for char in word[:100])
            raise click.UsageError(
                f"`{shown}` holds a character that is no text: type it anew, or rename the file."
            )


def _version_text() -> str:
    from engine.advising.advisor import available_compiler

    _, engine = available_compiler()
    return f"advise {VERSION} ({engine}; Python {sys.version.split()[0]})"


def _show_version(ctx: click.Context, _param: click.Parameter, wanted: bool) -> None:
    if wanted:
        print_text(f"{_version_text()}\n")
        ctx.exit()


@click.group(cls=Verbs, default="report", default_if_no_args=False)
@click.option(
    "--version",
    is_flag=True,
    is_eager=True,
    expose_value=False,
    callback=_show_version,
    help="Show the version and the engine.",
)
def main() -> None:
    """Ranked, cited advice on the facts of one case: advise FACTS.

    FACTS is a JSON or YAML file, or - for standard input. Everything said names its rule and its source.
    """
