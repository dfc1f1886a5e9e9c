"""`.gitattributes` of a policy folder: git leaves its line endings as they are released, on every system."""

from __future__ import annotations

from typing import Final

NAME: Final = ".gitattributes"
LINE: Final = "* text=auto eol=lf"


def with_line_endings(content: bytes | None) -> bytes | None:
    """The file with our line, before those of its authors, which so go before it; None where it is there."""
    lines = (content or b"").splitlines()
    if any(line.split() == LINE.encode().split() for line in lines):
        return None
    newline = b"\r\n" if b"\r\n" in (content or b"") else b"\n"
    return LINE.encode() + newline + (content or b"")
