"""What a release will write, worked out in full before anything is written."""

from __future__ import annotations

import copy
from collections.abc import Iterable, Iterator, Mapping
from datetime import date
from typing import Literal

from engine.base.diagnostic import CommandLine, InvalidInput, Location, did_you_mean
from engine.base.diagnostics import Diagnostics
from engine.base.read import Document, PolicyFile, read_yaml
from engine.base.record import record
from engine.language.model import FileVersion, Policies, PolicyDocument, Release
from engine.language.templates import date_in_words
from engine.loading.as_if_released import next_day
from engine.loading.folder import LOCK, contents_of, is_archived, text_digest
from engine.loading.lockfile import (
    lock_text,
    newest_release,
    read_lock,
    read_withdrawn,
    spoken_name,
    version_key,
)
from engine.versioning.release.edits import add_change, edited, quoted, set_value
from engine.versioning.release.rows_files import copies, edits_of, rows_files_of

Level = Literal["patch", "minor", "major"]


@record
class ReleaseRequest:
    """What is asked of a release: `level` None means the first release of a file, its number as it stands.

    `begins` is the day the version is in force from (None: as the file says if it was moved, else `today`).
    """

    level: Level | None
    note: str
    by: str
    approved_by: str | None
    today: date
    begins: date | None = None
    review_by: date | None = None
    retire: bool = False


@record
class Released:
    """One file as it will be: the version before it (None: none), and where each is written."""

    name: str
    kind: str
    id: str
    former: str | None
    version: str
    begins: date
    path: str
    content: bytes
    archived: tuple[tuple[str, bytes], ...]
    draft: str | None


@record
class Plan:
    """Files to write: `archive` before the lock, which is the point of no return, `folder` after it."""

    released: tuple[Released, ...]
    lock: bytes

    @property
    def archive(self) -> dict[str, bytes]:
        """Path -> content, of copies that take no part until the lock names them."""
        return {path: content for released in self.released for path, content in released.archived}

    @property
    def folder(self) -> dict[str, bytes | None]:
        """Path -> content of files in the folder; None: removed (a draft that is released now)."""
        drafts = dict.fromkeys(released.draft for released in self.released if released.draft)
        return {**{released.path: released.content for released in self.released}, **drafts}


class _Folder:
    """A policy folder as it stands, looked up by what a release needs."""

    def __init__(self, files: tuple[PolicyFile, ...], policies: Policies) -> None:
        self.contents: Mapping[str, bytes] = contents_of(files)
        self.by_digest = {text_digest(file.content): file for file in files}
        self.releases = policies.released or ()
        lock = PolicyFile(LOCK, self.contents.get(LOCK, b""))
        self.lock_lines = read_lock(lock, Diagnostics())  # with the digests that were written
        self.withdrawn = read_withdrawn(lock)
        self.documents = policies.documents

    def of_release(self, release: Release) -> Iterator[FileVersion]:
        """The heads of the files that hold what was released."""
        for file_version in (document.file_version for document in self.documents):
            if file_version.digest == release.digest:
                yield file_version

    def named(self, name: str) -> tuple[PolicyDocument, ...]:
        """The current file and the drafts that a name on the command line stands for. Raises InvalidInput."""
        own = [document for document in self.documents if not is_archived(document.file_version.path)]
        named = tuple(document for document in own if name in names_of(document.file_version))
        if not named:
            raise no_policy(name, (document.file_version for document in own))
        return named


def no_policy(name: str, known: Iterable[FileVersion]) -> InvalidInput:
    """The error for a name on the command line that stands for no file."""
    help_text = did_you_mean(name, {alias for each in known for alias in names_of(each)})
    message = f"There is no policy `{name}`."
    return InvalidInput.error("release-refused", message, CommandLine("advise release"), help_text)


def nowhere(file_version: FileVersion, former: Release) -> InvalidInput:
    """The error for a released version whose text the folder does not hold any more."""
    message = f"What was released as `{spoken_name(file_version)}` {former.version} is nowhere in the folder."
    help_text = "Put its file into archive/, byte for byte, from a backup."
    return InvalidInput.error("release-lost", message, file_version.at, help_text)


