"""A character that nobody sees.

Copied text may bring zero-width characters, marks that turn the direction of writing, soft hyphens, or a
no-break space where YAML needs a plain one. A name that holds one is another name, and looks the same;
a direction mark can make a line read other than it is. `advise check --fix` removes them.

Fails, in policy:

    title: Letters\u200b and scores

Passes, in policy:

    title: Letters and scores
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from typing import Final

from engine.base.diagnostic import Diagnostic
from engine.base.read import Document

CODE: Final = "invisible-character"

_INVISIBLE: Final = (
    "\xad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180e\u200b\u200e\u200f\u202a-\u202e\u2060-\u206f\u3164\ufeff\uffa0"
    "\U000e0000-\U000e0fff"
)
_JOINERS: Final = "\u200c\u200d"
"""Within emoji and some alphabets they have work to do; beside a Latin letter they have none."""
_SPACES: Final = "\xa0\u1680\u2000-\u200a\u202f\u205f\u3000"
_FOUND: Final = re.compile(
    f"[{_INVISIBLE}]+|(?<![^\\x00-\\x7f])[{_JOINERS}]+|[{_JOINERS}]+(?![^\\x00-\\x7f])"
    f"|(?:^[ ]*|(?<=[:,\\[{{-])[ ]*)(?P<after>[{_SPACES}]+)"  # where YAML needs a plain blank
    f"|(?P<before>[{_SPACES}]+)(?=[ ]*(?:[:,\\]}}]|#|$))",
    re.MULTILINE,
)


def check(source: Document) -> Iterator[Diagnostic]:
    """A warning for each run of invisible characters, and of odd blanks at places that YAML looks at."""
    for match in _FOUND.finditer(source.text):
        kind = match.lastgroup or 0
        if match.start(kind) == 0 and match[kind] == "\ufeff":
            continue
        yield _diagnostic(source, match.start(kind), match[kind], " " if match.lastgroup else "")


def _diagnostic(source: Document, offset: int, words: str, replacement: str) -> Diagnostic:
    names = " and ".join(dict.fromkeys(_named(char) for char in words))
    at = source.place(offset)
    message, help_text = f"There is an invisible character here: {names}.", "Remove it."
    if replacement:
        message, help_text = f"This is no plain blank: {names}.", "Write a plain blank."
    line = source.line(at.line)
    return Diagnostic(CODE, message, at, help_text, "warning", line, words=words, replacement=replacement)


def _named(char: str) -> str:
    return f"{unicodedata.name(char, 'without a name').lower()} (U+{ord(char):04X})"
