"""Two policy sets, asked about every applicant there can be: for whom does a condition of one alone hold?"""

from __future__ import annotations

import math
from collections.abc import Callable
from datetime import date

from engine.language.model import Condition
from engine.language.policy_set import PolicySet
from engine.solver.applicants import Given
from engine.solver.encode import Encoder
from engine.solver.limits import Clock, attempts
from engine.solver.one_at_a_time import one_at_a_time
from engine.solver.shared_vocabulary import two_views
from engine.solver.smallest import Smallest
from engine.solver.solve import Solver
from engine.solver.terms import both, opposite
from engine.solver.texts import Texts

Shows = Callable[[Given], bool]
"""Whether the engine says of an applicant (fact -> value, `as_of` among them) what is looked for."""


class TwoPolicySets:
    """An old and a new policy set. Applicants are those whose facts both accept, on one day of `days`.

    `touched` are the facts that do not mean the same on both sides. An applicant is looked for on the `day`
    first, then on any other. Raises Unsettled where the two cannot be compared. No clock decides what is
    answered.
    """

    @one_at_a_time()
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

    @one_at_a_time()
    def find(
        self, old: Condition, new: Condition, shows: Shows, *, gained: bool, smallest: bool
    ) -> Given | None:
        """An applicant for whom only the new condition holds, or only the old one where nothing is `gained`.

        None where there is none. Raises Unsettled.
        """
        nearest = self._day if smallest else None
        examples = (on.find(old, new, gained, shows, nearest) for on in self._on)
        return next((given for given in examples if given is not None), None)


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
        models = attempts(lambda: search(assumption), self._solver.exclude)
        return next((given for given in map(self._given.known, models) if shows(given)), None)
