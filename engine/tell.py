"""Diagnostics as text: place, what is wrong, the line with a caret, what to write instead."""

from __future__ import annotations

import re
from collections.abc import Iterable
from pathlib import Path

from engine.diagnostic import Diagnostic
from engine.source import MAX_BYTES

MAX_LINE = 110
ARGUMENTS = ("RULE", "GOAL")
"""Of the command line: no file has places there."""


def tell(diagnostics: Iterable[Diagnostic], folder: Path | None = None) -> str:
    """The diagnostics for a terminal. `folder` is where their paths begin, if not here."""
    return "\n\n".join(_tell_one(diagnostic, folder) for diagnostic in diagnostics)


def _tell_one(diagnostic: Diagnostic, folder: Path | None) -> str:
    at = diagnostic.at
    path = str(folder / at.path) if folder is not None else at.path
    text = diagnostic.line_text if diagnostic.line_text is not None else _read_line(path, at.line)
    place = path if path.startswith("--") or path in ARGUMENTS else f"{path}:{at.line}:{at.column}"
    kind = "warning: " if diagnostic.severity == "warning" else ""
    lines = [f"{_printable(place)}: {kind}{_printable(diagnostic.message)} [{diagnostic.code}]"]
    if text is not None and text.strip():
        lines += _with_caret(text, at.line, at.column)
    if diagnostic.help:
        lines += [
            f"  → {line}" if index == 0 else f"    {line}"
            for index, line in enumerate(_printable(diagnostic.help).split("\n"))
        ]
    return "\n".join(lines)


def _read_line(path: str, number: int) -> str | None:
    try:
        with open(path, "rb") as stream:
            lines = re.split("\r\n|\r|\n", stream.read(MAX_BYTES).decode("utf-8-sig"))
    except (OSError, UnicodeDecodeError):
        return None
    return lines[number - 1] if number <= len(lines) else None


def _with_caret(text: str, line: int, column: int) -> list[str]:
    start = max(0, column - 1 - MAX_LINE // 2) if len(text) > MAX_LINE else 0
    shown = _printable(text[start : start + MAX_LINE].replace("\t", " "))
    gutter = f"{line:>6} | "
    return [gutter + shown, " " * (len(gutter) - 2) + "| " + " " * (column - 1 - start) + "^"]


def _printable(text: str) -> str:
    """Control characters and text-direction overrides made visible: files are untrusted."""
    return "".join(char if char == "\n" or char.isprintable() else f"\\u{ord(char):04x}" for char in text)
