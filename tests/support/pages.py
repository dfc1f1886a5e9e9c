"""Markdown pages: their fenced blocks and tables, and the blocks replaced by what a run gives now."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from markdown_it import MarkdownIt

ROOT = Path(__file__).resolve().parent.parent.parent


class Day(date):
    """The day of the manuals."""

    @classmethod
    def today(cls) -> date:
        return date(2026, 11, 27)


@dataclass(frozen=True)
class Fence:
    """A fenced block: where it begins, its language, the word after that and what follows a `=`."""

    line: int
    language: str
    kind: str
    name: str
    text: str


def read_page(path: str) -> str:
    return (ROOT / path).read_text("utf-8")


def fences(page: str) -> list[Fence]:
    found = []
    for token in MarkdownIt("commonmark").parse(page):
        if token.type == "fence":
            language, _, rest = token.info.strip().partition(" ")
            kind, _, name = rest.partition("=")
            assert token.map is not None
            found.append(Fence(token.map[0] + 1, language, kind, name, token.content))
    return found


def with_blocks(page: str, texts: Mapping[int, str]) -> str:
    """The page with other texts in the blocks that begin on these lines."""
    lines = page.splitlines(keepends=True)
    for fence in reversed(fences(page)):
        if fence.line in texts:
            lines[fence.line : fence.line + fence.text.count("\n")] = [texts[fence.line]]
    return "".join(lines)


def table(page: str, first_heading: str) -> list[dict[str, str]]:
    """The rows of the table whose first column has this heading."""
    lines = iter(page.splitlines())
    for line in lines:
        if line.startswith("|"):
            headings = _cells(line)
            next(lines)
            rows = [dict(zip(headings, _cells(row), strict=True)) for row in _rows(lines)]
            if headings[0] == first_heading:
                return rows
    raise AssertionError(f"no table begins with the column `{first_heading}`")


def _rows(lines: Iterator[str]) -> Iterator[str]:
    for line in lines:
        if not line.startswith("|"):
            return
        yield line


def _cells(line: str) -> list[str]:
    return [cell.strip() for cell in line.strip().strip("|").split("|")]


def refreshed(shown: str, found: str) -> str:
    """An excerpt as it reads in what was found; `[…]` stands for lines left out.

    As it is, if each part of it is found, in order; else each part from the line that resembles its first to
    the line that resembles its last, numbers, rules and blanks aside.
    """
    lines = found.splitlines()
    parts = re.split(r"(^ *\[…\]\n)", shown, flags=re.M)
    if _all_found([part.splitlines() for part in parts[::2]], lines):
        return shown
    keys, begin = [_key(line) for line in lines], 0
    for number, part in enumerate(parts):
        if number % 2 == 0 and part:
            ends = part.splitlines()
            first = _resembling(ends[0], keys, begin)
            begin = _resembling(ends[-1], keys, first) + 1
            parts[number] = "".join(f"{line}\n" for line in lines[first:begin])
    assert _all_found([part.splitlines() for part in parts[::2]], lines)
    return "".join(parts)


def _all_found(parts: list[list[str]], lines: list[str]) -> bool:
    """Whether the parts stand among the lines in this order, whatever the blanks around a line."""
    begin, stripped = 0, [line.strip() for line in lines]
    for part in parts:
        wanted = [line.strip() for line in part]
        ends = (
            at + len(wanted) for at in range(begin, len(lines)) if stripped[at : at + len(wanted)] == wanted
        )
        end = next(ends, None) if wanted else begin
        if end is None:
            return False
        begin = end
    return True


def _resembling(line: str, keys: list[str], begin: int) -> int:
    at = next((at for at in range(begin, len(keys)) if keys[at] == _key(line)), None)
    assert at is not None, f"an excerpt shows `{line.strip()}`, and nothing like it is printed any more"
    return at


def _key(line: str) -> str:
    return " ".join(re.sub("[0-9─]+", " ", line).split())
