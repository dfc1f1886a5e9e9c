"""Everything that `advise test` found out, for the formats to write."""

from __future__ import annotations

from engine.base.record import record
from engine.testing.coverage import Coverage
from engine.testing.mutate import Mutation
from engine.testing.run import PolicyTestOutcome

TEST_FORMAT = 1
"""The version of the JSON form."""


@record
class Results:
    """The outcomes of the chosen tests; coverage and mutation where they were asked for.

    `threshold` is the least percentage that coverage and mutation must reach, None for no demand. Paths of
    coverage and mutation are relative to the policy folder `folder`.
    """

    folder: str
    outcomes: tuple[PolicyTestOutcome, ...]
    coverage: Coverage | None = None
    mutation: Mutation | None = None
    threshold: float | None = None

    @property
    def failed(self) -> int:
        """How many tests failed."""
        return sum(bool(outcome.failures) for outcome in self.outcomes)

    @property
    def below(self) -> tuple[str, ...]:
        """What is below the threshold, in words."""
        if self.threshold is None:
            return ()
        shares: list[tuple[str, float]] = []
        if self.coverage is not None:
            shares.append(("rules fired", self.coverage.rules_percent))
            shares.append(("conditions seen both ways", self.coverage.conditions_percent))
        if self.mutation is not None:
            shares.append(("changes noticed", self.mutation.percent))
        return tuple(
            f"{what}: {percent:.1f} %, below {self.threshold:g} %"
            for what, percent in shares
            if percent < self.threshold
        )

    @property
    def fell_short(self) -> bool:
        """Whether a test failed, none ran, or something is below the threshold."""
        return bool(self.failed or not self.outcomes or self.below)
