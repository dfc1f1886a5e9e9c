"""The policy files as they stood in a git revision, read by the git of the system."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterable, Iterator, Mapping
from functools import cached_property
from pathlib import Path
from typing import Final

from engine.base.diagnostic import CommandLine, InvalidInput
from engine.base.read import PolicyFile
from engine.base.record import record
from engine.loading.folder import LOCK
from engine.loading.layout import may_hold_rows, part_of

_OF_NO_REPOSITORY: Final = {"GIT_CONFIG_PARAMETERS", "GIT_CONFIG_COUNT"}
"""Settings that git hands on from one repository to another, though it lists them as of one."""


_OF_THIS_DISK: Final = {"GIT_NO_LAZY_FETCH": "1", "GIT_ALLOW_PROTOCOL": "none", "GIT_TERMINAL_PROMPT": "0"}
"""No other place is asked for what is not here: a repository may name any program for that."""


@record
class InGit:
    """The policy files of a revision; `folder` is where they were in it, if under another name."""

    files: tuple[PolicyFile, ...]
    folder: str | None


def files_in_git(revision: str, folder: Path) -> InGit:
    """The policy files of a folder as they were in a revision (or a tree, `HEAD~1:policies`).

    Raises InvalidInput with git's own reason.
    """
    git = _Git(folder)
    try:
        listed = git.run("ls-tree", "-r", "-z", "--full-tree", "--end-of-options", revision)
        blobs = dict(_blobs(listed))
        prefix = "" if ":" in revision else git.line("--show-prefix")
        former = None if _policy_paths(blobs, prefix) else _former_name(git, blobs)
        prefix = prefix if former is None else former
        paths = _policy_paths(blobs, prefix)
        contents = git.contents([blobs[f"{prefix}{path}"] for path in paths])
    except IncompleteClone as failed:
        message = f"`{revision}` is not all here: this clone is a partial one."
        help_text = (
            "Nothing is fetched for a comparison; `git fetch --refetch --no-filter` brings the rest. "
            f"Git says: {failed}"
        )
        raise InvalidInput.error("no-side", message, CommandLine("advise diff"), help_text) from None
    except GitFailed as failed:
        message = f"`{revision}` is no folder, no version, no date, and no git revision here."
        help_text = (
            "Write a folder, POLICY@1.0.0, 2026-06-03, last-release, or a revision such as HEAD~1. "
            f"Git says: {failed}"
        )
        raise InvalidInput.error("no-side", message, CommandLine("advise diff"), help_text) from None
    if not paths:
        message = f"In `{revision}` there is no policy file in {prefix or 'the folder'}."
        help_text = f"Where the folder had another name, write it: {revision.partition(':')[0]}:FOLDER"
        raise InvalidInput.error("no-side", message, CommandLine("advise diff"), help_text)
    files = tuple(PolicyFile(path, content) for path, content in zip(paths, contents, strict=True))
    return InGit(files, former and former.rstrip("/"))


def _blobs(listed: bytes) -> Iterator[tuple[str, str]]:
    """Path and object, of the files that git lists."""
    for line in listed.decode(errors="surrogateescape").split("\0"):
        described, _, path = line.partition("\t")
        if " blob " in described:
            yield path, described.split(" ")[2]


def _policy_paths(blobs: Iterable[str], prefix: str) -> list[str]:
    """The policy files in a folder, from there, the lock last."""
    inside = (path.removeprefix(prefix) for path in blobs if path.startswith(prefix))
    return sorted(filter(_is_policy_file, inside), key=lambda path: (path == LOCK, path))


def _is_policy_file(path: str) -> bool:
    return path == LOCK or part_of(path) in ("policies", "archive") or may_hold_rows(path)


def _former_name(git: _Git, blobs: Iterable[str]) -> str | None:
    """The folder of a revision that is gone now and shares the most names of files with ours, if one does."""
    top = Path(git.line("--show-toplevel"))
    names = {path.name for path in git.folder.iterdir() if _is_policy_file(path.name)}
    shared: dict[str, int] = {}
    for path in blobs:
        group, _, name = path.rpartition("/")
        if group and name in names and not (top / group).is_dir():
            shared[group] = shared.get(group, 0) + 1
    most = [group for group, count in shared.items() if count == max(shared.values())]
    return f"{most[0]}/" if len(most) == 1 else None


class GitFailed(Exception):
    """What git says of why it gives no answer."""


class IncompleteClone(GitFailed):
    """What git says where a clone holds but a part, and the rest would have to be fetched."""


class _Git:
    """The git of the system, in a folder; what its environment says of another repository does not count."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def run(self, *arguments: str, given: bytes = b"") -> bytes:
        """What it prints. Raises GitFailed."""
        code, printed, said = self._ended(arguments, given)
        if code == 0:
            return printed
        reason = " ".join(said.decode(errors="replace").split()).removeprefix("fatal: ")
        if self._ended(("rev-parse", "--is-shallow-repository"), b"")[1].strip() == b"true":
            reason += " (the clone is shallow: git fetch --unshallow brings the former revisions)"
        raise self._failed(reason)

    def _failed(self, reason: str) -> GitFailed:
        """The reason; where a clone is partial, a missing object is no fault of the revision."""
        missing = "promisor" in reason or "missing" in reason
        partial = missing and self._ended(("config", "--get-regexp", r"^remote\..*\.promisor$"), b"")[0] == 0
        return IncompleteClone(reason) if partial else GitFailed(reason)

    def line(self, wanted: str) -> str:
        """What `git rev-parse` tells of where the folder is."""
        return os.fsdecode(self.run("rev-parse", wanted)).rstrip("\r\n")

    def contents(self, objects: list[str]) -> list[bytes]:
        """The contents of objects. Raises GitFailed for one that is not there."""
        left = self.run("cat-file", "--batch", given="".join(f"{name}\n" for name in objects).encode())
        contents = []
        for name in objects:
            head, _, rest = left.partition(b"\n")
            size = head.split()[-1]
            if not size.isdigit():
                raise self._failed(f"object {name} is missing")
            contents.append(rest[: int(size)])
            left = rest[int(size) + 1 :]
        return contents

    @cached_property
    def _environment(self) -> Mapping[str, str]:
        """Without what git says for one repository, as it does in a hook."""
        listed = self._ended(("rev-parse", "--local-env-vars"), b"", os.environ)[1]
        local = set(listed.decode().split()) - _OF_NO_REPOSITORY
        return {name: value for name, value in os.environ.items() if name not in local} | _OF_THIS_DISK

    def _ended(
        self, arguments: Iterable[str], given: bytes, environment: Mapping[str, str] | None = None
    ) -> tuple[int, bytes, bytes]:
        """Its exit code, and what it wrote. Raises GitFailed where it does not run."""
        try:
            ended = subprocess.run(
                ["git", "-c", "core.hooksPath=/dev/null", "-c", "core.fsmonitor=false", *arguments],
                cwd=self.folder,
                env=self._environment if environment is None else environment,
                input=given,
                capture_output=True,
                check=False,
                timeout=60,
            )
        except FileNotFoundError:
            raise GitFailed("it is not installed, or not on the path") from None
        except (OSError, ValueError, subprocess.TimeoutExpired) as error:  # ValueError: a null character
            raise GitFailed(str(error)) from None
        return ended.returncode, ended.stdout, ended.stderr
