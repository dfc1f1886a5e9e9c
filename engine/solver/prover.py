"""The questions that checks ask: is there an applicant who shows this, and which is the smallest?"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import date, timedelta
from functools import cache, partial
from typing import TYPE_CHECKING

from engine.language.conditions import facts_of
from engine.language.facts import facts_file
from engine.language.model import LATEST_DATE, AllOf, Condition
from engine.language.policy_set import PolicySet
from engine.solver.applicants import Applicant, Applicants, Given
from engine.solver.goal import ProofGoal, conditions_of, met
from engine.solver.limits import Clock, Unsettled, attempts
from engine.solver.one_at_a_time import one_at_a_time
from engine.solver.seen import Seen
from engine.solver.texts import Texts

if TYPE_CHECKING:
    from engine.solver.encode import Refusal
    from engine.solver.solve import Solver
    from engine.solver.worse import Worse


class Prover:
    """A policy set, asked about every applicant there can be while the same files are in force.

    Applicants are looked for on the day of the check first, then on any other of those days, or of `days`.
    """

    def __init__(
        self, policies: PolicySet, day: date, clock: Clock, days: tuple[date, date] | None = None
    ) -> None:
        self.policies = policies
        self.day = day
        self.clock = clock
        self.applicants = Applicants(policies)
        self.seen = Seen(tuple(rule.name for rule in policies.rules))
        first = policies.since if policies.since is not None else day
        last = policies.changes_on - timedelta(days=1) if policies.changes_on is not None else LATEST_DATE
        self.unsettled: list[tuple[str, str]] = []
        self.days = days or (min(first, day), max(last, day))
        self._texts = Texts()
        self._solver = cache(self._made)

    @contextmanager
    def settling(self, about: str) -> Iterator[None]:
        """Notes under `unsettled` what the question was about, and why, if it cannot be settled."""
        try:
            yield
        except Unsettled as unsettled:
            self.unsettled.append((about, unsettled.reason))

    def find(self, goal: ProofGoal, among: Iterable[Applicant] = ()) -> Applicant | None:
        """An applicant who shows it, or None: nobody can. Raises Unsettled.

        `among` are applicants to look at first.
        """
        for applicant in among:
            if met(goal, applicant.values):
                return applicant
        return self._solved(goal)

    @one_at_a_time()
    def could(self, goal: ProofGoal) -> Applicant | bool:
        """An applicant who shows it; else whether one could if something were written elsewhere.

        Parameters, dates of the calendar and the rules that conclude a finding are changed without a look at
        the rules that use them. So a rule is not wrong because of what stands there today. This is looked at
        for the day of the check, and True may be too hopeful. Raises Unsettled.
        """
        applicant = self.find(goal)
        if applicant is not None:
            return applicant
        if not self._rests_on_others(goal):
            return False
        solver = self._solver(False, opened=True)
        return solver.may_be(solver.named(solver.encoder.formula(goal)))

    def _rests_on_others(self, goal: ProofGoal) -> bool:
        """Whether a parameter, the calendar or a finding has a part in it."""
        names = (name for condition in conditions_of(goal) for name in facts_of(condition))
        used, facts = self.policies.dependencies.behind(names), self.policies.facts
        return any("@" in name or facts[name].origin in ("calendar", "finding") for name in used)

    def smallest(self, goal: ProofGoal, near: Given | None = None) -> Applicant | None:
        """The smallest applicant who shows it, with values as near to others as can be. Raises Unsettled."""
        return self._solved(goal, near or {})

    def witness(self, applicant: Applicant | None) -> str | None:
        """The text of an applicant's facts file, facts in the order of the vocabulary; None of nobody."""
        return None if applicant is None else self.facts_file(applicant.given)

    def facts_file(self, given: Given) -> str:
        """The text of a facts file, facts in the order of the vocabulary."""
        return facts_file({name: given[name] for name in self.policies.facts if name in given})

    @one_at_a_time()
    def in_dispute(self, goal: ProofGoal, code: str) -> Given | None:
        """The smallest facts that show it and are refused for this alone.

        That implications disagree on them, or that findings exclude each other. None where there are none.
        Raises Unsettled.
        """
        from engine.solver.smallest import Smallest

        for anyday in (False, True):
            self.clock.check()
            solver = self._solver(anyday, disputed=True)
            assumption, smallest = solver.named(solver.encoder.formula(goal)), Smallest(solver, self.day)
            for model in attempts(partial(smallest.model, assumption), solver.exclude):
                given = {"as_of": self.day, **solver.given.known(model)}
                if self.applicants.refused_for(given) == {code}:
                    return given
        return None

    def around(self, applicant: Applicant, condition: Condition) -> Iterator[Applicant]:
        """An applicant with the facts alone that a condition can rest on, and the same with one fact less."""
        used = set(self.policies.dependencies.behind(facts_of(condition)))
        given = {name: value for name, value in applicant.given.items() if name in used or name == "as_of"}
        for left_out in (None, *(name for name in given if name != "as_of")):
            varied = self.applicants.decide({name: given[name] for name in given if name != left_out})
            if varied is not None:
                yield varied

    @one_at_a_time()
    def worse_off(self, fact: str, worse: Worse) -> tuple[Applicant, Applicant] | None:
        """Two applicants who differ in one given fact; the one with the better value is worse off.

        The smallest such applicant, and the same with the nearest better value. Raises Unsettled.
        """
        pairs = (self._worse_off_on(days, fact, worse) for days in ((self.day, self.day), self.days))
        return next((pair for pair in pairs if pair is not None), None)

    def _worse_off_on(
        self, days: tuple[date, date], fact: str, worse: Worse
    ) -> tuple[Applicant, Applicant] | None:
        from engine.solver.pair import Pair

        self.clock.check()
        pair = Pair(self.policies, self._texts, days, fact, self.clock)
        for model in attempts(lambda: pair.smallest(worse, self.day), pair.exclude):
            one, better = (self.applicants.decide({"as_of": self.day, **each}) for each in pair.given(model))
            if one is not None and better is not None and worse.is_so(one.values, better.values):
                return one, better
        return None

    @one_at_a_time()
    def apart(self, condition: Condition) -> tuple[list[Condition], list[Refusal]]:
        """Of a condition that never holds: its parts that never hold together, and what keeps them apart.

        Raises Unsettled.
        """
        solver = self._solver(True)
        parts = condition.parts if isinstance(condition, AllOf) else (condition,)
        places, refusals = solver.conflict([solver.encoder.verdict(part)[0] for part in parts])
        return [parts[place] for place in places], refusals

    @one_at_a_time()
    def _solved(self, goal: ProofGoal, near: Given | None = None) -> Applicant | None:
        """An applicant from the solver; the smallest one where `near` are values for them to be near."""
        solved = (self._solved_on(anyday, goal, near) for anyday in (False, True))
        applicant = next((each for each in solved if each is not None), None)
        if applicant is not None:
            self.seen.add(applicant)
        return applicant

    def _solved_on(self, anyday: bool, goal: ProofGoal, near: Given | None) -> Applicant | None:
        from engine.solver.smallest import Smallest

        self.clock.check()  # before formulas are made, which takes its time too
        solver = self._solver(anyday)
        assumption = solver.named(solver.encoder.formula(goal))
        search = solver.find if near is None else partial(Smallest(solver, self.day).model, near=near)
        for model in attempts(lambda: search(assumption), solver.exclude):
            applicant = self.applicants.decide({"as_of": self.day, **solver.given.known(model)})
            if applicant is not None and met(goal, applicant.values):
                return applicant
        return None

    def _made(self, anyday: bool, opened: bool = False, disputed: bool = False) -> Solver:
        from engine.solver.encode import Encoder
        from engine.solver.given import given_facts
        from engine.solver.solve import Solver

        given = given_facts(self.policies, self._texts, self.days if anyday else (self.day, self.day))
        encoder = Encoder(self.policies, given, opened=opened, disputed=disputed, clock=self.clock)
        return Solver(encoder, self.clock)
