"""What is compared: a folder, a version, a day, the last release or a git revision, each as a policy set."""

from __future__ import annotations

import re
from datetime import date
from pathlib import Path
from typing import Final

from engine.base.dates import parse_date
from engine.base.diagnostic import CommandLine, InvalidInput, did_you_mean
from engine.base.diagnostics import Diagnostics
from engine.base.plain_text import ARCHIVED, NOW, TextRules
from engine.base.read import PolicyFile
from engine.base.record import record, replace
from engine.language.model import FileVersion, Policies
from engine.language.policy_set import PolicySet
from engine.loading.folder import contents_of, find_own_folder, is_archived, list_files, text_digest
from engine.loading.load import resolve_all, resolve_files
from engine.loading.lockfile import newest_release, spoken_name
from engine.loading.read_folder import read_policies
from engine.loading.resolve import resolve
from engine.loading.versions_in_force import is_current, with_drafts
from engine.versioning.diff.git_revision import files_in_git


@record
class Revision:
    """One of two states: its policy set on a day, and all that stands in its files.

    `folder` is the one that was read, now or as it was; `only` names the one file that is meant, as the id of
    a policy; None: all.
    """

    label: str
    folder: str
    files: tuple[PolicyFile, ...]
    policies: Policies
    policy_set: PolicySet
    only: str | None


LAST_RELEASE: Final = "last-release"
_VERSION: Final = re.compile(r"([a-z]+:)?([a-z0-9-]+)@((?:(?:0|[1-9][0-9]*)\.){2}(?:0|[1-9][0-9]*))")


def revisions(old: str, new: str, folder: str | None, day: date) -> tuple[Revision, Revision]:
    """Both sides; where one is a version, only its file is meant on the other too. Raises InvalidInput.

    Where a side is a folder and there is no other, the other side is of it too.
    """
    beside = next((Path(named) for named in (new, old) if Path(named).is_dir()), None)
    before, after = (revision(named, folder, day, beside) for named in (old, new))
    only = before.only or after.only
    return replace(before, only=only), replace(after, only=only)


def revision(named: str, folder: str | None, day: date, beside: Path | None = None) -> Revision:
    """What a word on the command line means. Raises InvalidInput.

    A folder, `policy@version`, a date, `last-release`, or else a git revision of the policy folder (`beside`
    where there is none); `day` is for all but a date. On a date, too, what was released counts, and no edit.
    """
    if Path(named).is_dir():
        place = find_own_folder(named)
        return _side(named, list_files(place), day, place)
    place = find_own_folder(folder, beside)
    version = _VERSION.fullmatch(named)
    if version is not None:
        return _of_version(named, f"{version[1] or ''}{version[2]}", version[3], place, day)
    on = parse_date(named)
    if on is not None:
        released = _last_released(place)
        if released is None:
            return _side(named, list_files(place), on, place)
        return _side(named, released, on, place, ARCHIVED)
    if named == LAST_RELEASE:
        released = _last_released(place)
        if released is None:
            message = "Nothing was released: the folder has no releases.lock."
            help_text = "Begin with `advise release --first`, or name another side."
            raise InvalidInput.error("no-side", message, CommandLine("advise diff"), help_text)
        return _side(named, released, day, place, ARCHIVED)
    in_git = files_in_git(named, place)
    label = f"{named} ({in_git.folder})" if in_git.folder else named
    return _side(label, in_git.files, day, place, ARCHIVED)


def _side(
    label: str, files: tuple[PolicyFile, ...], day: date, folder: Path, rules: TextRules = NOW
) -> Revision:
    with Diagnostics(folder=folder):
        policy_set, policies = resolve_all(files, day, rules=rules)
    return Revision(label, folder.as_posix(), files, policies, policy_set, None)


def _last_released(folder: Path) -> tuple[PolicyFile, ...] | None:
    """The files of a folder, each edited one as it was released last; policies never released left out.

    None where there is no lock.
    """
    files = list_files(folder)
    with Diagnostics(folder=folder) as problems:
        policies = read_policies(files)
        if policies.released is None:
            return None
        held = {text_digest(file.content): file.content for file in files}
        contents = contents_of(files)
        for file_version in (document.file_version for document in policies.documents):
            newest = newest_release(file_version, policies.released)
            if not is_current(file_version) or (newest is None and file_version.kind != "policy"):
                continue
            if newest is None:
                del contents[file_version.path]
            elif newest.digest in held:
                contents[file_version.path] = held[newest.digest]
            else:
                message = f"What was released as `{newest.id}` {newest.version} is nowhere in the folder."
                help_text = "Put its file into archive/, byte for byte, from a backup."
                problems.error("release-lost", message, file_version.at, help_text)
    return tuple(PolicyFile(path, content) for path, content in contents.items())


def _of_version(label: str, name: str, version: str, folder: Path, day: date) -> Revision:
    files = list_files(folder)
    with Diagnostics(folder=folder):
        policies = read_policies(files)
        every = [document.file_version for document in policies.documents]
        chosen = [each for each in every if name in (spoken_name(each), each.id) and each.version == version]
        if not chosen:
            known = [f"{spoken_name(each)}@{each.version}" for each in every]
            message = f"There is no version `{label}` in this folder."
            help_text = did_you_mean(label, known) or "`advise versions` lists them."
            raise InvalidInput.error("no-side", message, CommandLine("advise diff"), help_text)
        # That of the archive, as it was released.
        file_version = min(chosen, key=lambda each: not is_archived(each.path))
        others = {other.path for other in chosen if other.path != file_version.path}
        files = tuple(file for file in files if file.path not in others)
        drafts = file_version.status == "draft"
        policies = with_drafts(policies) if drafts else policies
        try:
            policy_set = resolve(_in_force_on(day, file_version, policies), day)
        except InvalidInput:  # it does not go with the other files of that day: on its own first day
            policy_set = resolve_files(files, file_version.effective_from, with_drafts=drafts)
    return Revision(label, folder.as_posix(), files, policies, policy_set, spoken_name(file_version))


def _in_force_on(day: date, file_version: FileVersion, policies: Policies) -> Policies:
    """The files with this one version of a file on this day, whatever its days are."""
    until = file_version.effective_until
    there = {
        "effective_from": min(file_version.effective_from, day),
        "effective_until": None if until is not None and until < day else until,
    }
    documents = []
    for document in policies.documents:
        own = document.file_version
        if own.path == file_version.path:
            documents.append(replace(document, file_version=replace(own, **there)))
        elif (own.kind, own.id) != (file_version.kind, file_version.id):
            documents.append(document)
    return replace(policies, documents=tuple(documents))
