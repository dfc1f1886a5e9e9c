"""Diagnostics at the very words they are about: a stage that knows nodes becomes a caret under a name."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from functools import cache
from typing import Final

from engine.base.diagnostic import Diagnostic, Location
from engine.base.record import replace

_LINE_END: Final = re.compile("\r\n|\r|\n")
_BEGINS_A_NAME: Final = re.compile(r"(?<![\w.#/-])")
_ENDS_A_NAME: Final = re.compile(r"(?![\w/-]|\.\w)")
_SOON_AFTER: Final = 10_000
"""So many characters are looked through for the words: a file may have thousands of problems on one line."""


def narrow_locations(
    diagnostics: Iterable[Diagnostic], contents: Mapping[str, bytes]
) -> Iterator[Diagnostic]:
    """The diagnostics, each at its `words` where they stand within the node it was found in, with its line.

    `contents` are the files by their paths; diagnostics of other files stay as they are.
    """

    @cache
    def lines_of(path: str) -> list[str]:
        try:
            return _LINE_END.split(contents[path].decode("utf-8-sig"))
        except (KeyError, UnicodeDecodeError):
            return []

    for diagnostic in diagnostics:
        lines = lines_of(diagnostic.at.path) if isinstance(diagnostic.at, Location) else []
        yield _with_line(_narrowed(diagnostic, lines), lines) if lines else diagnostic


def _with_line(diagnostic: Diagnostic, lines: list[str]) -> Diagnostic:
    number = diagnostic.location.line
    if diagnostic.line_text is not None or number > len(lines):
        return diagnostic
    return replace(diagnostic, line_text=lines[number - 1])


def _narrowed(diagnostic: Diagnostic, lines: list[str]) -> Diagnostic:
    at, words = diagnostic.location, diagnostic.words
    if words is None or "\n" in words or lines[at.line - 1].startswith(words, at.column - 1):
        return diagnostic
    for deepest in (at.column, at.column - 1):
        left = _SOON_AFTER
        for number, begin, text in _node(at, lines, deepest):
            found = _as_a_whole(words, text, begin, begin + left)
            left -= len(text) - begin + 1
            if found >= 0:
                begin, end = found, found + len(words)
                if diagnostic.replacement in ("true", "false") and text[begin - 1 : begin] in ('"', "'"):
                    begin, end = begin - 1, end + 1  # in quotation marks it would be a text again
                place = Location(at.path, number, begin + 1)
                return replace(diagnostic, at=place, line_text=text, words=text[begin:end])
            if left <= 0:
                break
    if lines[at.line - 1].find(words, max(0, at.column - 1 - _SOON_AFTER), at.column + _SOON_AFTER) >= 0:
        return diagnostic  # YAML stumbled in the middle of them
    return replace(diagnostic, words=None, replacement=None)  # not written here, so not to be replaced


def _node(at: Location, lines: list[str], deepest: int) -> Iterator[tuple[int, int, str]]:
    """The lines of the node at a place, each with its number and where in it the node begins."""
    yield at.line, at.column - 1, lines[at.line - 1]
    for number, line in enumerate(lines[at.line :], at.line + 1):
        if line.strip() and len(line) - len(line.lstrip(" ")) < deepest:
            return
        yield number, 0, line


def _as_a_whole(words: str, text: str, begin: int, end: int) -> int:
    """Where the words stand between these places, not as a part of a longer name; -1 for nowhere."""
    begins, ends = (re.match(r"\w", char) is not None for char in (words[:1], words[-1:]))
    at = text.find(words, begin, end)
    while at >= 0:
        if (not begins or _BEGINS_A_NAME.match(text, at)) and (
            not ends or _ENDS_A_NAME.match(text, at + len(words))
        ):
            return at
        at = text.find(words, at + 1, end)
    return -1
