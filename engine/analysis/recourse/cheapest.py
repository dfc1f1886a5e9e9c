"""The cheapest changes that bring a goal about, proved (z3): nothing cheaper does, or nothing at all does.

The policy set is written down as it is for the proofs of `advise check`, but for one applicant: every given
fact is a constant, except where it may be changed. What comes out is settled by cost, then by the number of
changes, then by the order of the vocabulary, so that it does not depend on the solver.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Sequence
from typing import Final

import z3

from engine.advising.advisor import Case
from engine.analysis.recourse.given_facts import GivenOnce
from engine.analysis.recourse.verified_answer import what_stays
from engine.analysis.what_if.changeable import Changes, cannot_in_words, choices
from engine.base.diagnostic import Location
from engine.language.policy_set import PolicySet
from engine.solver.encode import Encoder, Refusal
from engine.solver.goal import ProofGoal
from engine.solver.limits import Clock
from engine.solver.narrow import Narrowing
from engine.solver.solve import Solver
from engine.solver.terms import both, either, follows, opposite, some
from engine.solver.texts import Texts

PATIENCE: Final = 24 * 3600
"""Seconds. The effort of the solver ends a search, the same on every machine; no clock does."""


class CheapestChanges:
    """One applicant, with every change that is allowed, for the solver. Any question may raise Unsettled."""

    def __init__(self, case: Case, policies: PolicySet) -> None:
        texts = Texts()
        self.choices = choices(case.decisions.values, policies)
        given = GivenOnce(case, self.choices, policies, texts)
        self._moves = given.moves
        self._encoder = encoder = Encoder(policies, given)
        for name in what_stays(case, policies):
            moved = self._moves[name].changed if name in self._moves else False
            stays = either(
                moved, opposite(encoder.state(name).known), encoder.has(name, case.decisions.values[name])
            )
            if stays is not True:
                fact = policies.facts[name]
                why = cannot_in_words(fact, case.decisions.values)
                encoder.refusals.append(Refusal(stays, f"{fact.title}, which {why}", fact.at))
        for name, move in self._moves.items():
            declared = policies.facts[name].changeable
            if declared is not None and declared.requires is not None:
                holds = encoder.verdict(declared.requires)[0]
                about = f"what a change of {policies.facts[name].title} requires"
                encoder.refusals.append(Refusal(follows(move.changed, holds), about, declared.at))
        self._solver = Solver(encoder, Clock(PATIENCE))
        moves = self._moves.values()
        unit = math.lcm(*(move.price.denominator for move in moves))
        costs = (move.distance * int(move.price * unit) for move in moves)
        self._cost = z3.Int("cost")
        self._solver.add(self._cost == sum(costs, z3.IntVal(0)))

    def answers(self, wanted: ProofGoal) -> Iterator[Changes]:
        """The cheapest changes that bring it about, then the cheapest besides; never the same facts twice.

        What changes all the facts of an answer before is another one only where it is as cheap: it changes
        these less, and something else instead.
        """
        fixed = [self._solver.named(self._encoder.formula(wanted))]
        search = Narrowing(self._solver)
        while search.begin(*fixed) is not None:
            changes = self._cheapest(search)
            yield changes
            kept = (opposite(self._moves[name].changed) for name in changes)
            others = some(move.distance > 0 for name, move in self._moves.items() if name not in changes)
            as_cheap = both(self._cost == search.value(self._cost), others)
            fixed.append(self._solver.named(some((*kept, as_cheap))))

    def _cheapest(self, search: Narrowing) -> Changes:
        search.fix_nearest(self._cost, 0)
        names = [*self._moves]
        places = search.fix_fewest([move.changed for move in self._moves.values()])
        return {names[place]: self._moves[names[place]].settle(search) for place in places}

    def never(self, parts: Iterable[ProofGoal]) -> bool:
        """Whether no allowed changes bring all of these about."""
        wanted = (self._solver.named(self._encoder.formula(part)) for part in parts)
        return self._solver.model(*wanted) is None

    def keeping(self, part: ProofGoal) -> Sequence[tuple[str, Location]]:
        """What keeps it from being so besides itself: what would be contradicted, and where."""
        _, refusals = self._solver.conflict([self._encoder.formula(part)])
        return [(refusal.about, refusal.at) for refusal in refusals]
