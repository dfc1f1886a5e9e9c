"""Edits of a YAML file at places, not by writing it anew: all else stays as its authors laid it out."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any, Final

from engine.base.diagnostic import InternalError
from engine.base.read import Document, Pointer, read_yaml
from engine.base.record import record

_HEAD: Final = (
    "advise_language", "policy", "vocabulary", "sources", "calendar", "ranking", "phrases", "title",
    "version", "status", "owner", "effective", "review_by", "required", "approved_by",
)  # fmt: skip


@record
class Edit:
    """Characters from `start` to `end` become `text`."""

    start: int
    end: int
    text: str


def quoted(text: str) -> str:
    """A text as YAML's double quotes hold it, on one line."""
    return json.dumps(text, ensure_ascii=False)


def set_value(source: Document, pointer: Pointer, text: str) -> Edit:
    """A scalar's text replaced; a top-level key that is missing is added to the head."""
    span = source.spans.get(pointer)
    if span is not None:
        return Edit(span.start, span.end, text)
    if len(pointer) == 1:
        return _after_head(source, f"{pointer[0]}: {text}")
    key = pointer[-1]
    last = max(
        (span for place, span in source.spans.items() if place[:-1] == pointer[:-1]),
        key=lambda span: span.end,
    )
    opened = source.text[source.spans[pointer[:-1]].start]
    if opened == "{":
        return Edit(last.end, last.end, f", {key}: {text}")
    key_at = next(span for place, span in source.key_spans.items() if place[:-1] == pointer[:-1])
    indent = " " * (source.place(key_at.start).column - 1)
    end = _line_end(source, last.end)
    return Edit(end, end, f"{_newline(source)}{indent}{key}: {text}")


def add_change(source: Document, lines: Iterable[str]) -> Edit:
    """An entry of `changes` added before the others; `lines` are its `key: value` in block form."""
    lines = list(lines)
    newline = _newline(source)
    span = source.spans.get(("changes",))
    if span is None or not source.data.get("changes"):
        entry = _entry(lines, "  ", newline)
        if span is None:
            return _after_head(source, f"changes:{newline}{entry}")
        return Edit(span.start, span.end, newline + entry)
    if source.text[span.start] == "[":
        return Edit(span.start + 1, span.start + 1, f"{{{', '.join(lines)}}}, ")
    indent = " " * (source.place(span.start).column - 1)
    return Edit(span.start, span.start, _entry(lines, indent, newline)[len(indent) :] + newline + indent)


def drop_change(source: Document) -> Edit:
    """The first entry of `changes` taken away; of the only one, the key too."""
    span = source.spans["changes",]
    flow = source.text[span.start] == "["
    if len(source.data["changes"]) > 1:
        following = source.spans["changes", 1].start
        start = span.start + 1 if flow else span.start
        return Edit(start, following if flow else source.text.rindex("-", start, following), "")
    key = source.key_spans["changes",].start
    last = max(
        place.end for pointer, place in source.spans.items() if pointer[:2] == ("changes", 0) and pointer[2:]
    )
    end = _line_end(source, span.end if flow else last)
    newline = (
        source.text[end : end + 2] if source.text[end : end + 2] == "\r\n" else source.text[end : end + 1]
    )
    return Edit(key, end + len(newline), "")


def _entry(lines: list[str], indent: str, newline: str) -> str:
    first, *rest = lines
    return newline.join([f"{indent}- {first}", *(f"{indent}  {line}" for line in rest)])


def _after_head(source: Document, text: str) -> Edit:
    """Text on a line of its own, behind the lines of the head that follow the version."""
    keys = list(source.data)
    last = keys.index("version")
    while last + 1 < len(keys) and keys[last + 1] in _HEAD:
        last += 1
    key = keys[last]
    whole = source.spans[key,]
    inner = [span.end for place, span in source.spans.items() if place[0:1] == (key,) and len(place) > 1]
    # A block ends where the next line begins; a mapping in braces with its brace.
    end = whole.end if source.text[whole.start] == "{" else max(inner, default=whole.end)
    end = _line_end(source, end)
    return Edit(end, end, _newline(source) + text)


def _line_end(source: Document, offset: int) -> int:
    """The end of the text of a line, comment included."""
    ends = [end for end in (source.text.find(mark, offset) for mark in "\r\n") if end >= 0]
    return min(ends, default=len(source.text))


def _newline(source: Document) -> str:
    return "\r\n" if "\r\n" in source.text else "\n"


def edited(source: Document, content: bytes, edits: Iterable[Edit], expected: Any) -> bytes:
    """The bytes of the file with its edits made. Raises InternalError when they do not read as `expected`."""
    text = source.text
    for edit in sorted(edits, key=lambda edit: edit.start, reverse=True):
        text = text[: edit.start] + edit.text + text[edit.end :]
    mark = b"\xef\xbb\xbf" if content.startswith(b"\xef\xbb\xbf") else b""
    made = mark + text.encode()
    if read_yaml(made, source.path).data != expected:
        raise InternalError(f"{source.path} would not read as it should after the edit; nothing was written.")
    return made
