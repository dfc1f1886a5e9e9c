"""A folder under edit as if it were released today: what its policy tests are judged on.

One meaning for `advise test` and `advise release`: an edited file is the next version, in force from the day
that its release would give it; on the days before, the version that was released is in force.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence
from datetime import date, timedelta

from engine.base.record import record, replace
from engine.language.model import FileVersion, Policies, PolicyDocument, Release
from engine.loading.lockfile import newest_release, version_key
from engine.loading.versions_in_force import is_current


@record
class NextVersion:
    """An edited file of the folder, the version released last, and the day from which the edit counts."""

    file_version: FileVersion
    former: FileVersion
    begins: date


def next_versions(
    policies: Policies, today: date, released_now: Collection[str] = ()
) -> Iterator[NextVersion]:
    """The edited files of a folder with a lock; those at the paths `released_now` with what they followed."""
    held = {document.file_version.digest: document.file_version for document in policies.documents}
    releases = policies.released or ()
    for file_version in (document.file_version for document in policies.documents):
        if not is_current(file_version):
            continue
        newest = newest_release(file_version, releases)
        if newest is None:
            continue
        begins = next_day(file_version, policies.documents, releases, today)
        if newest.digest == file_version.digest:
            if file_version.path not in released_now:
                continue
            newest = newest_release(file_version, (each for each in releases if each != newest))
            begins = file_version.effective_from
        former = held.get(newest.digest) if newest is not None else None
        if former is not None:  # else nobody knows what stood there before: it counts as it stands
            following = former.effective_from + timedelta(days=1)
            yield NextVersion(file_version, former, max(begins, following))


def next_day(
    file_version: FileVersion, documents: Iterable[PolicyDocument], releases: Iterable[Release], today: date
) -> date:
    """The day from which the next version of a file is in force, if none is named.

    As the file says where its authors moved it, else today.
    """
    released = {release.digest for release in releases}
    days = {
        each.effective_from
        for each in (document.file_version for document in documents)
        if (each.kind, each.id) == (file_version.kind, file_version.id) and each.digest in released
    }
    return today if file_version.effective_from in days else file_version.effective_from


def as_if_released(policies: Policies, today: date) -> Policies:
    """The folder once all its files are released. Without a lock as it stands."""
    if policies.released is None:
        return policies
    edited = {each.file_version.path: each for each in next_versions(policies, today)}
    documents: list[PolicyDocument] = []
    for document in policies.documents:
        file_version = document.file_version
        edit = edited.get(file_version.path)
        if edit is None:
            documents.append(document)
            continue
        if any(release.digest == file_version.digest for release in policies.released):
            kept = replace(file_version, path=f"archive/{file_version.path}")
            documents.append(replace(document, file_version=kept))  # an older version that was put back
        major, minor, patch = version_key(edit.former.version)
        version = f"{major}.{minor}.{patch + 1}"
        file_version = replace(file_version, version=version, effective_from=edit.begins)
        documents.append(replace(document, file_version=file_version))
    return _released(policies, documents)


def as_if_always(policies: Policies, edits: Sequence[NextVersion]) -> Policies:
    """The folder with each of these in the place of the version it follows, on that one's days too."""
    days = {each.file_version.path: each.former.effective_from for each in edits}
    replaced = {each.former.path for each in edits}
    return _released(
        policies,
        [
            replace(document, file_version=replace(document.file_version, effective_from=days[path]))
            if (path := document.file_version.path) in days
            else document
            for document in policies.documents
            if document.file_version.path not in replaced
        ],
    )


def _released(policies: Policies, documents: Sequence[PolicyDocument]) -> Policies:
    """These files, each of the folder in the lock as it stands."""
    current = [document.file_version for document in documents if is_current(document.file_version)]
    own = {(each.kind, each.id, each.version) for each in current}
    others = [each for each in policies.released or () if (each.kind, each.id, each.version) not in own]
    released = [Release(each.kind, each.id, each.version, each.digest, each.at) for each in current]
    return replace(policies, documents=tuple(documents), released=(*others, *released))
