"""Months and years between days that are numbers (ordinals), with what is certain of days not yet known."""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Callable
from datetime import date
from functools import cache, lru_cache
from typing import Final

from engine.language.functions import apply
from engine.solver.terms import Number, Truth, both

LONGEST_WALK = 400
"""So many days a lesson is carried on from the day at which it was learnt."""


def months_later(start: int, months: int) -> int | None:
    """The day so many months later; None beyond the calendar."""
    try:
        day = apply("add_months", (date.fromordinal(start), months))
    except (ValueError, OverflowError):
        return None
    return day.toordinal() if isinstance(day, date) else None


def full_months(start: int, end: int) -> int:
    """Full months from one day to another, negative backwards."""
    return _whole("months_between", start, end)


def full_years(start: int, end: int) -> int:
    """Full years from one day to another, negative backwards."""
    return _whole("years_between", start, end)


def _whole(function: str, start: int, end: int) -> int:
    count = apply(function, (date.fromordinal(start), date.fromordinal(end)))
    assert isinstance(count, int)
    return count


def year_of(day: int) -> int:
    """The year of a day."""
    return date.fromordinal(day).year


def walk(day: int, holds: Callable[[int], bool], step: int) -> int:
    """The last day in a direction up to which something holds that holds on a day."""
    for _ in range(LONGEST_WALK):
        following = day + step
        if not date.min.toordinal() <= following <= date.max.toordinal() or not holds(following):
            break
        day = following
    return day


# Over any start and any number of months, the days are between 30.4 a month less 2.4 and 30.5 a month and 1.5
# (a test tries them). What is certain below is a little wider.


def span_of_months(span: Number, months: Number) -> Truth:
    """What is certain of the days that so many months (0 or more) take."""
    if isinstance(months, int):
        least, most = days_in_months(months)
        return both(span >= least, span <= most)
    return both(5 * span >= 152 * months - 20, 2 * span <= 61 * months + 6)


@lru_cache(maxsize=256)
def days_in_months(months: int) -> tuple[int, int]:
    """The fewest and the most days that so many months (0 or more) take, forwards or back, from any day."""
    least, most = 10**9, 0
    for first in range(_MONTHS_OF_ALL):  # the calendar repeats itself after 400 years
        begins, length = _month(first)
        ends, length_then = _month(first + months)
        days, cut = ends - begins, max(0, length - length_then)
        cut_back = max(0, length_then - length)  # a 31st, months back, is cut to the 30th: more days
        least, most = min(least, days - cut), max(most, days + cut_back)
    return least, most


_MONTHS_OF_ALL: Final = 400 * 12


@cache
def _month(number: int) -> tuple[int, int]:
    """The first day of a month, counted from January 1600, and how many days it has."""
    year, month = divmod(number, 12)
    cycles, year = divmod(year, 400)
    begins = date(1600 + year, month + 1, 1)
    length = monthrange(begins.year, begins.month)[1]
    return begins.toordinal() + cycles * _DAYS_OF_ALL, length


_DAYS_OF_ALL: Final = 146_097
"""Days in 400 years."""


def span_within(span: Number, count: Number, unit: int) -> Truth:
    """What is certain of so many days (0 or more) that hold so many full times of `unit` months."""
    return both(count >= 0, 5 * span >= 152 * unit * count - 20, 2 * span <= 61 * unit * (count + 1) + 6)


def months_stay(day: int, months: int) -> tuple[int, int, int]:
    """The days that months add to a day, and the first and last day around it to which they add as many."""
    there = months_later(day, months)
    if there is None:
        return 0, day, day
    added = there - day

    def same(other: int) -> bool:
        return months_later(other, months) == other + added

    return added, walk(day, same, -1), walk(day, same, 1)


def day_in_year(day: Number, year: Number) -> Truth:
    """What is certain of a day of a year: 365 or 366 days each, at least 365.24 on the long run."""
    return both(366 * (year - 1) >= day - 366, 365 * (year - 1) < day, year >= 1)
