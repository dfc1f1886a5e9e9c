"""Diagnostics as text: place, what is wrong, the line with a caret, what to write instead."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from functools import lru_cache
from pathlib import Path
from typing import Final
from unicodedata import combining, east_asian_width

from engine.base.counted import counted
from engine.base.diagnostic import Diagnostic, InvalidInput, Location
from engine.base.plain_text import escaped
from engine.base.read import MAX_BYTES, read_bytes

MAX_LINE: Final = 110
MOST_LISTED: Final = 300
"""So many problems are shown as text, one by one."""


def format_diagnostics(diagnostics: Iterable[Diagnostic]) -> str:
    """The diagnostics for a terminal: the first few hundred, and how many more there are."""
    every = tuple(diagnostics)
    lines_of = lru_cache(maxsize=1)(_read_lines)  # they are sorted by file
    shown = [_format_one(diagnostic, lines_of) for diagnostic in every[:MOST_LISTED]]
    more = len(every) - len(shown)
    return "\n\n".join([*shown, *([f"… and {counted(more, 'more problem')}."] if more else [])])


def _format_one(diagnostic: Diagnostic, lines_of: Callable[[str], list[str]]) -> str:
    at = diagnostic.at
    kind = "" if diagnostic.severity == "error" else f"{diagnostic.severity}: "
    place = at.path if isinstance(at, Location) and not at.line else str(at)
    place = printable(place).replace("\n", "\\n")
    lines = [f"{place}: {kind}{printable(diagnostic.message)} [{diagnostic.code}]"]
    if isinstance(at, Location):
        text = diagnostic.line_text
        if text is None:
            lines_there = lines_of(at.path)
            text = lines_there[at.line - 1] if 0 < at.line <= len(lines_there) else None
        if text is not None and text.strip():
            lines += _with_caret(text, at.line, at.column)
    if diagnostic.help:
        lines += [
            f"  → {line}" if index == 0 else f"    {line}"
            for index, line in enumerate(printable(diagnostic.help).split("\n"))
        ]
    for other in diagnostic.related:
        lines.append(printable(f"  see {other.at}: {other.message}"))
    if diagnostic.witness is not None:
        shown = printable(diagnostic.witness.rstrip("\n")).replace("\n", "\n    ")
        lines.append(f"  {printable(diagnostic.shown_by)}, as a facts file:\n    {shown}")
    return "\n".join(lines)


def _read_lines(path: str) -> list[str]:
    try:
        content = read_bytes(Path(path), path)[:MAX_BYTES]
        return re.split("\r\n|\r|\n", content.decode("utf-8-sig"))
    except (InvalidInput, UnicodeDecodeError):
        return []


def _with_caret(text: str, line: int, column: int) -> list[str]:
    start = max(0, column - 1 - MAX_LINE // 2) if len(text) > MAX_LINE else 0
    before, after = (
        printable(part.replace("\t", " "))
        for part in (text[start : column - 1], text[column - 1 : start + MAX_LINE])
    )
    gutter = f"{line:>6} | "
    width = sum(0 if combining(char) else 1 + (east_asian_width(char) in "WF") for char in before)
    return [gutter + before + after, " " * (len(gutter) - 2) + "| " + " " * width + "^"]


def printable(text: str) -> str:
    """Control characters and text-direction overrides made visible: files are untrusted."""
    return "".join(char if char == "\n" or char.isprintable() else escaped(char) for char in text)
