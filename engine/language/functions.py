"""The functions by which derived facts are worked out, with their types.

Each takes values that are known; what unknown and absent arguments come to is settled here once:
an absent argument makes the result absent (the aggregates pass over it), an unknown one makes it unknown.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from datetime import date, timedelta
from decimal import Decimal
from enum import Enum
from typing import Any, Final, Literal

from engine.base.record import record
from engine.language.model import Value


class Absence(Enum):
    """Stands for a fact that has no answer, as opposed to one nobody knows."""

    ABSENT = "absent"


ABSENT: Final = Absence.ABSENT

Argument = Value | Absence | None
"""What a function is given and gives back: a value, ABSENT, or None for unknown."""

Kind = Literal["date", "number", "year", "dates", "list", "any"]
"""What an argument may be: `year` is a whole number or a date, `dates` a date or a list of dates."""


@record
class Function:
    """A function of derived facts: its arguments' kinds, its result's type, and itself.

    `kinds` has one kind for each argument, or one for all where `aggregate` is set. `result` is a
    fact type, or "same" for the type of the arguments.
    """

    kinds: tuple[Kind, ...]
    result: str
    call: Callable[..., Value | Absence]
    aggregate: bool = False


def _days_between(start: date, end: date) -> int:
    return (end - start).days


def _months_between(start: date, end: date) -> int:
    if end < start:
        return -_months_between(end, start)
    months = (end.year - start.year) * 12 + end.month - start.month
    return months - 1 if add_months(start, months) > end else months


def _years_between(start: date | int | Decimal, end: date | int | Decimal) -> int:
    if isinstance(start, date) and isinstance(end, date):
        return math.trunc(_months_between(start, end) / 12)
    return _year(end) - _year(start)


def _year(value: date | int | Decimal) -> int:
    return value.year if isinstance(value, date) else int(value)


def add_months(start: date, months: int | Decimal) -> date:
    """The date that many months later, clamped to the month's end. Raises ValueError or OverflowError."""
    # dateutil does the same (a test holds one against the other), at a tenth of a run's time to import.
    year, month = divmod(start.year * 12 + start.month - 1 + math.ceil(months), 12)
    first = date(year, month + 1, 1)
    return first.replace(day=min(start.day, _days_in_month(first)))


def _days_in_month(first: date) -> int:
    return ((first + timedelta(days=31)).replace(day=1) - first).days


def _add_days(start: date, days: int | Decimal) -> date:
    return start + timedelta(days=math.ceil(days))


def _add_weeks(start: date, weeks: int | Decimal) -> date:
    return _add_days(start, weeks * 7)


def _nth(values: Sequence[Any], n: int) -> Value | Absence:
    index = n - 1 if n > 0 else n
    return sorted(values)[index] if n and -len(values) <= index < len(values) else ABSENT


def _count_within(dates: Sequence[date], months: int, before: date) -> int:
    return sum(1 for day in _flat([dates]) if day <= before < add_months(day, months))


def _flat(values: Sequence[Any]) -> list[Any]:
    return [item for value in values for item in (value if isinstance(value, tuple) else (value,))]


def _aggregate(choose: Callable[[list[Any]], Value]) -> Callable[..., Value | Absence]:
    def call(*values: Any) -> Value | Absence:
        items = _flat([value for value in values if value is not ABSENT])
        return choose(items) if items else ABSENT

    return call


FUNCTIONS: Final[dict[str, Function]] = {
    "days_between": Function(("date", "date"), "integer", _days_between),
    "months_between": Function(("date", "date"), "integer", _months_between),
    "years_between": Function(("year", "year"), "integer", _years_between),
    "add_days": Function(("date", "number"), "date", _add_days),
    "add_weeks": Function(("date", "number"), "date", _add_weeks),
    "add_months": Function(("date", "number"), "date", add_months),
    "earliest": Function(("dates",), "date", _aggregate(min), aggregate=True),
    "latest": Function(("dates",), "date", _aggregate(max), aggregate=True),
    "nth": Function(("list", "number"), "item", _nth),
    "count": Function(("list",), "integer", len),
    "count_within": Function(("dates", "number", "date"), "integer", _count_within),
    "sum": Function(("number",), "number", _aggregate(sum), aggregate=True),
    "largest": Function(("number",), "number", _aggregate(max), aggregate=True),
    "smallest": Function(("number",), "number", _aggregate(min), aggregate=True),
    "subtract": Function(("number", "number"), "number", lambda a, b: a - b),
    "multiply": Function(("number", "number"), "number", lambda a, b: a * b),
    "first_known": Function(("any",), "same", lambda *_values: ABSENT, aggregate=True),
}
"""By name. `truth` and `parameter` are not here: they need the evaluator and the parameters."""

ARGUMENT_NAMES: Final[dict[str, tuple[str, ...]]] = {
    "nth": ("of", "n"),
    "count_within": ("of", "months", "before"),
    "parameter": ("name", "on"),
}
"""Functions whose arguments are written as `name: value`, in the order in which they are called."""


def apply(name: str, arguments: Sequence[Argument]) -> Argument:
    """The result of a function: a value, ABSENT or None (unknown).

    Raises ValueError or OverflowError where arithmetic leaves the calendar.
    """
    if name == "first_known":
        return _first_known(arguments)
    function = FUNCTIONS[name]
    if not function.aggregate and ABSENT in arguments:
        return ABSENT
    if None in arguments:
        return None
    return function.call(*arguments)


def _first_known(arguments: Sequence[Argument]) -> Argument:
    for argument in arguments:
        if argument is not None and argument is not ABSENT:
            return argument
    return None if None in arguments else ABSENT
