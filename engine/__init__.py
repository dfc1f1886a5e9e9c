"""Advise: dated guidance as rules, fired against one applicant's facts.

`Guidance` and `InvalidInput` are the Python interface (`docs/python.md`), loaded when first asked for:
to import `engine` loads nothing else.
"""

from __future__ import annotations

TYPE_CHECKING = False  # that of `typing`, which would be loaded here
if TYPE_CHECKING:
    from typing import Any

    from engine.api import Guidance
    from engine.base.diagnostic import InvalidInput

__all__ = ["Guidance", "InvalidInput"]

_PLACES = {"Guidance": "engine.api", "InvalidInput": "engine.base.diagnostic"}


def __getattr__(name: str) -> Any:
    place = _PLACES.get(name)
    if place is None:
        raise AttributeError(f"module 'engine' has no attribute {name!r}")
    from importlib import import_module

    return getattr(import_module(place), name)
