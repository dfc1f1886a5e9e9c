"""Two applicants who differ in one fact, as formulas."""

from __future__ import annotations

from datetime import date
from typing import Any

from engine.language.policy_set import PolicySet
from engine.solver.applicants import Given
from engine.solver.encode import Encoder
from engine.solver.given import given_facts
from engine.solver.limits import Clock
from engine.solver.smallest import Smallest
from engine.solver.solve import Solver
from engine.solver.terms import Number, Term, Truth, both, every, follows, number_in, opposite, some
from engine.solver.texts import Texts
from engine.solver.worse import Worse


class Pair:
    """An applicant, and the same with a better value of a given fact."""

    def __init__(
        self, policies: PolicySet, texts: Texts, days: tuple[date, date], fact: str, clock: Clock
    ) -> None:
        self._fact = policies.facts[fact]
        self._one = Encoder(policies, given_facts(policies, texts, days), clock=clock)
        better = given_facts(policies, texts, days, "'")
        touched = policies.dependencies.resting_on([fact])
        self._better = Encoder(policies, better, base=self._one, touched=touched, clock=clock)
        self._solver = Solver(self._one, clock, self._better)

    def smallest(self, worse: Worse, day: date) -> Any | None:
        """The model of the smallest applicant whom a better value makes worse off. Raises Unsettled."""
        formula = self._formula(worse)
        if isinstance(formula, bool):
            assert not formula
            return None
        search = Smallest(self._solver, day)
        if search.model(self._solver.named(formula)) is None:
            return None
        one, better = self._numbers()
        return search.nearest(better, one)

    def given(self, model: Any) -> tuple[Given, Given]:
        """What the applicant of a model gives, and the same with the better value. Raises Unsettled."""
        given, name = self._one.given.whole.known(model), self._fact.name
        return given, {**given, name: self._better.given.whole.value(model, name)}

    def exclude(self, model: Any) -> None:
        """Excludes just the two of a model."""
        _, better = self._numbers()
        self._solver.exclude(model, better == number_in(model, better))

    def _numbers(self) -> tuple[Number, Number]:
        one, better = (each.given.state(self._fact.name).value for each in (self._one, self._better))
        assert isinstance(one, Term)
        assert isinstance(better, Term)
        return one.number, better.number

    def _formula(self, worse: Worse) -> Truth:
        one, better = self._numbers()
        improved = better > one if self._fact.better == "higher" else better < one
        known = self._one.given.state(self._fact.name).known
        if worse.band is not None:
            return both(known, improved, self._worse_band(worse.band, worse.rising))
        return both(known, improved, self._worse_findings(worse))

    def _worse_band(self, band: str, rising: tuple[str, ...]) -> Truth:
        names = self._one.domain(band).names
        one, better = (each.state(band) for each in (self._one, self._better))

        def is_in(state: Any, name: str) -> Truth:
            return state.value.number == names.index(name)

        fallen = some(
            both(is_in(one, high), is_in(better, low))
            for place, high in enumerate(rising)
            for low in rising[:place]
        )
        return both(one.known, better.known, fallen)

    def _worse_findings(self, worse: Worse) -> Truth:
        def true(encoder: Encoder, finding: str) -> Truth:
            state = encoder.state(finding)
            return both(state.known, state.value.number == 1)  # type: ignore[union-attr]  # a boolean

        gained = [(true(self._one, name), true(self._better, name)) for name in worse.bad]
        lost = [(true(self._better, name), true(self._one, name)) for name in worse.good]
        changes = (*gained, *lost)
        no_better = every(follows(before, after) for before, after in changes)
        return both(no_better, some(both(opposite(before), after) for before, after in changes))
