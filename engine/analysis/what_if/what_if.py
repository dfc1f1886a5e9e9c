"""The report with other facts, against the report as it is; and along a whole range of one fact."""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import cache, partial

from engine.advising.advisor import Advisor, Case
from engine.advising.derive import Contradicted, DerivedFacts
from engine.analysis.certainty.intervals import Interval, Intervals
from engine.analysis.certainty.report_certainty import ReportCertainty
from engine.analysis.what_if.change import FactChanges, Range
from engine.analysis.what_if.outcome import AdviceDifference, AdviceOutcome, difference, outcome, outcome_of
from engine.base.diagnostic import InternalError
from engine.base.record import record, replace
from engine.language.facts import Facts
from engine.language.model import Scalar
from engine.language.operators import ORDERED

_VALUES = re.compile(r"[0-9][-0-9.]*")


@record
class WhatIf:
    """Two complete cases of one applicant, and what differs."""

    before: Case
    after: Case
    changes: FactChanges
    difference: AdviceDifference


@record
class Row:
    """A part of a range on which what is said stays the same.

    `impossible` says why no applicant has these values (then there is no outcome). `difference` is to the
    possible row before.
    """

    low: Scalar
    high: Scalar
    count: int
    outcome: AdviceOutcome | None
    impossible: tuple[str, ...]
    difference: AdviceDifference | None


@record
class Along:
    """What is said along a range of one fact: rows that together cover it, without gap."""

    case: Case
    range: Range
    rows: tuple[Row, ...]


def what_if(before: Case, changes: FactChanges, advisor: Advisor) -> WhatIf:
    """The case with changed facts, fired by `advisor`. Raises InvalidInput when they contradict."""
    after = ReportCertainty(advisor).case(changes.apply(before.facts))
    differences = difference(outcome_of(before), outcome_of(after), advisor.policies)
    return WhatIf(before, after, changes, differences)


class Explorer:
    """Looks at what would be, on one policy set; the evaluator alone decides, which is quick."""

    def __init__(self, advisor: Advisor) -> None:
        self.advisor = Advisor(advisor.policies, engine="evaluator")
        self._intervals = cache(partial(Intervals, self.advisor))

    def along(self, facts: Facts, derived: DerivedFacts, over: Range) -> tuple[Row, ...]:
        """The rows of a range. Raises InvalidInput if too much changes, InternalError if a proof fails."""
        rows: list[Row] = []
        ordered = self.advisor.policies.facts[over.fact].type in ORDERED  # else each value has its row
        last: tuple[AdviceOutcome, Interval] | None = None
        for interval in self._intervals(over.fact).one_by_one(facts, derived, over.low, over.high):
            row = Row(interval.low, interval.high, interval.count, None, (), None)
            if isinstance(interval.first, Contradicted):
                messages = tuple(dict.fromkeys(each.message for each in interval.first.diagnostics))
                alike = ordered and rows and _kinds(rows[-1].impossible) == _kinds(messages)
                row = joined(rows.pop(), row) if alike else replace(row, impossible=messages)
            elif ordered and last and last[1].outcomes is not None and last[1].outcomes == interval.outcomes:
                row = joined(rows.pop(), row) if rows[-1].outcome else replace(row, outcome=last[0])
                last = last[0], interval
            else:
                now = outcome(interval.first, self.advisor)
                self._check(now, interval.last, over.fact)
                row = replace(row, outcome=now)
                if last is not None and (not ordered or self._differ(last[0], now)):
                    assert not isinstance(last[1].last, Contradicted)
                    before = outcome(last[1].last, self.advisor)
                    row = replace(row, difference=difference(before, now, self.advisor.policies))
                elif ordered and rows and rows[-1].outcome is not None:
                    row = joined(rows.pop(), row)
                last = now, interval
            rows.append(row)
        return tuple(rows)

    def _check(self, first: AdviceOutcome, last: DerivedFacts | Contradicted, fact: str) -> None:
        """What was shown to be the same along an interval must be so at its other end, too."""
        if isinstance(last, Contradicted) or self._differ(first, outcome(last, self.advisor)):
            raise InternalError(f"A stretch of {fact} was taken to be all alike, and is not.")

    def _differ(self, one: AdviceOutcome, other: AdviceOutcome) -> bool:
        return list(one.ranks) != list(other.ranks) or (
            one.suppressed != other.suppressed
            or one.decisions.holding != other.decisions.holding
            or one.decisions.unknown != other.decisions.unknown
            or self._bands(one) != self._bands(other)
        )

    def _bands(self, result: AdviceOutcome) -> list[object]:
        return [result.decisions.values.get(name) for name in self.advisor.bands]


def _kinds(messages: Iterable[str]) -> list[str]:
    """Messages without the values that stand in them."""
    return [_VALUES.sub("", message) for message in messages]


def joined(before: Row, row: Row) -> Row:
    """Two rows that follow one another, as one."""
    return replace(before, high=row.high, count=before.count + row.count)
