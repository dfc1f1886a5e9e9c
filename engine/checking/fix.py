"""What is mechanical in a policy folder, fixed: the bytes concerned are replaced, everything else stays.

A fix is made only where the file read again afterwards says the same as before in every other place, and
the problem is gone. What somebody must decide is left alone, and so are archived files, which never change.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Set
from datetime import date
from pathlib import Path
from typing import Any, Final

from engine.base.atomic_write import replace_file
from engine.base.diagnostic import Diagnostic, InvalidInput, Location
from engine.base.diagnostics import relocated
from engine.base.read import Pointer, PolicyFile, plain_source, read_yaml
from engine.base.record import record
from engine.checking.check import Checked, check_files
from engine.loading.folder import is_archived, list_files, list_tests

ROUNDS: Final = 20
"""What one problem hides shows in the next round; a file that needs more is for a person to read."""

Data = Mapping[Pointer, Any]
"""The values of a file by the ways to them."""

_SHOWN: Final = 40
"""So many characters of a text are shown; by these it is known."""

_BOM: Final = b"\xef\xbb\xbf"


def description(fixed: Diagnostic) -> str:
    """What was done about a diagnostic, in words."""
    words, replacement = fixed.words or "", fixed.replacement or ""
    if not replacement:
        return "removed what nobody sees"
    if len(words) <= _SHOWN or not replacement.startswith((">-", '"', "'")):
        return f"`{words}` is now `{replacement}`"
    how = "in a block" if replacement.startswith(">-") else "in quotation marks"
    return f"`{words[:_SHOWN]}…` is now {how}"


@record
class FixResult:
    """Files as they are now, the diagnostics that were fixed, in order, and what is left to say."""

    files: tuple[PolicyFile, ...]
    tests: tuple[PolicyFile, ...]
    fixes: tuple[Diagnostic, ...]
    left: Checked


def fix_files(files: tuple[PolicyFile, ...], tests: tuple[PolicyFile, ...], day: date) -> FixResult:
    """The files of a folder and its tests with everything fixed that is mechanical."""
    fixes: list[Diagnostic] = []
    seen = {(file.path, file.content) for file in (*files, *tests)}
    for _ in range(ROUNDS):
        checked = check_files(files, tests, day)
        contents = {file.path: file.content for file in (*files, *tests)}
        before = len(fixes)
        for path in contents:
            fixes += _fix_file(path, contents, checked.diagnostics, seen)
        if len(fixes) == before:
            break
        files = tuple(PolicyFile(file.path, contents[file.path]) for file in files)
        tests = tuple(PolicyFile(file.path, contents[file.path]) for file in tests)
    return FixResult(files, tests, tuple(fixes), checked)


def fix_folder(folder: Path, day: date) -> tuple[tuple[Diagnostic, ...], tuple[Diagnostic, ...]]:
    """Fixes the files of a folder where they lie: what was fixed, as seen from here, and what could not be.

    Each file is replaced whole or not at all, and only if nobody has changed it meanwhile. A folder with a
    file that cannot be read stays as it is: a name that seems misspelt may be declared there.
    """
    try:
        files, tests = list_files(folder), list_tests(folder)
    except InvalidInput:
        return (), ()  # which the check that follows reports
    fixed = fix_files(files, tests, day)
    before = {file.path: file.content for file in (*files, *tests)}
    problems = {
        file.path: problem
        for file in (*fixed.files, *fixed.tests)
        if file.content != before[file.path]
        and (problem := _write(folder / file.path, before[file.path], file.content)) is not None
    }
    fixes = (relocated(each, folder) for each in fixed.fixes if each.location.path not in problems)
    return tuple(fixes), tuple(problems.values())


def _write(path: Path, before: bytes, after: bytes) -> Diagnostic | None:
    """Replaces a file; what is wrong where it stays as it was."""
    try:
        reason = None if replace_file(path, before, after) else "somebody has changed it meanwhile"
    except OSError as error:
        reason = error.strerror or type(error).__name__
    if reason is None:
        return None
    message = f"The file cannot be mended: {reason}."
    return Diagnostic("not-written", message, Location(path.as_posix()), "It is as it was.")


def _fix_file(
    path: str, contents: dict[str, bytes], diagnostics: Iterable[Diagnostic], seen: set[tuple[str, bytes]]
) -> Iterator[Diagnostic]:
    """Makes the fixes of a file, from its end to its beginning, so that places stay as they were reported.

    `seen` are the contents that files have had: none comes back.
    """
    if is_archived(path):
        return
    fixable = [
        diagnostic
        for diagnostic in diagnostics
        if diagnostic.location.path == path and diagnostic.replacement not in (None, diagnostic.words)
    ]
    upper = len(contents[path])
    for diagnostic in sorted(fixable, key=lambda diagnostic: diagnostic.at.order, reverse=True):
        span = _span(diagnostic, contents[path])
        if span is None or span[1] > upper:
            continue
        after = _replaced(contents[path], span, diagnostic.replacement or "")
        if (path, after) not in seen and _no_worse(contents[path], after, diagnostic):
            contents[path], upper = after, span[0]
            seen.add((path, after))
            yield diagnostic


def _span(diagnostic: Diagnostic, content: bytes) -> tuple[int, int] | None:
    """The characters to replace, counted without a byte order mark; None where that is in doubt."""
    source = plain_source(content, diagnostic.location.path)
    words = diagnostic.words or ""
    begin = source.line_starts[diagnostic.location.line - 1]
    start = begin + diagnostic.location.column - 1
    if not source.text.startswith(words, start):
        line = source.line(diagnostic.location.line)
        if line.count(words) != 1:
            return None
        start = begin + line.index(words)
    return start, start + len(words)


def _replaced(content: bytes, span: tuple[int, int], replacement: str) -> bytes:
    mark = _BOM if content.startswith(_BOM) else b""
    text = content[len(mark) :].decode()
    return mark + (text[: span[0]] + replacement + text[span[1] :]).encode()


def _no_worse(before: bytes, after: bytes, diagnostic: Diagnostic) -> bool:
    """Whether the file, read again, differs in nothing but the value or the name that was fixed."""
    old, new = _read(before, diagnostic.location.path), _read(after, diagnostic.location.path)
    if isinstance(old, InvalidInput):
        return _fails_later(old, new)
    if isinstance(new, InvalidInput):
        return False
    if diagnostic.code in ("invisible-character", "look-alike"):
        return len(old) == len(new)
    gone, come = old.keys() - new.keys(), new.keys() - old.keys()
    others = [old[pointer] == new[pointer] for pointer in old.keys() & new.keys()]
    if not gone and not come:
        return others.count(False) <= 1
    return all(others) and (_is_renamed(old, gone, new, come) or _is_text_now(gone, come))


def _is_renamed(old: Data, gone: Set[Pointer], new: Data, come: Set[Pointer]) -> bool:
    return sorted(repr(old[pointer]) for pointer in gone) == sorted(repr(new[pointer]) for pointer in come)


def _is_text_now(gone: Set[Pointer], come: Set[Pointer]) -> bool:
    """Whether what was read as a mapping, such as `{fact}`, is one text now."""
    place = next(iter(come), None)
    return len(come) == 1 and all(pointer[: len(place or ())] == place for pointer in gone)


def _fails_later(old: InvalidInput, new: Data | InvalidInput) -> bool:
    """Whether reading gets further than before, or has fewer problems."""
    if not isinstance(new, InvalidInput):
        return True
    first, last = old.diagnostics[-1].at.order, new.diagnostics[-1].at.order
    return last > first or len(new.diagnostics) < len(old.diagnostics)


def _read(content: bytes, path: str) -> Data | InvalidInput:
    try:
        source = read_yaml(content, path)
    except InvalidInput as refused:
        return refused
    return dict(_leaves(source.data, ()))


def _leaves(value: Any, pointer: Pointer) -> Iterator[tuple[Pointer, Any]]:
    if isinstance(value, dict):
        for key, inner in value.items():
            yield from _leaves(inner, (*pointer, key))
    elif isinstance(value, list):
        for index, inner in enumerate(value):
            yield from _leaves(inner, (*pointer, index))
    else:
        yield pointer, value
