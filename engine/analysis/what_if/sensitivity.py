"""Near edges: what a small change of one fact would flip; the vocabulary says of each what is small."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from decimal import Decimal
from typing import Any as AnyType

from engine.advising.advisor import Case
from engine.analysis.what_if.change import Range
from engine.analysis.what_if.changeable import with_numbers
from engine.analysis.what_if.outcome import AdviceDifference, difference
from engine.analysis.what_if.what_if import Explorer, Row
from engine.base.counted import counted
from engine.base.record import record
from engine.language.domain import domain_of
from engine.language.field_words import PLAIN
from engine.language.model import Fact, Scalar
from engine.language.templates import in_words


@record
class Threshold:
    """The nearest value of a fact, on one side, at which something changes, and what changes there.

    `distance` is above nothing, in the fact's unit (of a date: days); `higher` tells the side. `words` are
    the distance, `shown` is the value, for people.
    """

    fact: str
    title: str
    value: Scalar
    distance: Decimal
    higher: bool
    words: str
    shown: str
    difference: AdviceDifference


def sensitivity(case: Case, explorer: Explorer) -> tuple[Threshold, ...]:
    """The edges of a case, the nearest of each fact on either side; time moves on, never back."""
    return tuple(_edges(case, explorer))


def _edges(case: Case, explorer: Explorer) -> Iterator[Threshold]:
    policies = explorer.advisor.policies
    for declared in policies.facts.values():
        fact = with_numbers(declared, case.decisions.values)
        value = case.decisions.values.get(fact.name)
        if fact.near is None or fact.origin != "given" or value is None or isinstance(value, tuple):
            continue
        low, high = _around(value, fact)
        if fact.name == "as_of" and policies.changes_on is not None:
            high = min(high, policies.changes_on - timedelta(days=1))
        rows = explorer.along(case.facts, case.derived, Range(fact.name, low, high, fact.name))
        here = next(index for index, row in enumerate(rows) if row.low <= value <= row.high)  # type: ignore[operator]  # all of one ordered type
        now = rows[here].outcome
        domain = domain_of(fact)
        for row, edge in _neighbours(rows, here):
            if now is None or row.outcome is None:
                continue
            steps = domain.distance(edge, value)
            higher = steps > 0
            words, change = _in_words(abs(steps), higher, fact), difference(now, row.outcome, policies)
            shown = str(edge) if fact.formats is None else in_words(edge, fact)
            yield Threshold(fact.name, fact.title, edge, abs(steps), higher, words, shown, change)


def _around(value: AnyType, fact: Fact) -> tuple[AnyType, AnyType]:
    near = fact.near
    assert near is not None
    low, high = fact.limits
    if isinstance(value, date):
        days = timedelta(days=int(near))
        first = value if fact.mutability == "time" and fact.name == "as_of" else max(low, value - days)
        return first, min(high, value + days)
    step = near if fact.step != 1 else int(near)
    return max(low, value - step), min(high, value + step)


def _neighbours(rows: tuple[Row, ...], here: int) -> Iterator[tuple[Row, Scalar]]:
    """The rows beside this one, each with its nearest value."""
    if here > 0:
        yield rows[here - 1], rows[here - 1].high
    if here + 1 < len(rows):
        yield rows[here + 1], rows[here + 1].low


def _in_words(distance: Decimal, higher: bool, fact: Fact) -> str:
    """`3 points higher`, `9 days later`."""
    number = (fact.formats or PLAIN).number(distance, Decimal(1), None)
    if fact.type == "date":
        return f"{counted(int(distance), 'day')} {'later' if higher else 'earlier'}"
    unit = f" {fact.unit}" if fact.unit else ""
    if distance == 1:
        unit = unit.removesuffix("s")
    return f"{number}{unit} {'higher' if higher else 'lower'}"


def threshold_in_words(edge: Threshold) -> str:
    """What changes at an edge: `3 points higher (Step 2 CK score 233): …`."""
    return f"{edge.words} ({edge.title} {edge.shown})"
