"""Two policy sets, asked about every applicant there can be: for whom does a condition of one alone hold?"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from datetime import date
from typing import Final

from engine.language.model import Condition, Value
from engine.language.policy_set import PolicySet
from engine.solver.encode import Encoder
from engine.solver.limits import Clock, Unsettled
from engine.solver.shared_vocabulary import two_views
from engine.solver.smallest import Smallest
from engine.solver.solve import Solver
from engine.solver.terms import both, opposite
from engine.solver.texts import Texts

ATTEMPTS: Final = 25
"""So many applicants of the solver that the engine decides otherwise are passed over."""

Given = Mapping[str, Value]
Shows = Callable[[Given], bool]
"""Whether the engine says of an applicant (fact -> value, `as_of` among them) what is looked for."""


class TwoPolicySets:
    """An old and a new policy set. Applicants are those whose facts both accept, on one day of `days`.

    `touched` are the facts that do not mean the same on both sides. An applicant is looked for on the `day`
    first, then on any other. Raises Unsettled where the two cannot be compared. No clock decides what is
    answered.
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
        spans = dict.fromkeys(((day, day), days))
        self._on = [_OnDays(old, new, touched, span) for span in spans]

    def gaining(self, old: Condition, new: Condition, shows: Shows, *, smallest: bool) -> Given | None:
        """An applicant for whom the new condition holds and the old one does not; None where there is none.

        Raises Unsettled.
        """
        return self._found(old, new, True, shows, smallest=smallest)

    def losing(self, old: Condition, new: Condition, shows: Shows, *, smallest: bool) -> Given | None:
        """An applicant for whom the old condition holds and the new one does not; None where there is none.

        Raises Unsettled.
        """
        return self._found(old, new, False, shows, smallest=smallest)

    def _found(
        self, old: Condition, new: Condition, gained: bool, shows: Shows, *, smallest: bool
    ) -> Given | None:
        for on in self._on:
            found = on.find(old, new, gained, shows, self._day if smallest else None)
            if found is not None:
                return found
        return None


class _OnDays:
    """Both sides on any of some days."""

    def __init__(
        self, old: PolicySet, new: PolicySet, touched: frozenset[str], days: tuple[date, date]
    ) -> None:
        self._given, former, present = two_views(old, new, Texts(), days)
        self._old = Encoder(old, former)
        self._new = Encoder(new, present, base=self._old, touched=touched)
        self._solver = Solver(self._old, Clock(math.inf), self._new)

    def find(
        self, old: Condition, new: Condition, gained: bool, shows: Shows, nearest: date | None
    ) -> Given | None:
        """An applicant, the smallest one where a day is named that theirs is to be near. Raises Unsettled."""
        held, holds = self._old.verdict(old)[0], self._new.verdict(new)[0]
        truth = both(holds, opposite(held)) if gained else both(held, opposite(holds))
        if truth is False:
            return None
        assumption = self._solver.named(truth)
        search = self._solver.find if nearest is None else Smallest(self._solver, nearest).model
        for _ in range(ATTEMPTS):
            model = search(assumption)
            if model is None:
                return None
            given = self._given.known(model)
            if shows(given):
                return given
            self._solver.exclude(model)
        raise Unsettled("the applicants that the solver found are decided otherwise by the engine")
