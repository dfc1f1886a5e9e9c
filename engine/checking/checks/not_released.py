"""A version that takes part though it was never released.

Where a folder has a `releases.lock`, each report says so of a file that is in force and not in it. Release it
(`advise release NAME --first` for its first version), or make it a `draft` until it is ready.

Fails, in file releases.lock:

    # Written by `advise release`

And, in policy:

    status: active

Passes, in policy:

    status: active
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from engine.base.diagnostic import Diagnostic
from engine.checking.checks.subject import Subject
from engine.loading.folder import is_archived
from engine.loading.lockfile import release_of, spoken_name

CODE: Final = "not-released"


def check(subject: Subject) -> Iterator[Diagnostic]:
    """A warning for each file that is no draft and that the lock does not name."""
    released = subject.policies.released
    if released is None:
        return
    for document in subject.policies.documents:
        file_version = document.file_version
        if file_version.status == "draft" or release_of(file_version, released) is not None:
            continue
        message = f"`{file_version.id}` {file_version.version} has never been released."
        if is_archived(file_version.path):
            help_text = (
                "It takes part in nothing. Remove it; archived versions are written by `advise release`."
            )
        else:
            former = any((entry.kind, entry.id) == (file_version.kind, file_version.id) for entry in released)
            option = '--patch --note "…"' if former else "--first"
            help_text = (
                f"Release it: advise release {spoken_name(file_version)} {option}. Or make it a draft."
            )
        yield Diagnostic(CODE, message, file_version.at, help_text, "warning")
