"""The solver has one user at a time.

z3 keeps everything in one context, which two threads may not be in at once. What it made may be dropped
whenever and by whichever thread collects garbage: it is put aside, and given back by the next who asks.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from threading import RLock
from typing import Final

_LOCK: Final = RLock()
"""Of the process, as the context is. Reentrant: questions are made of questions."""


@contextmanager
def one_at_a_time() -> Iterator[None]:
    """Everything that touches a formula, a model or a solver happens within; other threads wait."""
    with _LOCK:
        _dropped_anywhere()
        yield


@cache
def _dropped_anywhere() -> None:
    import z3

    z3.Z3_enable_concurrent_dec_ref(z3.main_ctx().ref())
