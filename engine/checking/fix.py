"""What is mechanical in a policy folder, fixed: the bytes concerned are replaced, everything else stays.

A fix is kept only where the folder, checked again with it, no longer has the problem and has no new one; else
it is taken back, and told. What somebody must decide is left alone, and so are archived files, which never
change.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Set
from datetime import date
from functools import cache, partial
from pathlib import Path
from typing import Any, Final

from engine.base.atomic_write import replace_file
from engine.base.diagnostic import Diagnostic, InvalidInput, Location
from engine.base.diagnostics import relocated
from engine.base.read import Pointer, PolicyFile, plain_source, read_yaml
from engine.base.record import record, replace
from engine.base.sentence import os_reason
from engine.checking.check import TEXT_CHECKS, Checked, check_files
from engine.language.model import Policies
from engine.loading.folder import contents_of, is_archived, list_files, list_tests
from engine.loading.read_folder import read_shipped
from engine.testing.read import HERE_TOO

ROUNDS: Final = 20
"""What one problem hides shows in the next round; a file that needs more is for a person to read."""

TRIES: Final = 60
"""So often the folder is checked with fixes, some of which do not do; then the rest is for a person, too."""

Data = Mapping[Pointer, Any]
"""The values of a file by the ways to them."""

_SHOWN: Final = 40
"""So many characters of a text are shown; by these it is known."""

_BOM: Final = b"\xef\xbb\xbf"

_OF_TEXTS: Final = frozenset(check.CODE for check in TEXT_CHECKS)
"""Warnings that are looked for in any folder; the others show only where nothing is wrong."""


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
class TakenBack:
    """A fix that would not do, and the first problem that there would be with it; None: more would change."""

    fix: Diagnostic
    problem: Diagnostic | None

    @property
    def reason(self) -> str:
        """Why it was taken back, in words."""
        replacement = self.fix.replacement or ""
        how = "in a block" if replacement.startswith(">-") else f"with `{replacement[:_SHOWN]}`"
        written = f"left as it is: {how}"
        if self.problem is None:
            return f"{written} more would change than that"
        if _key(self.problem) == _key(self.fix):
            return f"{written} it would still be wrong"
        return f"{written} there would be another problem, {self.problem.at}: {self.problem.message}"


@record
class FixResult:
    """Files as they are now, the diagnostics that were fixed, in order, and what is left to say."""

    files: tuple[PolicyFile, ...]
    tests: tuple[PolicyFile, ...]
    fixes: tuple[Diagnostic, ...]
    taken_back: tuple[TakenBack, ...]
    left: Checked


@record
class _State:
    files: tuple[PolicyFile, ...]
    tests: tuple[PolicyFile, ...]
    checked: Checked

    def with_contents(self, contents: Mapping[str, bytes], look: Look) -> _State:
        files, tests = (
            tuple(PolicyFile(file.path, contents[file.path]) for file in every)
            for every in (self.files, self.tests)
        )
        return look(files, tests)


Look = Callable[[tuple[PolicyFile, ...], tuple[PolicyFile, ...]], _State]
"""Checks the files of a folder, and its tests."""


def fix_files(
    files: tuple[PolicyFile, ...],
    tests: tuple[PolicyFile, ...],
    day: date,
    shipped: Callable[[], Policies] | None = None,
) -> FixResult:
    """The files of a folder and its tests with everything fixed that is mechanical.

    `shipped` is as in `check_files`.
    """

    def look(files: tuple[PolicyFile, ...], tests: tuple[PolicyFile, ...]) -> _State:
        return _State(files, tests, check_files(files, tests, day, shipped=shipped))

    now = look(files, tests)
    fixes: list[Diagnostic] = []
    taken_back: dict[Diagnostic, TakenBack] = {}
    group = _fixable(now)
    for _ in range(TRIES):
        if not group:
            break
        tried = _tried(now, group, look)
        if isinstance(tried, TakenBack):
            if len(group) > 1:  # one of them will not do: which?
                group = group[: len(group) // 2]
                continue
            taken_back[group[0]] = tried
        else:
            now, made = tried
            fixes += made
        group = tuple(each for each in _fixable(now) if each not in taken_back)
    return FixResult(now.files, now.tests, tuple(fixes), tuple(taken_back.values()), now.checked)


def _tried(
    before: _State, group: tuple[Diagnostic, ...], look: Look
) -> tuple[_State, tuple[Diagnostic, ...]] | TakenBack:
    """The folder with these fixes, and with those of what they uncover; or why they will not do together."""
    now, made, first = before, list[Diagnostic](), group[0]
    for _ in range(ROUNDS):
        contents = contents_of((*now.files, *now.tests))
        fixed = [each for path in contents for each in _fix_file(path, contents, group)]
        if not fixed:
            break
        made += fixed
        now = now.with_contents(contents, look)
        if not _worse(before.checked, now.checked, made):
            return now, tuple(made)
        group = _fixable(now)
    return TakenBack(first, next(iter(_worse(before.checked, now.checked, made)), None))


def _worse(before: Checked, after: Checked, made: Iterable[Diagnostic]) -> tuple[Diagnostic, ...]:
    """What there is after fixes and was not there before, or was to be gone."""
    # Where something is wrong, not all warnings show, nor what tests name.
    whole = bool(before.summary and after.summary) and not before.count("error")
    allowed = Counter(map(_key, before.diagnostics)) - Counter(map(_key, made))
    worse = []
    for each in after.diagnostics:
        shows = each.severity == "error" and not each.location.path.startswith("tests/")
        if whole or shows or each.code in _OF_TEXTS:
            allowed[_key(each)] -= 1
            if allowed[_key(each)] < 0:
                worse.append(each)
    return tuple(worse)


def _key(problem: Diagnostic) -> tuple[str, str, str]:
    """What a problem is, wherever in its file it stands by now."""
    return problem.location.path, problem.code, problem.message


def _fixable(state: _State) -> tuple[Diagnostic, ...]:
    return tuple(
        each
        for told in state.checked.diagnostics
        for each in (told, *(replace(told, at=at) for at in _other_places(told)))
        if each.replacement not in (None, each.words)
        and not is_archived(each.location.path)
        and not _is_meant(each, state)
    )


def _other_places(told: Diagnostic) -> Iterator[Location]:
    """Where else the same must be mended."""
    yield from (other.at for other in told.related if other.message == HERE_TOO)


def _is_meant(unknown: Diagnostic, state: _State) -> bool:
    """Whether a name is written more often than the one it seems a slip of: it may be that that is one."""
    if not unknown.code.startswith("unknown-"):
        return False
    text = b"\n".join(file.content for file in (*state.files, *state.tests)).decode("utf-8", "replace")
    written, declared = (
        len(re.findall(rf"(?<![\w.-]){re.escape(name or '')}(?![\w-])", text))
        for name in (unknown.words, unknown.replacement)
    )
    return written > declared > 0


def fix_folder(
    folder: Path, day: date
) -> tuple[tuple[Diagnostic, ...], tuple[TakenBack, ...], tuple[Diagnostic, ...]]:
    """Fixes the files of a folder where they lie: what was fixed, what was taken back, what is not written.

    Places are as seen from here. Each file is replaced whole or not at all, and only if nobody has changed
    it meanwhile. A folder with a file that cannot be read stays as it is: a name that seems misspelt may be
    declared there.
    """
    try:
        files, tests = list_files(folder), list_tests(folder)
    except InvalidInput:
        return (), (), ()  # which the check that follows reports
    fixed = fix_files(files, tests, day, cache(partial(read_shipped, folder)))
    before = contents_of((*files, *tests))
    problems = {
        file.path: problem
        for file in (*fixed.files, *fixed.tests)
        if file.content != before[file.path]
        and (problem := _write(folder / file.path, before[file.path], file.content)) is not None
    }
    fixes = (relocated(each, folder) for each in fixed.fixes if each.location.path not in problems)
    taken_back = (
        TakenBack(relocated(each.fix, folder), each.problem and relocated(each.problem, folder))
        for each in fixed.taken_back
    )
    return tuple(fixes), tuple(taken_back), tuple(problems.values())


def _write(path: Path, before: bytes, after: bytes) -> Diagnostic | None:
    """Replaces a file; what is wrong where it stays as it was."""
    try:
        reason = None if replace_file(path, before, after) else "somebody has changed it meanwhile"
    except OSError as error:
        reason = os_reason(error)
    if reason is None:
        return None
    message = f"The file cannot be mended: {reason}."
    return Diagnostic("not-written", message, Location(path.as_posix()), "It is as it was.")


def _fix_file(
    path: str, contents: dict[str, bytes], diagnostics: Iterable[Diagnostic]
) -> Iterator[Diagnostic]:
    """Makes the fixes of a file, from its end to its beginning, so that places stay as they were reported."""
    own = [diagnostic for diagnostic in diagnostics if diagnostic.location.path == path]
    upper = len(contents[path])
    for diagnostic in sorted(own, key=lambda diagnostic: diagnostic.at.order, reverse=True):
        span = _span(diagnostic, contents[path])
        if span is None or span[1] > upper:
            continue
        after = _replaced(contents[path], span, diagnostic.replacement or "")
        if _no_worse(contents[path], after, diagnostic):
            contents[path], upper = after, span[0]
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
    if isinstance(old, InvalidInput) or isinstance(new, InvalidInput):
        return True  # nothing to hold it against: the check of the folder tells
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
