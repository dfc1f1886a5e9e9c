"""A file that takes no part on the day of the check.

It is a draft, its first day is still to come, or its `until` is over. All three are in order, so this is a
note and no warning; but a file that was left so by mistake says nothing, and nobody notices.

Fails, in policy:

    status: draft

Passes, in policy:

    status: active
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from engine.base.diagnostic import Diagnostic
from engine.checking.checks.subject import Subject
from engine.language.model import FileVersion
from engine.loading.folder import is_archived

CODE: Final = "not-in-force"


def check(subject: Subject) -> Iterator[Diagnostic]:
    """A note for each file, not of the archive, of which the version takes no part and is not retired."""
    for document in subject.policies.documents:
        head = document.file_version
        reason = _reason(head, subject)
        if reason is not None and not is_archived(head.path):
            message = f"`{head.id}` {head.version} takes no part on {subject.day}: {reason[0]}."
            yield Diagnostic(CODE, message, head.at, reason[1], "note")


def _reason(head: FileVersion, subject: Subject) -> tuple[str, str] | None:
    if head.status == "draft":
        return "it is a draft", "When it is ready, release it."
    if head.effective_from > subject.day:
        return (
            f"it begins on {head.effective_from}",
            f"To see it as it is then: --as-of {head.effective_from}.",
        )
    if head.status == "active" and head.effective_until is not None and head.effective_until < subject.day:
        return f"it ended on {head.effective_until}", "Release a version for the days since, or retire it."
    return None
