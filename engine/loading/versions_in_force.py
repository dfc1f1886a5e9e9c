"""Which version of each file is in force on a day."""

from __future__ import annotations

import itertools
from collections import defaultdict
from collections.abc import Iterator
from datetime import date, timedelta

from engine.base.diagnostics import Diagnostics
from engine.base.record import record, replace
from engine.language.model import (
    Calendar,
    FileVersion,
    Policies,
    Policy,
    PolicyDocument,
    Ranking,
    Sources,
    Vocabulary,
)
from engine.language.policy_set import Lapsed, Unreleased


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
    ended: tuple[PolicyDocument, ...]
    ever_rules: frozenset[str]
    unreleased: tuple[Unreleased, ...] = ()

    @property
    def file_versions(self) -> tuple[FileVersion, ...]:
        """The heads of all files in force, sorted by kind and id."""
        files = (*self.policies, self.vocabulary, self.sources, self.ranking, self.calendar)
        heads = [file.file_version for file in files if file is not None]
        return tuple(sorted(heads, key=lambda file_version: (file_version.kind, file_version.id)))


def select(policies: Policies, day: date, problems: Diagnostics) -> InForce:
    """The files in force on `day`; what is wrong with their versions is added to `problems`."""
    versions: dict[tuple[str, str], list[PolicyDocument]] = defaultdict(list)
    for document in eligible(policies):
        versions[document.file_version.kind, document.file_version.id].append(document)
    chosen: list[PolicyDocument] = []
    lapsed: list[Lapsed] = []
    ended: list[PolicyDocument] = []
    for _, candidates in sorted(versions.items()):
        candidates.sort(
            key=lambda document: (document.file_version.effective_from, document.file_version.path)
        )
        _check_overlaps([document.file_version for document in candidates], problems)
        version = _version_on(candidates, day)
        if isinstance(version, Lapsed):
            lapsed.append(version)
        if isinstance(version, Lapsed | None):
            ended.append(_latest(candidates, day))
        else:
            chosen.append(version)
    in_force = _by_kind(chosen, lapsed, ended, policies, problems)
    return replace(in_force, unreleased=_unreleased(in_force, policies))


def eligible(policies: Policies) -> Iterator[PolicyDocument]:
    """The files of which one may come into force.

    Not drafts; not an archived copy of the version that its authors work on; and where the folder has a lock
    nothing in the archive that was never released, such as what a release left that did not come to its end.
    """
    current = {
        _identity(document.file_version)
        for document in policies.documents
        if is_current(document.file_version)
    }
    released = None
    if policies.released is not None:
        released = {(release.kind, release.id, release.version) for release in policies.released}
    for document in policies.documents:
        file_version = document.file_version
        archived = file_version.path.startswith("archive/")
        left_out = archived and (
            _identity(file_version) in current
            or (released is not None and _identity(file_version) not in released)
        )
        if file_version.status != "draft" and not left_out:
            yield document


def _identity(file_version: FileVersion) -> tuple[str, str, str]:
    return file_version.kind, file_version.id, file_version.version


def _unreleased(in_force: InForce, policies: Policies) -> tuple[Unreleased, ...]:
    if policies.released is None:
        return ()
    digests = {(entry.kind, entry.id, entry.version): entry.digest for entry in policies.released}
    unreleased: list[Unreleased] = []
    for file_version in in_force.file_versions:
        digest = digests.get(_identity(file_version))
        if digest != file_version.digest and file_version.status != "tried":
            unreleased.append(Unreleased(file_version, "never" if digest is None else "edited"))
    return tuple(unreleased)


def with_drafts(policies: Policies) -> Policies:
    """Drafts as if they were released: from its `from` on, each takes the place of the versions of its id."""
    drafts: dict[tuple[str, str], date] = {}
    for file_version in (document.file_version for document in policies.documents):
        if file_version.status == "draft":
            begins = drafts.get((file_version.kind, file_version.id), date.max)
            drafts[file_version.kind, file_version.id] = min(begins, file_version.effective_from)

    def takes_part(file_version: FileVersion) -> bool:
        begins = drafts.get((file_version.kind, file_version.id))
        return file_version.status == "draft" or begins is None or file_version.effective_from < begins

    documents = (document for document in policies.documents if takes_part(document.file_version))
    return replace(policies, documents=tuple(map(_tried, documents)))


def _tried(document: PolicyDocument) -> PolicyDocument:
    file_version = document.file_version
    return (
        replace(document, file_version=replace(file_version, status="tried"))
        if file_version.status == "draft"
        else document
    )


def days_of_change(policies: Policies) -> tuple[date, ...]:
    """The days on which other files come into force than the day before, sorted."""
    file_versions = [document.file_version for document in eligible(policies)]
    ends = [
        file_version.effective_until
        for file_version in file_versions
        if file_version.effective_until is not None
    ]
    begins = {file_version.effective_from for file_version in file_versions}
    return tuple(sorted(begins | {end + timedelta(days=1) for end in ends if end < date.max}))


def _check_overlaps(file_versions: list[FileVersion], problems: Diagnostics) -> None:
    for first, second in itertools.pairwise(file_versions):
        if first.effective_from == second.effective_from:
            message = (
                f"{second.kind.capitalize()} `{second.id}` has two versions from {second.effective_from}."
            )
            help_text = f"The other is {first.path}. Give one of them another day, or remove it."
            problems.error("versions-overlap", message, second.at, help_text)
    current = [file_version for file_version in file_versions if is_current(file_version)]
    for first, second in itertools.pairwise(current):
        if first.effective_from != second.effective_from:
            message = f"{second.kind.capitalize()} `{second.id}` stands in two files."
            help_text = (
                f"The other is {first.path}. Move the former version to archive/, or give one another id."
            )
            problems.error("policy-twice", message, second.at, help_text)


def is_current(file_version: FileVersion) -> bool:
    """Whether a version is the one its authors work on: neither archived nor a draft."""
    return not file_version.path.startswith("archive/") and file_version.status not in ("draft", "tried")


def _latest(candidates: list[PolicyDocument], day: date) -> PolicyDocument:
    """The latest version that was ever in force by the day, else the first to come."""
    begun = [
        document
        for document in candidates
        if document.file_version.effective_from <= day and document.file_version.status != "retired"
    ]
    return begun[-1] if begun else candidates[0]


def _version_on(candidates: list[PolicyDocument], day: date) -> PolicyDocument | Lapsed | None:
    started = [document for document in candidates if document.file_version.effective_from <= day]
    if not started:
        file_version = candidates[0].file_version
        return Lapsed(file_version, f"its first version begins on {file_version.effective_from}")
    document = started[-1]
    file_version = document.file_version
    if file_version.status == "retired":
        return None
    if file_version.effective_until is not None and file_version.effective_until < day:
        return Lapsed(file_version, f"version {file_version.version} ended on {file_version.effective_until}")
    return document


def _by_kind(
    chosen: list[PolicyDocument],
    lapsed: list[Lapsed],
    ended: list[PolicyDocument],
    policies: Policies,
    problems: Diagnostics,
) -> InForce:
    def one(kind: type) -> PolicyDocument | None:
        of_kind = [document for document in chosen if isinstance(document, kind)]
        for extra in of_kind[1:]:
            both = f"`{of_kind[0].file_version.id}` and `{extra.file_version.id}`"
            message = f"There are two {extra.file_version.kind} files in force, {both}."
            problems.error("kind-twice", message, extra.file_version.at, "Join them in one file.")
        return of_kind[0] if of_kind else None

    return InForce(
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
