"""Strict YAML 1.2: the core schema, one document, no tags, anchors, aliases or merge keys."""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator
from typing import Any, Final

from ruamel.yaml import YAML
from ruamel.yaml.error import MarkedYAMLError, YAMLStreamError
from ruamel.yaml.reader import ReaderError

from engine.base.diagnostic import NO_FIX, QuickFix
from engine.base.positions import Pointer, Reader, Span
from engine.base.quick_fixes import prose_fix

MAX_LINES: Final = 50_000
MAX_WORDS: Final = 500_000
"""More would take long to read; 2 MB of prose, or of policies as people lay them out, have fewer."""
MAX_EXPLAINED: Final = 500
"""A longer line is no prose, and would take long to look at."""
_NULLS = frozenset({"", "~", "null", "Null", "NULL"})
_BOOLEANS = {"true": True, "True": True, "TRUE": True, "false": False, "False": False, "FALSE": False}
_YAML_NUMBER = r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?"


class YamlReader(Reader):
    """YAML being read."""

    def read(self) -> Any:
        """The one document. Raises InvalidInput where it is no YAML."""
        if self.rules.strict:  # what was released before there were these limits stays
            self._refuse_too_much()
        try:
            events = YAML(typ="safe", pure=True).parse(self.text)
            return self._stream(iter(events))
        except MarkedYAMLError as error:
            mark = error.problem_mark or error.context_mark
            offset = mark.index if mark else 0
            if error.context == "while scanning a quoted scalar" and error.context_mark:
                message = "The quotation mark that opens here is never closed."
                opens = error.context_mark.index
                raise self.fatal("not-yaml", message, opens, "Close it where its text ends.") from None
            self._refuse_run_on(offset)
            message, help_text, fix = self._explain(error.problem or error.context or "not YAML", offset)
            raise self.fatal("not-yaml", message, offset, help_text, fix) from None
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

    def _refuse_too_much(self) -> None:
        """Raises InvalidInput where there are more lines or words than a file may have."""
        starts = self.source.line_starts
        if len(starts) > MAX_LINES + 1 or (len(starts) > MAX_LINES and starts[-1] < len(self.text)):
            offset, what = starts[MAX_LINES], f"{MAX_LINES:,} lines"
        elif len(self.text.split()) > MAX_WORDS:
            word = next(itertools.islice(re.finditer(r"\S+", self.text), MAX_WORDS, None))
            offset, what = word.start(), f"{MAX_WORDS:,} words"
        else:
            return
        message, help_text = f"The file has more than {what}.", "Is it the right file?"
        raise self.fatal("too-large", message, offset, help_text)

    def _refuse_run_on(self, offset: int) -> None:
        """Raises InvalidInput where a quotation mark that another line left open was closed just before."""
        closes = len(self.text[:offset].rstrip(" ")) - 1
        mark = self.text[closes : closes + 1]
        opens = self.text.rfind(mark, 0, closes) if mark in ('"', "'") else -1
        if opens >= 0 and "\n" in self.text[opens:closes]:
            line = self.source.place(closes).line
            message = f"The quotation mark that opens here is closed by the next one only, in line {line}."
            raise self.fatal("not-yaml", message, opens, "Close it where its text ends.")

    def _prose_fix(self, text: str, number: int) -> str | None:
        """The text of a line in quotation marks, or in a block where it goes on in the next line."""
        quoted = prose_fix(text)
        if quoted is None or number >= len(self.source.line_starts):
            return quoted
        here, there = self.source.line(number), self.source.line(number + 1)
        indent = there[: len(there) - len(there.lstrip(" "))]
        if not there.strip() or len(indent) <= len(here) - len(here.lstrip(" -")):
            return quoted
        line_end = self.text[
            self.source.line_starts[number - 1] + len(here) : self.source.line_starts[number]
        ]
        return f">-{line_end}{indent}{text}"

    def _explain(self, problem: str, offset: int) -> tuple[str, str | None, QuickFix]:
        """What YAML means by its problem, what to write instead, and what can only have been meant."""
        number = self.source.place(min(offset, len(self.text))).line
        line = self.source.line(number)
        prose = len(line) <= MAX_EXPLAINED and re.match(
            r"(\s*(?:- )?)([\w.-]+): +(.*: .*|\{.*\}.*[^}]|[@`%*&!].*)$", line
        )
        if prose and prose[3][0] in "{[" and prose[3].rstrip()[-1] in "}]":
            message = "The brackets are not closed here, or a text within them is not quoted."
            help_text = (
                "Within `{…}` and `[…]`, a text with a brace, a bracket or a colon needs quotation marks."
            )
        elif prose:
            indent = " " * (len(prose[1]) + 2)
            help_text = f"If it is text, write it as a block:\n{prose[1]}{prose[2]}: >-\n{indent}{prose[3]}"
            message = "Plain text cannot hold a colon and a space, or begin with a special character."
            return message, help_text, (prose[3], self._prose_fix(prose[3], number))
        elif "\\t" in problem or "tab" in problem.lower() or "\t" in line[: len(line) - len(line.lstrip())]:
            message, help_text = "A tab stands where YAML expects spaces.", "Indent with spaces."
        elif "could not find expected ':'" in problem:
            message = "A line here is neither `name: value` nor part of a text."
            help_text = "Check the indentation above."
        elif "expected <block end>" in problem:
            message = "The indentation changes here in a way that fits nothing above."
            help_text = "Align it with its neighbours."
        else:
            return f"This is not YAML: {problem}.", None, NO_FIX
        return message, help_text, NO_FIX

    def _stream(self, events: Iterator[Any]) -> Any:
        data: Any = None
        documents = 0
        for event in events:
            name = type(event).__name__
            if name == "DocumentStartEvent":
                documents += 1
                if event.version or event.tags:
                    directive = re.search("^%", self.text, re.MULTILINE)
                    offset = directive.start() if directive else event.start_mark.index
                    self.error("yaml-directive", "A `%` directive is not allowed.", offset)
                if documents > 1:
                    message = "The file holds a second document (`---`)."
                    raise self.fatal("yaml-documents", message, event.start_mark.index)
            elif name not in ("StreamStartEvent", "StreamEndEvent", "DocumentEndEvent"):
                data = self._node(event, events, (), 1)
        return data

    def _node(self, event: Any, events: Iterator[Any], pointer: Pointer, depth: int) -> Any:
        start = event.start_mark.index
        self.count_node(start, depth)
        name = type(event).__name__
        if name == "AliasEvent":
            message = f"An alias (`*{event.anchor}`) is not allowed."
            self.error("yaml-alias", message, start, "Write the value out.")
            self.complete = False
            return None
        if event.anchor:
            self.error("yaml-anchor", f"An anchor (`&{event.anchor}`) is not allowed.", start, "Remove it.")
        if event.tag:
            self.error("yaml-tag", f"A tag (`{event.tag}`) is not allowed.", start, "Remove it.")
        if name == "ScalarEvent":
            return self._scalar(event, pointer)
        if name == "SequenceStartEvent":
            return self._sequence(event, events, pointer, depth)
        return self._mapping(event, events, pointer, depth)

    def _scalar(self, event: Any, pointer: Pointer) -> Any:
        plain = event.style is None
        span = Span(event.start_mark.index, event.end_mark.index, plain)
        self.spans[pointer] = span
        text: str = event.value
        if not plain:
            return self.taken_in(text, span.start)
        if text in _NULLS:
            return None
        if text in _BOOLEANS:
            return _BOOLEANS[text]
        if re.fullmatch(_YAML_NUMBER, text):
            before = len(self.problems)
            number = self.number(text, span.start)
            self.complete &= len(self.problems) == before  # 0 in its place would be told to be wrong too
            return number
        return self.taken_in(text, span.start)

    def _sequence(self, event: Any, events: Iterator[Any], pointer: Pointer, depth: int) -> list[Any]:
        values: list[Any] = []
        for following in events:
            if type(following).__name__ == "SequenceEndEvent":
                self.spans[pointer] = Span(event.start_mark.index, following.end_mark.index)
                break
            value = self._node(following, events, (*pointer, len(values)), depth + 1)
            if not self.rules.strict and isinstance(value, str) and value in values:
                value = following.value  # two that were told apart, and still are
            values.append(value)
        return values

    def _mapping(self, event: Any, events: Iterator[Any], pointer: Pointer, depth: int) -> dict[str, Any]:
        mapping: dict[str, Any] = {}
        for following in events:
            if type(following).__name__ == "MappingEndEvent":
                self.spans[pointer] = Span(event.start_mark.index, following.end_mark.index)
                break
            span = Span(following.start_mark.index, following.end_mark.index)
            if type(following).__name__ != "ScalarEvent":
                message = "A name is expected here, not a list, a mapping or an alias."
                help_text = "A text that begins with `{` needs quotes or `>-`."
                raise self.fatal("yaml-key", message, span.start, help_text)
            if following.anchor or following.tag:
                self.error("yaml-tag", "A name cannot have an anchor or a tag.", span.start, "Remove it.")
            key = self.name_in(mapping, following.value, span.start)
            if key == "<<" and following.style is None:
                message = "A merge key (`<<`) is not allowed."
                self.error("yaml-merge", message, span.start, "Write the lines out.")
                self.complete = False
            self.add_key(mapping, key, pointer, span)
            value = self._node(next(events), events, (*pointer, key), depth + 1)
            written = self.spans.get((*pointer, key))
            if (
                written is not None and written.start == written.end
            ):  # ruamel places it where the next line begins
                self.spans[*pointer, key] = span
            mapping[key] = value
        return mapping
