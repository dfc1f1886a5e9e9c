"""Whose advice a change of the policies changes: many applicants, each on both sides."""

from __future__ import annotations

import csv
import io
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, Final

from engine.advising.advisor import Advisor, Case
from engine.base.diagnostic import InvalidInput, Location, did_you_mean
from engine.base.diagnostics import Diagnostics
from engine.base.read import read_bytes, read_json
from engine.base.record import record, replace
from engine.language.facts import read_facts
from engine.language.model import Fact
from engine.versioning.diff.changes import PolicyChange, renames
from engine.versioning.diff.left_out import LeftOut, OneSided
from engine.versioning.diff.responsible import Responsible
from engine.versioning.diff.revisions import Revision
from engine.versioning.report_diff import ItemChange, compare

MOST_BYTES: Final = 1_000_000_000
SEPARATOR: Final = ";"
"""Between the items of a list, in one cell of a CSV file."""


@record
class Row:
    """One applicant of a cohort: where they stand in the file, and their facts as a facts file holds them."""

    line: int
    data: Any


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


def read_cohort(path: Path, facts: Mapping[str, Fact]) -> tuple[Row, ...]:
    """The applicants of a file: CSV where its name ends so, else JSON lines. Raises InvalidInput.

    `facts` are those of both sides; a CSV file names them in its first line.
    """
    content = read_bytes(path, str(path), limit=MOST_BYTES)
    if path.suffix.lower() == ".csv":
        return tuple(_csv_rows(content, str(path), facts))
    lines = enumerate(content.split(b"\n"), 1)
    return tuple([Row(number, _json_line(line, str(path), number)) for number, line in lines if line.strip()])


def _json_line(line: bytes, path: str, number: int) -> Any:
    try:
        return read_json(line, path).data
    except InvalidInput as refused:
        moved = [replace(each, at=replace(each.at, line=number)) for each in refused.diagnostics]
        raise InvalidInput(moved) from None


def _csv_rows(content: bytes, path: str, facts: Mapping[str, Fact]) -> Iterator[Row]:
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        message = "The file is not UTF-8 text."
        raise InvalidInput.error("not-utf8", message, Location(path)) from None
    reader = csv.reader(io.StringIO(text, newline=""))
    head = next(reader, [])
    given = {name for name, fact in facts.items() if fact.origin == "given"}
    with Diagnostics() as problems:
        for name in head:
            if name not in given:
                message = f"There is no fact `{name[:100]}`."
                problems.error("unknown-fact", message, Location(path), did_you_mean(name[:100], given))
    for cells in reader:
        if not any(cells):
            continue
        if len(cells) != len(head):
            message = f"This line has {len(cells)} cells; the first line names {len(head)} facts."
            raise InvalidInput.error("cohort-row", message, Location(path, reader.line_num))
        data: dict[str, Any] = {}
        for name, cell in zip(head, cells, strict=True):
            if cell.strip():
                *groups, last = name.split(".")
                place = data
                for group in groups:
                    place = place.setdefault(group, {})
                place[last] = _cell(cell.strip(), facts[name])
        yield Row(reader.line_num, data)


def _cell(text: str, fact: Fact) -> Any:
    """A cell as a facts file would hold it; what does not fit stays text, and is refused as such."""
    if fact.type == "list":
        item = replace(fact, type=fact.item_type or "text")
        return [_cell(part.strip(), item) for part in text.split(SEPARATOR) if part.strip()]
    if fact.type == "boolean":
        return {"true": True, "false": False}.get(text.lower(), text)
    if fact.type in ("integer", "number"):
        try:
            number = read_json(text.encode(), "cell").data
        except InvalidInput:
            return text
        return text if isinstance(number, str | bool | list | dict | None) else number
    return text


def compare_cohort(
    old: Revision,
    new: Revision,
    rows: Sequence[Row],
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
    row: Row,
    row_after: Row,
    before: Advisor,
    after: Advisor,
    renamed: Mapping[str, str],
    responsible: Responsible,
    path: str,
) -> Person | None:
    old, new = _case(row, before, path), _case(row_after, after, path)
    if isinstance(old, str):
        if isinstance(new, str):
            return Person(row.line, None, (), (), f"refused on both sides: {new}")
        return Person(row.line, new.report.applicant, (), (), f"refused on the old side: {old}")
    if isinstance(new, str):
        return Person(row.line, old.report.applicant, (), (), f"refused on the new side: {new}")
    changes = compare(old.report, new.report, renamed)
    if not changes:
        return None
    why = tuple(responsible.for_item(change, old, new) for change in changes)
    return Person(row.line, new.report.applicant, changes, why)


def _case(row: Row, advisor: Advisor, path: str) -> Case | str:
    """The applicant as they come out on one side; or why the facts are refused there."""
    try:
        return advisor.case(read_facts(row.data, advisor.policies.facts, path=path))
    except InvalidInput as refused:
        return refused.diagnostics[0].message
