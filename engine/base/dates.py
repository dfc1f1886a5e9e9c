"""Dates as ISO text."""

from __future__ import annotations

from datetime import date
from typing import Any


def parse_date(text: Any) -> date | None:
    """The date that ISO text stands for; None when it is no date of the calendar."""
    # date.fromisoformat also takes forms such as 20260923 and 2026-W39-3.
    if not isinstance(text, str) or len(text) != 10 or text[4] != "-" or text[7] != "-":
        return None
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None
