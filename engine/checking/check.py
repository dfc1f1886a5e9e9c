"""A policy folder, checked: what stops it from being used, and what its authors should look at."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import suppress
from datetime import date
from functools import partial
from pathlib import Path
from typing import Final, Protocol

from engine.base.counted import counted
from engine.base.diagnostic import Diagnostic, InvalidInput, in_order
from engine.base.diagnostics import Diagnostics, relocated
from engine.base.narrow_location import narrow_locations
from engine.base.read import Document, PolicyFile, plain_source
from engine.base.record import record, replace
from engine.checking.checks import (
    before_first_day,
    dated_value,
    former_name,
    implausible_date,
    invisible_character,
    list_in_text,
    look_alike,
    not_in_force,
    not_released,
    release_lost,
    released_edited,
    required_dropped,
    review_overdue,
    source_unchecked,
    uncited_anchor,
    uncited_source,
    unit_twice,
    untested_rule,
    unused_fact,
    unused_finding,
    unused_parameter,
    unused_phrase,
    version_cut_short,
    version_twice,
)
from engine.checking.checks.subject import Proved, Subject, Unfinished
from engine.checking.suppressions import AllowedWarning, apply_suppressions, read_suppressions
from engine.language.model import Policies
from engine.language.policy_set import PolicySet
from engine.loading.as_if_released import as_if_released
from engine.loading.folder import contents_of, is_archived, list_files, list_tests
from engine.loading.load import resolve_all
from engine.loading.not_read import not_read
from engine.loading.read_folder import read_shipped
from engine.loading.resolve import resolve
from engine.testing.early import EarlyTests
from engine.testing.read import PolicyTest, read_test_files
from engine.testing.rule_names import RuleNames


class Check(Protocol):
    """A module of `engine.checking.checks` that asks something of a folder that can be used."""

    CODE: str

    def check(self, subject: Subject, /) -> Iterable[Diagnostic]:
        """What it has to say."""


class TextCheck(Protocol):
    """A module of `checks` that looks at the text of one file: not all ASCII, and perhaps not usable."""

    CODE: str

    def check(self, source: Document, /) -> Iterable[Diagnostic]:
        """What it has to say."""


CHECKS: Final[tuple[Check, ...]] = (
    review_overdue,
    source_unchecked,
    implausible_date,
    not_in_force,
    version_cut_short,
    version_twice,
    required_dropped,
    dated_value,
    before_first_day,
    unused_fact,
    unused_finding,
    unused_parameter,
    unused_phrase,
    uncited_source,
    uncited_anchor,
    untested_rule,
    released_edited,
    not_released,
    release_lost,
    former_name,
    list_in_text,
    unit_twice,
)
TEXT_CHECKS: Final[tuple[TextCheck, ...]] = (invisible_character, look_alike)


@record
class Checked:
    """What was found, sorted by place; what could not be settled; a line that says what was looked at.

    `suppressed` are warnings that the authors allow, each with the reason; where proofs were left out,
    `unproved` comments allow what only a proof can find.
    """

    diagnostics: tuple[Diagnostic, ...]
    unfinished: tuple[Unfinished, ...]
    summary: str
    suppressed: tuple[AllowedWarning, ...] = ()
    unproved: int = 0

    def count(self, severity: str) -> int:
        """How many diagnostics of a severity there are."""
        return sum(diagnostic.severity == severity for diagnostic in self.diagnostics)


def check_folder(
    folder: Path, day: date, *, today: date | None = None, prove_for: float | None = None
) -> Checked:
    """Everything wrong with a policy folder on a day; the paths lead from the working folder.

    Its tests are looked through as they are run `today`, by default on the day; nothing is said to be done
    after the later of both. What needs proofs is looked at for `prove_for` seconds; None leaves it out.
    """
    problems = Diagnostics()
    files = list_files(folder, problems)
    complete = not problems
    tests = list_tests(folder, problems)
    problems.extend(not_read(folder))
    checked = check_files(
        files,
        tests,
        day,
        unread=problems,
        complete=complete,
        prove_for=prove_for,
        folder=folder,
        today=today,
        shipped=partial(read_shipped, folder),
    )
    suppressed = (replace(each, diagnostic=relocated(each.diagnostic, folder)) for each in checked.suppressed)
    diagnostics = (relocated(diagnostic, folder) for diagnostic in checked.diagnostics)
    summary = checked.summary and f"{folder.as_posix()}: {checked.summary}"
    return replace(checked, diagnostics=tuple(diagnostics), suppressed=tuple(suppressed), summary=summary)


def check_files(
    files: tuple[PolicyFile, ...],
    tests: tuple[PolicyFile, ...],
    day: date,
    *,
    today: date | None = None,
    unread: Iterable[Diagnostic] = (),
    complete: bool = True,
    prove_for: float | None = None,
    folder: Path | None = None,
    shipped: Callable[[], Policies] | None = None,
) -> Checked:
    """The same of files given as bytes. Errors leave nothing to analyse but the text, and the tests as such.

    `unread` are the problems of files that could not be read; the policy files are `complete` where all
    of those are tests. Facts files that tests name lie in the `folder`; without it, those tests are left out.
    `shipped` is what the folder was made from, asked for when it is needed.
    """
    problems = Diagnostics()
    problems.extend((*unread, *_check_texts((*files, *tests))))
    in_force: tuple[PolicySet, Policies] | None = None
    with problems.absorb():
        in_force = resolve_all(files, day, broken=() if complete else ("*",))
    policy_tests: tuple[PolicyTest, ...] | None = None
    with problems.absorb():
        sets = _SetsByDay(in_force if complete else None, today or day, contents_of(files))
        try:
            rule_names = RuleNames(sets.written, shipped)
            policy_tests = read_test_files(
                tests, sets.on, rule_names, today or day, folder=folder, base=folder or Path()
            )
        except InvalidInput as refused:
            raise refused if folder is None else EarlyTests(folder, today or day).told_of(refused) from None
    if in_force is None or not complete:  # what the files use is not known
        return Checked(problems.sorted(), (), "")
    policy_set, policies = in_force
    subject = Subject(files, policies, policy_set, day, max(day, today or day), tests, policy_tests)
    return _check_subject(subject, problems, prove_for)


class _SetsByDay:
    """The policy sets that tests are judged on, each made once: of a folder as if it were released today.

    There are none where the folder cannot be used, which is told.
    """

    def __init__(
        self, in_force: tuple[PolicySet, Policies] | None, today: date, contents: Mapping[str, bytes]
    ) -> None:
        self._contents = contents
        self._sets: list[PolicySet] = []
        self._policies: Policies | None = None
        if in_force is not None:
            self._policies = as_if_released(in_force[1], today)
            if self._policies is in_force[1]:
                self._sets.append(in_force[0])

    def on(self, day: date) -> PolicySet:
        """That of a day. Raises InvalidInput, with no problem where the folder cannot be used."""
        if self._policies is None:
            raise InvalidInput(())
        for policy_set in self._sets:
            if (on_the_day := policy_set.on(day)) is not None:
                return on_the_day
        with Diagnostics(contents=self._contents):
            self._sets.append(resolve(self._policies, day))
        return self._sets[-1]

    def written(self) -> Policies:
        """All that stands in the folder."""
        assert self._policies is not None
        return self._policies


def _check_subject(subject: Subject, problems: Iterable[Diagnostic], prove_for: float | None) -> Checked:
    from engine.checking.proofs import CODES, prove

    proved = Proved((), (), CODES) if prove_for is None else prove(subject, prove_for)
    diagnostics = (diagnostic for check in CHECKS for diagnostic in check.check(subject))
    told = (each for each in (*diagnostics, *proved.diagnostics) if not _is_history(each))
    narrowed = narrow_locations(told, contents_of(subject.files))
    suppressions = read_suppressions(
        file for file in (*subject.files, *subject.test_files) if not is_archived(file.path)
    )
    looked_at = {version.path for version in subject.policy_set.file_versions}
    looked_at.update(test.path for test in subject.test_files)
    left, suppressed, in_doubt = apply_suppressions(
        (*problems, *narrowed), suppressions, proved.unsettled, looked_at
    )
    in_force = subject.policy_set
    files, rules = counted(len(in_force.file_versions), "file"), counted(len(in_force.rules), "rule")
    summary = f"{files} in force on {subject.day}, {rules}, {counted(len(in_force.facts), 'fact')}"
    unproved = in_doubt if prove_for is None else 0
    return Checked(in_order(left), proved.unfinished, summary, suppressed, unproved)


def _is_history(diagnostic: Diagnostic) -> bool:
    """Whether it is of an archived version, which is never changed; but the file as such may be mended."""
    archived = is_archived(diagnostic.location.path)
    return archived and diagnostic.severity != "error" and diagnostic.code != not_released.CODE


def _check_texts(files: Iterable[PolicyFile]) -> Iterator[Diagnostic]:
    for file in files:
        # A released file is never changed, and in one that is all ASCII there is nothing to look for.
        if not is_archived(file.path) and not file.content.isascii():
            with suppress(InvalidInput):  # it is no text: that is reported already
                source = plain_source(file.content, file.path)
                yield from (diagnostic for check in TEXT_CHECKS for diagnostic in check.check(source))
