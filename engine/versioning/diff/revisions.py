"""What is compared: a folder, a version, a day or a git revision, each as the policy set it means."""

from __future__ import annotations

import re
import subprocess
from datetime import date
from pathlib import Path
from typing import Final

from engine.base.dates import parse_date
from engine.base.diagnostic import CommandLine, InvalidInput, did_you_mean
from engine.base.diagnostics import Diagnostics
from engine.base.read import PolicyFile
from engine.base.record import record, replace
from engine.language.model import Policies
from engine.language.policy_set import PolicySet
from engine.loading.folder import LOCK, find_own_folder, list_files
from engine.loading.layout import part_of
from engine.loading.load import resolve_all, resolve_files
from engine.loading.lockfile import spoken_name
from engine.loading.read_folder import read_policies
from engine.loading.versions_in_force import with_drafts


@record
class Revision:
    """One of two states: its policy set on a day, and all that stands in its files.

    `only` names the one file that is meant, as the id of a policy; None: all.
    """

    label: str
    files: tuple[PolicyFile, ...]
    policies: Policies
    policy_set: PolicySet
    only: str | None


_VERSION: Final = re.compile(r"([a-z]+:)?([a-z0-9-]+)@([0-9]+\.[0-9]+\.[0-9]+)")


def revisions(old: str, new: str, folder: str | None, day: date) -> tuple[Revision, Revision]:
    """Both sides; where one is a version, only its file is meant on the other too. Raises InvalidInput."""
    before, after = revision(old, folder, day), revision(new, folder, day)
    only = before.only or after.only
    return replace(before, only=only), replace(after, only=only)


def revision(named: str, folder: str | None, day: date) -> Revision:
    """What a word on the command line means. Raises InvalidInput.

    A folder, `policy@version`, a date, or else a git revision of the policy folder; `day` is for those that
    name none.
    """
    if Path(named).is_dir():
        return _side(named, list_files(Path(named)), day, Path(named))
    place = find_own_folder(folder)
    version = _VERSION.fullmatch(named)
    if version is not None:
        return _of_version(named, f"{version[1] or ''}{version[2]}", version[3], place)
    on = parse_date(named)
    if on is not None:
        return _side(named, list_files(place), on, place)
    return _side(named, _files_in_git(named, place), day, place)


def _side(label: str, files: tuple[PolicyFile, ...], day: date, folder: Path) -> Revision:
    with Diagnostics(folder=folder):
        policy_set, policies = resolve_all(files, day)
    return Revision(label, files, policies, policy_set, None)


def _of_version(label: str, name: str, version: str, folder: Path) -> Revision:
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
        file_version = min(chosen, key=lambda each: not each.path.startswith("archive/"))
        others = {other.path for other in chosen if other.path != file_version.path}
        files = tuple(file for file in files if file.path not in others)
        drafts = file_version.status == "draft"
        policy_set = resolve_files(files, file_version.effective_from, with_drafts=drafts)
    policies = with_drafts(policies) if drafts else policies
    return Revision(label, files, policies, policy_set, spoken_name(file_version))


def _files_in_git(revision: str, folder: Path) -> tuple[PolicyFile, ...]:
    """The policy files as they were in a revision. Raises InvalidInput."""
    listed = _git(folder, "ls-tree", "-r", "-z", "--name-only", "--end-of-options", revision, ".")
    if listed is None:
        message = f"`{revision}` is no folder, no version, no date, and no git revision here."
        help_text = "Write a folder, POLICY@1.0.0, 2026-06-03, or a revision such as HEAD~1."
        raise InvalidInput.error("no-side", message, CommandLine("advise diff"), help_text)
    every = listed.decode(errors="surrogateescape").split("\0")
    paths = [path for path in every if path == LOCK or part_of(path) in ("policies", "archive")]
    files = []
    for path in sorted(paths, key=lambda path: (path == LOCK, path)):
        content = _git(folder, "cat-file", "blob", f"{revision}:./{path}")
        files.append(PolicyFile(path, content or b""))
    return tuple(files)


def _git(folder: Path, *arguments: str) -> bytes | None:
    """What git prints; None when it fails, or is not there."""
    try:
        ended = subprocess.run(["git", *arguments], cwd=folder, capture_output=True, check=False, timeout=60)
    except (OSError, ValueError, subprocess.TimeoutExpired):  # ValueError: a null character
        return None
    return ended.stdout if ended.returncode == 0 else None
