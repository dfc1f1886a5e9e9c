"""What an applicant is to show: which conditions come to which verdict."""

from __future__ import annotations

from collections.abc import Iterator

from engine.base.record import record
from engine.language.conditions import FAILS, HOLDS, Values, Verdict, verdict_of
from engine.language.model import Condition


@record
class Comes:
    """A resolved condition comes to a verdict."""

    condition: Condition
    to: Verdict


@record
class Every:
    """All of these."""

    goals: tuple[Goal, ...]


@record
class Some:
    """At least one of these."""

    goals: tuple[Goal, ...]


@record
class NotSo:
    """The opposite."""

    goal: Goal


Goal = Comes | Every | Some | NotSo


def holds(condition: Condition) -> Goal:
    """The condition holds."""
    return Comes(condition, HOLDS)


def fails(condition: Condition) -> Goal:
    """The condition fails: it does not hold, and is not unknown."""
    return Comes(condition, FAILS)


def differ(first: Condition, second: Condition) -> Goal:
    """The two conditions come to different verdicts."""
    return Some(
        tuple(
            Every((Comes(one, verdict), NotSo(Comes(other, verdict))))
            for verdict in (HOLDS, FAILS)
            for one, other in ((first, second), (second, first))
        )
    )


def hold_apart(first: Condition, second: Condition) -> Goal:
    """One of the two conditions holds and the other does not."""
    one, other = holds(first), holds(second)
    return Some((Every((one, NotSo(other))), Every((other, NotSo(one)))))


def met(goal: Goal, values: Values) -> bool:
    """Whether an applicant shows it, by everything known of them, findings included."""
    match goal:
        case Comes(condition, to):
            return verdict_of(condition, values) == to
        case Every(goals):
            return all(met(part, values) for part in goals)
        case Some(goals):
            return any(met(part, values) for part in goals)
        case NotSo(part):
            return not met(part, values)


def conditions_of(goal: Goal) -> Iterator[Condition]:
    """The conditions that a goal looks at, repeats included."""
    match goal:
        case Comes(condition, _):
            yield condition
        case Every(goals) | Some(goals):
            for part in goals:
                yield from conditions_of(part)
        case NotSo(part):
            yield from conditions_of(part)
