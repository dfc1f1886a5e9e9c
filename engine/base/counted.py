"""Numbers with their words."""

from __future__ import annotations


def counted(number: int, one: str, many: str | None = None) -> str:
    """`1 item`, `12,000 items`."""
    return f"{number:,} {one if number == 1 else many or one + 's'}"
