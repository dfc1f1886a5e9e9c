"""Check that every contestant answers rightly, then time them in turns.

A round gives each contestant one slice of time, one after the other, beginning each round with another, so
that what else the machine does falls on all of them. Within a slice each applicant is timed by itself and
the median is kept. The collector runs before a slice and rests during it, for all alike.
"""

from __future__ import annotations

import gc
import time
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from itertools import cycle, islice
from statistics import median
from typing import Any

from benchmarks.stock_durable import EngineFails, StockDurable

_LEAST_CALLS, _MOST_CALLS = 3, 2000
_CHECKING_NS = 2_000_000_000


class WrongAnswer(Exception):
    """A contestant's answer differs from the reference's: nothing about it may be published."""


@dataclass(frozen=True, slots=True)
class Contestant:
    """Something to time: `fire` takes one of `applicants`, already in the form it is to be given."""

    key: str
    fire: Callable[[Any], object]
    applicants: Sequence[Mapping[str, Any]]

    def nanoseconds(self, applicants: Sequence[Mapping[str, Any]]) -> list[int]:
        """How long each of these applicants takes."""
        if isinstance(self.fire, StockDurable):
            return self.fire.nanoseconds(applicants)
        fire, clock = self.fire, time.perf_counter_ns
        times = []
        for applicant in applicants:
            start = clock()
            fire(applicant)
            times.append(clock() - start)
        return times


def check(contestant: Contestant, expected: Sequence[Collection[str]]) -> None:
    """Compare the answers for every applicant, or for as many as two seconds allow and three at least."""
    start = time.perf_counter_ns()
    for number, (applicant, right) in enumerate(zip(contestant.applicants, expected, strict=True)):
        if number >= _LEAST_CALLS and time.perf_counter_ns() - start > _CHECKING_NS:
            return
        answer = contestant.fire(applicant)
        if not isinstance(answer, Collection) or set(answer) != set(right):
            difference = sorted(set(right) ^ set(answer)) if isinstance(answer, Collection) else repr(answer)
            raise WrongAnswer(f"{contestant.key}: applicant {number}: differs in {difference[:5]}")


@dataclass(frozen=True, slots=True)
class Measured:
    """Round by round the median microseconds of an applicant, and why a contestant dropped out."""

    times: dict[str, list[float]]
    failures: dict[str, str]


def measure(contestants: Sequence[Contestant], rounds: int, slice_ms: float) -> Measured:
    """Time the contestants in turns; the order moves on by one each round."""
    measured = Measured({contestant.key: [] for contestant in contestants}, {})
    calls: dict[str, int] = {}
    for number in range(rounds):
        first = number % len(contestants)
        for contestant in (*contestants[first:], *contestants[:first]):
            key = contestant.key
            if key in measured.failures:
                continue
            try:
                if key not in calls:
                    calls[key] = _calls(contestant, slice_ms)
                start = number * calls[key] % len(contestant.applicants)
                turn = list(islice(cycle(contestant.applicants), start, start + calls[key]))
                measured.times[key].append(_slice(contestant, turn))
            except EngineFails as failure:
                measured.failures[key] = str(failure)
                del measured.times[key]
    return measured


def measure_in_turns(part: Contestant, whole: Contestant, rounds: int, slice_ms: float) -> list[float]:
    """How many times as long as a part of it the whole takes, a figure a round.

    The part runs right beside the whole, applicant by applicant, and each begins every other time: alone in
    a tight loop the part would have the machine's caches to itself, which it has not within the whole.
    """
    calls = min(_calls(whole, slice_ms), len(whole.applicants))
    pairs = list(zip(part.applicants, whole.applicants, strict=True))
    found = []
    for _ in range(rounds):
        times: dict[str, list[int]] = {part.key: [], whole.key: []}
        gc.collect()
        gc.disable()
        try:
            for number, (for_part, for_whole) in enumerate(islice(cycle(pairs), calls)):
                both = [(part, for_part), (whole, for_whole)]
                for contestant, applicant in both if number % 2 else reversed(both):
                    times[contestant.key] += contestant.nanoseconds([applicant])
        finally:
            gc.enable()
        found.append(median(times[whole.key]) / median(times[part.key]))
    return found


def _slice(contestant: Contestant, turn: Sequence[Mapping[str, Any]]) -> float:
    gc.collect()
    gc.disable()
    try:
        return median(contestant.nanoseconds(turn)) / 1000
    finally:
        gc.enable()


def _calls(contestant: Contestant, slice_ms: float) -> int:
    """So many applicants as fill a slice, by a first try that also warms up."""
    typical = median(contestant.nanoseconds(contestant.applicants[:_LEAST_CALLS]))
    return max(_LEAST_CALLS, min(_MOST_CALLS, int(slice_ms * 1_000_000 / max(typical, 1))))


def ratio(times: Sequence[float], reference: Sequence[float]) -> float:
    """The median of the ratios within each round."""
    return median(one / other for one, other in zip(times, reference, strict=True))
