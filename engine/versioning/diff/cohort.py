"""Whose advice a change of the policies changes: many applicants, each on both sides."""

from __future__ import annotations

import itertools
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import partial
from pathlib import Path
from typing import Any, Final

from engine.advising.advisor import Advisor, Case
from engine.base.diagnostic import InvalidInput, Location
from engine.base.diagnostics import Diagnostics
from engine.base.read import Pointer, decode, read_json, read_lines
from engine.base.record import record, replace
from engine.base.strict_table import MOST_PROBLEMS
from engine.language.facts import Locate, read_facts
from engine.language.facts_table import read_facts_table
from engine.language.model import Fact
from engine.versioning.diff.changes import PolicyChange, renames
from engine.versioning.diff.left_out import LeftOut, OneSided
from engine.versioning.diff.responsible import Responsible
from engine.versioning.diff.revisions import Revision
from engine.versioning.report_diff import ItemChange, compare

MOST_BYTES: Final = 100_000_000
MOST_LINES: Final = 100_000
"""So many applicants are compared at once: the lines are kept, and whose advice differs."""
_TABLES: Final = (".csv", ".tsv")


@record
class CohortRow:
    """One applicant of a cohort: where they stand in the file, and their facts as a facts file holds them."""

    line: int
    data: Any
    locate: Locate

    def label(self, facts: Mapping[str, Fact]) -> str | None:
        """Who it is, as far as that can be told also where the facts are refused."""
        return self.labelled(private(facts))[1]

    def labelled(self, names: Iterable[str]) -> tuple[str, str | None]:
        """The first of these facts that is a label, with it."""
        found = ((name, value) for name in names if isinstance(value := self._at(name), str))
        return next(found, ("", None))

    def _at(self, name: str) -> Any:
        value = self.data
        for part in name.split("."):
            value = value.get(part) if isinstance(value, Mapping) else None
        return value


@record
class Person:
    """One applicant whose advice differs: `label` is that of the report, `why` goes with `changes`.

    `refused` says on which side their facts cannot be used, and why.
    """

    line: int
    label: str | None
    changes: tuple[ItemChange, ...]
    why: tuple[tuple[PolicyChange, ...], ...]
    refused: str | None = None


@record
class Affected:
    """A cohort compared: how many there are, those whose advice differs, and how often each change is why.

    Among the people are those whose facts a side refuses: of them nothing is known.
    """

    count: int
    people: tuple[Person, ...]
    left_out: tuple[LeftOut, ...] = ()

    @property
    def refused(self) -> int:
        """Of how many the facts cannot be used on one side or both."""
        return sum(person.refused is not None for person in self.people)

    @property
    def changed(self) -> int:
        """The advice of how many differs."""
        return len(self.people) - self.refused

    def by_rule(self) -> list[tuple[str, int, int, int]]:
        """For each rule how many gain, lose and keep in another form its item; the most touched first."""
        counts: dict[str, Counter[str]] = {}
        for person in self.people:
            for change in person.changes:
                counts.setdefault(change.rule, Counter())[change.kind] += 1
        rows = [(rule, count["gained"], count["lost"], count["changed"]) for rule, count in counts.items()]
        return sorted(rows, key=lambda row: (-sum(row[1:]), row[0]))

    def by_change(self) -> list[tuple[PolicyChange, int]]:
        """For each change of the policies how many people it reaches; the furthest reaching first."""
        counts: Counter[PolicyChange] = Counter()
        for person in self.people:
            counts.update({change for why in person.why for change in why})
        return sorted(counts.items(), key=lambda pair: (-pair[1], pair[0].subject, pair[0].what))


@record
class Cohort:
    """The applicants of a file that was read to its end, kept as its lines: what they say takes far more."""

    path: str
    lines: tuple[bytes, ...]
    facts: Mapping[str, Fact]
    count: int

    def __len__(self) -> int:
        return self.count

    def __iter__(self) -> Iterator[CohortRow]:
        return _rows(self.lines, Path(self.path), self.facts, Diagnostics())


def private(facts: Mapping[str, Fact]) -> tuple[str, ...]:
    """The facts that label an applicant."""
    return tuple(name for name, fact in facts.items() if fact.private)


def read_cohort(path: Path, facts: Mapping[str, Fact]) -> Cohort:
    """The applicants of a file: a table where its name ends in .csv or .tsv, else JSON lines.

    `facts` are those of both sides; a table names them in its first line. Raises InvalidInput with every
    problem, up to a hundred, and for a file that is too large.
    """
    lines: list[bytes] = []
    read = _kept(read_lines(path, str(path), limit=MOST_BYTES), lines, str(path))
    first = next(read, b"")
    _require_form(first, path)
    with Diagnostics() as problems:
        rows = _rows(itertools.chain([first], read), path, facts, problems)
        count = sum(1 for _ in _each_once(rows, facts, problems))
    return Cohort(str(path), tuple(lines), facts, count)


