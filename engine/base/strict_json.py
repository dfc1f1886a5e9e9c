"""Strict JSON: what the standard says and no more, without duplicate keys."""

from __future__ import annotations

import json.decoder
import re
from typing import Any, Final

from engine.base.numbers import JSON_NUMBER
from engine.base.positions import Pointer, Reader, Span

_SPACE: Final = re.compile(r"[ \t\n\r]*+")
_WORD: Final = re.compile(r'[^ \t\r\n,\]}:"]*+')
_JSON_SLIPS = {
    "True": "true", "False": "false", "yes": "true", "no": "false",
    "None": "null", "NaN": "null", "Infinity": "null", "-Infinity": "null",
}  # fmt: skip
"""What other languages write, and what it is in JSON."""


def _end(run: re.Pattern[str], text: str, start: int) -> int:
    """Where a run of such characters ends, which may have none."""
    match = run.match(text, start)
    return match.end() if match else start


class JsonReader(Reader):
    """JSON being read."""

    def read(self) -> Any:
        """All of the text as one value. Raises InvalidInput where it is no JSON."""
        start = self._skip_space(0)
        if start == len(self.text) or self.text.isspace():
            raise self.fatal("not-json", "The file is empty.", start)
        data, end = self._value(start, (), 1)
        end = self._skip_space(end)
        if end != len(self.text):
            raise self.fatal("not-json", "There is more text after the end of the JSON value.", end)
        return data

    def _skip_space(self, offset: int) -> int:
        return _end(_SPACE, self.text, offset)

    def _value(self, start: int, pointer: Pointer, depth: int) -> tuple[Any, int]:
        self.count_node(start, depth)
        first = self.text[start : start + 1]
        value: Any
        if first == "{":
            value, end = self._object(start, pointer, depth)
        elif first == "[":
            value, end = self._array(start, pointer, depth)
        elif first == '"':
            value, end = self._string(start)
        else:
            value, end = self._literal(start)
        self.spans[pointer] = Span(start, end)
        return value, end

    def _string(self, start: int) -> tuple[str, int]:
        try:
            value, end = json.decoder.scanstring(self.text, start + 1, True)  # type: ignore[attr-defined]  # typeshed leaves it out
        except json.JSONDecodeError as error:
            message = (
                "This text has no closing quotation mark, or holds a character that JSON does not allow."
            )
            raise self.fatal("not-json", message, error.pos) from None
        return self.taken_in(value, start), end

    def _literal(self, start: int) -> tuple[Any, int]:
        text = self._word(start)
        end = start + len(text)
        if text in ("true", "false", "null"):
            return {"true": True, "false": False, "null": None}[text], end
        if JSON_NUMBER.fullmatch(text):
            return self.number(text, start), end
        if not text:
            following = self.text[start : start + 1]
            message = (
                f"A value is missing before `{following}`." if following else "The file ends in the middle."
            )
            raise self.fatal("not-json", message, start)
        help_text = (
            f"Write {_JSON_SLIPS[text]}." if text in _JSON_SLIPS else "Text needs double quotation marks."
        )
        help_text = self._comment_help(start) or help_text
        raise self.fatal("not-json", f"`{text[:40]}` is not a JSON value.", start, help_text)

    def _comment_help(self, start: int) -> str | None:
        if self.text.startswith(("//", "/*", "#"), start):
            return "JSON has no comments: remove it, or save the file as YAML."
        return None

    def _word(self, start: int) -> str:
        return self.text[start : _end(_WORD, self.text, start)]

    def _object(self, start: int, pointer: Pointer, depth: int) -> tuple[dict[str, Any], int]:
        mapping: dict[str, Any] = {}
        offset = self._skip_space(start + 1)
        if self.text[offset : offset + 1] == "}":
            return mapping, offset + 1
        while True:
            if self.text[offset : offset + 1] != '"':
                message = "A name in double quotation marks is expected here."
                help_text = "Is there a comma too many before it?" if mapping else None
                raise self.fatal("not-json", message, offset, self._comment_help(offset) or help_text)
            key, end = self._string(offset)
            self.add_key(mapping, key, pointer, Span(offset, end))
            end = self._skip_space(end)
            if self.text[end : end + 1] != ":":
                raise self.fatal("not-json", f'A colon is expected after "{key[:40]}".', end)
            mapping[key], end = self._value(self._skip_space(end + 1), (*pointer, key), depth + 1)
            offset = self._skip_space(end)
            if self.text[offset : offset + 1] == "}":
                return mapping, offset + 1
            offset = self._expect_comma(offset, "}")

    def _array(self, start: int, pointer: Pointer, depth: int) -> tuple[list[Any], int]:
        values: list[Any] = []
        offset = self._skip_space(start + 1)
        if self.text[offset : offset + 1] == "]":
            return values, offset + 1
        while True:
            value, end = self._value(offset, (*pointer, len(values)), depth + 1)
            values.append(value)
            offset = self._skip_space(end)
            if self.text[offset : offset + 1] == "]":
                return values, offset + 1
            offset = self._expect_comma(offset, "]")

    def _expect_comma(self, offset: int, closing: str) -> int:
        if self.text[offset : offset + 1] != ",":
            raise self.fatal("not-json", f"A comma or `{closing}` is expected here.", offset)
        return self._skip_space(offset + 1)
