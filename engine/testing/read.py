"""The test files of a policy folder into tests; whatever is wrong with them is a problem, never a pass.

A test file is `tests/*.yaml` of a policy folder; its shape is that of `schemas/tests.schema.json`.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

from engine.base.dates import parse_date
from engine.base.diagnostic import Diagnostic, InvalidInput, Location
from engine.base.diagnostics import Diagnostics
from engine.base.read import Document, Pointer, read_bytes, read_document, read_yaml
from engine.base.record import record
from engine.language.facts import Facts, facts_from_source, read_facts
from engine.language.policy_set import PolicySet
from engine.loading import shape
from engine.testing.expectations import Expectable


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


def read_tests(folder: Path, policies_on: Callable[[date], PolicySet], today: date) -> tuple[PolicyTest, ...]:
    """Every test of the folder; one that names no day is for today. Raises InvalidInput with all problems."""
    paths = sorted(path for path in (folder / "tests").glob("*.y*ml") if path.suffix in (".yaml", ".yml"))
    with Diagnostics() as problems:
        reader = _Reader(folder, policies_on, today, problems)
        return tuple(test for path in paths for test in reader.file(path))


class _Reader:
    def __init__(
        self, folder: Path, policies_on: Callable[[date], PolicySet], today: date, problems: Diagnostics
    ) -> None:
        self._folder = folder
        self._policies_on = policies_on
        self._expectable_on = cache(lambda day: Expectable(policies_on(day), problems))
        self._today = today
        self._seen: dict[str, Location] = {}
        self._problems = problems

    def file(self, path: Path) -> Iterator[PolicyTest]:
        """The tests of a file; its problems are added to the others."""
        shown = path.as_posix()
        with self._problems.absorb():
            source = read_yaml(read_bytes(path, shown), shown)
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
            self._problems.error("duplicate-test", message, at, f"The other: {first}")
        if ("facts" in case) == ("facts_file" in case):
            raise InvalidInput.error("test-facts", "A test has either `facts` or `facts_file`.", at)
        file = self._facts_file(case, source, pointer) if "facts_file" in case else None
        day = self._day(case, source, pointer, file)
        policies = self._policies_on(day)
        self._expectable_on(day).check(case["expect"], source, (*pointer, "expect"), wrong)
        facts = self._facts(case, source, pointer, policies, file)
        if facts is not None:
            yield PolicyTest(name, source.path, at, day, facts, _expectations(case, source, pointer, wrong))

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

    def _facts_file(self, case: Mapping[str, Any], source: Document, pointer: Pointer) -> Document:
        """The facts file of a case; it lies in the policy folder: a test reads nothing else."""
        path = Path(source.path).parent / case["facts_file"]
        at = source.at((*pointer, "facts_file"))
        try:
            inside = path.resolve().is_relative_to(self._folder.resolve())
        except (OSError, ValueError, RuntimeError):  # a null character, a loop of links
            inside = False
        if not inside:
            message = "This path leads out of the policy folder."
            help_text = "Put the file beside the test file, or write the facts into the test."
            raise InvalidInput.error("facts-outside", message, at, help_text)
        try:
            return read_document(read_bytes(path, path.as_posix()), path.as_posix())
        except InvalidInput as refused:
            raise InvalidInput(
                Diagnostic(each.code, each.message, at, str(each.at)) for each in refused.diagnostics
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
