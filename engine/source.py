"""Bytes into plain data with places: strict YAML 1.2 and strict JSON, within limits.

Data are dict (keys always text), list, str, bool, None, int and Decimal. Where each value and key
stands is kept beside the data, under its pointer: the tuple of keys and indexes that lead to it.
"""

from __future__ import annotations

import bisect
import json.decoder
import re
from collections.abc import Iterator, Mapping
from decimal import Decimal
from pathlib import Path
from typing import Any, Final

from engine.diagnostic import Diagnostic, Location, Refused
from engine.meant import NOTHING, Meant, prose_meant
from engine.record import record

Pointer = tuple[str | int, ...]

MAX_BYTES: Final = 2_000_000
MAX_DEPTH: Final = 50
MAX_NODES: Final = 20_000
MAX_NUMBER_LENGTH: Final = 100
MAX_EXPONENT: Final = 999
MAX_EXPLAINED: Final = 500
"""A longer line is no prose, and would take long to look at."""

_NULLS = frozenset({"", "~", "null", "Null", "NULL"})
_BOOLEANS = {"true": True, "True": True, "TRUE": True, "false": False, "False": False, "FALSE": False}
_YAML_NUMBER = r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?"
_JSON_NUMBER = r"-?(0|[1-9][0-9]*)(\.[0-9]+)?([eE][-+]?[0-9]+)?"


@record
class Span:
    """Where a value stands, in characters; `plain` is true for a YAML scalar without quotes or block."""

    start: int
    end: int
    plain: bool = False


@record
class Source:
    """A file read: its text, its data, and where everything stands."""

    path: str
    text: str
    data: Any
    spans: Mapping[Pointer, Span]
    key_spans: Mapping[Pointer, Span]
    line_starts: tuple[int, ...]

    def place(self, offset: int) -> Location:
        """The line and column of a character offset."""
        line = bisect.bisect_right(self.line_starts, offset)
        return Location(self.path, line, offset - self.line_starts[line - 1] + 1)

    def at(self, pointer: Pointer, *, key: bool = False) -> Location:
        """Where the value (or its key) stands; the nearest enclosing value when it has no place."""
        spans = self.key_spans if key else self.spans
        span = spans.get(pointer)
        while span is None and pointer:
            pointer = pointer[:-1]
            span = self.spans.get(pointer)
        return self.place(span.start) if span else Location(self.path)

    def line(self, number: int) -> str:
        """The text of a line, counted from 1, without its end."""
        lines = self.line_starts
        end = lines[number] if number < len(lines) else len(self.text)
        return self.text[lines[number - 1] : end].rstrip("\r\n")

    def diagnose(
        self, code: str, message: str, at: Location, help: str | None = None, meant: Meant = NOTHING
    ) -> Diagnostic:
        """An error at a place of this file, with its line; `meant` are the words and what instead."""
        words, instead = meant
        return Diagnostic(code, message, at, help, line_text=self.line(at.line), words=words, instead=instead)


def read_bytes(path: Path, shown_as: str, *, limit: int = MAX_BYTES) -> bytes:
    """The bytes of a file. Raises Refused when it cannot be read or is larger than the limit."""
    try:
        with path.open("rb") as stream:
            content = stream.read(limit + 1)
    except (OSError, ValueError) as error:  # ValueError: a path with a null character
        reason = getattr(error, "strerror", None) or str(error)
        raise Refused(
            [Diagnostic("unreadable", f"Cannot read the file: {reason}.", Location(shown_as))]
        ) from None
    return content


def decode(content: bytes, path: str) -> str:
    """UTF-8 text of a file within the size limit. Raises Refused."""
    if len(content) > MAX_BYTES:
        message = f"The file is larger than {MAX_BYTES // 1_000_000} MB."
        raise Refused([Diagnostic("too-large", message, Location(path), "Is it the right file?")])
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        before = error.object[: error.start].decode("utf-8-sig")
        starts = _line_starts(before)
        line, column = len(starts), len(before) - starts[-1] + 1
        message = "The file is not UTF-8 text."
        help_text = "Save it as UTF-8 (in most editors: Save as …, encoding UTF-8)."
        raise Refused([Diagnostic("not-utf8", message, Location(path, line, column), help_text)]) from None


def plain_source(content: bytes, path: str) -> Source:
    """The text of a file with its lines, not read as anything. Raises Refused."""
    text = decode(content, path)
    return Source(path, text, None, {}, {}, _line_starts(text))


def read_yaml(content: bytes, path: str) -> Source:
    """Strict YAML. Raises Refused, with every problem that can be told apart."""
    text = decode(content, path)
    reader = _Reader(path, text)
    data = reader.read_yaml()
    return reader.finish(data)


