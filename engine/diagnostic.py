"""Places in files, and the problems found there, as values."""

from __future__ import annotations

import difflib
from collections.abc import Iterable
from typing import Literal

from engine.record import record


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
        return f"{self.path}:{self.line}:{self.column}"


Severity = Literal["error", "warning"]
"""An error is refused by every command; a warning is for whoever looks after the policies."""


@record
class Related:
    """Another place that a problem is about, with what it has to do with it."""

    at: Location
    message: str


@record
class Diagnostic:
    """One problem, in an advisor's words.

    `code` is stable (kebab-case), `message` says what is wrong, `at` where, `help` what to write
    instead, and `line_text` is the line as it stands in the file, for a caret. `related` are other
    places it is about. `witness` is a smallest applicant that shows it: the text of a facts file (JSON).
    """

    code: str
    message: str
    at: Location
    help: str | None = None
    severity: Severity = "error"
    line_text: str | None = None
    related: tuple[Related, ...] = ()
    witness: str | None = None


class Refused(Exception):
    """Input that cannot be used; carries every problem found, sorted by place."""

    def __init__(self, diagnostics: Iterable[Diagnostic]) -> None:
        unique = dict.fromkeys(diagnostics)
        self.diagnostics: tuple[Diagnostic, ...] = tuple(
            sorted(unique, key=lambda d: (d.at.order, d.code, d.message))
        )
        super().__init__("; ".join(f"{d.at}: {d.message}" for d in self.diagnostics))


class EngineDefect(Exception):
    """A defect of ours, never of an advisor's files: better no answer than one with rules missing."""


def nearest(name: str, known: Iterable[str]) -> str | None:
    """The known name closest to a misspelt one, or None when nothing is close."""
    written = {candidate.lower(): candidate for candidate in sorted(known, reverse=True)}
    found = difflib.get_close_matches(name.lower(), sorted(written), n=1, cutoff=0.6)
    return written[found[0]] if found else None


def did_you_mean(name: str, known: Iterable[str]) -> str | None:
    """A suggestion sentence for a misspelt name, or None when nothing is close."""
    candidate = nearest(name, known)
    return f"Did you mean `{candidate}`?" if candidate else None
