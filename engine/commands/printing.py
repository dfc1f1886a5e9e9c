"""How what a command makes reaches standard output, and what it says beside it standard error.

All that is printed goes through here, and is made harmless last of all: names, labels and texts of others
may hold what steers a terminal. Colours of ours have a way of their own.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, Any, TextIO

import click

from engine.base.plain_text import harmless

if TYPE_CHECKING:
    from engine.rendering.outline import Outline


def print_text(text: str) -> None:
    """Writes a text for people to standard output; an encoding that lacks a character costs only that."""
    click.echo(harmless(text), nl=False)


def print_coloured(text: str) -> None:
    """The same with colours of ours: all that others wrote in it must have been made neutral before."""
    click.echo(text, nl=False, color=True)


def write(text: str) -> None:
    """Writes a text for programs and files to standard output, in UTF-8 whatever the terminal is set to."""
    write_each((text,))


def write_each(texts: Iterable[str]) -> None:
    """Writes texts for programs and files as they come."""
    for text in texts:
        sys.stdout.buffer.write(harmless(text).encode(errors="replace"))
    sys.stdout.buffer.flush()  # here, where a closed pipe is still taken for what it is


def write_as(form: str, text: str) -> None:
    """Writes a result in the form that was asked for: `text` is for people, all else for programs."""
    (print_text if form == "text" else write)(text)


def tell(text: str, end: str = "\n", start: str = "") -> None:
    """Says something on standard error, if that can be written; `start` and `end` are as they are."""
    with aside():
        click.echo(f"{start}{harmless(text)}{end}", nl=False, err=True)


def is_wanted(question: str) -> bool:
    """Asks for yes or no on standard error, in one line."""
    return click.confirm(harmless(question.replace("\n", "\\n")), err=True)


@contextmanager
def aside() -> Iterator[None]:
    """What is said on standard error is beside the point: where it cannot be written, the run goes on."""
    try:
        yield
    except OSError:
        discard(sys.stderr)


def discard(stream: TextIO | None) -> None:
    """Lets go what a stream still holds and could not write, or Python would try again at its end."""
    with suppress(OSError):
        if stream is not None:
            os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())


def takes_escapes() -> bool:
    """Whether standard output is a terminal that can do more than show characters."""
    return sys.stdout.isatty() and os.environ.get("TERM") != "dumb"


def has_colours() -> bool:
    """Whether a text on standard output may have colours."""
    return takes_escapes() and not os.environ.get("NO_COLOR")


def terminal_width() -> int:
    """The columns for a text: as many as the terminal has, within reason."""
    from shutil import get_terminal_size

    return max(60, min(120, get_terminal_size((100, 24)).columns))


def print_as(form: str, outline: Callable[[], Outline], data: Callable[[], Mapping[str, Any]]) -> None:
    """Writes a result as text, json, markdown or html; only the form that is asked for is made."""
    if form == "json":
        from engine.rendering.as_json import json_text

        write(json_text(dict(data())))
        return
    if form == "text":
        print_outline(outline())
        return
    from engine.rendering.outline import as_html, as_markdown

    write((as_markdown if form == "markdown" else as_html)(outline()))


def print_outline(outline: Outline) -> None:
    """Prints an outline as text, as wide as the terminal."""
    from engine.rendering.outline import as_text

    print_text(as_text(outline, terminal_width()))
