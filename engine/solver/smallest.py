"""The smallest applicant: fewest known facts, then first in the vocabulary, then the plainest values.

Instead of the plainest, values may be wanted that are near those of another applicant.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any, Final

from engine.language.domain import Domain, domain_of
from engine.language.model import Fact, Scalar, Value
from engine.language.operators import ORDERED
from engine.solver.narrow import Narrowing
from engine.solver.solve import Solver
from engine.solver.terms import ListTerm, Number
from engine.solver.texts import number_of, plainness

FEW_VALUES: Final = 12
"""So many values are tried one after the other, the plainest first; of more, the nearest is closed in on."""


class Smallest(Narrowing):
    """Narrows down what a solver finds. `day` is the day of the check."""

    def __init__(self, solver: Solver, day: date) -> None:
        super().__init__(solver)
        self._given = solver.given
        self._facts = solver.given.facts
        self._day = day

    def model(self, assumption: Any, near: Mapping[str, Value] | None = None) -> Any | None:
        """The model of the smallest applicant; None where there is none. Raises Unsettled.

        Of as many known facts those with values `near` others come first.
        """
        near = near or {}
        if self.begin(assumption) is None:
            return None
        self._choose_number(self._given.state("as_of").value.number, self._facts["as_of"])  # type: ignore[union-attr]  # a date
        names = [name for name in self._facts if name != "as_of"]
        known = self.fix_fewest([self._given.state(name).known for name in names])
        for name in (names[place] for place in known):
            value, other = self._given.state(name).value, near.get(name)
            if isinstance(value, ListTerm):
                self._choose_list(value, self._facts[name], other if isinstance(other, tuple) else ())
            else:
                self._choose_number(value.number, self._facts[name], other)  # type: ignore[arg-type]  # no list
        return self._model

    def nearest(self, number: Number, other: Number) -> Any:
        """The model in which, besides all that is fixed, a number is as near to another as it can be."""
        self.fix_nearest(number, self.value(other))
        return self._model

    def _choose_list(self, listed: ListTerm, fact: Fact, near: tuple[Scalar, ...]) -> None:
        self.fix_nearest(listed.length, len(near))
        length = self.value(listed.length)
        for place in range(min(length, listed.exact)):
            number = listed.item(place, min(length, listed.exact))
            self._choose_number(number, fact, near[place] if place < len(near) else None)

    def _choose_number(self, number: Number, fact: Fact, near: Scalar | None = None) -> None:
        if isinstance(number, int):
            return
        domain = domain_of(fact)
        if near is not None and domain.kind != "text":
            anchor = int(number_of(near, domain, self._given.texts))
            if self.fix(number == anchor):
                return
            if domain.kind in ORDERED:
                self.fix_nearest(number, anchor, before=domain.kind == "date")
                return
        tried = self._first_values(domain, fact)
        for value in tried:
            if self.fix(number == value):
                return
        if domain.kind in ORDERED:
            anchor = self._day.toordinal() if domain.kind == "date" else 0
            self.fix_nearest(number, anchor, before=domain.kind == "date")
        else:
            self.fix(number == self.value(number))

    def _first_values(self, domain: Domain, fact: Fact) -> list[int]:
        """The values worth trying one by one."""
        if domain.low is None or domain.high is None:
            return [*range(-1, -FEW_VALUES, -1), *range(FEW_VALUES)]
        if domain.high - domain.low >= FEW_VALUES:
            return []
        values = range(domain.low, domain.high + 1)
        return sorted(values, key=lambda value: plainness(value, fact, domain, self._day))
