"""The functions of derived facts on unknown values.

Each follows `engine.language.functions`: the same treatment of absent and unknown arguments, the same
rounding. What no linear arithmetic can say (months, years, products) becomes a new number within bounds that
are certain; an `Application` then learns, from each wrong guess of the solver, what it really gives.
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Iterator, Sequence
from fractions import Fraction
from typing import Any, Final

import z3

from engine.language.model import Rounding
from engine.solver.months import (
    day_in_year,
    days_in_months,
    full_months,
    full_years,
    months_later,
    months_stay,
    span_of_months,
    span_within,
    walk,
    year_of,
)
from engine.solver.rounding import Quotient, at_thresholds, lesson, real_results, result_for
from engine.solver.terms import (
    FactState,
    ListTerm,
    Number,
    Term,
    Truth,
    as_number,
    as_truth,
    both,
    ceiling_of,
    choose,
    either,
    every,
    follows,
    is_true,
    number_in,
    opposite,
    rescaled,
    some,
)

Real = Callable[..., int | None]
Lesson = Callable[..., Truth]


class Application:
    """A function of unknown numbers, the result of which the solver guesses until it has learnt enough."""

    def __init__(
        self,
        real: Real,
        arguments: Sequence[Number],
        result: Any,
        needed: Truth,
        lesson: Lesson,
        *,
        pinned: bool = False,
    ) -> None:
        """With `pinned`, the arguments of a wrong guess are tried themselves: they may well do."""
        self._pinned = pinned
        self._real = real
        self._arguments = [as_number(argument) for argument in arguments]
        self._result = result
        self._needed = needed
        self._lesson = lesson

    def pins(self, model: Any) -> Truth:
        """That the arguments are those of the model, where that is to be tried."""
        if not self._pinned or not is_true(model, self._needed):
            return True
        return every(argument == number_in(model, argument) for argument in self._arguments)

    def agrees(self, other: Application) -> Truth:
        """That it gives what the same function gives elsewhere, where its arguments are the same."""
        same = (one == its for one, its in zip(self._arguments, other._arguments, strict=True))
        return follows(every(same), self._result == other._result)

    def is_of(self, other: Application) -> bool:
        """Whether both are of the same function."""
        return self._real is other._real

    def learn(self, model: Any) -> Any | None:
        """What excludes a wrong guess of the model, and others like it; None where it guessed right."""
        if not is_true(model, self._needed):
            return None
        given = [number_in(model, argument) for argument in self._arguments]
        real = self._real(*given)
        guess = number_in(model, self._result)
        if real is None or guess == real:
            return None
        return as_truth(self._lesson(real, guess, *given))


class Functions:
    """Applies functions, and keeps what is certain of the numbers it makes.

    A number has a meaning only where it is `needed`: that of an unknown fact may be anything, and nothing
    must be said of it. (An argument that is no day of the calendar would otherwise forbid the fact to be
    unknown.) What the same functions give `elsewhere`, they give here for the same arguments.
    """

    def __init__(self, prefix: str, certain: list[Truth], elsewhere: Functions | None = None) -> None:
        self._prefix = prefix
        self._elsewhere = elsewhere.applications if elsewhere is not None else []
        self._count = 0
        self._quotients: dict[int, tuple[Quotient, Number]] = {}
        self.certain = certain
        self.applications: list[Application] = []

    def _fresh(self, about: str) -> Any:
        self._count += 1
        return z3.Int(f"{self._prefix}{about} {self._count}")

    def _guess(
        self,
        result: Any,
        real: Real,
        arguments: Sequence[Number],
        needed: Truth,
        lesson: Lesson,
        *,
        pinned: bool = False,
    ) -> None:
        made = Application(real, arguments, result, needed, lesson, pinned=pinned)
        self.certain += [made.agrees(other) for other in self._elsewhere if made.is_of(other)]
        self.applications.append(made)

    def apply(self, name: str, arguments: Sequence[FactState], way: Rounding | None = None) -> FactState:
        """The result of a function, as `engine.language.functions.apply` gives it."""
        match name:
            case "first_known":
                return _first_known(arguments)
            case "earliest" | "smallest":
                return _extreme(arguments, "at_most")
            case "latest" | "largest":
                return _extreme(arguments, "at_least")
            case "sum":
                return _sum(arguments)
        known = every(argument.known for argument in arguments)
        absent = some(argument.absent for argument in arguments)
        values: list[Any] = [argument.value for argument in arguments]
        if name == "nth":
            return _nth(known, absent, values[0], values[1].number)
        if way is not None:
            number, *by, step = arguments
            return self._rounded(number, by[0] if by else _ONE, step, way)
        return FactState(known, absent, self._worked_out(name, values, known))

    def _worked_out(self, name: str, values: Sequence[Any], needed: Truth) -> Term:
        match name:
            case "count":
                return Term(values[0].length)
            case "subtract":
                (left, right), factor = rescaled(values)
                return Term(left - right, factor)
            case "multiply":
                return self._product(values[0], values[1], needed)
            case "days_between":
                return Term(values[1].number - values[0].number)
            case "add_days":
                return Term(values[0].number + ceiling_of(values[1].number, values[1].factor))
            case "add_weeks":
                return Term(values[0].number + ceiling_of(values[1].number * 7, values[1].factor))
            case "add_months":
                months = ceiling_of(values[1].number, values[1].factor)
                return Term(self._months_later(values[0].number, months, needed))
            case "months_between":
                return Term(self._between(1, values[0].number, values[1].number, needed))
            case "years_between":
                return Term(self._between(12, values[0].number, values[1].number, needed))
            case "count_within":
                months = ceiling_of(values[1].number, values[1].factor)
                return Term(self._count_within(values[0], months, values[2].number, needed))
        raise NotImplementedError(f"engine/solver/apply.py does not say what `{name}` means")

    def _rounded(self, number: FactState, by: FactState, step: FactState, way: Rounding) -> FactState:
        """A number by another, to a step. By nothing there is nothing, whatever is divided."""
        terms: list[Any] = [number.value, by.value, step.value]  # numbers, no lists
        (dividend, one), (divisor, other), (unit, its) = terms
        nothing = both(by.known, divisor == 0)
        known = both(number.known, by.known, step.known, opposite(nothing))
        absent = either(number.absent, by.absent, step.absent, nothing)
        quotient = Quotient(dividend, divisor, unit, Fraction(other * its, one), way)
        if isinstance(divisor, int) and isinstance(unit, int):
            result = 0 if divisor == 0 else result_for(quotient, divisor, unit)
            return FactState(known, absent, Term(result, its))
        result = self._fresh("quotient")
        if isinstance(unit, int):  # nothing but its multiples comes out
            result = result * unit
        self._quotients[result.get_id()] = quotient, result  # which is kept, or its id might be another's

        def learnt(real: int, guess: int, *arguments: int) -> Truth:
            return lesson(quotient, result, real, guess, *arguments)

        real = real_results(quotient.scale, way)
        self._guess(result, real, (dividend, divisor, unit), known, learnt, pinned=True)
        return FactState(known, absent, Term(result, its))

    def met(self, result: Term, value: Term) -> Iterator[Truth]:
        """What is certain of a result that is compared with a value that is written down."""
        found = self._quotients.get(result.number.get_id()) if z3.is_expr(result.number) else None
        if found is not None and isinstance(found[0].step, int):
            written = Fraction(value.number * result.factor, value.factor)
            yield at_thresholds(found[0], result.number, written, found[0].step)

    def _product(self, left: Term, right: Term, needed: Truth) -> Term:
        one, other, factor = left.number, right.number, left.factor * right.factor
        if isinstance(one, int) or isinstance(other, int):
            return Term(one * other, factor)
        result = self._fresh("product")

        def lesson(_real: int, _guess: int, given: int, other_given: int) -> Truth:
            return both(
                follows(one == given, result == given * other),
                follows(other == other_given, result == one * other_given),
            )

        self._guess(result, operator.mul, (one, other), needed, lesson)
        return Term(result, factor)

    def _months_later(self, start: Number, months: Number, needed: Truth) -> Number:
        if needed is False:
            return 0
        if isinstance(start, int) and isinstance(months, int):
            later = months_later(start, months)
            return start if later is None else later
        result = self._fresh("months later")

        def lesson(_real: int, _guess: int, day: int, count: int) -> Truth:
            added, low, high = months_stay(day, count)
            stays = both(start >= low, start <= high, months == count)
            ends = days_in_months(abs(count)) if count >= 0 else [-end for end in days_in_months(-count)]
            span = both(result - start >= min(ends), result - start <= max(ends))
            return both(follows(stays, result == start + added), follows(months == count, span))

        self._guess(result, months_later, (start, months), needed, lesson)
        forwards, backwards = months >= 0, months <= 0
        self.certain.append(follows(both(needed, forwards), span_of_months(result - start, months)))
        self.certain.append(follows(both(needed, backwards), span_of_months(start - result, -months)))
        return result

    def _between(self, unit: int, start: Number, end: Number, needed: Truth) -> Number:
        """Full months, or with a unit of 12 full years, from one day to another."""
        if needed is False:
            return 0
        real = full_months if unit == 1 else full_years
        if isinstance(start, int) and isinstance(end, int):
            return real(start, end)
        result = self._fresh("between")

        def spans(number: int) -> Truth:
            # The days that a result allows, whatever the days are.
            shortest = days_in_months(unit * abs(number))[0]
            longest = days_in_months(unit * (abs(number) + 1))[1] - 1
            span = start - end if number < 0 else end - start
            return follows(result == number, both(span <= longest, number == 0 or span >= shortest))

        def lesson(full: int, guess: int, first: int, last: int) -> Truth:
            from_, to, early = (start, end, first) if last >= first else (end, start, last)
            least, low, high = months_stay(early, unit * abs(full))
            most, low_too, high_too = months_stay(early, unit * (abs(full) + 1))
            where = both(from_ >= max(low, low_too), from_ <= min(high, high_too))
            inside = both(where, to - from_ >= least, to - from_ < most)
            return both(follows(inside, result == full), spans(guess), spans(full))

        self._guess(result, real, (start, end), needed, lesson)
        self.certain.append(follows(both(needed, end >= start), span_within(end - start, result, unit)))
        self.certain.append(follows(both(needed, end <= start), span_within(start - end, -result, unit)))
        return result

    def year(self, day: Number, needed: Truth) -> Number:
        """The year of a day."""
        if needed is False:
            return 0
        if isinstance(day, int):
            return year_of(day)
        result = self._fresh("year")

        def lesson(year: int, _guess: int, given: int) -> Truth:
            def same(other: int) -> bool:
                return year_of(other) == year

            return follows(both(day >= walk(given, same, -1), day <= walk(given, same, 1)), result == year)

        self._guess(result, year_of, (day,), needed, lesson)
        self.certain.append(follows(needed, day_in_year(day, result)))
        return result

    def calendar_years(self, arguments: Sequence[FactState], dates: Sequence[bool]) -> FactState:
        """`years_between` where one argument at least is a year, not a date."""
        known = every(argument.known for argument in arguments)
        start, end = (
            self.year(argument.value.number, known) if dated else argument.value.number  # type: ignore[union-attr]  # never a list
            for argument, dated in zip(arguments, dates, strict=True)
        )
        return FactState(known, some(argument.absent for argument in arguments), Term(end - start))

    def _count_within(self, dates: Term | ListTerm, months: Number, before: Number, needed: Truth) -> Number:
        def counts(day: Number, there: Truth) -> Number:
            over = self._months_later(day, months, both(needed, there))
            return choose(both(there, day <= before, before < over), 1, 0)

        if isinstance(dates, Term):
            return counts(dates.number, True)
        seen = [counts(item, dates.length >= place) for place, item in dates.places]
        result = self._fresh("within")
        total = sum(seen[1:], seen[0])
        more = dates.length - dates.exact
        self.certain.append(follows(more >= 0, both(result >= total, result <= total + more)))
        for length in range(dates.exact):
            here = sum(seen[1:length], seen[0]) if length else 0
            self.certain.append(follows(dates.length == length, result == here))
        return result


_ONE: Final = FactState(True, False, Term(1))


def _first_known(arguments: Sequence[FactState]) -> FactState:
    value: Any = arguments[-1].value
    for argument in reversed(arguments[:-1]):
        value = chosen(argument.known, argument.value, value)
    known = some(argument.known for argument in arguments)
    return FactState(known, every(argument.absent for argument in arguments), value)


def chosen(condition: Truth, then: Any, otherwise: Any) -> Any:
    """The one value where the condition is true, else the other: terms or lists."""
    if isinstance(condition, bool):
        return then if condition else otherwise
    if isinstance(then, Term):
        (left, right), factor = rescaled((then, otherwise))
        return Term(choose(condition, left, right), factor)
    first, last = (
        tuple(choose(condition, one, other) for one, other in zip(*items, strict=False))
        for items in ((then.first, otherwise.first), (then.last, otherwise.last))
    )
    return ListTerm(choose(condition, then.length, otherwise.length), first, last, then.factor)


def _nth(known: Truth, absent: Truth, values: ListTerm, n: int) -> FactState:
    items = values.first if n > 0 else values.last
    there = values.length >= abs(n)
    return FactState(
        both(known, there),
        either(absent, both(known, opposite(there))),
        Term(items[abs(n) - 1], values.factor),
    )


def _items(arguments: Sequence[FactState], least: bool) -> list[tuple[Truth, Term]]:
    """For each argument whether it has something, and the least (or greatest) that it has."""
    items = []
    for argument in arguments:
        value = argument.value
        if isinstance(value, ListTerm):
            item = value.first[0] if least else value.last[0]
            items.append((both(argument.known, value.length >= 1), Term(item, value.factor)))
        else:
            items.append((argument.known, value))
    return items


def _aggregated(
    arguments: Sequence[FactState], items: Sequence[tuple[Truth, Term]], value: Term
) -> FactState:
    """Unknown while an argument is; absent where nothing is left."""
    settled = every(either(argument.known, argument.absent) for argument in arguments)
    something = some(there for there, _ in items)
    return FactState(both(settled, something), both(settled, opposite(something)), value)


def _extreme(arguments: Sequence[FactState], operator: str) -> FactState:
    items = _items(arguments, least=operator == "at_most")
    numbers, factor = rescaled([term for _, term in items])
    there, best = items[0][0], numbers[0]
    for (here, _), number in zip(items[1:], numbers[1:], strict=True):
        beats = number <= best if operator == "at_most" else number >= best
        best = choose(both(here, either(opposite(there), beats)), number, best)
        there = either(there, here)
    return _aggregated(arguments, items, Term(best, factor))


def _sum(arguments: Sequence[FactState]) -> FactState:
    items = _items(arguments, least=True)
    numbers, factor = rescaled([term for _, term in items])
    parts = [choose(there, number, 0) for (there, _), number in zip(items, numbers, strict=True)]
    return _aggregated(arguments, items, Term(sum(parts[1:], parts[0]), factor))
