"""A released version of which nothing is left, or a release that did not come to its end.

`releases.lock` names a version, and no file of the folder or its archive has the content that was released.
Former reports rest on it: put the file back. Where only the last step of a release is missing, which writes
the new version to the folder, `advise release --finish` does it.

Fails, in file releases.lock:

    policy:example 0.9.0 sha256:0000000000000000000000000000000000000000000000000000000000000000

Passes, in file releases.lock:

    # Written by `advise release`
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from engine.base.diagnostic import Diagnostic
from engine.checking.checks.subject import Subject
from engine.loading.folder import text_digest
from engine.loading.lockfile import version_key
from engine.loading.versions_in_force import is_current

CODE: Final = "release-lost"


def check(subject: Subject) -> Iterator[Diagnostic]:
    """An error for each version in the lock that is nowhere, or in the archive only though the newest."""
    released = subject.policies.released or ()
    contents = {text_digest(file.content) for file in subject.files}
    current: dict[tuple[str, str], str] = {
        (document.file_version.kind, document.file_version.id): document.file_version.version
        for document in subject.policies.documents
        if is_current(document.file_version)
    }
    file_versions = [document.file_version for document in subject.policies.documents]
    there = {(file_version.kind, file_version.id, file_version.version) for file_version in file_versions}
    for release in released:
        version = current.get((release.kind, release.id))
        if release.digest not in contents and (release.kind, release.id, release.version) in there:
            continue  # it is there, and edited: that is reported of the file
        if release.digest not in contents:
            message = f"`{release.id}` {release.version} was released, and no file holds it any more."
            help_text = "Put its file back into archive/, byte for byte, from a backup."
        elif version is not None and version_key(version) < version_key(release.version):
            message = (
                f"`{release.id}` {release.version} is released, but its file in the folder is {version}."
            )
            help_text = "A release did not come to its end. Finish it: advise release --finish"
        else:
            continue
        yield Diagnostic(CODE, message, release.at, help_text)
