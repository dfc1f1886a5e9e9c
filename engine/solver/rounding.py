"""Quotients to a step, of unknown numbers: linear where divisor and step are fixed, and at thresholds."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from functools import cache
from math import ceil, floor
from typing import NamedTuple

from engine.language.model import Rounding
from engine.solver.terms import Number, Truth, as_truth, both, ceiling_of, choose, either, follows


class Quotient(NamedTuple):
    """`dividend` by `divisor` times `scale`, rounded to a multiple of `step`."""

    dividend: Number
    divisor: Number
    step: Number
    scale: Fraction
    way: Rounding


@cache
def real_results(scale: Fraction, way: Rounding) -> Callable[[int, int, int], int | None]:
    """What a quotient comes to for a dividend, a divisor and a step; None by nothing, and for no step.

    The same function for the same scale and way.
    """

    def real(dividend: int, divisor: int, step: int) -> int | None:
        if divisor == 0 or step <= 0:
            return None
        return step * _multiple(scale * dividend / divisor / step, way)

    return real


def _multiple(steps: Fraction, way: Rounding) -> int:
    return ceil(steps) if way == "up" else floor(steps) if way == "down" else round(steps)


def result_for(quotient: Quotient, divisor: int, step: int) -> Number:
    """The same for any dividend."""
    scale = quotient.scale / divisor / step
    return _rounded(quotient.dividend * scale.numerator, scale.denominator, quotient.way) * step


def _rounded(number: Number, divisor: int, way: Rounding) -> Number:
    """A number by one above 0, as a whole number."""
    match way:
        case "up":
            return ceiling_of(number, divisor)
        case "down":
            return -ceiling_of(-number, divisor)
    nearest = -ceiling_of(-(2 * number + divisor), 2 * divisor)
    tied = 2 * number + divisor == nearest * 2 * divisor
    return nearest - choose(both(tied, nearest % 2 == 1), 1, 0)


def _reaches(quotient: Quotient, multiple: int, step: int) -> Truth:
    """For which dividends and divisors the quotient, to this step, comes to a multiple of it or more."""
    number = quotient.dividend * quotient.scale.numerator
    unit = quotient.divisor * (step * quotient.scale.denominator)
    return either(
        both(quotient.divisor > 0, _lies_at(number, unit, multiple, quotient.way)),
        both(quotient.divisor < 0, _lies_at(-number, -unit, multiple, quotient.way)),
    )


def _lies_at(number: Number, unit: Number, multiple: int, way: Rounding) -> Truth:
    """That a number is rounded to this multiple of a unit above 0, or to a greater one."""
    match way:
        case "down":
            return number >= multiple * unit
        case "up":
            return number > (multiple - 1) * unit
    half = (2 * multiple - 1) * unit
    return 2 * number > half if multiple % 2 else 2 * number >= half


def at_thresholds(quotient: Quotient, result: Number, value: Fraction, step: int) -> Truth:
    """Whether a result to this step is below a value, is the value, or is above it: by its arguments."""
    around = dict.fromkeys((ceil(value / step), floor(value / step) + 1))
    reached = (
        (result >= multiple * step) == as_truth(_reaches(quotient, multiple, step)) for multiple in around
    )
    return follows(both(quotient.divisor != 0, quotient.step == step), both(*reached))


def lesson(
    quotient: Quotient, result: Number, real: int, guess: int, dividend: int, divisor: int, step: int
) -> Truth:
    """What excludes a wrong guess of the result, and others like it."""
    same_divisor = both(quotient.step == step, quotient.divisor == divisor)
    return both(
        follows(both(same_divisor, quotient.dividend == dividend), result == real),
        *(at_thresholds(quotient, result, Fraction(each), step) for each in (real, guess)),
    )
