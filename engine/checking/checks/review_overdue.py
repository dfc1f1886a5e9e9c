"""A policy past the day by which it was to be reviewed.

`review_by` in the head of a file says by when somebody must read it again. From the day after, every report
carries a warning, and so does the check: read the file against its sources, mend what has changed, release
it with a later `review_by`.

Fails, in policy:

    review_by: 2026-08-31

Passes, in policy:

    review_by: 2027-02-01
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from engine.base.diagnostic import Diagnostic
from engine.checking.checks.subject import Subject

CODE: Final = "review-overdue"


def check(subject: Subject) -> Iterator[Diagnostic]:
    """A warning for each file in force whose `review_by` lies before the day."""
    for file_version in subject.policy_set.file_versions:
        if file_version.review_by is not None and file_version.review_by < subject.day:
            message = f"`{file_version.id}` was to be reviewed by {file_version.review_by}."
            help_text = "Read it against its sources, then release it with a later `review_by`."
            yield Diagnostic(CODE, message, file_version.at, help_text, "warning")
