"""The solver, asked again until its answer is what the engine says."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from typing import Any, Final

import z3

from engine.solver.apply import Application
from engine.solver.encode import Encoder, Refusal
from engine.solver.limits import Clock, Unsettled
from engine.solver.terms import Truth, as_truth, both, every

EFFORT: Final = 3_000_000
"""How much work the solver spends on one question (its own count, the same on every machine)."""

ROUNDS: Final = 60
"""So often a question is asked again with something learnt."""


class Solver:
    """All that is known of applicants on one day, or on any; a question is an assumption on top of it."""

    def __init__(self, encoder: Encoder, clock: Clock, *besides: Encoder) -> None:
        self.encoder = encoder
        self.given = encoder.given.whole
        self._encoders = (encoder, *besides)
        self._clock = clock
        self._solver = _new_solver()
        self._taken = [0] * len(self._encoders)
        self._learnt: list[Any] = []
        self._names: dict[Any, Any] = {}
        for each in self._encoders:
            each.refuse_everything_refused()
            self._solver.add([as_truth(refusal.must) for refusal in each.refusals])

    def find(self, *assumptions: Any) -> Any | None:
        """A model, of an applicant as they usually are if there is one; None where there is none at all.

        Raises Unsettled.
        """
        usual = self.named(every(truth for each in self._encoders for truth in each.given.whole.usual))
        try:
            model = self.model(*assumptions, usual)
        except Unsettled:
            model = None
        else:
            if model is None and usual not in self._solver.unsat_core():
                return None
        return model if model is not None else self.model(*assumptions)

    def named(self, truth: Truth) -> Any:
        """A literal that implies a formula, to be assumed."""
        truth = as_truth(truth)
        key = truth.get_id()
        if key not in self._names:
            literal = z3.Bool(f"? {len(self._names)}")
            self._names[key] = (literal, truth)  # the formula is kept, or its id might be given to another
            self._solver.add(z3.Implies(literal, truth))
        return self._names[key][0]

    def may_be(self, assumption: Any) -> bool:
        """Whether there is a model, be its functions guessed right or wrong. Raises Unsettled."""
        return self._checked((assumption,)) is not None

    def model(self, *assumptions: Any) -> Any | None:
        """A model of these assumptions in which no function is guessed wrong; None where there is none.

        Raises Unsettled.
        """
        for _ in range(ROUNDS):
            model = self._checked(assumptions)
            if model is None:
                return None
            if not self._learns(model):
                return model
            pinned = every(one.pins(model) for one in self._guesses())
            if pinned is not True:
                model = self._checked((*assumptions, self.named(pinned)))
                if model is not None and not self._learns(model):
                    return model
        raise Unsettled("the dates and products in it were not pinned down")

    def _guesses(self) -> Iterator[Application]:
        return (one for each in self._encoders for one in each.functions.applications)

    def _learns(self, model: Any) -> bool:
        """Whether a model guesses a function wrong; then something is learnt from it."""
        lessons = [lesson for one in self._guesses() if (lesson := one.learn(model)) is not None]
        self._solver.add(lessons)
        self._learnt += lessons
        return bool(lessons)

    def _checked(self, assumptions: Sequence[Any]) -> Any | None:
        for index, each in enumerate(self._encoders):
            self._solver.add([as_truth(truth) for truth in each.certain[self._taken[index] :]])
            self._taken[index] = len(each.certain)
        self._limit(self._solver)
        answer = self._solver.check(*assumptions)
        if answer == z3.sat:
            return self._solver.model()
        if answer == z3.unsat:
            return None
        raise Unsettled("the time was up" if not self._clock.left else "it was too hard for the solver")

    def _limit(self, solver: Any) -> None:
        """Gives a solver what time is left. Raises Unsettled when there is none."""
        self._clock.check()
        if self._clock.left < math.inf:
            solver.set("timeout", int(self._clock.left * 1000) + 1)

    def exclude(self, model: Any, *besides: Truth) -> None:
        """Excludes just the applicant of a model, where that is so besides: the engine decides otherwise."""
        self._solver.add(z3.Not(as_truth(both(self.given.same(model), *besides))))

    def conflict(self, parts: Sequence[Truth]) -> tuple[list[int], list[Refusal]]:
        """Which of these are never true together, by their places, and which refusals keep them apart.

        Raises Unsettled.
        """
        solver = _new_solver()
        solver.set("core.minimize", True)
        named: dict[Any, int | Refusal] = {}
        for place, part in enumerate(parts):
            literal = z3.Bool(f"part {len(named)}")
            named[literal] = place
            solver.add(z3.Implies(literal, as_truth(part)))
        for refusal in self.encoder.refusals:
            literal = z3.Bool(f"refusal {len(named)}")
            named[literal] = refusal
            solver.add(z3.Implies(literal, as_truth(refusal.must)))
        solver.add([as_truth(truth) for truth in (*self.encoder.certain, *self._learnt)])
        self._limit(solver)
        if solver.check(*named) != z3.unsat:
            raise Unsettled("what keeps its parts apart was not found")
        core = {str(literal) for literal in solver.unsat_core()}
        apart = [one for literal, one in named.items() if str(literal) in core]
        refusals = [one for one in apart if isinstance(one, Refusal)]
        return [one for one in apart if not isinstance(one, Refusal)], refusals

    def add(self, truth: Any) -> None:
        """Adds what is known from elsewhere."""
        self._solver.add(truth)


def _new_solver() -> Any:
    solver = z3.Solver()
    solver.set("rlimit", EFFORT)
    solver.set("ctrl_c", False)  # it would answer "unknown", and nobody would learn of Ctrl-C
    return solver