def _kept(lines: Iterable[bytes], kept: list[bytes], path: str) -> Iterator[bytes]:
    """The lines as they come, which are kept. Raises InvalidInput where there are too many."""
    for line in lines:
        if len(kept) == MOST_LINES:
            message = f"The cohort has more than {MOST_LINES:,} lines."
            help_text = "Compare it in parts, each in a file of its own."
            raise InvalidInput.error("too-large", message, Location(path, MOST_LINES + 1), help_text)
        kept.append(line)
        yield line


def _require_form(first: bytes, path: Path) -> None:
    """Raises InvalidInput where the first line shows that the file is not what its name says."""
    text = decode(first, str(path)).strip()
    named_a_table, is_json = path.suffix.lower() in _TABLES, text[:1] in ("{", "[")
    if named_a_table and is_json:
        message = "By its name this is a table (CSV), and it holds JSON."
        help_text = "Let its name end in .jsonl."
    elif text and not named_a_table and not is_json:
        message = "This is no JSON. A table (CSV) is read as one where its name ends in .csv or .tsv."
        help_text = "If it is a table, save it as CSV; else write the facts of one case a line, as JSON."
    elif not named_a_table and (text[:1] == "[" or text == "{"):
        message = "Not every line here holds the facts of one case."
        help_text = "Write them as JSON, a case a line and nothing around them, or as a table (CSV)."
    else:
        return
    raise InvalidInput.error("not-a-cohort", message, Location(str(path)), help_text)


def _rows(
    lines: Iterable[bytes], path: Path, facts: Mapping[str, Fact], problems: Diagnostics
) -> Iterator[CohortRow]:
    if path.suffix.lower() not in _TABLES:
        return _json_rows(lines, str(path), problems)
    table = read_facts_table(lines, str(path), facts, problems)
    return (CohortRow(each.line, each.data, each.locate) for each in table)


def _each_once(
    rows: Iterable[CohortRow], facts: Mapping[str, Fact], problems: Diagnostics
) -> Iterator[CohortRow]:
    """The applicants; that two have one label is noted: they may be one, who would count twice."""
    names = private(facts)
    first: dict[str, int] = {}
    for row in rows:
        name, label = row.labelled(names)
        if label is not None and (earlier := first.setdefault(label, row.line)) != row.line:
            at = row.locate(tuple(name.split(".")), False)
            message = f"`{label}` stands in line {earlier} already."
            help_text = "Keep one of the two or, if they are two people, give each a label of its own."
            problems.error("applicant-twice", message, at, help_text)
        yield row


def _json_rows(lines: Iterable[bytes], path: str, problems: Diagnostics) -> Iterator[CohortRow]:
    number, anybody = 0, False
    for number, line in enumerate(lines, 1):
        if len(problems) >= MOST_PROBLEMS:
            return
        if not line.strip():
            continue
        anybody = True
        try:
            data = read_json(line.rstrip(b"\r\n"), path).data
        except InvalidInput as refused:
            problems.extend(
                replace(each, at=replace(each.location, line=number)) for each in refused.diagnostics
            )
            continue
        yield CohortRow(number, data, partial(_on_line, Location(path, number)))
    if not anybody:
        problems.error("empty-table", "There is nobody in this file.", Location(path))


def _on_line(line: Location, _pointer: Pointer, _name: bool) -> Location:
    return line


def compare_cohort(
    old: Revision,
    new: Revision,
    rows: Cohort,
    changes: Iterable[PolicyChange],
    path: str,
    tick: Callable[[], None],
) -> Affected:
    """Every applicant on both sides; `tick` is called after each."""
    before, after = Advisor(old.policy_set), Advisor(new.policy_set)
    renamed = renames(old, new)
    responsible = Responsible(old, new, changes)
    one_sided = OneSided(old.policy_set, new.policy_set)
    people = []
    for row in rows:
        sides = replace(row, data=one_sided.for_old(row.data)), replace(row, data=one_sided.for_new(row.data))
        person = _compare(*sides, before, after, renamed, responsible, path)
        if person is not None:
            people.append(person)
        tick()
    people.sort(key=lambda person: (person.refused is not None, person.line))
    return Affected(len(rows), tuple(people), one_sided.left_out())


def _compare(
    row: CohortRow,
    row_after: CohortRow,
    before: Advisor,
    after: Advisor,
    renamed: Mapping[str, str],
    responsible: Responsible,
    path: str,
) -> Person | None:
    old, new = _case(row, before, path), _case(row_after, after, path)
    if isinstance(old, str):
        if isinstance(new, str):
            label = row.label(after.policies.facts)
            return Person(row.line, label, (), (), f"refused on both sides: {new}")
        return Person(row.line, new.report.applicant, (), (), f"refused on the old side: {old}")
    if isinstance(new, str):
        return Person(row.line, old.report.applicant, (), (), f"refused on the new side: {new}")
    changes = compare(old.report, new.report, renamed)
    if not changes:
        return None
    why = tuple(responsible.for_item(change, old, new) for change in changes)
    return Person(row.line, new.report.applicant, changes, why)


def _case(row: CohortRow, advisor: Advisor, path: str) -> Case | str:
    """The applicant as they come out on one side; or why the facts are refused there."""
    try:
        return advisor.case(read_facts(row.data, advisor.policies.facts, path=path, locate=row.locate))
    except InvalidInput as refused:
        return refused.diagnostics[0].message
