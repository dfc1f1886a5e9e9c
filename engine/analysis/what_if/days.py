"""What would be on other days, too: each day has the policies in force on it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta

from engine.advising.advisor import Advisor, Case
from engine.advising.derive import Contradicted
from engine.analysis.what_if.change import FactChanges
from engine.analysis.what_if.outcome import AdviceOutcome, difference, outcome
from engine.analysis.what_if.what_if import Along, Explorer, Row, WhatIf, joined, what_if
from engine.base.diagnostic import CommandLine, InvalidInput
from engine.base.record import replace
from engine.language.facts import Facts


def what_if_any(case: Case, changes: FactChanges, advisor_on: Callable[[date], Advisor]) -> WhatIf:
    """The case with changed facts, `as_of` perhaps among them; `advisor_on` advises on a day.

    Raises InvalidInput.
    """
    day = changes.values.get("as_of", case.report.as_of)
    if not isinstance(day, date):
        message = "Every case has a day: `as_of` cannot be unset."
        raise InvalidInput.error("no-day", message, CommandLine("--unset as_of"), "Set it to another day.")
    return what_if(case, changes, advisor_on(day))


def along_any(case: Case, changes: FactChanges, advisor_on: Callable[[date], Advisor]) -> Along:
    """What is said along a range, of `as_of` perhaps; the rest as for `what_if_any`. Raises InvalidInput."""
    over = changes.range
    assert over is not None
    advisor, facts = advisor_on(case.report.as_of), changes.apply(case.facts)
    if over.fact != "as_of":
        derived = advisor.derive(facts) if changes.values else case.derived
        return Along(case, over, Explorer(advisor).along(facts, derived, over))
    rows: tuple[Row, ...] = ()
    eve: AdviceOutcome | None = None
    day, last = over.low, over.high
    assert isinstance(day, date)
    assert isinstance(last, date)
    while day <= last:
        advisor = advisor_on(day)
        changes_on = advisor.policies.changes_on
        until = last if changes_on is None else min(last, changes_on - timedelta(days=1))
        part = replace(over, low=day, high=until)
        rows = _joined(rows, Explorer(advisor).along(facts, advisor.derive(facts), part), eve, advisor)
        eve = _outcome_on(until, facts, advisor)
        day = until + timedelta(days=1)
    return Along(case, over, rows)


def _outcome_on(day: date, facts: Facts, advisor: Advisor) -> AdviceOutcome | None:
    """What is said on a day; None where no applicant has such facts on it."""
    try:
        return outcome(advisor.derive(facts, day), advisor)
    except Contradicted:
        return None


def _joined(
    rows: tuple[Row, ...], following: tuple[Row, ...], eve: AdviceOutcome | None, advisor: Advisor
) -> tuple[Row, ...]:
    """The rows under one set of policies, and those under the next, compared with what is said on its eve."""
    first = following[0]
    if eve is None or first.outcome is None:
        return (*rows, *following)
    if change := difference(eve, first.outcome, advisor.policies):
        return (*rows, replace(first, difference=change), *following[1:])
    return (*rows[:-1], joined(rows[-1], first), *following[1:])
