"""Which version of each file is in force on a day."""

from __future__ import annotations

import itertools
from collections import defaultdict
from collections.abc import Iterator
from datetime import date, timedelta
from typing import Literal

from engine.base.diagnostic import Diagnostic
from engine.base.record import record, replace
from engine.language.model import Calendar, Document, Edition, Policies, Policy, Ranking, Sources, Vocabulary


@record
class Lapsed:
    """A policy that has released versions, none of which is in force on the day."""

    edition: Edition
    reason: str


@record
class Unreleased:
    """A file in force that is not as it was released: `edited` since, or `never` released at all.

    Only where a folder has a `releases.lock`.
    """

    edition: Edition
    reason: Literal["edited", "never"]


@record
class InForce:
    """The files in force on a day.

    `ended` are files of which no version is: what they declare is known by name, and has no value.
    `ever_rules` names every rule of every version.
    """

    policies: tuple[Policy, ...]
    vocabulary: Vocabulary | None
    sources: Sources | None
    ranking: Ranking | None
    calendar: Calendar | None
    lapsed: tuple[Lapsed, ...]
    ended: tuple[Document, ...]
    ever_rules: frozenset[str]
    unreleased: tuple[Unreleased, ...] = ()

    @property
    def editions(self) -> tuple[Edition, ...]:
        """The heads of all files in force, sorted by kind and id."""
        files = (*self.policies, self.vocabulary, self.sources, self.ranking, self.calendar)
        found = [file.edition for file in files if file is not None]
        return tuple(sorted(found, key=lambda edition: (edition.kind, edition.id)))


def select(policies: Policies, day: date) -> tuple[InForce, tuple[Diagnostic, ...]]:
    """The files in force on `day`, and what is wrong with their versions."""
    versions: dict[tuple[str, str], list[Document]] = defaultdict(list)
    for document in taking_part(policies):
        versions[document.edition.kind, document.edition.id].append(document)
    problems: list[Diagnostic] = []
    chosen: list[Document] = []
    lapsed: list[Lapsed] = []
    ended: list[Document] = []
    for _, candidates in sorted(versions.items()):
        candidates.sort(key=lambda document: (document.edition.effective_from, document.edition.path))
        problems.extend(_clashes([document.edition for document in candidates]))
        found = _version_on(candidates, day)
        if isinstance(found, Lapsed):
            lapsed.append(found)
        if isinstance(found, Lapsed | None):
            ended.append(_latest(candidates, day))
        else:
            chosen.append(found)
    in_force, more = _by_kind(chosen, lapsed, ended, policies)
    return replace(in_force, unreleased=_unreleased(in_force, policies)), (*problems, *more)


def taking_part(policies: Policies) -> Iterator[Document]:
    """The files of which one may come into force.

    Not drafts; not an archived copy of the version that its authors work on; and where the folder has a lock
    nothing in the archive that was never released, such as what a release left that did not come to its end.
    """
    current = {_identity(document.edition) for document in policies.documents if is_current(document.edition)}
    released = None
    if policies.released is not None:
        released = {(release.kind, release.id, release.version) for release in policies.released}
    for document in policies.documents:
        edition = document.edition
        archived = edition.path.startswith("archive/")
        left_out = archived and (
            _identity(edition) in current or (released is not None and _identity(edition) not in released)
        )
        if edition.status != "draft" and not left_out:
            yield document


def _identity(edition: Edition) -> tuple[str, str, str]:
    return edition.kind, edition.id, edition.version


def _unreleased(in_force: InForce, policies: Policies) -> tuple[Unreleased, ...]:
    if policies.released is None:
        return ()
    digests = {(entry.kind, entry.id, entry.version): entry.digest for entry in policies.released}
    found = []
    for edition in in_force.editions:
        digest = digests.get(_identity(edition))
        if digest != edition.digest and edition.status != "tried":
            found.append(Unreleased(edition, "never" if digest is None else "edited"))
    return tuple(found)