def names_of(file_version: FileVersion) -> tuple[str, ...]:
    """By which names a file may be called on the command line."""
    if file_version.kind == "policy":
        return (file_version.id, file_version.path)
    return (file_version.kind, f"{file_version.kind}:{file_version.id}", file_version.path)


def plan_release(
    files: tuple[PolicyFile, ...], policies: Policies, names: Iterable[str], request: ReleaseRequest
) -> Plan:
    """Everything a release of these files writes. Raises InvalidInput with every problem."""
    folder = _Folder(files, policies)
    files_released: dict[tuple[str, str], Released] = {}
    with Diagnostics() as problems:
        for name in names:
            with problems.absorb():
                released = _released(folder, folder.named(name), request)
                files_released[released.kind, released.id] = released
    added = [
        Release(one.kind, one.id, one.version, text_digest(one.content), Location(LOCK))
        for one in files_released.values()
    ]
    lock = lock_text((*folder.lock_lines, *added), folder.withdrawn).encode()
    return Plan(tuple(files_released.values()), lock)


def _released(folder: _Folder, documents: tuple[PolicyDocument, ...], request: ReleaseRequest) -> Released:
    drafts = [document.file_version for document in documents if document.file_version.status == "draft"]
    current = next(
        (document.file_version for document in documents if document.file_version.status != "draft"), None
    )
    if len(drafts) > 1:
        message = f"There are two drafts of `{drafts[0].id}`."
        raise InvalidInput.error("release-refused", message, drafts[1].at, "Keep one of them.")
    file_version = drafts[0] if drafts else current
    assert file_version is not None
    former = newest_release(file_version, folder.releases)
    if request.level is None and former is not None:
        message = f"`{file_version.id}` {former.version} was released already."
        help_text = "Release a change with --patch, --minor or --major."
        help_text += _of_today(folder, former, request)
        raise InvalidInput.error("release-refused", message, file_version.at, help_text)
    if request.level is not None and former is None and (current is not None or not drafts):
        message = f"`{file_version.id}` was never released, so what stood in it before is not known."
        help_text = f"Release it as it stands: advise release {spoken_name(file_version)} --first"
        raise InvalidInput.error("release-refused", message, file_version.at, help_text)
    former_file = folder.by_digest.get(former.digest) if former else None
    if former is not None and former_file is None:
        raise nowhere(file_version, former)
    if drafts and current is not None and former is not None and current.digest != former.digest:
        message = f"`{file_version.id}` was edited, and there is a draft of it too ({file_version.path})."
        help_text = "Keep the changes in one of the two files."
        raise InvalidInput.error("release-refused", message, current.at, help_text)
    if former is not None and not request.retire and former.digest == file_version.digest:
        message = f"`{file_version.id}` stands as it was released in {former.version}."
        help_text = f"Edit it first.{_of_today(folder, former, request)}"
        raise InvalidInput.error("release-refused", message, file_version.at, help_text)
    path = current.path if current is not None else file_version.path
    return _made(folder, file_version, former, former_file, path, request)


def _made(
    folder: _Folder,
    file_version: FileVersion,
    former: Release | None,
    former_file: PolicyFile | None,
    path: str,
    request: ReleaseRequest,
) -> Released:
    version = _next_number(folder, file_version, former, request)
    begins = _begins(folder, file_version, former, request)
    source = read_yaml(folder.contents[file_version.path], file_version.path)
    rows_files = rows_files_of(source, folder.contents)
    content = _with_new_head(
        source, folder.contents[file_version.path], file_version, version, begins, request, rows_files
    )
    stem = path.removesuffix(".yaml").removesuffix(".yml")
    archived = [(f"archive/{stem}-{version}.yaml", content)]
    if former is not None and former_file is not None and not is_archived(former_file.path):
        archived.insert(0, (f"archive/{stem}-{former.version}.yaml", former_file.content))
    archived = [*copies(rows_files), *archived]
    for place, new in archived:
        there = folder.contents.get(place)
        locked = {release.digest for release in folder.releases}
        if there is not None and there != new and text_digest(there) in locked:
            message = f"{place} holds another released version."
            help_text = "Give the policy file another name."
            raise InvalidInput.error("release-refused", message, Location(place), help_text)
    name, kind, id_ = spoken_name(file_version), file_version.kind, file_version.id
    before_it = former.version if former else None
    draft = file_version.path if file_version.path != path else None
    return Released(name, kind, id_, before_it, version, begins, path, content, tuple(archived), draft)


