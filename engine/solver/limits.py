"""How long may be thought and how often asked again, and what is raised when that was not enough."""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Iterator
from typing import Final, TypeVar

T = TypeVar("T")

ATTEMPTS: Final = 25
"""So many applicants of the solver that the engine decides otherwise are passed over."""


class Unsettled(Exception):
    """A question to which no answer was found; `reason` says why, as a part of a sentence."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class Clock:
    """The time that is left, in seconds: it decides whether there is an answer, never which.

    With `math.inf` seconds, effort alone (`solve.EFFORT`) decides: the same on every machine.
    """

    def __init__(self, seconds: float) -> None:
        self._end = time.monotonic() + seconds

    @property
    def left(self) -> float:
        """Seconds; 0 when there are none."""
        return max(0.0, self._end - time.monotonic())

    def check(self) -> None:
        """Raises Unsettled when no time is left."""
        if not self.left:
            raise Unsettled("the time was up")


ENDLESS: Final = Clock(math.inf)


def attempts(find: Callable[[], T | None], exclude: Callable[[T], None]) -> Iterator[T]:
    """What a solver finds, each excluded when the next is asked for. Raises Unsettled after ATTEMPTS."""
    for _ in range(ATTEMPTS):
        model = find()
        if model is None:
            return
        yield model
        exclude(model)
    raise Unsettled("what the solver found is decided otherwise by the engine")
