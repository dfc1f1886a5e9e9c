"""What a check found, written for people and for programs: one format a module."""

from __future__ import annotations

from collections.abc import Callable
from importlib import import_module
from typing import Final

from engine.checking.check import Checked

FORMATS: Final = ("text", "json", "sarif", "github", "markdown")


def render(checked: Checked, form: str) -> str:
    """All that was found, in one of the FORMATS, with a line end at the end."""
    write: Callable[[Checked], str] = import_module(f"engine.checking.formats.as_{form}").render
    return write(checked)
