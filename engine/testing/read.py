"""The test files of a policy folder into tests; whatever is wrong with them is a problem, never a pass.

A test file is a YAML file in `tests`, or in a folder of it; its shape is that of `schemas/tests.schema.json`.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from datetime import date
from functools import cache, lru_cache, partial
from pathlib import Path
from typing import Any, Final

from engine.base.dates import parse_date
from engine.base.diagnostic import Diagnostic, InvalidInput, Location, Related
from engine.base.diagnostics import Diagnostics
from engine.base.read import Document, Pointer, PolicyFile, read_bytes, read_document, read_yaml
from engine.base.record import record, replace
from engine.language.facts import Facts, facts_from_source, read_facts
from engine.language.model import Policies
from engine.language.policy_set import PolicySet
from engine.loading import shape
from engine.loading.folder import contents_of, list_files, list_tests
from engine.loading.not_read import not_read
from engine.loading.read_folder import read_policies, read_shipped
from engine.testing.expectations import Expectable
from engine.testing.rule_names import RuleNames


@record
class Expectation:
    """What stands under one key of `expect`, and where the key and each name under it stand."""

    expected: Any
    at: Location
    names: Mapping[str, Location]

    def place(self, name: str) -> Location:
        """Where a name stands; where the whole expectation does, for a name it does not hold."""
        return self.names.get(name, self.at)


@record
class PolicyTest:
    """One case of a test file. `facts` are InvalidInput where the case expects them to be."""

    name: str
    file: str
    at: Location
    as_of: date
    facts: Facts | InvalidInput
    expect: Mapping[str, Expectation]


_NAMES: Final = ("unknown-rule", "removed-rule", "unknown-fact")

HERE_TOO: Final = "here, too"
"""What is said of the other places of a name that is wrong in many: what mends the first mends these."""

_read_yaml = lru_cache(maxsize=512)(read_yaml)
"""Reading takes most of the time, and of the files of a folder few change from one look to the next."""


def read_tests(
    folder: Path, policies_on: Callable[[date], PolicySet], today: date, *, without_empty: bool = False
) -> tuple[PolicyTest, ...]:
    """Every test of a policy folder, its places as seen from here; as `read_test_files`.

    With `without_empty`, files of no bytes are passed over.
    """

    def written() -> Policies:
        return read_policies(list_files(folder), Diagnostics())

    with Diagnostics() as problems:
        files: tuple[PolicyFile, ...] = ()
        with problems.absorb(), Diagnostics(folder=folder) as unread:
            unread.extend(each for each in not_read(folder) if each.severity == "error")
            files = list_tests(folder, unread)
        here = tuple(
            replace(file, path=(folder / file.path).as_posix())
            for file in files
            if file.content or not without_empty
        )
        rule_names = RuleNames(written, partial(read_shipped, folder))
        return read_test_files(here, policies_on, rule_names, today, folder=folder, base=Path())


def read_test_files(
    files: Iterable[PolicyFile],
    policies_on: Callable[[date], PolicySet],
    rule_names: RuleNames,
    today: date,
    *,
    folder: Path | None,
    base: Path,
) -> tuple[PolicyTest, ...]:
    """Every test in the files; one that names no day is for today. Raises InvalidInput with all problems.

    The paths of the files lead from `base`. Facts files lie in the policy folder; without one, the tests that
    name them are left out. Where `policies_on` raises, that is told once, and names are not looked at.
    """
    files = tuple(files)
    problems = Diagnostics(contents=contents_of(files))
    tests = tuple(_Reader(policies_on, rule_names, today, folder, base, problems).tests(files))
    if problems:
        raise InvalidInput(_told_once(problems.sorted()))
    return tests


def _told_once(problems: Iterable[Diagnostic]) -> Iterator[Diagnostic]:
    """A name that is wrong in many places is one problem."""
    groups: dict[object, list[Diagnostic]] = {}
    for problem in problems:
        name = problem.words or problem.message
        groups.setdefault((problem.code, name) if problem.code in _NAMES else problem, []).append(problem)
    for first, *others in groups.values():
        related = (*first.related, *(Related(each.location, HERE_TOO) for each in others))
        help_text = first.help
        if others and first.code == "unknown-rule":
            removed = "If it was removed, delete these tests, or change them."
            help_text = f"{help_text} {removed}" if help_text else removed
        yield replace(first, help=help_text, related=related)


class _Reader:
    def __init__(
        self,
        policies_on: Callable[[date], PolicySet],
        rule_names: RuleNames,
        today: date,
        folder: Path | None,
        base: Path,
        problems: Diagnostics,
    ) -> None:
        self._policies_on = cache(policies_on)
        self._expectable_on = cache(lambda day: Expectable(self._policies_on(day), rule_names, problems))
        self._usable = True
        self._today = today
        self._folder, self._base = folder, base
        self._seen: dict[str, Location] = {}
        self._problems = problems

    def tests(self, files: Iterable[PolicyFile]) -> Iterator[PolicyTest]:
        """The tests of all files; their problems are added to the others."""
        sources: list[Document] = []
        for file in files:
            with self._problems.absorb():
                sources.append(_read_yaml(file.content, file.path))
        facts_files = {path for source in sources for path in _facts_files(source)}
        for source in sources:
            if _cases(source) or os.path.normpath(source.path) not in facts_files:
                with self._problems.absorb():
                    yield from self._file(source)

    def _file(self, source: Document) -> Iterator[PolicyTest]:
        if source.data is None:
            help_text = "Write tests into it, or delete it."
            raise InvalidInput.error("empty", "This file is empty.", Location(source.path), help_text)
        if shape.kind_of(source) is not None and "tests" not in source.data:
            message = "This is no file of tests: what stands in it is not read here."
            help_text = "Policies, and what they rest on, lie in the policy folder itself: move it there."
            raise InvalidInput.error("not-read", message, Location(source.path), help_text)
        misshapen = shape.check_shape(source, "tests", self._problems)
        wrong = {pointer[:4] for pointer in misshapen}
        for index in self._usable_cases(source, wrong):
            with self._problems.absorb():
                yield from self._case(source, index, wrong)

    @staticmethod
    def _usable_cases(source: Document, wrong: Collection[Pointer]) -> Iterator[int]:
        """The cases of a file that can be looked at: of a misshapen expectation, the others still count."""
        if wrong and not all(len(pointer) > 1 for pointer in wrong):
            return
        for index in range(len(source.data["cases"])):
            if not any(len(pointer) < 4 and pointer[1] == index for pointer in wrong):
                yield index

    def _case(self, source: Document, index: int, wrong: Collection[Pointer]) -> Iterator[PolicyTest]:
        pointer: Pointer = ("cases", index)
        case = source.data["cases"][index]
        at, name = source.at(pointer), case["name"]
        first = self._seen.setdefault(name, at)
        if first is not at:
            message = f"Two tests are called `{name}`."
            related = (Related(first, "the other"),)
            self._problems.extend([Diagnostic("duplicate-test", message, at, related=related)])
        if ("facts" in case) == ("facts_file" in case):
            raise InvalidInput.error("test-facts", "A test has either `facts` or `facts_file`.", at)
        file: Document | None = None
        if "facts_file" in case:
            if self._folder is None:
                return
            file = self._facts_file(self._folder, case, source, pointer)
        day = self._day(case, source, pointer, file)
        policies = self._policies(day)
        if policies is None:
            return
        facts = self._facts(case, source, pointer, policies, file)
        given = facts.values if isinstance(facts, Facts) else None
        self._expectable_on(day).check(case["expect"], source, (*pointer, "expect"), wrong, given)
        if facts is not None:
            yield PolicyTest(name, source.path, at, day, facts, _expectations(case, source, pointer, wrong))

    def _policies(self, day: date) -> PolicySet | None:
        """The policies of the day; None where they cannot be used, and from then on."""
        if self._usable:
            try:
                return self._policies_on(day)
            except InvalidInput as unusable:
                self._usable = False
                self._problems.extend(unusable.diagnostics)
        return None

    def _day(
        self, case: Mapping[str, Any], source: Document, pointer: Pointer, file: Document | None
    ) -> date:
        written = case.get("facts") if file is None else file.data
        text = case.get("as_of") or (written.get("as_of") if isinstance(written, dict) else None)
        if text is None:
            return self._today
        day = parse_date(text)
        if day is None:
            message = f"`{text}` is not a date of the calendar."
            raise InvalidInput.error("not-a-date", message, source.at((*pointer, "as_of")))
        return day

    def _facts_file(
        self, folder: Path, case: Mapping[str, Any], source: Document, pointer: Pointer
    ) -> Document:
        """The facts file of a case; it lies in the policy folder: a test reads nothing else."""
        shown = Path(source.path).parent / case["facts_file"]
        path = self._base / shown
        at = source.at((*pointer, "facts_file"))
        try:
            inside = path.resolve().is_relative_to(folder.resolve())
        except (OSError, ValueError, RuntimeError):  # a null character, a loop of links
            inside = False
        if not inside:
            message = "This path leads out of the policy folder."
            help_text = "Put the file beside the test file, or write the facts into the test."
            raise InvalidInput.error("facts-outside", message, at, help_text)
        try:
            if path.exists() and not path.is_file() and not path.is_dir():
                message = "This is a pipe, a device or the like, no file: it is not read."
                raise InvalidInput.error("unreadable", message, Location(shown.as_posix()))
            return read_document(read_bytes(path, shown.as_posix()), shown.as_posix())
        except InvalidInput as refused:
            raise InvalidInput(
                replace(each, at=at, related=(Related(each.location, "there"),), line_text=None, words=None)
                for each in refused.diagnostics
            ) from None

    def _facts(
        self,
        case: Mapping[str, Any],
        source: Document,
        pointer: Pointer,
        policies: PolicySet,
        file: Document | None,
    ) -> Facts | InvalidInput | None:
        try:
            if file is not None:
                return facts_from_source(file, policies.facts)
            return read_facts(
                case["facts"],
                policies.facts,
                path=source.path,
                locate=lambda inner, name: source.at((*pointer, "facts", *inner), key=name),
            )
        except InvalidInput as refused:
            if "refused" in case["expect"]:
                return refused
            self._problems.extend(refused.diagnostics)
            return None


def _cases(source: Document) -> list[Any]:
    cases = source.data.get("cases") if isinstance(source.data, dict) else None
    return cases if isinstance(cases, list) else []


def _facts_files(source: Document) -> Iterator[str]:
    """The paths of the facts files that the cases of a test file name."""
    for case in _cases(source):
        name = case.get("facts_file") if isinstance(case, dict) else None
        if isinstance(name, str):
            yield os.path.normpath(Path(source.path).parent / name)


def _expectations(
    case: Mapping[str, Any], source: Document, pointer: Pointer, wrong: Collection[Pointer]
) -> dict[str, Expectation]:
    expectations = {}
    for key, expected in case["expect"].items():
        here = (*pointer, "expect", key)
        if here in wrong:
            continue
        names: dict[str, Location] = {}
        if isinstance(expected, dict):
            names = {name: source.at((*here, name), key=True) for name in expected}
        elif isinstance(expected, list):
            names = {name: source.at((*here, index)) for index, name in enumerate(expected)}
        expectations[key] = Expectation(expected, source.at(here, key=True), names)
    return expectations
