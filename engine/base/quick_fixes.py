"""What can only have been meant by words that are wrong, byte for byte; None where a person must decide."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any, Final

from engine.base.dates import parse_date
from engine.base.diagnostic import QuickFix, correction

_DATE: Final = re.compile(r"([0-9]{4})([-/.])([0-9]{1,2})\2([0-9]{1,2})")
_VERSION: Final = re.compile(r"v?([0-9]+)(?:\.([0-9]+))?(?:\.([0-9]+))?")
_TRUTH: Final = {"yes": "true", "no": "false", "on": "true", "off": "false"}


def name_fix(name: str, known: Iterable[str]) -> QuickFix:
    """A name that is not known, as the one known name that it can only stand for."""
    return name or None, correction(name, known)


def date_fix(text: str) -> str | None:
    """A date with the year first, such as 2026-9-3 or 2026/09/03, as the language writes it."""
    match = _DATE.fullmatch(text)
    if match is None:
        return None
    written = f"{match[1]}-{match[3]:0>2}-{match[4]:0>2}"
    return written if parse_date(written) is not None else None


def version_fix(text: str) -> str | None:
    """A version of fewer numbers, or with a `v`, as three plain numbers in quotation marks."""
    match = _VERSION.fullmatch(text)
    return f'"{".".join(number.lstrip("0") or "0" for number in match.groups("0"))}"' if match else None


def boolean_fix(text: Any) -> str | None:
    """`yes` and its like as true or false."""
    return _TRUTH.get(text.lower()) if isinstance(text, str) else None


def prose_fix(text: str) -> str | None:
    """Plain prose of one line, in quotation marks. What follows ` # ` may be a comment: a person must say."""
    if "\n" in text or re.search(r"\s#(\s|$)", text):
        return None
    return quoted(text.rstrip())


def quoted(text: str) -> str:
    """A text in quotation marks, as YAML reads it back."""
    if '"' in text and "'" not in text:
        return f"'{text}'"
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'
