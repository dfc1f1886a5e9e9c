"""The rules that no policy test expects to fire."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Final

from engine.language.policy_set import PolicySet, ResolvedRule
from engine.testing.read import PolicyTest

FIRED: Final = frozenset(
    {
        "holds", "shown", "only", "ranking", "order", "first", "suppressed", "provisional", "text", "due",
        "severity",
    }
)  # fmt: skip
"""The expectations that fail unless the rules they name hold."""


def untested(policies: PolicySet, tests: Iterable[PolicyTest]) -> tuple[ResolvedRule, ...]:
    """The rules in force that none of the tests expects to fire, in firing order."""
    fired = {name for test in tests for name in expected_to_fire(test)}
    return tuple(rule for rule in policies.rules if rule.name not in fired)


def expected_to_fire(test: PolicyTest) -> Iterator[str]:
    """The rules that must hold for a test to pass."""
    for key, expectation in test.expect.items():
        if key in FIRED:
            yield from [expectation.expected] if key == "first" else expectation.names
        if key == "suppressed":
            yield from expectation.expected.values()
