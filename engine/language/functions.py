"""The functions by which derived facts are worked out, with their types.

Each takes values that are known; what unknown and absent arguments come to is settled here once:
an absent argument makes the result absent (the aggregates pass over it), an unknown one makes it unknown.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date, timedelta
from decimal import Decimal
from enum import Enum
from fractions import Fraction
from functools import reduce
from typing import Any, Final, Literal

from engine.base.numbers import EXACT
from engine.base.record import record
from engine.language.model import Rounding, Value


class Absence(Enum):
    """Stands for a fact that has no answer, as opposed to one nobody knows."""

    ABSENT = "absent"


ABSENT: Final = Absence.ABSENT

Argument = Value | Absence | None
"""What a function is given and gives back: a value, ABSENT, or None for unknown."""

ArgumentKind = Literal["date", "number", "year", "dates", "list", "any", "months", "place", "step"]
"""What an argument may be: `year` is a whole number or a date, `dates` a date or a list of dates.

`months`, `place` and `step` are numbers that are written out, or parameters: whole months from 1, a place not
0, a step above 0.
"""

Monotonicity = Literal["rises", "falls", "shifts"]
"""How a result goes while one argument rises and the others stay; `shifts`: it rises one for one."""


@record
class Function:
    """A function of derived facts, and all that is to be known of it but what it means to the solver.

    `kinds` has one kind for each argument, or one for all where `aggregate` is set; `names` are there
    where the arguments are written as `name: value`. `result` is a fact type, "item" for that of the
    list's items, "same" for that of the arguments, where "number" is a whole number if these are, and "step"
    if the last of them is.
    `words` says where the result comes from, of the arguments in words. `moves` has one entry for each
    argument (or for all); without any, nothing is known of how the result goes. A `partial` function may
    have no result for arguments that are known. `step` gives the result's precision from 1 and those of
    the arguments. Mutation testing puts the function `mistaken_for` in its place, and swaps the arguments
    of one whose two are of one kind and `ordered`. A function that `rounds` to a step, its last argument,
    takes the way after its arguments. `since` is the version of the policy language that brought it.
    """

    kinds: tuple[ArgumentKind, ...]
    result: str
    call: Callable[..., Value | Absence]
    words: Callable[..., str]
    moves: tuple[Monotonicity, ...] = ()
    names: tuple[str, ...] = ()
    aggregate: bool = False
    partial: bool = False
    step: Callable[[Iterable[Decimal]], Decimal] = min
    mistaken_for: str | None = None
    ordered: bool = False
    rounds: bool = False
    since: int = 1


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
    first, last = (each.year if isinstance(each, date) else int(each) for each in (start, end))
    return last - first


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
    return _add_days(start, _product_of(weeks, 7))


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


def _sum(items: Sequence[Any]) -> Any:
    return reduce(EXACT.add, items) if any(isinstance(item, Decimal) for item in items) else sum(items)


def _difference(one: Any, other: Any) -> Any:
    return (
        EXACT.subtract(one, other) if isinstance(one, Decimal) or isinstance(other, Decimal) else one - other
    )


def _product_of(one: Any, other: Any) -> Any:
    return (
        EXACT.multiply(one, other) if isinstance(one, Decimal) or isinstance(other, Decimal) else one * other
    )


def _rounded(exact: Fraction, step: int | Decimal, way: Rounding) -> int | Decimal:
    """The multiple of a step that is the next higher or lower, or the nearest, of two the even multiple."""
    steps = exact / Fraction(step)
    count = math.ceil(steps) if way == "up" else math.floor(steps) if way == "down" else round(steps)
    result = _product_of(count, step)
    return int(result) if result == int(result) else result.normalize(EXACT)


def _round(number: int | Decimal, step: int | Decimal, way: Rounding) -> int | Decimal:
    return _rounded(Fraction(number), step, way)


def _divide(
    number: int | Decimal, by: int | Decimal, step: int | Decimal, way: Rounding
) -> int | Decimal | Absence:
    return ABSENT if by == 0 else _rounded(Fraction(number) / Fraction(by), step, way)


_WAYS: Final[Mapping[str, str]] = {
    "up": "rounded up",
    "down": "rounded down",
    "half-even": "rounded to the nearest, halves to the even,",
}


def _product(steps: Iterable[Decimal]) -> Decimal:
    return math.prod(steps, start=Decimal(1))


def _last(steps: Iterable[Decimal]) -> Decimal:
    return [*steps][-1]


def _nth_in_words(values: str, place: str) -> str:
    number = int(place)
    side = "start" if number > 0 else "end"
    which = {1: "the first of", -1: "the last of"}.get(number, f"number {abs(number)} from the {side} of")
    return f"{which} {values}"


def _first_known_in_words(*facts: str) -> str:
    return f"the same as {facts[0]}" if len(facts) == 1 else f"the first that is known of {', '.join(facts)}"


def _of_several(
    kind: ArgumentKind, choose: Callable[[list[Any]], Value], words: str, mistaken_for: str | None = None
) -> Function:
    return Function(
        (kind,),
        "date" if kind == "dates" else "number",
        _aggregate(choose),
        lambda *items: words.format(", ".join(items)),
        ("rises",),
        aggregate=True,
        partial=True,
        mistaken_for=mistaken_for,
    )


_TWO_DATES: Final[tuple[ArgumentKind, ArgumentKind]] = ("date", "date")
_LATER: Final[tuple[ArgumentKind, ArgumentKind]] = ("date", "number")
_NUMBERS: Final[tuple[ArgumentKind, ArgumentKind]] = ("number", "number")
_FROM_TO: Final[tuple[Monotonicity, Monotonicity]] = ("falls", "rises")

FUNCTIONS: Final[Mapping[str, Function]] = {
    "days_between": Function(
        _TWO_DATES, "integer", _days_between, "days from {} to {}".format, ("falls", "shifts"), ordered=True
    ),
    "months_between": Function(
        _TWO_DATES, "integer", _months_between, "full months from {} to {}".format, _FROM_TO, ordered=True
    ),
    "years_between": Function(
        ("year", "year"), "integer", _years_between, "years from {} to {}".format, _FROM_TO, ordered=True
    ),
    "add_days": Function(_LATER, "date", _add_days, "{}, and {} days more".format, ("shifts", "rises")),
    "add_weeks": Function(_LATER, "date", _add_weeks, "{}, and {} weeks more".format, ("shifts", "rises")),
    "add_months": Function(_LATER, "date", add_months, "{}, and {} months more".format, ("rises", "rises")),
    "subtract": Function(
        _NUMBERS, "number", _difference, "{} less {}".format, ("rises", "falls"), ordered=True
    ),
    "multiply": Function(_NUMBERS, "number", _product_of, "{} times {}".format, step=_product),
    "divide": Function(
        ("number", "number", "step"),
        "step",
        _divide,
        lambda number, by, step, way: f"{number} divided by {by}, {_WAYS[way]} to a step of {step}",
        names=("of", "by", "to"),
        partial=True,
        step=_last,
        rounds=True,
        since=2,
    ),
    "round": Function(
        ("number", "step"),
        "step",
        _round,
        lambda number, step, way: f"{number}, {_WAYS[way]} to a step of {step}",
        names=("of", "to"),
        step=_last,
        rounds=True,
        since=2,
    ),
    "earliest": _of_several("dates", min, "the earliest of {}", "latest"),
    "latest": _of_several("dates", max, "the latest of {}", "earliest"),
    "sum": _of_several("number", _sum, "{} added up"),
    "largest": _of_several("number", max, "the largest of {}", "smallest"),
    "smallest": _of_several("number", min, "the smallest of {}", "largest"),
    "first_known": Function(
        ("any",), "same", lambda *_values: ABSENT, _first_known_in_words, aggregate=True, partial=True
    ),
    "nth": Function(("list", "place"), "item", _nth, _nth_in_words, names=("of", "n"), partial=True),
    "count": Function(("list",), "integer", len, "how many {} there are".format),
    "count_within": Function(
        ("dates", "months", "date"),
        "integer",
        _count_within,
        "how many of {} lie within {} months before {}".format,
        names=("of", "months", "before"),
    ),
}
"""By name. `truth` and `parameter` are not here: they need the evaluator and the parameters."""


def apply(name: str, arguments: Sequence[Argument], way: Rounding | None = None) -> Argument:
    """The result of a function: a value, ABSENT or None (unknown).

    Raises ValueError or OverflowError where arithmetic leaves the calendar.
    """
    if name == "first_known":
        return _first_known(arguments)
    function = FUNCTIONS[name]
    if not function.aggregate and ABSENT in arguments:
        return ABSENT
    if name == "divide" and arguments[1] == 0:  # whatever is divided
        return ABSENT
    if None in arguments:
        return None
    return function.call(*arguments, way) if function.rounds else function.call(*arguments)


def _first_known(arguments: Sequence[Argument]) -> Argument:
    for argument in arguments:
        if argument is not None and argument is not ABSENT:
            return argument
    return None if None in arguments else ABSENT
