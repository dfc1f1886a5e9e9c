"""The smallest applicant: fewest known facts, then first in the vocabulary, then the plainest values."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any, Final

import z3

from engine.model import Fact
from engine.prove.scale import Scale, plainness, scale_of
from engine.prove.solve import Solver
from engine.prove.terms import Listed, Number, Truth, as_number, as_truth

FEW_VALUES: Final = 12
"""So many values are tried one after the other, the plainest first; of more, the nearest is closed in on."""


class Smallest:
    """Narrows down what a solver finds. `day` is the day of the check."""

    def __init__(self, solver: Solver, day: date) -> None:
        self._solver = solver
        self._given = solver.given
        self._facts = solver.given.facts
        self._day = day
        self._fixed: list[Any] = []
        self._model: Any = None

    def model(self, assumption: Any) -> Any | None:
        """The model of the smallest applicant; None where there is none. Raises Unsettled."""
        self._fixed = [assumption]
        self._model = self._solver.find(assumption)
        if self._model is None:
            return None
        self._choose_number(self._given.state("as_of").value.number, self._facts["as_of"])  # type: ignore[union-attr]  # a date
        known = self._choose_known()
        for name in known:
            value = self._given.state(name).value
            if isinstance(value, Listed):
                self._choose_list(value, self._facts[name])
            else:
                self._choose_number(value.number, self._facts[name])
        return self._model

    def nearest(self, number: Number, other: Number) -> Any:
        """The model in which, besides all that is fixed, a number is as near to another as it can be."""
        self._choose_nearest(number, self._value(other))
        return self._model

    def _try(self, truth: Truth) -> bool:
        """Whether it can be so besides all that is fixed; then it is fixed too."""
        truth = as_truth(truth)
        if z3.is_true(self._model.eval(truth, model_completion=True)):
            self._fixed.append(self._solver.named(truth))
            return True
        return self._search(truth)

    def _search(self, truth: Any) -> bool:
        literal = self._solver.named(truth)
        found = self._solver.find(*self._fixed, literal)
        if found is None:
            return False
        self._model = found
        self._fixed.append(literal)
        return True

    def _choose_known(self) -> list[str]:
        names = [name for name in self._given.names if name != "as_of"]
        literals = [self._given.state(name).known for name in names]
        while count := self._count(literals):
            if not self._search(z3.AtMost(*literals, count - 1)):
                break
        self._fixed.append(self._solver.named(z3.AtMost(*literals, count)))
        known: list[str] = []
        for name, literal in zip(names, literals, strict=True):
            if len(known) < count and self._try(literal):
                known.append(name)
            else:
                self._fixed.append(self._solver.named(z3.Not(literal)))
        return known

    def _count(self, literals: Sequence[Any]) -> int:
        return sum(z3.is_true(self._model.eval(literal, model_completion=True)) for literal in literals)

    def _choose_list(self, listed: Listed, fact: Fact) -> None:
        self._choose_nearest(listed.length, 0)
        length = self._value(listed.length)
        for place in range(min(length, listed.exact)):
            number = listed.item(place, min(length, listed.exact))
            self._choose_number(number, fact)

    def _choose_number(self, number: Number, fact: Fact) -> None:
        if isinstance(number, int):
            return
        scale = scale_of(fact)
        tried = self._first_values(scale, fact)
        for value in tried:
            if self._try(number == value):
                return
        if scale.kind in ("date", "integer", "number"):
            anchor = self._day.toordinal() if scale.kind == "date" else 0
            self._choose_nearest(number, anchor, before=scale.kind == "date")
        else:
            self._try(number == self._value(number))

    def _first_values(self, scale: Scale, fact: Fact) -> list[int]:
        """The values worth trying one by one."""
        if scale.low is None or scale.high is None:
            return [*range(-1, -FEW_VALUES, -1), *range(FEW_VALUES)]
        if scale.high - scale.low >= FEW_VALUES:
            return []
        values = range(scale.low, scale.high + 1)
        return sorted(values, key=lambda value: plainness(value, fact, scale, self._day))

    def _choose_nearest(self, number: Number, anchor: int, *, before: bool = False) -> None:
        """Fixes a number as near to another as it can be; of two as near, the one before or the one after."""
        low, high = 0, abs(self._value(number) - anchor)
        while low < high:
            middle = (low + high) // 2
            if self._try(z3.And(number - anchor <= middle, anchor - number <= middle)):
                high = abs(self._value(number) - anchor)
            else:
                low = middle + 1
        for value in (anchor - high, anchor + high) if before else (anchor + high, anchor - high):
            if self._try(number == value):
                return

    def _value(self, number: Number) -> int:
        found: int = self._model.eval(as_number(number), model_completion=True).as_long()
        return found
