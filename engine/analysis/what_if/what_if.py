"""The report with other facts, against the report as it is; and along a whole range of one fact."""

from __future__ import annotations

import re

from engine.advising.advisor import Advisor, Case
from engine.advising.derive import Contradicted, DerivedFacts
from engine.analysis.certainty.intervals import Interval, Intervals
from engine.analysis.what_if.change import FactChanges, Range
from engine.analysis.what_if.outcome import AdviceOutcome, Difference, Differences, outcome, outcome_of
from engine.base.diagnostic import InternalError
from engine.base.record import record, replace
from engine.language.facts import Facts
from engine.language.model import Scalar
from engine.language.operators import ORDERED

_VALUES = re.compile(r"[0-9][-0-9.]*")


@record
class WhatIf:
    """Two cases of one applicant, and what differs."""

    before: Case
    after: Case
    changes: FactChanges
    difference: Difference


@record
class Row:
    """A stretch of a range on which what is said stays the same.

    `impossible` says why no applicant has these values (then there is no outcome). `difference` is to the
    possible row before.
    """

    low: Scalar
    high: Scalar
    count: int
    outcome: AdviceOutcome | None
    impossible: tuple[str, ...]
    difference: Difference | None


@record
class Along:
    """What is said along a range of one fact: rows that together cover it, without gap."""

    case: Case
    range: Range
    rows: tuple[Row, ...]


def what_if(before: Case, changes: FactChanges, advisor: Advisor) -> WhatIf:
    """The case with changed facts, fired by `advisor`. Raises InvalidInput when they contradict."""
    after = advisor.case(changes.apply(before.facts))
    difference = Differences(advisor.policies).between(outcome_of(before), outcome_of(after))
    return WhatIf(before, after, changes, difference)


class Explorer:
    """Looks at what would be, on one policy set; the evaluator alone decides, which is quick."""

    def __init__(self, advisor: Advisor) -> None:
        self.advisor = Advisor(advisor.policies, engine="evaluator")
        self._differences = Differences(advisor.policies)
        self._stretches: dict[str, Intervals] = {}

    def stretches(self, fact: str) -> Intervals:
        """The stretches of a fact, made ready once."""
        found = self._stretches.get(fact)
        if found is None:
            found = self._stretches[fact] = Intervals(self.advisor, fact)
        return found

    def along(self, facts: Facts, derived: DerivedFacts, over: Range) -> tuple[Row, ...]:
        """The rows of a range. Raises InvalidInput if too much changes, InternalError if a proof fails."""
        rows: list[Row] = []
        ordered = self.advisor.policies.facts[over.fact].type in ORDERED  # else each value has its row
        last: tuple[AdviceOutcome, Interval] | None = None
        for stretch in self.stretches(over.fact).between(facts, derived, over.low, over.high):
            row = Row(stretch.low, stretch.high, stretch.count, None, (), None)
            if isinstance(stretch.first, Contradicted):
                said = tuple(dict.fromkeys(found.message for found in stretch.first.diagnostics))
                alike = ordered and rows and list(map(_kind, rows[-1].impossible)) == list(map(_kind, said))
                row = joined(rows.pop(), row) if alike else replace(row, impossible=said)
            elif (
                ordered
                and last is not None
                and last[1].outcomes is not None
                and stretch.outcomes == last[1].outcomes
            ):
                row = joined(rows.pop(), row) if rows[-1].outcome else replace(row, outcome=last[0])
                last = last[0], stretch
            else:
                found = outcome(stretch.first, self.advisor)
                self._check(found, stretch.last, over.fact)
                row = replace(row, outcome=found)
                if last is not None and (not ordered or self._differ(last[0], found)):
                    row = replace(row, difference=self._differences.between(self._end_of(last[1]), found))
                elif ordered and rows and rows[-1].outcome is not None:
                    row = joined(rows.pop(), row)
                last = found, stretch
            rows.append(row)
        return tuple(rows)

    def _end_of(self, stretch: Interval) -> AdviceOutcome:
        assert not isinstance(stretch.last, Contradicted)
        return outcome(stretch.last, self.advisor)

    def _check(self, found: AdviceOutcome, last: DerivedFacts | Contradicted, fact: str) -> None:
        """What was shown to be the same along a stretch must be so at its other end, too."""
        if isinstance(last, Contradicted) or self._differ(found, outcome(last, self.advisor)):
            raise InternalError(f"A stretch of {fact} was taken to be all alike, and is not.")

    def _differ(self, one: AdviceOutcome, other: AdviceOutcome) -> bool:
        return [name for name, _ in one.shown] != [name for name, _ in other.shown] or (
            one.suppressed != other.suppressed
            or one.decisions.holding != other.decisions.holding
            or one.decisions.unknown != other.decisions.unknown
            or self._bands(one) != self._bands(other)
        )

    def _bands(self, found: AdviceOutcome) -> list[object]:
        return [found.decisions.values.get(name) for name in self.advisor.bands]


def _kind(message: str) -> str:
    """A message without the values that stand in it."""
    return _VALUES.sub("", message)


def joined(before: Row, row: Row) -> Row:
    """Two rows that follow one another, as one."""
    return replace(before, high=row.high, count=before.count + row.count)
