"""How long may be thought, and what is said when that was not enough."""

from __future__ import annotations

import time


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
