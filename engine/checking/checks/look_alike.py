"""A letter of another alphabet that looks like a Latin one.

Cyrillic and Greek have letters that cannot be told from Latin ones by eye. A name that holds one is another
name: nothing it says is found, and the message seems to name what is there. Words wholly in another
alphabet, and accents, are left alone. `advise check --fix` writes the Latin letter.

Fails, in policy:

    title: "\u0410pply early"

Passes, in policy:

    title: Apply early
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from typing import Final

from engine.base.diagnostic import Diagnostic
from engine.base.read import Document

CODE: Final = "look-alike"

_LATIN: Final = {chr(code + 0xFEE0): chr(code) for code in range(0x21, 0x7F)} | dict(  # full width, first
    zip(
        "АВЕЅІЈКМНОРСТУХаеорсухѕіјһԁԛԝӏΑΒΕΖΗΙΚΜΝΟΡΤΥΧοιν",
        "ABESIJKMHOPCTYXaeopcyxsijhdqwlABEZHIKMNOPTYXoiv",
        strict=True,
    )
)
"""Cyrillic, then Greek. Letters that merely resemble one (α, γ, к) are left out: they are told apart."""
_WORD: Final = re.compile(r"\w+(?:[./#]\w+)*")


def check(source: Document) -> Iterator[Diagnostic]:
    """A warning for each word or dotted name that mixes Latin letters with their look-alikes."""
    for match in _WORD.finditer(source.text):
        word = match.group()
        if word.isascii() or not any(char.isascii() and char.isalpha() for char in word):
            continue
        for run in re.finditer(f"[{''.join(_LATIN)}]+", word):
            at = source.place(match.start() + run.start())
            replacement = "".join(_LATIN[char] for char in run.group())
            names = " and ".join(dict.fromkeys(unicodedata.name(char).lower() for char in run.group()))
            message = f"`{run.group()}` in `{word}` looks like a Latin letter, and is {names}."
            fix, line = (run.group(), replacement), source.line(at.line)
            yield Diagnostic(CODE, message, at, f"Write `{replacement}`.", "warning", line, (), None, *fix)