def with_drafts(policies: Policies) -> Policies:
    """Drafts as if they were released: from its `from` on, each takes the place of the versions of its id."""
    drafts: dict[tuple[str, str], date] = {}
    for edition in (document.edition for document in policies.documents):
        if edition.status == "draft":
            begins = drafts.get((edition.kind, edition.id), date.max)
            drafts[edition.kind, edition.id] = min(begins, edition.effective_from)

    def takes_part(edition: Edition) -> bool:
        begins = drafts.get((edition.kind, edition.id))
        return edition.status == "draft" or begins is None or edition.effective_from < begins

    taken = (document for document in policies.documents if takes_part(document.edition))
    return replace(policies, documents=tuple(map(_tried, taken)))


def _tried(document: Document) -> Document:
    edition = document.edition
    return (
        replace(document, edition=replace(edition, status="tried")) if edition.status == "draft" else document
    )


def days_of_change(policies: Policies) -> tuple[date, ...]:
    """The days on which other files come into force than the day before, sorted."""
    editions = [document.edition for document in taking_part(policies)]
    ends = [edition.effective_until for edition in editions if edition.effective_until is not None]
    begins = {edition.effective_from for edition in editions}
    return tuple(sorted(begins | {end + timedelta(days=1) for end in ends if end < date.max}))


def _clashes(editions: list[Edition]) -> list[Diagnostic]:
    problems = []
    for first, second in itertools.pairwise(editions):
        if first.effective_from == second.effective_from:
            message = (
                f"{second.kind.capitalize()} `{second.id}` has two versions from {second.effective_from}."
            )
            help_text = f"The other is {first.path}. Give one of them another day, or remove it."
            problems.append(Diagnostic("versions-overlap", message, second.at, help_text))
    current = [edition for edition in editions if is_current(edition)]
    for first, second in itertools.pairwise(current):
        if first.effective_from != second.effective_from:
            message = f"{second.kind.capitalize()} `{second.id}` stands in two files."
            help_text = (
                f"The other is {first.path}. Move the former version to archive/, or give one another id."
            )
            problems.append(Diagnostic("policy-twice", message, second.at, help_text))
    return problems


def is_current(edition: Edition) -> bool:
    """Whether a version is the one its authors work on: neither archived nor a draft."""
    return not edition.path.startswith("archive/") and edition.status not in ("draft", "tried")


def _latest(candidates: list[Document], day: date) -> Document:
    """The latest version that was ever in force by the day, else the first to come."""
    begun = [
        document
        for document in candidates
        if document.edition.effective_from <= day and document.edition.status != "retired"
    ]
    return begun[-1] if begun else candidates[0]


def _version_on(candidates: list[Document], day: date) -> Document | Lapsed | None:
    started = [document for document in candidates if document.edition.effective_from <= day]
    if not started:
        edition = candidates[0].edition
        return Lapsed(edition, f"its first version begins on {edition.effective_from}")
    document = started[-1]
    edition = document.edition
    if edition.status == "retired":
        return None
    if edition.effective_until is not None and edition.effective_until < day:
        return Lapsed(edition, f"version {edition.version} ended on {edition.effective_until}")
    return document


def _by_kind(
    chosen: list[Document], lapsed: list[Lapsed], ended: list[Document], policies: Policies
) -> tuple[InForce, tuple[Diagnostic, ...]]:
    problems: list[Diagnostic] = []

    def one(kind: type) -> Document | None:
        found = [document for document in chosen if isinstance(document, kind)]
        for extra in found[1:]:
            both = f"`{found[0].edition.id}` and `{extra.edition.id}`"
            message = f"There are two {extra.edition.kind} files in force, {both}."
            problems.append(Diagnostic("kind-twice", message, extra.edition.at, "Join them in one file."))
        return found[0] if found else None

    in_force = InForce(
        tuple(document for document in chosen if isinstance(document, Policy)),
        one(Vocabulary),  # type: ignore[arg-type]  # `one` returns the kind it is given
        one(Sources),  # type: ignore[arg-type]  # likewise
        one(Ranking),  # type: ignore[arg-type]  # likewise
        one(Calendar),  # type: ignore[arg-type]  # likewise
        tuple(lapsed),
        tuple(ended),
        frozenset(
            rule.name
            for document in policies.documents
            if isinstance(document, Policy)
            for rule in document.rules
        ),
    )
    return in_force, tuple(problems)
