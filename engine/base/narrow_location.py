"""Diagnostics at the very words they are about: a stage that knows nodes becomes a caret under a name."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from engine.base.diagnostic import Diagnostic, Location
from engine.base.read import PolicyFile
from engine.base.record import replace

_LINE_END = re.compile("\r\n|\r|\n")


def narrow_locations(
    diagnostics: Iterable[Diagnostic], files: Iterable[PolicyFile]
) -> tuple[Diagnostic, ...]:
    """The diagnostics, each at its `words` where they stand within the node it was found in."""
    contents = {file.path: file.content for file in files if _is_text(file.content)}
    texts: dict[str, list[str]] = {}
    found = []
    for diagnostic in diagnostics:
        path = diagnostic.at.path
        if path in contents:
            if path not in texts:
                texts[path] = _LINE_END.split(contents[path].decode("utf-8-sig"))
            diagnostic = _with_line(_moved(diagnostic, texts[path]), texts[path])
        found.append(diagnostic)
    return tuple(found)


def _is_text(content: bytes) -> bool:
    try:
        content.decode()
    except UnicodeDecodeError:
        return False
    return True


def _with_line(diagnostic: Diagnostic, lines: list[str]) -> Diagnostic:
    if diagnostic.line_text is not None or diagnostic.at.line > len(lines):
        return diagnostic
    return replace(diagnostic, line_text=lines[diagnostic.at.line - 1])


def _moved(diagnostic: Diagnostic, lines: list[str]) -> Diagnostic:
    at, words = diagnostic.at, diagnostic.words
    if words is None:
        return diagnostic
    if "\n" in words or lines[at.line - 1].startswith(words, at.column - 1):
        return diagnostic
    pattern = _as_a_whole(words)
    for deepest in (at.column, at.column - 1):
        for number, begin, text in _node(at, lines, deepest):
            match = pattern.search(text, begin)
            if match is not None:
                place = Location(at.path, number, match.start() + 1)
                return replace(diagnostic, at=place, line_text=text)
    if words in lines[at.line - 1]:
        return diagnostic  # YAML stumbled in the middle of them
    return replace(diagnostic, words=None, instead=None)  # not written here, so not to be replaced


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
