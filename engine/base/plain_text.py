"""Text as it is taken in: every line ended so that everybody sees it, every letter in one form."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from engine.base.record import record

_UNSEEN: Final = {
    "\v": "vertical tab",
    "\f": "form feed",
    "\x1c": "file separator",
    "\x1d": "group separator",
    "\x1e": "record separator",
    "\x85": "next line",
    "\u2028": "line separator",
    "\u2029": "paragraph separator",
    "\r": "carriage return without a line feed",
}
"""What some programs take for the end of a line, and most do not show as one."""
_UNSEEN_BREAK: Final = re.compile("[\v\f\x1c-\x1e\x85\u2028\u2029]")
_UNSEEN_RETURN: Final = re.compile("\r(?!\n)")

_HARMFUL: Final = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u180e\u200e\u200f\u2028-\u202e\u2060-\u206f\ufff9-\ufffb\ufffe\uffff"
    "\U000e0000-\U000e007f]"
)
"""Controls but for line feed and tab, unseen line ends, marks and overrides of direction, unseen "tags"."""


@record
class TextRules:
    """By which rules a text is read.

    `strict`: line breaks that nobody sees are refused, and names that are alike once they are composed.
    `composes`: text is composed.
    """

    strict: bool = True
    composes: bool = True


NOW: Final = TextRules()
ARCHIVED: Final = TextRules(strict=False)
"""Of what was released, and does not change any more."""
BEFORE_0_2: Final = TextRules(strict=False, composes=False)
"""Of what a program of that time has recorded."""


def composed(text: str) -> str:
    """The text in Unicode's normal form C: `é` is the same however it was typed."""
    if text.isascii():
        return text
    from unicodedata import normalize  # here: most runs meet no other text

    return normalize("NFC", text)


def holds_half_a_character(text: str) -> bool:
    """Whether there is a lone surrogate in it, which no output can hold."""
    return not text.isascii() and any("\ud800" <= char <= "\udfff" for char in text)


def unfit(text: str, rules: TextRules = NOW) -> tuple[str, str, str] | None:
    """What a text holds that is not taken in, also written as an escape: a code, a message, what to do."""
    if text.isprintable():
        return None
    if holds_half_a_character(text):
        message = "The text holds half a character (a lone surrogate)."
        return "not-utf8", message, "Write the whole character."
    for _, name in unseen_breaks(text) if rules.strict else ():
        return "unseen-line-break", unseen_message(name), "Delete it, or begin a new line in its place."
    return None


def unseen_breaks(text: str) -> Iterator[tuple[int, str]]:
    """Where a line ends for some programs and not for the eye, and by what.

    A carriage return alone is one beside line feeds; a text that has no other line ends is an old one.
    """
    patterns = [_UNSEEN_BREAK, _UNSEEN_RETURN] if "\n" in text and "\r" in text else [_UNSEEN_BREAK]
    for pattern in patterns:
        for match in pattern.finditer(text):
            yield match.start(), str(unseen_name(match[0]))


def unseen_name(char: str) -> str | None:
    """What such a character is called, and its number; None for any other."""
    return f"{_UNSEEN[char]} (U+{ord(char):04X})" if char in _UNSEEN else None


def unseen_message(name: str) -> str:
    """What is wrong with such a character."""
    return f"Some programs begin a new line here, and most do not show it: {name}."


def harmless(text: str) -> str:
    """The text with what could steer a terminal, or reorder what is read, as JSON escapes it: `\\u202e`."""
    return _HARMFUL.sub(lambda match: escaped(match[0]), text)


def escaped(char: str) -> str:
    """A character as JSON escapes it; one above U+FFFF as two."""
    units = char.encode("utf-16-be", "surrogatepass").hex()
    return "".join(f"\\u{units[start : start + 4]}" for start in range(0, len(units), 4))
