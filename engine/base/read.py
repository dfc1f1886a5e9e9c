"""Bytes into plain data with places: strict YAML and strict JSON, within limits."""

from __future__ import annotations

import itertools
import os
from codecs import BOM_UTF8
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from engine.base.diagnostic import InvalidInput, Location
from engine.base.plain_text import NOW, TextRules
from engine.base.positions import Document, InvalidDocument, Pointer, line_starts
from engine.base.record import record
from engine.base.sentence import os_reason
from engine.base.strict_json import JsonReader

__all__ = (
    "MAX_BYTES", "Document", "InvalidDocument", "Pointer", "PolicyFile", "decode", "plain_source",
    "read_bytes", "read_document", "read_json", "read_lines", "read_yaml",
)  # fmt: skip

MAX_BYTES: Final = 2_000_000
_PACKED: Final = (b"PK\3\4", b"\xd0\xcf\x11\xe0")
"""How the files of spreadsheets and word processors begin."""


@record
class PolicyFile:
    """A file of a policy folder: its path relative to the folder, and its bytes."""

    path: str
    content: bytes


def read_bytes(path: Path, shown_as: str, *, limit: int = MAX_BYTES, waiting: bool = False) -> bytes:
    """The bytes of a file, at most one more than the limit. Raises InvalidInput when it cannot be read.

    `waiting`: for somebody to write, where it is a named pipe; it is empty else.
    """
    try:
        with open(path, "rb", opener=None if waiting else _without_waiting) as stream:
            content = stream.read(limit + 1)
    except (OSError, ValueError) as error:  # ValueError: a path with a null character
        raise _unreadable(error, path, shown_as) from None
    return content


def read_lines(path: Path, shown_as: str, *, limit: int) -> Iterator[bytes]:
    """The lines of a file; of a named pipe, once somebody writes. Raises InvalidInput as `read_bytes` does.

    Also for a line, or a file, that is too long.
    """
    total = 0
    try:
        with open(path, "rb") as stream:
            for number in itertools.count(1):
                line = stream.readline(MAX_BYTES + 1)
                total += len(line)
                if total > limit:
                    raise _too_large(limit, Location(shown_as))
                if len(line) > MAX_BYTES:
                    message = f"This line is longer than {MAX_BYTES // 1_000_000} MB."
                    at = Location(shown_as, number)
                    raise InvalidInput.error("too-large", message, at, "Is it the right file?")
                if not line:
                    return
                yield line
    except (OSError, ValueError) as error:
        raise _unreadable(error, path, shown_as) from None


def _unreadable(error: Exception, path: Path, shown_as: str) -> InvalidInput:
    if isinstance(error, OSError) and os.path.isdir(path):
        message = "This is a folder; what is read here is a file."
        return InvalidInput.error("unreadable", message, Location(shown_as), "Name a file in it.")
    reason = os_reason(error) if isinstance(error, OSError) else str(error)
    return InvalidInput.error("unreadable", f"Cannot read the file: {reason}.", Location(shown_as))


def _too_large(limit: int, at: Location) -> InvalidInput:
    message = f"The file is larger than {limit // 1_000_000:,} MB."
    return InvalidInput.error("too-large", message, at, "Is it the right file?")


def _without_waiting(path: str, flags: int) -> int:
    """Opens a named pipe that nobody writes to as an empty file, instead of waiting for a writer."""
    at_once: int = getattr(os, "O_NONBLOCK", 0)  # not on Windows, where a path leads to no such pipe
    handle = os.open(path, flags | at_once)
    if at_once:
        os.set_blocking(handle, True)
    return handle


def decode(content: bytes, path: str) -> str:
    """UTF-8 text of a file within the size limit. Raises InvalidInput."""
    if content.startswith(_PACKED):
        message = "This is no text, but the file of a spreadsheet (.xlsx, .ods) or another program."
        help_text = "Open it there and save it as text; a table as CSV (in Excel: Save as …, CSV UTF-8)."
        raise InvalidInput.error("not-utf8", message, Location(path), help_text)
    if len(content) > MAX_BYTES:
        raise _too_large(MAX_BYTES, Location(path))
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        before = error.object[: error.start].decode("utf-8-sig")
        starts = line_starts(before)
        line, column = len(starts), len(before) - starts[-1] + 1
        message = "The file is not UTF-8 text."
        help_text = "Save it as UTF-8 (in most editors: Save as …, encoding UTF-8)."
        raise InvalidInput.error("not-utf8", message, Location(path, line, column), help_text) from None


def plain_source(content: bytes, path: str) -> Document:
    """The text of a file with its lines, not read as anything. Raises InvalidInput."""
    text = decode(content, path)
    return Document(path, text, None, {}, {}, line_starts(text))


def read_yaml(content: bytes, path: str, rules: TextRules = NOW) -> Document:
    """Strict YAML. Raises InvalidInput, or InvalidDocument, with every problem that can be told apart."""
    # Imported here: a run on policies that were kept from the last one reads no YAML.
    from engine.base.strict_yaml import YamlReader

    return YamlReader(path, decode(content, path), rules).document()


def read_json(content: bytes, path: str, rules: TextRules = NOW) -> Document:
    """Strict JSON, without duplicate keys. Raises InvalidInput, or InvalidDocument."""
    return JsonReader(path, decode(content, path), rules).document()


def read_document(content: bytes, path: str) -> Document:
    """JSON or YAML: by the file's ending, else JSON when the text begins with a bracket or brace."""
    if path.endswith(".json"):
        return read_json(content, path)
    if path.endswith((".yaml", ".yml")) or content.removeprefix(BOM_UTF8).lstrip()[:1] not in (b"{", b"["):
        return read_yaml(content, path)
    return read_json(content, path)
