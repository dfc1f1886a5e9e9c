"""The versions of each file of a policy folder, in the order of their days."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date, timedelta

from engine.base.record import record
from engine.language.model import Document, Edition, Policies
from engine.loading.lockfile import release_of, spoken_name, version_key
from engine.loading.versions_in_force import select, taking_part


@record
class Span:
    """One version of a file, and the days it is for.

    `ends` is the last day in force: `until`, or the day before the next begins (None: open).
    `standing` is released, edited, unreleased (not in the lock), draft, or unlocked (there is no lock).
    """

    edition: Edition
    ends: date | None
    in_force: bool
    standing: str


@record
class Timeline:
    """All versions of one file, the oldest first; `name` is how the command line calls it."""

    name: str
    title: str
    spans: tuple[Span, ...]


def timelines(policies: Policies, day: date) -> tuple[Timeline, ...]:
    """Every file with its versions; `in_force` is judged on a day. Policies come last, all by name."""
    chosen = {edition.path for edition in select(policies, day)[0].editions}
    counting = {document.edition.path for document in taking_part(policies)}
    found: dict[str, list[Document]] = {}
    for document in policies.documents:
        edition = document.edition
        if edition.path in counting or edition.status == "draft":
            found.setdefault(spoken_name(edition), []).append(document)
    kinds = ("vocabulary", "sources", "ranking", "calendar", "policy")
    ordered = sorted(found.items(), key=lambda pair: (kinds.index(pair[1][0].edition.kind), pair[0]))
    return tuple(
        Timeline(name, _title(documents), tuple(_spans(documents, chosen, policies)))
        for name, documents in ordered
    )


def _title(documents: Iterable[Document]) -> str:
    newest = max(documents, key=lambda document: version_key(document.edition.version))
    return newest.edition.title


def _spans(documents: Iterable[Document], chosen: set[str], policies: Policies) -> Iterator[Span]:
    editions = sorted(
        (document.edition for document in documents),
        key=lambda edition: (edition.status == "draft", edition.effective_from, version_key(edition.version)),
    )
    for edition, later in zip(editions, (*editions[1:], None), strict=True):
        ends = edition.effective_until
        if later is not None and "draft" not in (later.status, edition.status):
            replaced = later.effective_from - timedelta(days=1)
            ends = replaced if ends is None else min(ends, replaced)
        yield Span(edition, ends, edition.path in chosen, _standing(edition, policies))


def _standing(edition: Edition, policies: Policies) -> str:
    if edition.status == "draft":
        return "draft"
    if policies.released is None:
        return "unlocked"
    release = release_of(edition, policies.released)
    if release is None:
        return "unreleased"
    return "released" if release.digest == edition.digest else "edited"
