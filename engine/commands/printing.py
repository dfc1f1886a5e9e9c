"""How what a command makes reaches standard output."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable, Mapping
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from engine.rendering.outline import Outline


def write(text: str) -> None:
    """Writes a text to standard output, in UTF-8 whatever the terminal is set to."""
    write_each((text,))


def write_each(texts: Iterable[str]) -> None:
    """Writes texts as they come."""
    for text in texts:
        sys.stdout.buffer.write(text.encode(errors="replace"))
    sys.stdout.buffer.flush()  # here, where a closed pipe is still taken for what it is


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
        print_text(outline())
        return
    from engine.rendering.outline import as_html, as_markdown

    write((as_markdown if form == "markdown" else as_html)(outline()))


def print_text(outline: Outline) -> None:
    """Writes an outline as text, as wide as the terminal."""
    from engine.rendering.outline import as_text

    write(as_text(outline, terminal_width()))
