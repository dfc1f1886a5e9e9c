"""Measure firing: `python -m benchmarks.firing [rules …]`.

Every applicant is fired by turns on the network and on the generated reference function, on the same values;
the medians and their ratio are printed. Firing includes encoding the values. Answers are compared as well.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from statistics import median
from time import perf_counter

from benchmarks.flat_policy import applicants, flat_policy, reference_function
from engine.advising.durable.network import VERSION, Network
from engine.language.conditions import HOLDS, compile_condition
from engine.language.model import Value

TARGETS = {200: 13.0, 1000: 16.0, 5000: 20.0}
"""Number of rules -> how many times slower than the reference firing may be."""


@dataclass(frozen=True, slots=True)
class Measured:
    """Medians in microseconds an applicant; compiling in seconds."""

    rules: int
    compiling: float
    reference: float
    firing: float
    evaluating: float
    held: float

    @property
    def ratio(self) -> float:
        return self.firing / self.reference


def measure(rules: int, count: int = 200, rounds: int = 3) -> Measured:
    """One size. Raises when an answer is wrong."""
    policy = flat_policy(rules)
    people = applicants(policy, count)
    reference = reference_function(policy)
    evaluators = {name: compile_condition(condition) for name, condition in policy.conditions.items()}
    begun = perf_counter()
    with Network(policy.conditions, policy.facts) as network:
        compiling = perf_counter() - begun
        held = 0
        for person in people:
            expected = set(reference(person))
            held += len(expected)
            if network.fire(person) != expected:
                raise AssertionError("the network and the reference disagree")
        both = [
            (_timed(reference, person), _timed(network.fire, person))
            for _ in range(rounds)
            for person in people
        ]
    evaluating = [
        _timed(
            lambda values: [name for name, verdict in evaluators.items() if verdict(values) == HOLDS], person
        )
        for person in people
    ]
    return Measured(
        rules,
        compiling,
        median(times[0] for times in both),
        median(times[1] for times in both),
        median(evaluating),
        held / len(people) / rules,
    )


def _timed(call: Callable[[dict[str, Value]], object], person: dict[str, Value]) -> float:
    begun = perf_counter()
    call(person)
    return (perf_counter() - begun) * 1e6


def main(sizes: Iterable[int]) -> None:
    """Print one line a size."""
    print(VERSION)
    for size in sizes:
        found = measure(size, count=200 if size <= 1000 else 60)
        print(
            f"{found.rules:5} rules, {found.held:.1%} hold: compiled in {found.compiling:.2f} s, "
            f"reference {found.reference:.0f} us, firing {found.firing:.0f} us, ratio {found.ratio:.1f} "
            f"(target {TARGETS.get(size, '-')}), evaluator {found.evaluating / found.reference:.1f}"
        )


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("rules", nargs="*", type=int, default=list(TARGETS))
    main(parser.parse_args().rules)
