"""How a side tool's outline or data reaches standard output."""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from engine.rendering.outline import Outline


def print_as(form: str, outline: Callable[[], Outline], data: Callable[[], Mapping[str, Any]]) -> None:
    """Writes what was found as text, json, markdown or html; only what is wanted is made."""
    if form == "json":
        from engine.rendering.as_json import json_text

        text = json_text(dict(data()))
    else:
        from shutil import get_terminal_size

        from engine.rendering import outline as outlines

        if form == "text":
            text = outlines.as_text(outline(), max(60, min(120, get_terminal_size((100, 24)).columns)))
        else:
            text = (outlines.as_markdown if form == "markdown" else outlines.as_html)(outline())
    sys.stdout.buffer.write(text.encode(errors="replace"))
    sys.stdout.buffer.flush()