def _next_number(
    folder: _Folder, file_version: FileVersion, former: Release | None, request: ReleaseRequest
) -> str:
    """The number of the next version: above that of the former one, and above any that was withdrawn."""
    own = (file_version.kind, file_version.id)
    given = [each.version for each in folder.withdrawn if (each.kind, each.id) == own]
    if former is not None and request.level is not None:
        return raised(max((former.version, *given), key=version_key), request.level)
    if file_version.version in given:
        return raised(max(given, key=version_key), "patch")
    return file_version.version


def raised(version: str, level: Level) -> str:
    """The next version of a level."""
    major, minor, patch = version_key(version)
    return {
        "major": f"{major + 1}.0.0",
        "minor": f"{major}.{minor + 1}.0",
        "patch": f"{major}.{minor}.{patch + 1}",
    }[level]


def _of_today(folder: _Folder, former: Release, request: ReleaseRequest) -> str:
    """How the former version is taken back, where it was released on the same day."""
    for version in folder.of_release(former):
        if version.released_on(request.today):
            command = f"advise release {spoken_name(version)} --undo"
            return f" {version.version} was released today; to take that back: {command}"
    return ""


def _begins(
    folder: _Folder, file_version: FileVersion, former: Release | None, request: ReleaseRequest
) -> date:
    begins = request.begins or next_day(file_version, folder.documents, folder.releases, request.today)
    since = max((each.effective_from for each in folder.of_release(former)), default=None) if former else None
    if former is not None and since is not None and begins <= since:
        message = f"The former version of `{file_version.id}` is in force from {date_in_words(since)}."
        help_text = "The new one begins on a later day: --from DATE."
        help_text += _of_today(folder, former, request) if since >= request.today else ""
        raise InvalidInput.error("release-refused", message, file_version.at, help_text)
    if file_version.effective_until is not None and file_version.effective_until < begins:
        message = (
            f"`{file_version.id}` ends on {file_version.effective_until}, before the new version begins."
        )
        raise InvalidInput.error("dates-reversed", message, file_version.at, "Move or remove `until`.")
    review_by = request.review_by or file_version.review_by
    if review_by is not None and review_by <= max(begins, request.today):
        message = f"`{file_version.id}` would be due for review on {review_by}, when it is released."
        help_text = "Name the next review: --review-by DATE."
        raise InvalidInput.error("review-overdue", message, file_version.at, help_text)
    return begins


def _with_new_head(
    source: Document,
    content: bytes,
    file_version: FileVersion,
    version: str,
    begins: date,
    request: ReleaseRequest,
    rows_files: Mapping[str, PolicyFile],
) -> bytes:
    status = "retired" if request.retire else "active"
    note = {"version": version, "date": request.today.isoformat(), "note": request.note, "by": request.by}
    if request.approved_by:
        note["approved_by"] = request.approved_by
    expected = copy.deepcopy(source.data)
    expected["version"] = version
    expected["effective"]["from"] = begins.isoformat()
    expected["changes"] = [note, *(expected.get("changes") or [])]
    edits = [
        set_value(source, ("version",), quoted(version)),
        set_value(source, ("effective", "from"), begins.isoformat()),
    ]
    if file_version.status != status:
        expected["status"] = status
        edits.append(set_value(source, ("status",), status))
    if request.review_by:
        expected["review_by"] = request.review_by.isoformat()
        edits.append(set_value(source, ("review_by",), request.review_by.isoformat()))
    edits += edits_of(source, rows_files, expected)
    lines = [f"{key}: {value if key == 'date' else quoted(value)}" for key, value in note.items()]
    edits.append(add_change(source, lines))
    return edited(source, content, edits, expected)
