"""Which version of each file is in force on a day."""

from __future__ import annotations

import itertools
from collections import defaultdict
from collections.abc import Iterable, Iterator
from datetime import date, timedelta
from typing import TypeVar

from engine.base.diagnostics import Diagnostics
from engine.base.record import record, replace
from engine.language.model import FileVersion, Policies, Policy, PolicyDocument
from engine.language.policy_set import Lapsed, Unreleased
from engine.loading.folder import is_archived

AnyDocument = TypeVar("AnyDocument", bound=PolicyDocument)


@record
class InForce:
    """The files in force on a day, sorted by kind and id: policies, and one of every other kind at most.

    `ended` are files of which no version is: what they declare is known by name, and has no value.
    `ever_rules` names every rule of every version.
    """

    documents: tuple[PolicyDocument, ...]
    lapsed: tuple[Lapsed, ...]
    ended: tuple[PolicyDocument, ...]
    ever_rules: frozenset[str]
    unreleased: tuple[Unreleased, ...]

    @property
    def file_versions(self) -> tuple[FileVersion, ...]:
        """The heads of all files in force."""
        return tuple(document.file_version for document in self.documents)

    def all(self, kind: type[AnyDocument]) -> tuple[AnyDocument, ...]:
        """The files of a kind."""
        return tuple(document for document in self.documents if isinstance(document, kind))

    def one(self, kind: type[AnyDocument]) -> AnyDocument | None:
        """The file of a kind of which there is one."""
        return next(iter(self.all(kind)), None)


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
    in_force = tuple(_one_of_a_kind(chosen, problems))
    written = (document for document in policies.documents if isinstance(document, Policy))
    ever_rules = frozenset(rule.name for policy in written for rule in policy.rules)
    unreleased = tuple(_unreleased(in_force, policies))
    return InForce(in_force, tuple(lapsed), tuple(ended), ever_rules, unreleased)


def eligible(policies: Policies) -> Iterator[PolicyDocument]:
    """The files of which one may come into force.

    Not drafts; not an archived copy of the version that its authors work on; and where the folder has a lock
    nothing in the archive that was never released, such as what a release left that did not come to its end.
    """
    heads = (document.file_version for document in policies.documents)
    current = {_identity(file_version) for file_version in heads if is_current(file_version)}
    released = {(release.kind, release.id, release.version) for release in policies.released or ()}
    for document in policies.documents:
        file_version = document.file_version
        identity = _identity(file_version)
        superseded = identity in current or (policies.released is not None and identity not in released)
        if file_version.status != "draft" and not (superseded and is_archived(file_version.path)):
            yield document


def _identity(file_version: FileVersion) -> tuple[str, str, str]:
    return file_version.kind, file_version.id, file_version.version


def _unreleased(in_force: Iterable[PolicyDocument], policies: Policies) -> Iterator[Unreleased]:
    if policies.released is None:
        return
    digests = {(entry.kind, entry.id, entry.version): entry.digest for entry in policies.released}
    for file_version in (document.file_version for document in in_force):
        digest = digests.get(_identity(file_version))
        if digest != file_version.digest and file_version.status != "tried":
            yield Unreleased(file_version, "never" if digest is None else "edited")


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
    if document.file_version.status != "draft":
        return document
    return replace(document, file_version=replace(document.file_version, status="tried"))


def days_of_change(policies: Policies) -> tuple[date, ...]:
    """The days on which other files come into force than the day before, sorted."""
    file_versions = [document.file_version for document in eligible(policies)]
    begins = {file_version.effective_from for file_version in file_versions}
    ends = {file_version.effective_until or date.max for file_version in file_versions}
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
    return not is_archived(file_version.path) and file_version.status not in ("draft", "tried")


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


def _one_of_a_kind(documents: Iterable[PolicyDocument], problems: Diagnostics) -> Iterator[PolicyDocument]:
    """The policies and phrases, and the first of every other kind; more of one are problems."""
    first: dict[str, FileVersion] = {}
    for document in documents:
        file_version = document.file_version
        other = first.setdefault(file_version.kind, file_version)
        if file_version.kind in ("policy", "phrases") or other is file_version:
            yield document
            continue
        message = f"There are two {file_version.kind} files in force, `{other.id}` and `{file_version.id}`."
        problems.error("kind-twice", message, file_version.at, "Join them in one file.")