def read_json(content: bytes, path: str) -> Source:
    """Strict JSON, without duplicate keys. Raises Refused."""
    text = decode(content, path)
    reader = _Reader(path, text)
    data = reader.read_json()
    return reader.finish(data)


def read_document(content: bytes, path: str) -> Source:
    """JSON or YAML: by the file's ending, else JSON when the text begins with a bracket or brace."""
    if path.endswith(".json"):
        return read_json(content, path)
    if path.endswith((".yaml", ".yml")) or content.lstrip()[:1] not in (b"{", b"["):
        return read_yaml(content, path)
    return read_json(content, path)


def _line_starts(text: str) -> tuple[int, ...]:
    starts = [0]
    for index, char in enumerate(text, 1):
        if char == "\n" or (char == "\r" and text[index : index + 1] != "\n"):
            starts.append(index)
    return tuple(starts)


class _Reader:
    """One file being read: collects places and problems."""

    def __init__(self, path: str, text: str) -> None:
        self.path, self.text = path, text
        self.spans: dict[Pointer, Span] = {}
        self.key_spans: dict[Pointer, Span] = {}
        self.problems: list[Diagnostic] = []
        self.nodes = 0
        self.source = Source(path, text, None, {}, {}, _line_starts(text))

    def finish(self, data: Any) -> Source:
        if self.problems:
            raise Refused(self.problems)
        return Source(self.path, self.text, data, self.spans, self.key_spans, self.source.line_starts)

    def problem(
        self, code: str, message: str, offset: int, help: str | None = None, meant: Meant = NOTHING
    ) -> Diagnostic:
        place = self.source.place(min(offset, len(self.text)))
        found = self.source.diagnose(code, message, place, help, meant)
        self.problems.append(found)
        return found

    def fatal(
        self, code: str, message: str, offset: int, help: str | None = None, meant: Meant = NOTHING
    ) -> Refused:
        self.problem(code, message, offset, help, meant)
        return Refused(self.problems)

    def count_node(self, offset: int, depth: int) -> None:
        self.nodes += 1
        if self.nodes > MAX_NODES:
            raise self.fatal("too-many-values", f"The file has more than {MAX_NODES} values.", offset)
        if depth > MAX_DEPTH:
            raise self.fatal("too-deep", f"The file is nested more than {MAX_DEPTH} levels deep.", offset)

    def number(self, text: str, offset: int) -> int | Decimal:
        if len(text) > MAX_NUMBER_LENGTH:
            raise self.fatal("number-too-long", "This number has too many digits.", offset)
        if text.lstrip("+-").isdigit():
            return int(text)
        exponent = re.search("[eE]([-+]?[0-9]+)$", text)
        if exponent and abs(int(exponent[1])) > MAX_EXPONENT:
            raise self.fatal("number-too-long", "This number is too large, or too fine.", offset)
        return Decimal(text)

    def check_text(self, value: str, offset: int) -> None:
        if not value.isascii() and any("\ud800" <= char <= "\udfff" for char in value):
            self.problem("not-utf8", "The text holds half a character (a lone surrogate).", offset)

    def add_key(self, mapping: dict[str, Any], key: str, pointer: Pointer, span: Span) -> None:
        self.check_text(key, span.start)
        if key in mapping:
            first = self.source.place(self.key_spans[(*pointer, key)].start)
            message = f"`{key}` stands twice; it was first given on line {first.line}."
            self.problem("duplicate-key", message, span.start, "Keep one of the two.")
        else:
            self.key_spans[(*pointer, key)] = span

    # -- JSON ------------------------------------------------------------------------------------

    def read_json(self) -> Any:
        data, end = self.json_value(self.skip_space(0), (), 1)
        end = self.skip_space(end)
        if end != len(self.text):
            raise self.fatal("not-json", "There is more text after the end of the JSON value.", end)
        return data

    def skip_space(self, offset: int) -> int:
        while self.text[offset : offset + 1] in (" ", "\t", "\n", "\r"):
            offset += 1
        return offset

    def json_value(self, start: int, pointer: Pointer, depth: int) -> tuple[Any, int]:
        self.count_node(start, depth)
        first = self.text[start : start + 1]
        value: Any
        if first == "{":
            value, end = self.json_object(start, pointer, depth)
        elif first == "[":
            value, end = self.json_array(start, pointer, depth)
        elif first == '"':
            value, end = self.json_string(start)
        else:
            value, end = self.json_literal(start)
        self.spans[pointer] = Span(start, end)
        return value, end

    def json_string(self, start: int) -> tuple[str, int]:
        try:
            value, end = json.decoder.scanstring(self.text, start + 1, True)  # type: ignore[attr-defined]  # typeshed leaves it out
        except json.JSONDecodeError as error:
            message = (
                "This text has no closing quotation mark, or holds a character that JSON does not allow."
            )
            raise self.fatal("not-json", message, error.pos) from None
        self.check_text(value, start)
        return value, end

    def json_literal(self, start: int) -> tuple[Any, int]:
        text = self.word(start)
        end = start + len(text)
        if text in ("true", "false", "null"):
            return {"true": True, "false": False, "null": None}[text], end
        if re.fullmatch(_JSON_NUMBER, text):
            return self.number(text, start), end
        if not text:
            found = self.text[start : start + 1]
            message = f"A value is missing before `{found}`." if found else "The file ends in the middle."
            raise self.fatal("not-json", message, start)
        known = {
            "True": "true",
            "False": "false",
            "None": "null",
            "NaN": "null",
            "yes": "true",
            "no": "false",
        }
        help_text = f"Write {known[text]}." if text in known else "Text needs double quotation marks."
        raise self.fatal("not-json", f"`{text[:40]}` is not a JSON value.", start, help_text)

    def word(self, start: int) -> str:
        end = start
        while end < len(self.text) and self.text[end] not in ' \t\r\n,]}:"':
            end += 1
        return self.text[start:end]

    def json_object(self, start: int, pointer: Pointer, depth: int) -> tuple[dict[str, Any], int]:
        mapping: dict[str, Any] = {}
        offset = self.skip_space(start + 1)
        if self.text[offset : offset + 1] == "}":
            return mapping, offset + 1
        while True:
            if self.text[offset : offset + 1] != '"':
                message = "A name in double quotation marks is expected here."
                help_text = "Is there a comma too many before it?" if mapping else None
                raise self.fatal("not-json", message, offset, help_text)
            key, end = self.json_string(offset)
            self.add_key(mapping, key, pointer, Span(offset, end))
            end = self.skip_space(end)
            if self.text[end : end + 1] != ":":
                raise self.fatal("not-json", f'A colon is expected after "{key[:40]}".', end)
            mapping[key], end = self.json_value(self.skip_space(end + 1), (*pointer, key), depth + 1)
            offset = self.skip_space(end)
            if self.text[offset : offset + 1] == "}":
                return mapping, offset + 1
            offset = self.expect_comma(offset, "}")

    def json_array(self, start: int, pointer: Pointer, depth: int) -> tuple[list[Any], int]:
        values: list[Any] = []
        offset = self.skip_space(start + 1)
        if self.text[offset : offset + 1] == "]":
            return values, offset + 1
        while True:
            value, end = self.json_value(offset, (*pointer, len(values)), depth + 1)
            values.append(value)
            offset = self.skip_space(end)
            if self.text[offset : offset + 1] == "]":
                return values, offset + 1
            offset = self.expect_comma(offset, "]")

    def expect_comma(self, offset: int, closing: str) -> int:
        if self.text[offset : offset + 1] != ",":
            raise self.fatal("not-json", f"A comma or `{closing}` is expected here.", offset)
        return self.skip_space(offset + 1)

    # -- YAML ------------------------------------------------------------------------------------

    def read_yaml(self) -> Any:
        # Imported here: a run on policies that were kept from the last one reads no YAML.
        from ruamel.yaml import YAML
        from ruamel.yaml.error import MarkedYAMLError, YAMLStreamError
        from ruamel.yaml.reader import ReaderError

        try:
            events = YAML(typ="safe", pure=True).parse(self.text)
            return self.yaml_stream(iter(events))
        except MarkedYAMLError as error:
            mark = error.problem_mark or error.context_mark
            offset = mark.index if mark else 0
            message, help_text, meant = self.explain_yaml(
                error.problem or error.context or "not YAML", offset
            )
            raise self.fatal("not-yaml", message, offset, help_text, meant) from None
        except ReaderError as error:
            code = ord(error.character) if isinstance(error.character, str) else error.character
            message = f"The character U+{code:04X} is not allowed in YAML."
            raise self.fatal("not-yaml", message, error.position, "Delete it; it may be invisible.") from None
        except (ValueError, OverflowError):
            offset = max(self.text.find("\\U"), 0)
            help_text = "Write the character itself."
            raise self.fatal("not-yaml", "An escape stands for no character.", offset, help_text) from None
        except YAMLStreamError as error:
            raise self.fatal("not-yaml", f"This is not YAML: {error}", 0) from None

    def explain_yaml(self, problem: str, offset: int) -> tuple[str, str | None, Meant]:
        """What YAML means by its problem, what to write instead, and what can only have been meant."""
        line = self.source.line(self.source.place(min(offset, len(self.text))).line)
        prose = len(line) <= MAX_EXPLAINED and re.match(
            r"(\s*(?:- )?)([\w.-]+): +(.*: .*|\{.*\}.*[^}]|[@`%*&!].*)$", line
        )
        if prose:
            indent = " " * (len(prose[1]) + 2)
            help_text = f"If it is text, write it as a block:\n{prose[1]}{prose[2]}: >-\n{indent}{prose[3]}"
            message = "Plain text cannot hold a colon and a space, or begin with a special character."
            return message, help_text, (prose[3], prose_meant(prose[3]))
        if "\\t" in problem or "tab" in problem.lower() or "\t" in line[: len(line) - len(line.lstrip())]:
            return "A tab stands where YAML expects spaces.", "Indent with spaces.", NOTHING
        if "could not find expected ':'" in problem:
            message = "A line here is neither `name: value` nor part of a text."
            return message, "Check the indentation above.", NOTHING
        if "expected <block end>" in problem:
            return (
                "The indentation changes here in a way that fits nothing above.",
                "Align it with its neighbours.",
                NOTHING,
            )
        return f"This is not YAML: {problem}.", None, NOTHING

    def yaml_stream(self, events: Iterator[Any]) -> Any:
        data: Any = None
        documents = 0
        for event in events:
            name = type(event).__name__
            if name == "DocumentStartEvent":
                documents += 1
                if event.version or event.tags:
                    directive = re.search("^%", self.text, re.MULTILINE)
                    offset = directive.start() if directive else event.start_mark.index
                    self.problem("yaml-directive", "A `%` directive is not allowed.", offset)
                if documents > 1:
                    raise self.fatal(
                        "yaml-documents", "The file holds a second document (`---`).", event.start_mark.index
                    )
            elif name not in ("StreamStartEvent", "StreamEndEvent", "DocumentEndEvent"):
                data = self.yaml_node(event, events, (), 1)
        return data

    def yaml_node(self, event: Any, events: Iterator[Any], pointer: Pointer, depth: int) -> Any:
        start = event.start_mark.index
        self.count_node(start, depth)
        name = type(event).__name__
        if name == "AliasEvent":
            self.problem(
                "yaml-alias", f"An alias (`*{event.anchor}`) is not allowed.", start, "Write the value out."
            )
            return None
        if event.anchor:
            self.problem("yaml-anchor", f"An anchor (`&{event.anchor}`) is not allowed.", start, "Remove it.")
        if event.tag:
            self.problem("yaml-tag", f"A tag (`{event.tag}`) is not allowed.", start, "Remove it.")
        if name == "ScalarEvent":
            return self.yaml_scalar(event, pointer)
        if name == "SequenceStartEvent":
            return self.yaml_sequence(event, events, pointer, depth)
        return self.yaml_mapping(event, events, pointer, depth)

    def yaml_scalar(self, event: Any, pointer: Pointer) -> Any:
        plain = event.style is None
        span = Span(event.start_mark.index, event.end_mark.index, plain)
        self.spans[pointer] = span
        text: str = event.value
        if not plain:
            self.check_text(text, span.start)
            return text
        if text in _NULLS:
            return None
        if text in _BOOLEANS:
            return _BOOLEANS[text]
        if re.fullmatch(_YAML_NUMBER, text):
            return self.number(text, span.start)
        return text

    def yaml_sequence(self, event: Any, events: Iterator[Any], pointer: Pointer, depth: int) -> list[Any]:
        values: list[Any] = []
        for following in events:
            if type(following).__name__ == "SequenceEndEvent":
                self.spans[pointer] = Span(event.start_mark.index, following.end_mark.index)
                break
            values.append(self.yaml_node(following, events, (*pointer, len(values)), depth + 1))
        return values

    def yaml_mapping(self, event: Any, events: Iterator[Any], pointer: Pointer, depth: int) -> dict[str, Any]:
        mapping: dict[str, Any] = {}
        for following in events:
            if type(following).__name__ == "MappingEndEvent":
                self.spans[pointer] = Span(event.start_mark.index, following.end_mark.index)
                break
            span = Span(following.start_mark.index, following.end_mark.index)
            if type(following).__name__ != "ScalarEvent":
                message = "A name is expected here, not a list, a mapping or an alias."
                raise self.fatal(
                    "yaml-key", message, span.start, "A text that begins with `{` needs quotes or `>-`."
                )
            if following.anchor or following.tag:
                self.problem("yaml-tag", "A name cannot have an anchor or a tag.", span.start, "Remove it.")
            key: str = following.value
            if key == "<<" and following.style is None:
                self.problem(
                    "yaml-merge", "A merge key (`<<`) is not allowed.", span.start, "Write the lines out."
                )
            self.add_key(mapping, key, pointer, span)
            value = self.yaml_node(next(events), events, (*pointer, key), depth + 1)
            written = self.spans.get((*pointer, key))
            if (
                written is not None and written.start == written.end
            ):  # ruamel places it where the next line begins
                self.spans[*pointer, key] = span
            mapping.setdefault(key, value)
        return mapping
