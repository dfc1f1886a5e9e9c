"""The versions of each file of a policy folder, in the order of their days."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date, timedelta

from engine.base.diagnostics import Diagnostics
from engine.base.record import record
from engine.language.model import FileVersion, Policies, PolicyDocument
from engine.loading.lockfile import release_of, spoken_name, version_key
from engine.loading.versions_in_force import eligible, select


@record
class VersionSpan:
    """One version of a file, and the days it is for.

    `ends` is the last day in force: `until`, or the day before the next begins (None: open).
    `release` is released, edited, unreleased (not in the lock), draft, or unlocked (there is no lock).
    """

    file_version: FileVersion
    ends: date | None
    in_force: bool
    release: str


@record
class Timeline:
    """All versions of one file, the oldest first; `name` is how the command line calls it."""

    name: str
    title: str
    spans: tuple[VersionSpan, ...]


def timelines(policies: Policies, day: date) -> tuple[Timeline, ...]:
    """Every file with its versions; `in_force` is judged on a day. Policies come last, all by name."""
    chosen = {file_version.path for file_version in select(policies, day, Diagnostics()).file_versions}
    counting = {document.file_version.path for document in eligible(policies)}
    by_name: dict[str, list[PolicyDocument]] = {}
    for document in policies.documents:
        file_version = document.file_version
        if file_version.path in counting or file_version.status == "draft":
            by_name.setdefault(spoken_name(file_version), []).append(document)
    kinds = ("vocabulary", "sources", "ranking", "calendar", "phrases", "policy")
    ordered = sorted(by_name.items(), key=lambda pair: (kinds.index(pair[1][0].file_version.kind), pair[0]))
    return tuple(
        Timeline(name, _title(documents), tuple(_spans(documents, chosen, policies)))
        for name, documents in ordered
    )


def _title(documents: Iterable[PolicyDocument]) -> str:
    newest = max(documents, key=lambda document: version_key(document.file_version.version))
    return newest.file_version.title


def _spans(
    documents: Iterable[PolicyDocument], chosen: set[str], policies: Policies
) -> Iterator[VersionSpan]:
    file_versions = sorted(
        (document.file_version for document in documents),
        key=lambda file_version: (
            file_version.status == "draft",
            file_version.effective_from,
            version_key(file_version.version),
        ),
    )
    for file_version, later in zip(file_versions, (*file_versions[1:], None), strict=True):
        ends = file_version.effective_until
        if later is not None and "draft" not in (later.status, file_version.status):
            replaced = later.effective_from - timedelta(days=1)
            ends = replaced if ends is None else min(ends, replaced)
        yield VersionSpan(file_version, ends, file_version.path in chosen, _release(file_version, policies))


def _release(file_version: FileVersion, policies: Policies) -> str:
    if file_version.status == "draft":
        return "draft"
    if policies.released is None:
        return "unlocked"
    release = release_of(file_version, policies.released)
    if release is None:
        return "unreleased"
    return "released" if release.digest == file_version.digest else "edited"
