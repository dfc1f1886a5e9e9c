"""Two policy sets, asked about every applicant there can be: for whom does a condition of one alone hold?"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from datetime import date
from typing import Any, Final

from engine.model import Condition, Value
from engine.policyset import PolicySet
from engine.prove.encode import Encoder
from engine.prove.limits import Clock, Unsettled
from engine.prove.scale import Texts
from engine.prove.smallest import Smallest
from engine.prove.solve import Solver
from engine.prove.terms import both, opposite
from engine.prove.view import two_views

ATTEMPTS: Final = 25
"""So many applicants of the solver that the engine decides otherwise are passed over."""

Given = Mapping[str, Value]
Shows = Callable[[Given], bool]
"""Whether the engine says of an applicant (fact -> value, `as_of` among them) what is looked for."""


class Sides:
    """An old and a new policy set. Applicants are those whose facts both accept, on one day of `days`.

    `touched` are the facts that do not mean the same on both sides; `day` is preferred for an example.
    Raises Unsettled where the two cannot be compared. No clock decides what is answered.
    """

    def __init__(
        self,
        old: PolicySet,
        new: PolicySet,
        touched: frozenset[str],
        days: tuple[date, date],
        day: date,
    ) -> None:
        self._day = day
        self._given, former, present = two_views(old, new, Texts(), days)
        self._old = Encoder(old, former)
        self._new = Encoder(new, present, base=self._old, touched=touched)
        self._solver = Solver(self._old, Clock(math.inf), self._new)

    def gaining(self, old: Condition, new: Condition, shows: Shows, *, smallest: bool) -> Given | None:
        """An applicant for whom the new condition holds and the old one does not; None where there is none.

        Raises Unsettled.
        """
        held, holds = self._old.verdict(old)[0], self._new.verdict(new)[0]
        return self._found(both(holds, opposite(held)), shows, smallest=smallest)

    def losing(self, old: Condition, new: Condition, shows: Shows, *, smallest: bool) -> Given | None:
        """An applicant for whom the old condition holds and the new one does not; None where there is none.

        Raises Unsettled.
        """
        held, holds = self._old.verdict(old)[0], self._new.verdict(new)[0]
        return self._found(both(held, opposite(holds)), shows, smallest=smallest)

    def _found(self, truth: Any, shows: Shows, *, smallest: bool) -> Given | None:
        if truth is False:
            return None
        assumption = self._solver.named(truth)
        search = Smallest(self._solver, self._day).model if smallest else self._solver.find
        for _ in range(ATTEMPTS):
            model = search(assumption)
            if model is None:
                return None
            given = self._given.known(model)
            if shows(given):
                return given
            self._solver.exclude(model)
        raise Unsettled("the applicants that the solver found are decided otherwise by the engine")
