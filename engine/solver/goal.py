"""What an applicant is to show: which conditions come to which verdict."""

from __future__ import annotations

from collections.abc import Iterator

from engine.base.record import record
from engine.language.conditions import FAILS, HOLDS, Values, Verdict, verdict_of
from engine.language.model import Condition


@record
class HasVerdict:
    """A resolved condition comes to a verdict."""

    condition: Condition
    to: Verdict


@record
class AllGoals:
    """All of these."""

    goals: tuple[ProofGoal, ...]


@record
class AnyGoal:
    """At least one of these."""

    goals: tuple[ProofGoal, ...]


@record
class NotGoal:
    """The opposite."""

    goal: ProofGoal


ProofGoal = HasVerdict | AllGoals | AnyGoal | NotGoal


def holds(condition: Condition) -> ProofGoal:
    """The condition holds."""
    return HasVerdict(condition, HOLDS)


def fails(condition: Condition) -> ProofGoal:
    """The condition fails: it does not hold, and is not unknown."""
    return HasVerdict(condition, FAILS)


def differ(first: Condition, second: Condition) -> ProofGoal:
    """The two conditions come to different verdicts."""
    return AnyGoal(
        tuple(
            AllGoals((HasVerdict(one, verdict), NotGoal(HasVerdict(other, verdict))))
            for verdict in (HOLDS, FAILS)
            for one, other in ((first, second), (second, first))
        )
    )


def hold_apart(first: Condition, second: Condition) -> ProofGoal:
    """One of the two conditions holds and the other does not."""
    one, other = holds(first), holds(second)
    return AnyGoal((AllGoals((one, NotGoal(other))), AllGoals((other, NotGoal(one)))))


def met(goal: ProofGoal, values: Values) -> bool:
    """Whether an applicant shows it, by everything known of them, findings included."""
    match goal:
        case HasVerdict(condition, to):
            return verdict_of(condition, values) == to
        case AllGoals(goals):
            return all(met(part, values) for part in goals)
        case AnyGoal(goals):
            return any(met(part, values) for part in goals)
        case NotGoal(part):
            return not met(part, values)


def conditions_of(goal: ProofGoal) -> Iterator[Condition]:
    """The conditions that a goal looks at, repeats included."""
    match goal:
        case HasVerdict(condition, _):
            yield condition
        case AllGoals(goals) | AnyGoal(goals):
            for part in goals:
                yield from conditions_of(part)
        case NotGoal(part):
            yield from conditions_of(part)
