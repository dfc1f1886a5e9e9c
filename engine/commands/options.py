"""Options that several commands share."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any, TypeVar

import click

Command = TypeVar("Command", bound=Callable[..., Any])

FOLDER_HELP = "The policy folder; else $ADVISE_POLICIES, else ./policies, else the one that came with advise."


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


def policies_option(name: str = "folder") -> Callable[[Command], Command]:
    """`--policies FOLDER`, handed to the command as `name`."""
    return click.option("--policies", name, help=FOLDER_HELP)


def as_of_option(help: str) -> Callable[[Command], Command]:
    """`--as-of DATE`."""
    return click.option("--as-of", type=IsoDate(), help=help)


def format_option() -> Callable[[Command], Command]:
    """`--format text|json|markdown|html`, handed to the command as `form`."""
    return click.option(
        "--format",
        "form",
        type=click.Choice(["text", "json", "markdown", "html"]),
        default="text",
        show_default=True,
    )
