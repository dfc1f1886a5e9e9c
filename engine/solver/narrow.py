"""One model of all that there are, narrowed down: each choice is fixed before the next is made.

What comes out depends on the questions alone, not on which model a solver happens to find.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import z3

from engine.solver.solve import Solver
from engine.solver.terms import Number, Truth, as_truth, is_true, number_in


class Narrowing:
    """What is fixed so far, and a model of it. Every question may raise Unsettled."""

    def __init__(self, solver: Solver) -> None:
        self._solver = solver
        self._fixed: list[Any] = []
        self._model: Any = None

    def begin(self, *assumptions: Any) -> Any | None:
        """A model of these assumptions, to be narrowed down; None where there is none."""
        self._fixed = list(assumptions)
        self._model = self._solver.find(*assumptions)
        return self._model

    def fix(self, truth: Truth) -> bool:
        """Whether it can be so besides all that is fixed; then it is fixed too."""
        truth = as_truth(truth)
        if self.is_true(truth):
            self._fixed.append(self._solver.named(truth))
            return True
        return self._search(truth)

    def _search(self, truth: Any) -> bool:
        literal = self._solver.named(truth)
        model = self._solver.find(*self._fixed, literal)
        if model is None:
            return False
        self._model = model
        self._fixed.append(literal)
        return True

    def fix_fewest(self, literals: Sequence[Any]) -> list[int]:
        """Makes as few of them true as can be, the first ones rather than others: the places of those."""
        while count := sum(map(self.is_true, literals)):
            if not self._search(z3.AtMost(*literals, count - 1)):
                break
        if literals:
            self._fixed.append(self._solver.named(z3.AtMost(*literals, count)))
        places: list[int] = []
        for place, literal in enumerate(literals):
            if len(places) < count and self.fix(literal):
                places.append(place)
            else:
                self._fixed.append(self._solver.named(z3.Not(literal)))
        return places

    def fix_nearest(self, number: Number, anchor: int, *, before: bool = False) -> None:
        """Fixes a number as near to another as it can be; of two as near, the one before or the one after."""
        low, high = 0, abs(self.value(number) - anchor)
        while low < high:
            middle = (low + high) // 2
            if self.fix(z3.And(number - anchor <= middle, anchor - number <= middle)):
                high = abs(self.value(number) - anchor)
            else:
                low = middle + 1
        for value in (anchor - high, anchor + high) if before else (anchor + high, anchor - high):
            if self.fix(number == value):
                return

    def is_true(self, truth: Any) -> bool:
        """Whether the model makes it true."""
        return is_true(self._model, truth)

    def value(self, number: Number) -> int:
        """The number in the model."""
        return number_in(self._model, number)
