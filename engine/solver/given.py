"""The unknowns: for each given fact whether it is known, and its value."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date
from itertools import count, islice, repeat
from typing import Any, Final

import z3

from engine.language.conditions import tests_of
from engine.language.domain import Domain, domain_of
from engine.language.model import Condition, Fact, Value
from engine.language.operators import OPERATORS
from engine.language.policy_set import Computed, PolicySet, conditions_of
from engine.solver.limits import Unsettled
from engine.solver.terms import (
    FactState,
    ListTerm,
    Term,
    Truth,
    both,
    either,
    every,
    follows,
    is_true,
    number_in,
    opposite,
    some,
)
from engine.solver.texts import Texts, value_of

MOST_INCLUDED: Final = 6
"""For so many values that conditions look for in lists, the items of a list are kept apart."""

USUAL_DAYS: Final = (-3650, 730)
"""Dates are first looked for from ten years before the day to two years after it."""

LONGEST_LIST: Final = 200
"""No list of an applicant is made longer."""


class GivenFacts:
    """The given facts that conditions may use, made as they are asked for.

    `facts` are those that an applicant may give, `shape` is that of lists (`shape_of`), `days` are the first
    and last day that `as_of` may be. With a `mark` the values are others than those without it, or with
    another; whether a fact is known is the same.
    """

    def __init__(
        self,
        facts: Mapping[str, Fact],
        shape: tuple[int, int],
        texts: Texts,
        days: tuple[date, date],
        mark: str = "",
    ) -> None:
        self.facts = facts
        self.texts = texts
        self.mark = mark
        self.days = days
        self._shape = shape
        self._states: dict[str, FactState] = {}
        self._included: dict[tuple[int, int, Any], Truth] = {}
        self._middles: list[tuple[ListTerm, Term, Any]] = []
        self.certain: list[Truth] = []
        self.usual: list[Truth] = []
        """Lists that are short and dates that are near: to be asked for first, and not certain."""

    @property
    def whole(self) -> GivenFacts:
        """All that an applicant may give: these facts."""
        return self

    def state(self, name: str) -> FactState:
        """A given fact as the applicant gives it: never absent."""
        if name not in self._states:
            self._states[name] = self._made(self.facts[name])
        return self._states[name]

    def _made(self, fact: Fact) -> FactState:
        if fact.name == "as_of":
            return FactState(True, False, Term(self._day()))
        known = z3.Bool(f"{fact.name} given")
        label = f"{fact.name}{self.mark}"
        domain = domain_of(fact)
        if fact.type == "list":
            return FactState(known, False, self._list(label, fact, domain))
        if domain.kind == "boolean":
            return FactState(known, False, Term(z3.If(z3.Bool(label), z3.IntVal(1), z3.IntVal(0))))
        number = z3.Int(label)
        self.certain.extend(_within(number, domain))
        self._near(number, domain)
        return FactState(known, False, Term(number, domain.factor))

    def _day(self) -> Any:
        first, last = (day.toordinal() for day in self.days)
        if first == last:
            return first
        day = z3.Int("as_of")
        self.certain += [day >= first, day <= last]
        self.usual.append(day <= first + USUAL_DAYS[1])
        return day

    def _list(self, label: str, fact: Fact, domain: Domain) -> ListTerm:
        length = z3.Int(f"{label} length")
        firsts, lasts = self._shape
        first = tuple(z3.Int(f"{label} first {place}") for place in range(firsts))
        last = tuple(z3.Int(f"{label} last {place}") for place in range(lasts))
        listed = ListTerm(length, first, last, domain.factor)
        self.certain.append(length >= 0)
        for _, item in listed.places:
            self.certain.extend(_within(item, domain))
            self._near(item, domain)
        if domain.kind != "text":  # which have no order among unknown ones
            self.certain.extend(_in_order(listed, fact.distinct))
        self.usual.append(length <= listed.exact)
        return listed

    def _near(self, number: Any, domain: Domain) -> None:
        if domain.kind == "date":
            day = self.days[0].toordinal()
            self.usual += [number >= day + USUAL_DAYS[0], number <= day + USUAL_DAYS[1]]

    def includes(self, listed: ListTerm, item: Term) -> Truth:
        """Whether a list has an item. A longer list than is kept apart may have any between its ends."""
        key = (id(listed.length), item.factor, str(item.number))
        if key not in self._included:
            self._included[key] = self._includes(listed, item)
        return self._included[key]

    def _includes(self, listed: ListTerm, item: Term) -> Truth:
        ends = some(
            both(listed.length >= place, number * item.factor == item.number * listed.factor)
            for place, number in listed.places
        )
        middle = z3.Bool(f"middle {len(self._included)} of {listed.length}")
        self._middles.append((listed, item, middle))
        return either(ends, both(listed.length > listed.exact, middle))

    # -- what the solver found -------------------------------------------------------------------

    def known(self, model: Any) -> dict[str, Value]:
        """What an applicant of a model gives. Raises Unsettled for a list that nobody could write."""
        known = (name for name in self.facts if name in self._states)
        return {name: self.value(model, name) for name in known if is_true(model, self._states[name].known)}

    def _in_middle(self, model: Any, listed: ListTerm) -> set[int]:
        """The numbers that a model wants in the middle of a list."""
        numbers_wanted = {
            number_in(model, item.number) * listed.factor // item.factor
            for one, item, middle in self._middles
            if one is listed and is_true(model, middle)
        }
        return numbers_wanted - {number_in(model, number) for _, number in listed.places}

    def same(self, model: Any) -> Truth:
        """That an applicant gives just what the applicant of a model gives."""
        truths: list[Truth] = []
        for state in self._states.values():
            if not is_true(model, state.known):
                truths.append(opposite(state.known))
                continue
            numbers = [state.value.number] if isinstance(state.value, Term) else _numbers(model, state.value)
            truths += [state.known, *(number == number_in(model, number) for number in numbers)]
        return every(truths)

    def value(self, model: Any, name: str) -> Value:
        """The value of a given fact in a model."""
        fact, state = self.facts[name], self._states[name]
        domain = domain_of(fact)
        if isinstance(state.value, Term):
            return value_of(number_in(model, state.value.number), domain, self.texts)
        numbers = _items(model, state.value, self._in_middle(model, state.value), fact.distinct)
        return tuple(value_of(number, domain, self.texts) for number in numbers)


def _numbers(model: Any, listed: ListTerm) -> list[Any]:
    """The length of a list, and those of its items that have a meaning in a model."""
    length = number_in(model, listed.length)
    return [listed.length, *listed.first[:length], *listed.last[:length]]


def _within(number: Any, domain: Domain) -> Iterator[Truth]:
    if domain.low is not None:
        yield number >= domain.low
    if domain.high is not None:
        yield number <= domain.high


def _in_order(listed: ListTerm, distinct: bool) -> Iterator[Truth]:
    """Every way in which the least and the greatest items of a list belong together."""
    length, first, last = listed.length, listed.first, listed.last
    for place in range(1, len(first)):
        yield follows(length > place, _rises(first[place - 1], first[place], distinct))
    for place in range(1, len(last)):
        yield follows(length > place, _rises(last[place], last[place - 1], distinct))
    for exact in range(1, listed.exact + 1):
        same = [
            first[index] == last[exact - 1 - index]
            for index in range(min(len(first), exact))
            if exact - 1 - index < len(last)
        ]
        if exact > len(first):
            same.append(_rises(first[-1], last[exact - 1 - len(first)], distinct))
        yield follows(length == exact, every(same))
    between = length - listed.exact
    room = first[-1] + between + 1 if distinct else first[-1]
    yield follows(between > 0, room <= last[-1])


def _rises(low: Any, high: Any, distinct: bool) -> Truth:
    return low < high if distinct else low <= high


def _items(model: Any, listed: ListTerm, middle: set[int], distinct: bool) -> list[int]:
    """The numbers of a list, in rising order; `middle` are among those that lie between its ends."""
    length = number_in(model, listed.length)
    if length > LONGEST_LIST:
        raise Unsettled(f"it takes a list of {length}")
    first, last = ([number_in(model, item) for item in items] for items in (listed.first, listed.last))
    if length <= listed.exact:
        return [first[i] if i < len(first) else last[length - 1 - i] for i in range(length)]
    missing = length - listed.exact - len(middle)
    others = (
        (number for number in count(first[-1] + 1) if number not in middle) if distinct else repeat(first[-1])
    )
    return [*first, *sorted([*middle, *islice(others, max(0, missing))]), *reversed(last)]


def given_facts(policies: PolicySet, texts: Texts, days: tuple[date, date], mark: str = "") -> GivenFacts:
    """The given facts of a policy set."""
    return GivenFacts(may_be_given(policies), shape_of(policies), texts, days, mark)


def may_be_given(policies: PolicySet) -> dict[str, Fact]:
    """The facts that an applicant may give and a condition may use."""
    return {
        name: fact for name, fact in policies.facts.items() if fact.origin == "given" and not fact.private
    }


def shape_of(*policy_sets: PolicySet) -> tuple[int, int]:
    """How many of the least and of the greatest items of lists conditions and functions can look at."""
    least = greatest = 1
    included: set[tuple[str, str]] = set()
    for step in (step for policies in policy_sets for step in policies.computations):
        if isinstance(step, Computed) and step.call.function == "nth":
            place = int(step.call.items[1])  # type: ignore[arg-type]  # checked when resolved
            least, greatest = max(least, place), max(greatest, -place)
    for condition in (each for policies in policy_sets for each in _all_conditions(policies)):
        of_lists = (test for test in tests_of(condition) if OPERATORS[test.operator].fits == "lists")
        included.update((test.fact, str(test.operand)) for test in of_lists)
    most = max((sum(fact == other for other, _ in included) for fact, _ in included), default=0)
    return max(least, min(most, MOST_INCLUDED)), greatest


def _all_conditions(policies: PolicySet) -> Iterator[Condition]:
    yield from (rule.when for rule in policies.rules)
    yield from (rule.when for rule in policies.consistency)
    for step in policies.computations:
        yield from conditions_of(step)
