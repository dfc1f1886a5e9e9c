"""Diagnostics as text: place, what is wrong, the line with a caret, what to write instead."""

from __future__ import annotations

import re
from collections.abc import Iterable
from pathlib import Path

from engine.base.diagnostic import Diagnostic, InvalidInput
from engine.base.read import MAX_BYTES, read_bytes

MAX_LINE = 110
ARGUMENTS = ("RULE", "GOAL")
"""Of the command line: no file has places there."""


def format_diagnostics(diagnostics: Iterable[Diagnostic], folder: Path | None = None) -> str:
    """The diagnostics for a terminal. `folder` is where their paths begin, if not here."""
    return "\n\n".join(_tell_one(diagnostic, folder) for diagnostic in diagnostics)


def _tell_one(diagnostic: Diagnostic, folder: Path | None) -> str:
    at = diagnostic.at
    path = str(folder / at.path) if folder is not None else at.path
    text = diagnostic.line_text if diagnostic.line_text is not None else _read_line(path, at.line)
    nowhere = path.startswith("--") or path in ARGUMENTS or not at.line
    place = path if nowhere else f"{path}:{at.line}:{at.column}"
    kind = "warning: " if diagnostic.severity == "warning" else ""
    place = printable(place).replace("\n", "\\n")
    lines = [f"{place}: {kind}{printable(diagnostic.message)} [{diagnostic.code}]"]
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
        lines.append(f"  An applicant that shows it, as a facts file:\n    {shown}")
    return "\n".join(lines)


def _read_line(path: str, number: int) -> str | None:
    try:
        content = read_bytes(Path(path), path)[:MAX_BYTES]
        lines = re.split("\r\n|\r|\n", content.decode("utf-8-sig"))
    except (InvalidInput, UnicodeDecodeError):
        return None
    return lines[number - 1] if 0 < number <= len(lines) else None


def _with_caret(text: str, line: int, column: int) -> list[str]:
    start = max(0, column - 1 - MAX_LINE // 2) if len(text) > MAX_LINE else 0
    shown = printable(text[start : start + MAX_LINE].replace("\t", " "))
    gutter = f"{line:>6} | "
    return [gutter + shown, " " * (len(gutter) - 2) + "| " + " " * (column - 1 - start) + "^"]


def printable(text: str) -> str:
    """Control characters and text-direction overrides made visible: files are untrusted."""
    return "".join(char if char == "\n" or char.isprintable() else f"\\u{ord(char):04x}" for char in text)
