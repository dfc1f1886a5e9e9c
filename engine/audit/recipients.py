"""Whom to call when a rule was wrong: everybody who was given its advice, and on which version."""

from __future__ import annotations

import heapq
from collections import Counter
from collections.abc import Iterable, Iterator
from itertools import repeat

from engine.audit.file import AuditFile
from engine.audit.rule_index import NOBODY, Shown, number_of, shown
from engine.base.record import record

Said = tuple[str, str]
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
class Called:
    """One applicant who was given a rule's item: how often, on which versions, and the newest report of it.

    Who has no label cannot be told from others without: `applicant` is None then, and it is one report.
    """

    applicant: str | None
    reports: int
    on: tuple[Said, ...]
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
class Whom:
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
    _shown: tuple[tuple[Said, Shown], ...]
    _counts: dict[Said, Counter[int]]
    _latest: dict[int, int]

    @property
    def lines(self) -> int:
        """How many `called` tells of: each applicant once, and each report without a label."""
        return self.applicants + self.unlabelled


def whom(audit: AuditFile, rules: Iterable[str], version: str | None = None) -> Whom:
    """Counts everybody who was given an item of these rules. Raises InvalidInput when the file is damaged."""
    found = tuple(_shown(audit, rules, version))
    counts: dict[Said, Counter[int]] = {}
    for said, of_rule in found:
        counts.setdefault(said, Counter()).update(of_rule.people)
    latest = _latest(of_rule for _, of_rule in found)
    latest.pop(NOBODY, None)
    ends = [number for _, of_rule in found for number in (of_rule.records[0], of_rule.records[-1])]
    return Whom(
        len(found[0][1].records)
        if len(found) == 1
        else len(set().union(*(each.records for _, each in found))),
        len(latest),
        sum(count[NOBODY] for count in counts.values()),
        tuple(
            Version(*said, count.total(), len(count) - (NOBODY in count)) for said, count in counts.items()
        ),
        _day(audit, min(ends, default=0)),
        _day(audit, max(ends, default=0)),
        found,
        counts,
        latest,
    )


def _shown(audit: AuditFile, rules: Iterable[str], version: str | None) -> Iterator[tuple[Said, Shown]]:
    names = tuple(rules)
    by_version = " AND version = ?" if version else ""
    query = f"SELECT id, name, version FROM rule WHERE name IN ({','.join('?' * len(names))}){by_version}"
    kept = audit.rows(f"{query} ORDER BY id", (*names, *([version] if version else [])))
    said = {number: (name, version) for number, name, version in kept}
    with audit.reading() as db:
        found = shown(db, said)
    for number, of_rule in found.items():
        yield said[number], of_rule


def _latest(found: Iterable[Shown]) -> dict[int, int]:
    """The newest record about each."""
    latest: dict[int, int] = {}
    for of_rule in found:
        newest = dict(zip(of_rule.people, of_rule.records, strict=True))
        if latest:  # a rule on another version: few were given it on several
            newest.update({who: max(latest[who], newest[who]) for who in latest.keys() & newest.keys()})
        latest.update(newest)
    return latest


def _day(audit: AuditFile, number: int) -> str:
    row = audit.one("SELECT made_at FROM entry WHERE id = ?", (number,))
    return str(row[0])[:10] if row else ""


def called(audit: AuditFile, found: Whom, limit: int | None) -> Iterator[Called]:
    """Whom to call, who was given it last first: at most `limit`, one at a time."""
    unlabelled = {
        number: said
        for said, of_rule in found._shown
        if found._counts[said][NOBODY]
        for number, who in zip(of_rule.records, of_rule.people, strict=True)
        if who == NOBODY
    }
    numbers = [*found._latest.values(), *unlabelled]
    for number in sorted(numbers, reverse=True) if limit is None else heapq.nlargest(limit, numbers):
        row = audit.one(_ONE, (number,))
        if row is None:
            continue  # removed meanwhile
        applicant, as_of, made_at = row
        if number in unlabelled:
            yield Called(None, 1, (unlabelled[number],), number, as_of, made_at)
            continue
        counts = {said: count[number_of(applicant)] for said, count in found._counts.items()}
        on = tuple(said for said, count in counts.items() if count)
        yield Called(applicant, sum(counts.values()), on, number, as_of, made_at)


_ONE = "SELECT c.applicant, e.as_of, e.made_at FROM entry e JOIN content c ON c.entry = e.id WHERE e.id = ?"


def given_to(audit: AuditFile, rules: Iterable[str], version: str | None = None) -> Iterator[AdviceGiven]:
    """Every report that showed an item of these rules, newest first, one at a time."""
    each = (zip(reversed(of_rule.records), repeat(said)) for said, of_rule in _shown(audit, rules, version))
    for number, said in heapq.merge(*each, reverse=True):
        row = audit.one(_ONE, (number,))
        if row is not None:  # else it was removed meanwhile
            yield AdviceGiven(*(number, *row, *said))
