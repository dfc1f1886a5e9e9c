"""What lies in a policy folder and looks as if it were to be read, and is not: named, with what to do.

A file looks so by its name (a YAML ending that is not the last, or is in capitals) or by its first line.
Documents, pictures and the like say nothing to Advise, and nothing is said of them.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Iterator
from pathlib import Path, PurePosixPath
from typing import Final

from engine.base.counted import counted
from engine.base.diagnostic import Diagnostic, InvalidInput, Location, Severity
from engine.base.diagnostics import Diagnostics
from engine.base.read import read_bytes
from engine.loading.folder import LOCK, foreign, list_part
from engine.loading.layout import ARCHIVE, ENDINGS, TESTS, part_of

CODE: Final = "not-read"

_LIKE_YAML: Final = re.compile(r"(.+?)\.ya?ml(?![a-z0-9]).*", re.IGNORECASE | re.DOTALL)
_OURS: Final = re.compile(rb"(?:\xef\xbb\xbf)?(?:[ \t]*(?:#.*|---.*)?\r?\n)*advise_language[ \t]*:")
_TESTS: Final = re.compile(rb"^tests[ \t]*:", re.MULTILINE)
_HEAD: Final = 4096
"""So many bytes of a file tell what it is."""


def not_read(folder: Path) -> tuple[Diagnostic, ...]:
    """A problem for each file, and each sub folder, that is not read: an error where tests are never run.

    Of policies it is a warning: the others mean what they mean without it. The paths lead from the folder.
    """
    unlisted = Diagnostics()  # they are told by whoever reads what is in them
    found: list[Diagnostic] = []
    pending = ["", ARCHIVE, TESTS]
    while pending:
        part = pending.pop()
        files: list[str] = []
        for path, is_folder in list_part(folder, part, unlisted):
            if is_folder and not _is_read(folder, path):
                pending.append(path)
            elif not is_folder and path != LOCK and part_of(path) is None:
                files.append(path)
        if part in ("", ARCHIVE) or _in_tests(part):
            found += _misnamed(folder, files)
        else:
            found += _in_other_folder(folder, part, files)
    return tuple(found)


def _in_tests(path: str) -> bool:
    return path.split("/")[0] == TESTS


def _is_read(folder: Path, path: str) -> bool:
    """Whether a folder is the archive or that of the tests; where case does not matter, by whatever name."""
    name = path.lower()
    if name not in (ARCHIVE, TESTS):
        return False
    try:
        return os.path.samefile(folder / path, folder / name)
    except OSError:
        return path == name


def _misnamed(folder: Path, files: Iterable[str]) -> Iterator[Diagnostic]:
    """What is not read in a folder that is."""
    for path in files:
        if (folder / path).is_dir():
            if _in_tests(path):
                message = "This is a link to a folder: no test in it is ever run."
                yield Diagnostic(CODE, message, Location(path), "Put the files themselves here.")
            elif not _is_read(folder, path):
                inside = [inner for inner, _ in list_part(folder, path, Diagnostics())]
                yield from _in_other_folder(folder, path, inside)
        elif not _LIKE_YAML.fullmatch(path) and not _head(folder, path):
            continue
        elif (reason := foreign(folder, path)) is not None:
            severity: Severity = "error" if _in_tests(path) else "warning"
            message, help_text = f"This is not read: {reason}.", "Put the file itself here, or remove it."
            yield Diagnostic(CODE, message, Location(path), help_text, severity, line_text="")
        else:
            ends = "its name does not end in `.yaml`, in small letters"
            help_text = f"{_other_name(folder, path)} If it is not in use, move it out of the folder."
            if _in_tests(path):
                yield Diagnostic(
                    CODE, f"No test in this file is ever run: {ends}.", Location(path), help_text
                )
            else:
                yield Diagnostic(
                    CODE, f"This file is not read: {ends}.", Location(path), help_text, "warning"
                )


def _other_name(folder: Path, path: str) -> str:
    like = _LIKE_YAML.fullmatch(path)
    whole = PurePosixPath(path)
    name = PurePosixPath(like[1]).name if like is not None else whole.stem
    # `x.YAML` and `x.yaml` may be one file, where case does not matter.
    taken = whole.name.lower() != f"{name}.yaml".lower() and os.path.lexists(
        folder / whole.with_name(f"{name}.yaml")
    )
    return f"Give it a name of its own that ends in {ENDINGS[0]}." if taken else f"Rename it `{name}.yaml`."


def _in_other_folder(folder: Path, part: str, files: Iterable[str]) -> Iterator[Diagnostic]:
    """What is not read because of the folder it lies in."""
    heads = [head for path in files if _LIKE_YAML.fullmatch(path) and (head := _head(folder, path))]
    tests = sum(_TESTS.search(head) is not None for head in heads)
    if tests:
        message = f"{counted(tests, 'file')} of tests in this folder: none is ever run."
        yield Diagnostic(CODE, message, Location(part), f"Move tests to `{TESTS}`, or to a folder in it.")
    if tests < len(heads):
        message = f"{counted(len(heads) - tests, 'file')} of policies in this folder: none is read."
        help_text = (
            "Policies lie in the policy folder itself. Move them there or, if they are not in use, out of it."
        )
        yield Diagnostic(CODE, message, Location(part), help_text, "warning")


def _head(folder: Path, path: str) -> bytes:
    """The beginning of a file that begins as ours do; nothing of any other."""
    if not (folder / path).is_file():  # a pipe may be waited for
        return b""
    try:
        head = read_bytes(folder / path, "", limit=_HEAD)
    except InvalidInput:
        return b""
    return head if _OURS.match(head) else b""
