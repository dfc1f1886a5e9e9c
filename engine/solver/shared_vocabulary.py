"""What may be given of an applicant under two vocabularies, and what each of them sees of it.

An applicant gives any fact that either vocabulary declares, with any value that either allows. Each side is
asked with the facts it knows: one that it does not declare, or whose value it does not allow, is left out
there. (`engine.language.facts.known_to` does so with the facts of one applicant.)
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date

import z3

from engine.base.record import replace
from engine.language.domain import Domain, domain_of
from engine.language.model import Fact
from engine.language.policy_set import PolicySet
from engine.solver.given import GivenFacts, may_be_given, shape_of
from engine.solver.limits import Unsettled
from engine.solver.terms import (
    FactState,
    ListTerm,
    Number,
    Term,
    Truth,
    both,
    choose,
    either,
    every,
    follows,
    some,
)
from engine.solver.texts import Texts


class View:
    """The given facts as one side sees them.

    `facts` are those that it declares. `mark` tells its unknowns from the other side's; what is certain of
    them is added to `certain`.
    """

    def __init__(self, whole: GivenFacts, facts: Mapping[str, Fact], mark: str, certain: list[Truth]) -> None:
        self.whole = whole
        self.texts = whole.texts
        self.mark = mark
        self.certain = certain
        self.facts = facts
        self._states: dict[str, FactState] = {}
        self._lists: dict[int, tuple[ListTerm, Callable[[Number], Number]]] = {}

    def state(self, name: str) -> FactState:
        """A given fact as this side sees it."""
        if name not in self._states:
            self._states[name] = self._seen(name)
        return self._states[name]

    def includes(self, listed: ListTerm, item: Term) -> Truth:
        """Whether a list has an item."""
        original, back = self._lists.get(id(listed), (listed, None))
        number = item.number if back is None else back(item.number)
        ratio, rest = divmod(original.factor, item.factor)
        if not rest:  # written as the other side writes it: a guess about the middle is one for both
            return self.whole.includes(original, Term(number * ratio, original.factor))
        return self.whole.includes(original, Term(number, item.factor))

    def is_whole(self, name: str) -> bool:
        """Whether this side sees a fact just as it is given."""
        own, other = self.facts[name], self.whole.facts[name]
        return domain_of(own) == domain_of(other) and own.distinct == other.distinct

    def _seen(self, name: str) -> FactState:
        known, _, value = given = self.whole.state(name)
        if self.is_whole(name):
            return given
        own, other = domain_of(self.facts[name]), domain_of(self.whole.facts[name])
        view = recoded(value, other.names, own.names)
        if isinstance(value, Term):
            possible = _possible(value.number, own, other)
        else:
            possible = self._list_is_possible(name, value, own, other)
            if view is not value:
                self._lists[id(view)] = (value, lambda number: recode(number, own.names, other.names))
        return FactState(self._named(name, both(known, possible)), False, view)

    def _named(self, name: str, truth: Truth) -> Truth:
        named = z3.Bool(f"{name} seen{self.mark}")
        self.certain.append(named == truth)
        return named

    def _list_is_possible(self, name: str, listed: ListTerm, own: Domain, other: Domain) -> Truth:
        """Whether every item is a possible one. Of items that are not kept apart it may be guessed."""
        ends = every(
            follows(listed.length >= place, _possible(number, own, other)) for place, number in listed.places
        )
        if own.names == other.names and own.factor == other.factor:
            apart: Truth = True  # what lies between possible ends is possible
        else:
            apart = either(listed.length <= listed.exact, z3.Bool(f"{name} middle seen{self.mark}"))
        fewer_repeats = self.facts[name].distinct and not self.whole.facts[name].distinct
        once = z3.Bool(f"{name} without repeats{self.mark}") if fewer_repeats else True
        return both(ends, apart, once)


def two_views(
    old: PolicySet, new: PolicySet, texts: Texts, days: tuple[date, date]
) -> tuple[GivenFacts, View, View]:
    """What may be given, and what the old and the new side see of it.

    Raises Unsettled for a fact that has become one of another kind: a text may then also be a date.
    """
    before, after = may_be_given(old), may_be_given(new)
    both_know = [name for name in after if name in before]
    facts = {**after, **before, **{name: _joined(before[name], after[name]) for name in both_know}}
    whole = GivenFacts(facts, shape_of(old, new), texts, days)
    former = View(whole, before, " before", whole.certain)
    present = View(whole, after, " now", [])
    for name in both_know:
        if not (former.is_whole(name) and present.is_whole(name)):
            somewhere = either(former.state(name).known, present.state(name).known)
            whole.certain.append(follows(whole.state(name).known, somewhere))
    return whole, former, present


def _joined(one: Fact, other: Fact) -> Fact:
    """A fact with every value that one of the two can have. Raises Unsettled."""
    numbers = {"integer", "number"}
    kinds = [one.value_type, other.value_type]
    alike = kinds[0] == kinds[1] or numbers.issuperset(kinds)
    if (one.type == "list") != (other.type == "list") or not alike:
        raise Unsettled(f"`{other.name}` has become a fact of another kind")
    kind = kinds[1] if kinds[0] == kinds[1] else "number"
    joined = replace(
        other,
        values=tuple({**dict(other.values), **dict(one.values)}.items()),
        step=min(one.step, other.step),
        distinct=one.distinct and other.distinct,
    )
    if kind in ("integer", "number", "date"):
        low, high = min(one.limits[0], other.limits[0]), max(one.limits[1], other.limits[1])
        joined = replace(joined, low=low, high=high)
    return replace(joined, **{"item_type" if other.type == "list" else "type": kind})


def _possible(number: Number, own: Domain, other: Domain) -> Truth:
    """Whether a number of one domain is a possible value of another fact."""
    if own.names != other.names:
        return some(number == index for index, name in enumerate(other.names) if name in own.names)
    if own.low is None or own.high is None:
        return True
    ratio = other.factor // own.factor
    inside = both(number >= own.low * ratio, number <= own.high * ratio)
    return inside if ratio == 1 else both(inside, number % ratio == 0)


def recode(number: Number, names: tuple[str, ...], into: tuple[str, ...]) -> Number:
    """The number of an enum's value among the values of another enum; below 0 where it has none such."""
    if isinstance(number, int):
        return into.index(names[number]) if 0 <= number < len(names) and names[number] in into else -1
    result: Number = -1
    for index, name in enumerate(names):
        result = choose(number == index, into.index(name) if name in into else -1, result)
    return result


def recoded(value: Term | ListTerm, names: tuple[str, ...], into: tuple[str, ...]) -> Term | ListTerm:
    """An enum's value, or a list of them, with the numbers of another enum; any other value as it is."""
    if names == into:
        return value
    if isinstance(value, Term):
        return Term(recode(value.number, names, into))
    first, last = (tuple(recode(item, names, into) for item in items) for items in (value.first, value.last))
    return ListTerm(value.length, first, last)
