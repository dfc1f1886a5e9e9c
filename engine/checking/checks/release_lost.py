"""A released version of which nothing is left, or an older one in its place.

`releases.lock` names a version, and no file of the folder or its archive has the content that was released.
Former reports rest on it: put the file back. Where only the last step of a release is missing, which writes
the new version to the folder, `advise release --finish` does it. An older version that was copied back into
the folder is in force once it is released, as the next version.

Fails, in file releases.lock:

    policy:example 0.9.0 sha256:0000000000000000000000000000000000000000000000000000000000000000

Passes, in file releases.lock:

    # Written by `advise release`
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Final

from engine.base.diagnostic import Diagnostic
from engine.base.read import PolicyFile
from engine.checking.checks.subject import Subject
from engine.language.model import FileVersion, Release
from engine.loading.folder import contents_of, is_archived, text_digest
from engine.loading.lockfile import own_text, spoken_name, version_key
from engine.loading.versions_in_force import is_current

CODE: Final = "release-lost"


def check(subject: Subject) -> Iterator[Diagnostic]:
    """An error for each version in the lock that is nowhere, or in the archive only though the newest."""
    released = subject.policies.released or ()
    held = {text_digest(file.content): file for file in subject.files}
    file_versions = [document.file_version for document in subject.policies.documents]
    current: dict[tuple[str, str], FileVersion] = {
        (each.kind, each.id): each for each in file_versions if is_current(each)
    }
    there = {(each.kind, each.id, each.version) for each in file_versions}
    for release in released:
        file_version = current.get((release.kind, release.id))
        if release.digest not in held:
            if (release.kind, release.id, release.version) in there:
                continue  # it is there, and edited: that is reported of the file
            message = f"`{release.id}` {release.version} was released, and no file holds it any more."
            help_text = "Put its file back into archive/, byte for byte, from a backup."
        elif file_version is not None and _is_older(file_version, release):
            message = (
                f"`{release.id}` {release.version} is released, but its file in the folder is "
                f"{file_version.version}."
            )
            if _unfinished(release, held, subject):
                help_text = "A release did not come to its end. Finish it: advise release --finish"
            else:
                name, path = spoken_name(file_version), held[release.digest].path
                help_text = (
                    f'To put the older text in force anew: advise release {name} --minor --note "…" '
                    f"(or --patch, --major). To have {release.version} in the folder again, "
                    f"copy {path} to {file_version.path}."
                )
                if any(each.path == path and each.released_on(subject.today) for each in file_versions):
                    help_text += f" It was released today: then advise release {name} --undo takes it back."
        else:
            continue
        yield Diagnostic(CODE, message, release.at, help_text)


def _is_older(file_version: FileVersion, release: Release) -> bool:
    return version_key(file_version.version) < version_key(release.version)


def _unfinished(release: Release, held: Mapping[str, PolicyFile], subject: Subject) -> bool:
    """Whether a file of the folder, or a draft, still says what was released."""
    contents = contents_of(subject.files)
    own = (document.file_version for document in subject.policies.documents)
    texts = (
        contents[each.path]
        for each in own
        if (each.kind, each.id) == (release.kind, release.id) and not is_archived(each.path)
    )
    text = own_text(held[release.digest].content)
    return any(own_text(content) == text for content in texts)
