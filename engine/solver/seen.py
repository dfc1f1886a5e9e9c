"""Applicants met so far, by what their rules came to: one of them answers most questions about rules."""

from __future__ import annotations

from collections.abc import Iterator

from engine.solver.applicants import Applicant


class Seen:
    """Applicants in the order in which they were met; for each rule, bits say for whom it holds, or fails."""

    def __init__(self, rules: tuple[str, ...]) -> None:
        self._applicants: list[Applicant] = []
        self._holds = dict.fromkeys(rules, 0)
        self._fails = dict.fromkeys(rules, 0)

    def add(self, applicant: Applicant) -> None:
        """Keeps an applicant."""
        bit = 1 << len(self._applicants)
        self._applicants.append(applicant)
        holding, unknown = applicant.decisions.holding, set(applicant.decisions.unknown)
        for name in self._holds:
            if name in holding:
                self._holds[name] |= bit
            elif name not in unknown:
                self._fails[name] |= bit

    def holding(self, rule: str) -> Iterator[Applicant]:
        """Those for whom a rule holds."""
        return self._of(self._holds[rule])

    def failing(self, rule: str) -> Iterator[Applicant]:
        """Those for whom a rule fails."""
        return self._of(self._fails[rule])

    def has_held(self, rule: str) -> bool:
        """Whether a rule has held for somebody."""
        return self._holds[rule] != 0

    def of_rule(self, rule: str) -> tuple[int, int]:
        """For whom a rule has held, and for whom it has failed: a bit for each applicant."""
        return self._holds[rule], self._fails[rule]

    def alike(self, rule: str, other: str) -> bool:
        """Whether two rules have come to the same for everybody."""
        return self.of_rule(rule) == self.of_rule(other)

    def holding_without(self, rule: str, *others: str) -> Iterator[Applicant]:
        """Those for whom a rule holds, and none of the others."""
        bits = self._holds[rule]
        for other in others:
            bits &= ~self._holds[other]
        return self._of(bits)

    def _of(self, bits: int) -> Iterator[Applicant]:
        while bits:
            lowest = bits & -bits
            yield self._applicants[lowest.bit_length() - 1]
            bits ^= lowest
