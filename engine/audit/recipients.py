"""Whom to call when a rule was wrong: everybody who was given its advice, and on which version."""

from __future__ import annotations

import heapq
from collections import Counter
from collections.abc import Iterable, Iterator
from itertools import repeat
from typing import Any

from engine.audit.file import AuditFile
from engine.audit.rule_index import NOBODY, Shown, number_of, shown_by
from engine.base.plain_text import composed
from engine.base.record import record, replace

RuleVersion = tuple[str, str]
"""A rule's full name, and the version of its policy."""


@record
class AdviceGiven:
    """One report that showed a rule's item: who got it, when, on which version."""

    id: int
    applicant: str | None
    as_of: str
    made_at: str
    rule: str
    version: str


@record
class Recipient:
    """One applicant who was given a rule's item: how often, on which versions, and the newest report of it.

    Who has no label cannot be told from others without: `applicant` is None then, and it is one report.
    """

    applicant: str | None
    reports: int
    on: tuple[RuleVersion, ...]
    id: int
    as_of: str
    made_at: str


@record
class Version:
    """How many reports gave a version of a rule, and how many labelled applicants they are about."""

    rule: str
    version: str
    reports: int
    applicants: int


@record
class Recipients:
    """Everybody who was given a rule, counted.

    `reports` show it, `unlabelled` of them are about somebody without a label; `applicants` are the labels of
    the others. `first` and `last` are the days (UTC) on which the first and the last of them was recorded,
    empty when there is none.
    """

    reports: int
    applicants: int
    unlabelled: int
    versions: tuple[Version, ...]
    first: str
    last: str
    _shown: list[tuple[RuleVersion, Shown]]
    _counts: dict[RuleVersion, Counter[int]]
    _latest: dict[int, int]

    @property
    def lines(self) -> int:
        """How many `each_recipient` tells of: each applicant once, and each report without a label."""
        return self.applicants + self.unlabelled


def recipients_of(audit: AuditFile, rules: Iterable[str], version: str | None = None) -> Recipients:
    """Counts everybody who was given an item of these rules. Raises InvalidInput when the file is damaged."""
    shown = _shown(audit, rules, version)
    counts: dict[RuleVersion, Counter[int]] = {}
    for rule, of_rule in shown:
        counts.setdefault(rule, Counter()).update(of_rule.people)
    latest = _latest(of_rule for _, of_rule in shown)
    latest.pop(NOBODY, None)
    records = [of_rule.records for _, of_rule in shown]
    ends = [number for numbers in records for number in (numbers[0], numbers[-1])]
    return Recipients(
        len(records[0]) if len(records) == 1 else len(set().union(*records)),
        len(latest),
        sum(count[NOBODY] for count in counts.values()),
        tuple(
            Version(*rule, count.total(), len(count) - (NOBODY in count)) for rule, count in counts.items()
        ),
        _day(audit, min(ends, default=0)),
        _day(audit, max(ends, default=0)),
        shown,
        counts,
        latest,
    )


def _shown(audit: AuditFile, rules: Iterable[str], version: str | None) -> list[tuple[RuleVersion, Shown]]:
    names = tuple(rules)
    by_version = " AND version = ?" if version else ""
    where = f"name IN ({','.join('?' * len(names))}){by_version}"
    rows = audit.well_formed("rule", where, (*names, *([version] if version else [])))
    versions = {number: (name, version) for number, _, name, version in rows}
    with audit.reading() as db:
        shown = shown_by(db, versions)
    same = dict(_typed_otherwise(audit))
    if same:
        for number, each in shown.items():
            people = tuple([same.get(person, person) for person in each.people])
            shown[number] = replace(each, people=people)
    return [(versions[number], of_rule) for number, of_rule in shown.items()]


def _typed_otherwise(audit: AuditFile) -> Iterator[tuple[int, int]]:
    """The numbers of labels that versions before 0.2 kept as typed, each with that of the composed one."""
    query = "SELECT DISTINCT applicant FROM content WHERE applicant GLOB '*[^ -~]*'"
    for (label,) in audit.rows(query):
        if isinstance(label, str) and composed(label) != label:
            yield number_of(label), number_of(composed(label))


def _latest(shown: Iterable[Shown]) -> dict[int, int]:
    """The newest record about each."""
    latest: dict[int, int] = {}
    for of_rule in shown:
        newest = dict(zip(of_rule.people, of_rule.records, strict=True))
        if latest:  # a rule on another version: few were given it on several
            newest.update({who: max(latest[who], newest[who]) for who in latest.keys() & newest.keys()})
        latest.update(newest)
    return latest


def _day(audit: AuditFile, number: int) -> str:
    row = audit.one("SELECT made_at FROM entry WHERE id = ?", (number,))
    return str(row[0])[:10] if row else ""


def each_recipient(audit: AuditFile, recipients: Recipients, limit: int | None) -> Iterator[Recipient]:
    """Whom to call, who was given it last first: at most `limit`, one at a time."""
    unlabelled = {
        number: rule
        for rule, of_rule in recipients._shown
        if recipients._counts[rule][NOBODY]
        for number, who in zip(of_rule.records, of_rule.people, strict=True)
        if who == NOBODY
    }
    numbers = [*recipients._latest.values(), *unlabelled]
    for number in sorted(numbers, reverse=True) if limit is None else heapq.nlargest(limit, numbers):
        row = _one(audit, number)
        if row is None:
            continue  # removed meanwhile
        applicant, as_of, made_at = row
        if number in unlabelled:
            yield Recipient(None, 1, (unlabelled[number],), number, as_of, made_at)
            continue
        person = number_of(None if applicant is None else composed(applicant))
        counts = {rule: count[person] for rule, count in recipients._counts.items()}
        on = tuple(rule for rule, count in counts.items() if count)
        yield Recipient(applicant, sum(counts.values()), on, number, as_of, made_at)


_ONE = "SELECT c.applicant, e.as_of, e.made_at FROM entry e JOIN content c ON c.entry = e.id WHERE e.id = ?"


def _one(audit: AuditFile, number: int) -> tuple[Any, ...] | None:
    row = audit.one(_ONE, (number,))
    if row is not None:
        applicant, as_of, made_at = row
        audit.check_cells("content", number, applicant=applicant)
        audit.check_cells("entry", number, as_of=as_of, made_at=made_at)
    return row


def given_to(audit: AuditFile, rules: Iterable[str], version: str | None = None) -> Iterator[AdviceGiven]:
    """Every report that showed an item of these rules, newest first, one at a time."""
    each = (zip(reversed(of_rule.records), repeat(rule)) for rule, of_rule in _shown(audit, rules, version))
    for number, rule in heapq.merge(*each, reverse=True):
        row = _one(audit, number)
        if row is not None:  # else it was removed meanwhile
            yield AdviceGiven(*(number, *row, *rule))
