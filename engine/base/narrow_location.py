"""Diagnostics at the very words they are about: a stage that knows nodes becomes a caret under a name."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from functools import cache

from engine.base.diagnostic import Diagnostic, Location
from engine.base.record import replace

_LINE_END = re.compile("\r\n|\r|\n")


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
    pattern = _as_a_whole(words)
    for deepest in (at.column, at.column - 1):
        for number, begin, text in _node(at, lines, deepest):
            match = pattern.search(text, begin)
            if match is not None:
                begin, end = match.span()
                if diagnostic.replacement in ("true", "false") and text[begin - 1 : begin] in ('"', "'"):
                    begin, end = begin - 1, end + 1  # in quotation marks it would be a text again
                place = Location(at.path, number, begin + 1)
                return replace(diagnostic, at=place, line_text=text, words=text[begin:end])
    if words in lines[at.line - 1]:
        return diagnostic  # YAML stumbled in the middle of them
    return replace(diagnostic, words=None, replacement=None)  # not written here, so not to be replaced


def _node(at: Location, lines: list[str], deepest: int) -> Iterator[tuple[int, int, str]]:
    """The lines of the node at a place, each with its number and where in it the node begins."""
    yield at.line, at.column - 1, lines[at.line - 1]
    for number, line in enumerate(lines[at.line :], at.line + 1):
        if line.strip() and len(line) - len(line.lstrip(" ")) < deepest:
            return
        yield number, 0, line


def _as_a_whole(words: str) -> re.Pattern[str]:
    """The words, not as a part of a longer name."""
    before = r"(?<![\w.#/-])" if re.match(r"\w", words) else ""
    after = r"(?![\w/-]|\.\w)" if re.search(r"\w\Z", words) else ""
    return re.compile(before + re.escape(words) + after)
