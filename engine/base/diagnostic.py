"""Places in files, and the problems found there, as values."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final, Literal

from engine.base.record import record


@record
class Location:
    """A place in a file: path as the reader was given it, line and column counted from 1.

    Line 0 is the file as such, where it has no lines.
    """

    path: str
    line: int = 1
    column: int = 1

    @property
    def order(self) -> tuple[str, int, int]:
        """By which places sort."""
        return self.path, self.line, self.column

    def __str__(self) -> str:
        return f"{self.path}:{self.line}:{self.column}".replace("\n", "\\n")


@record
class CommandLine:
    """A place in no file: an option (`--fact`), an argument (`RULE`), the command itself, an answer."""

    name: str

    @property
    def order(self) -> tuple[str, int, int]:
        """By which places sort."""
        return self.name, 0, 0

    def __str__(self) -> str:
        return self.name


Place = Location | CommandLine

Severity = Literal["error", "warning", "note"]
"""An error is refused by every command; a warning is for whoever looks after the policies, to be mended or
allowed; a note tells what is in order, and may not be what was meant."""


@record
class Related:
    """Another place that a problem is about, with what it has to do with it."""

    at: Location
    message: str


QuickFix = tuple[str | None, str | None]
"""The words as they stand in the file, and what to write in their place."""

NO_FIX: Final[QuickFix] = (None, None)
LONGEST_SHOWN: Final = 1_000
"""A longer line is not given to programs: thousands of problems may stand on one line."""


@record
class Diagnostic:
    """One problem, in an advisor's words.

    `code` is stable (kebab-case), `message` says what is wrong, `at` where, `help` what to write
    instead, and `line_text` is the line as it stands in the file, for a caret. `related` are other
    places it is about. `witness` is a smallest subject that shows it: the text of a facts file (JSON),
    `witness_is` what the field calls one.
    `words` is what is wrong, as it stands in the file at the place or soon after it; `replacement` what can
    only have been meant, byte for byte, where mending is mechanical.
    """

    code: str
    message: str
    at: Place
    help: str | None = None
    severity: Severity = "error"
    line_text: str | None = None
    related: tuple[Related, ...] = ()
    witness: str | None = None
    words: str | None = None
    replacement: str | None = None
    witness_is: str = "an applicant"

    @property
    def location(self) -> Location:
        """The place of one that is about a file."""
        assert isinstance(self.at, Location)
        return self.at

    @property
    def shown_by(self) -> str:
        """What the witness is: `An applicant that shows it`."""
        return f"{self.witness_is[:1].upper()}{self.witness_is[1:]} that shows it"

    @property
    def shown_line(self) -> str | None:
        """The line for a program; None where it is not known, or very long."""
        line = self.line_text
        return None if line is None or len(line) > LONGEST_SHOWN else line


def in_order(diagnostics: Iterable[Diagnostic]) -> tuple[Diagnostic, ...]:
    """The diagnostics sorted by place, each once."""
    return tuple(sorted(dict.fromkeys(diagnostics), key=lambda d: (d.at.order, d.code, d.message)))


class InvalidInput(Exception):
    """Input that cannot be used; carries every problem found, sorted by place."""

    def __init__(self, diagnostics: Iterable[Diagnostic]) -> None:
        self.diagnostics = in_order(diagnostics)
        super().__init__("; ".join(f"{d.at}: {d.message}" for d in self.diagnostics))

    @classmethod
    def error(cls, code: str, message: str, at: Place, help: str | None = None) -> InvalidInput:
        """Input with one problem."""
        return cls([Diagnostic(code, message, at, help)])


def joined(problems: Iterable[Diagnostic], later: Iterable[Diagnostic]) -> tuple[Diagnostic, ...]:
    """Problems and those of a later check, which says nothing new about a place that has one already."""
    first = tuple(problems)
    places = {problem.at for problem in first}
    return (*first, *(problem for problem in later if problem.at not in places))


class InternalError(Exception):
    """A defect of ours, never of an advisor's files: better no answer than one with rules missing."""


def nearest(name: str, known: Iterable[str]) -> str | None:
    """The known name closest to a misspelt one, or None when nothing is close."""
    from difflib import get_close_matches  # here: most runs misspell nothing

    written = {candidate.lower(): candidate for candidate in sorted(known, reverse=True)}
    close = get_close_matches(name.lower(), sorted(written), n=1, cutoff=0.6)
    return written[close[0]] if close else None


def correction(name: str, known: Iterable[str]) -> str | None:
    """The one known name that a misspelt one can only stand for; None where there is any doubt.

    A name with other digits is another name, however near: `part1` is no misspelt `part2`.
    """
    reach = 0 if len(name) < 4 else 1 if len(name) < 8 else 2
    near = [candidate for candidate in known if _edits(name.lower(), candidate.lower(), reach) <= reach]
    if len(near) != 1 or _digits(near[0]) != _digits(name):
        return None
    return near[0]


def _digits(text: str) -> list[str]:
    return [char for char in text if char.isdigit()]


def _edits(one: str, other: str, reach: int) -> int:
    """How many letters are added, missing, wrong or swapped with a neighbour; more than `reach`: too many."""
    if abs(len(one) - len(other)) > reach:
        return reach + 1
    before: list[int] = []
    row = list(range(len(other) + 1))
    for index, char in enumerate(one, 1):
        older, before, row = before, row, [index]
        for place, letter in enumerate(other, 1):
            row.append(min(before[place] + 1, row[-1] + 1, before[place - 1] + (char != letter)))
            if index > 1 and place > 1 and char == other[place - 2] and letter == one[index - 2]:
                row[place] = min(row[place], older[place - 2] + 1)
        if min(row) > reach:
            break  # most names are given up after a few letters
    return row[-1]


def did_you_mean(name: str, known: Iterable[str]) -> str | None:
    """A suggestion sentence for a misspelt name, or None when nothing is close."""
    candidate = nearest(name, known)
    return f"Did you mean `{candidate}`?" if candidate else None
