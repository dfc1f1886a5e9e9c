"""A day that can hardly be meant.

A source, or a parameter, that somebody compared with the original on a day still to come; one that was
retrieved then; a review that is due in more than five years. Each of them keeps the report from saying that
something is old. Often a digit of the year is wrong.

Fails, in policy:

    review_by: 2207-02-01

Passes, in policy:

    review_by: 2027-02-01
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import Final

from engine.base.diagnostic import Diagnostic, Location
from engine.checking.checks.subject import Subject
from engine.language.model import Policy, Sources, Vocabulary
from engine.loading.folder import is_archived

CODE: Final = "implausible-date"

REVIEW_YEARS: Final = 5
"""A review that is due later is none."""


def check(subject: Subject) -> Iterator[Diagnostic]:
    """A warning for each day that is still to come where it must be past, and for each review far off."""
    for document in subject.policies.documents:
        head = document.file_version
        if is_archived(head.path):
            continue
        if head.review_by is not None and head.review_by.year > subject.today.year + REVIEW_YEARS:
            message = f"`{head.id}` is to be reviewed by {head.review_by}: that is no review."
            help_text = f"Write a day within {REVIEW_YEARS} years."
            words = f"review_by: {head.review_by}"
            yield Diagnostic(CODE, message, head.at, help_text, "warning", words=words)
        if isinstance(document, Sources):
            for source in document.sources:
                yield from _to_come(subject, source.id, "retrieved", source.retrieved, source.at)
                yield from _to_come(subject, source.id, "checked_on", source.checked_on, source.at)
        if isinstance(document, Policy | Vocabulary):
            for parameter in document.parameters:
                yield from _to_come(subject, parameter.name, "checked_on", parameter.checked_on, parameter.at)


def _to_come(subject: Subject, name: str, key: str, day: date | None, at: Location) -> Iterator[Diagnostic]:
    if day is not None and day > subject.today:
        message = f"`{name}` has `{key}: {day}`, a day still to come."
        help_text = "Write the day on which it was done."
        yield Diagnostic(CODE, message, at, help_text, "warning", words=f"{key}: {day}")
