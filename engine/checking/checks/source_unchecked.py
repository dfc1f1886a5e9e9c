"""A source that nobody compared with the original for over 90 days.

Official dates, fees and rules change. `checked_on` says when somebody last compared what `sources.yaml` and
the policies say with the source itself. Compare again, then set `checked_on` to that day.

Fails, in sources:

    entries:
      step-guide:
        title: Step guide
        publisher: Advising office
        kind: guide
        retrieved: 2025-06-01
        checked_on: 2026-05-01
        anchors: {target.low: {title: Scores from 215 to 224}}

And, in rule:

    id: low
    cites: [step-guide#target.low]

Passes, in sources:

    entries:
      step-guide:
        title: Step guide
        publisher: Advising office
        kind: guide
        retrieved: 2025-06-01
        checked_on: 2026-08-01
        anchors: {target.low: {title: Scores from 215 to 224}}

And, in rule:

    id: low
    cites: [step-guide#target.low]
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from engine.advising.freshness import SOURCE_CHECK_DAYS, unchecked_sources
from engine.base.diagnostic import Diagnostic
from engine.checking.checks.subject import Subject

CODE: Final = "source-unchecked"


def check(subject: Subject) -> Iterator[Diagnostic]:
    """A warning for each source that rules in force cite and that was checked too long ago."""
    for source in unchecked_sources(subject.policy_set, subject.day):
        days = (subject.day - source.checked_on).days
        message = (
            f"`{source.id}` was last compared with the original {days} days ago, on {source.checked_on}."
        )
        help_text = f"Compare it again (every {SOURCE_CHECK_DAYS} days), then set `checked_on` to that day."
        yield Diagnostic(CODE, message, source.at, help_text, "warning")
