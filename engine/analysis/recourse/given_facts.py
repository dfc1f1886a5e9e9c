"""The given facts of one applicant for the solver: constants, all but those that may be changed."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from fractions import Fraction
from typing import Any, Final

import z3

from engine.advising.advisor import Case
from engine.analysis.recourse.verified_answer import past_of
from engine.analysis.what_if.changeable import AllowedChange, Choices, cost_of_step
from engine.language.domain import domain_of
from engine.language.model import Fact, Scalar, Value
from engine.language.operators import ORDERED
from engine.language.policy_set import PolicySet
from engine.solver.given import GivenFacts, may_be_given, shape_of
from engine.solver.narrow import Narrowing
from engine.solver.terms import (
    FactState,
    ListTerm,
    Number,
    Term,
    Truth,
    both,
    choose,
    follows,
    opposite,
    some,
)
from engine.solver.texts import Texts, number_of

_NO_ITEM: Final = 1
"""Stands in a list where no item is; also a day, for what counts the days of lists."""


class ChangeVariable:
    """A fact that may be changed, as unknowns: whether it is, and `to` what.

    A value that was not `given` but follows from other facts may have to be said, just as it is, when these
    change: that counts as a change.
    """

    def __init__(self, choice: AllowedChange, changed: Truth, to: Any, *, given: bool) -> None:
        self.choice, self.changed, self.to = choice, changed, to
        self._given = given
        self._domain = domain_of(choice.fact)
        self._ordered = choice.fact.type in ORDERED
        self._now = None if choice.now is None else self._number(choice.now)

    def _number(self, value: Any) -> int:
        return int(self._domain.number(value))

    def allowed(self, day: Number) -> Iterator[Truth]:
        """What holds of a change, on the day there will be."""
        if self._ordered:
            yield self.to >= self._number(self.choice.low)
            yield self.to <= self._number(self.choice.high)
        else:
            yield some(self.to == self._number(value) for value in self.choice.among)
        if self.choice.fact.type == "date":
            yield follows(self.changed, self.to >= day)
        if self._given:
            yield follows(self.changed, self.to != self._now)

    @property
    def state(self) -> FactState:
        """The fact where it is not given."""
        return FactState(self.changed, False, Term(self.to, self._domain.factor))

    @property
    def price(self) -> Fraction:
        """What each unit of `distance` costs."""
        step = Fraction(cost_of_step(self.choice.fact))
        if self._now is None or not self._ordered:
            return step
        return step / Fraction(self.choice.fact.near or 1) / self._domain.factor

    @property
    def distance(self) -> Number:
        """How far it is changed: 0 where it is not; 1 where that is not a matter of more or less."""
        if self._now is None or not self._ordered:
            other = self.changed if self._now is None else both(self.changed, self.to != self._now)
            return choose(other, 1, 0)
        further = self.to - self._now
        return choose(self.changed, choose(further >= 0, further, -further), 0)

    def settle(self, search: Narrowing) -> Scalar:
        """Its value: the nearest to the present one that can be, else the first."""
        if self._ordered:
            anchor = self._number(self.choice.low) if self._now is None else self._now
            search.fix_nearest(self.to, anchor, before=True)
        else:
            any(search.fix(self.to == self._number(value)) for value in self.choice.among)
        return self._domain.value(search.value(self.to))


class GivenOnce(GivenFacts):
    """What one applicant gives, and what each of the choices would make of it."""

    def __init__(self, case: Case, choices: Choices, policies: PolicySet, texts: Texts) -> None:
        today: Any = case.decisions.values["as_of"]
        last: Any = choices["as_of"].high if "as_of" in choices else today
        super().__init__(may_be_given(policies), shape_of(policies), texts, (today, last))
        values = case.decisions.values
        self._given = {**case.facts.values, **past_of(case, policies)}
        longest = max((len(value) for value in values.values() if isinstance(value, tuple)), default=0)
        self._shape = max(self._shape[0], longest), self._shape[1]
        state = self.state("as_of")
        assert isinstance(state.value, Term)
        day = state.value.number
        self.usual.clear()  # there is but this one applicant
        self.moves: dict[str, ChangeVariable] = {}
        self._added: dict[str, list[Truth]] = {}
        for name in self.facts:
            if name in choices:
                move = self._move(choices[name], day, today)
                self.moves[name] = move
                self.certain.extend(move.allowed(day))
                for listed in move.choice.adds_to:
                    self._added.setdefault(listed, []).append(move.changed)

    def _move(self, choice: AllowedChange, day: Number, today: date) -> ChangeVariable:
        name = choice.fact.name
        if name == "as_of":
            return ChangeVariable(choice, opposite(day == today.toordinal()), day, given=True)
        changed, to = z3.Bool(f"{name} changed"), z3.Int(f"{name} to")
        return ChangeVariable(choice, changed, to, given=name in self._given)

    def _made(self, fact: Fact) -> FactState:
        if fact.name == "as_of":
            return super()._made(fact)
        value = self._given.get(fact.name)
        term = self._constant(value, fact)
        move = self.moves.get(fact.name)
        if move is None:
            known = both(value is not None, opposite(some(self._added.get(fact.name, ()))))
            return FactState(known, False, term)
        if value is None:
            return move.state
        assert isinstance(term, Term)
        return FactState(True, False, Term(choose(move.changed, move.to, term.number), term.factor))

    def _constant(self, value: Value | None, fact: Fact) -> Term | ListTerm:
        domain = domain_of(fact)
        if fact.type == "list":
            items = value if isinstance(value, tuple) else ()
            numbers = sorted(int(number_of(item, domain, self.texts)) for item in items)
            padding = [_NO_ITEM] * max(self._shape)
            first = (*numbers, *padding)[: self._shape[0]]
            last = (*reversed(numbers), *padding)[: self._shape[1]]
            return ListTerm(len(numbers), first, last, domain.factor)
        if value is None or isinstance(value, tuple):
            return Term(0, domain.factor)
        return Term(int(number_of(value, domain, self.texts)), domain.factor)

    def includes(self, listed: ListTerm, item: Term) -> Truth:
        """Whether a list has an item. All the items of a constant list are among its first."""
        if not isinstance(listed.length, int):
            return super().includes(listed, item)
        return some(
            number * item.factor == item.number * listed.factor for number in listed.first[: listed.length]
        )
