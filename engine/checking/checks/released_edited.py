"""A released version that is not what was released.

A version is released once, with `advise release`, and never changes after: what somebody was told on it must
stay what it was. To change guidance, edit the file and release it: that makes the next version, and keeps the
former one in `archive/`. An archived file is not edited at all.

Fails, in file releases.lock:

    policy:example 1.0.0 sha256:0000000000000000000000000000000000000000000000000000000000000000

And, in policy:

    title: Example, reworded
    version: "1.0.0"

Passes, in policy:

    title: Example, reworded
    version: "1.0.0"
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from engine.base.diagnostic import Diagnostic
from engine.checking.checks.subject import Subject
from engine.loading.folder import is_archived, text_digest
from engine.loading.lockfile import release_of, spoken_name

CODE: Final = "released-edited"


def check(subject: Subject) -> Iterator[Diagnostic]:
    """An error for each file whose version was released with another content."""
    contents = {text_digest(file.content) for file in subject.files}
    for document in subject.policies.documents:
        file_version = document.file_version
        release = release_of(file_version, subject.policies.released or ())
        if release is None or release.digest == file_version.digest or file_version.status == "draft":
            continue
        message = (
            f"`{file_version.id}` {file_version.version} was released, and this is not what was released."
        )
        if is_archived(file_version.path):
            help_text = "Put the file back as it was: archived versions are what former reports rest on."
        else:
            command = f'advise release {spoken_name(file_version)} --patch --note "…"'
            help_text = f"Release the change: {command} (or --minor, --major)."
        if release.digest not in contents:
            help_text = (
                f"What was released is nowhere. From a backup, byte for byte, into archive/. {help_text}"
            )
        yield Diagnostic(CODE, message, file_version.at, help_text)
