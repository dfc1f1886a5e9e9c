"""Which records are there: by applicant, rule, policy version, passage and day; what advisors overrode."""

from __future__ import annotations

import json
from collections import Counter
from datetime import date
from itertools import islice
from typing import Any, Final

from engine.audit.file import ENTRIES_ABOUT, AuditFile
from engine.audit.recording import unpacked
from engine.audit.rule_index import newest_first
from engine.base.record import record


@record
class RecordQuery:
    """Which records are asked for; what is None or empty does not matter.

    `rules` are full names; `policy` and `version` are of a policy in force; `cites` is a source or
    `source#anchor`; the days bound `as_of`, both included.
    """

    applicant: str | None = None
    rules: tuple[str, ...] = ()
    policy: str | None = None
    version: str | None = None
    cites: str | None = None
    since: date | None = None
    until: date | None = None


@record
class ListedRecord:
    """One record as it is listed. `applicant` is None for one without a label, and for a `removed` one."""

    id: int
    kind: str
    made_at: str
    made_by: str
    as_of: str
    applicant: str | None
    removed: bool
    about: tuple[int, ...]


@record
class Override:
    """How often advisors decided on a rule's items, and the reasons they gave for not following it."""

    rule: str
    accepted: int
    overridden: int
    reasons: tuple[str, ...]


def list_records(audit: AuditFile, which: RecordQuery, limit: int | None) -> tuple[ListedRecord, ...]:
    """The newest records first, at most `limit`."""
    rules = _shown_rules(audit, which)
    tests, values = _tests(which)
    query = (
        "SELECT e.*, c.applicant, c.entry IS NULL FROM entry e LEFT JOIN content c ON c.entry = e.id WHERE"
    )
    if rules is None:
        most = -1 if limit is None else limit
        newest = f"{query} {' AND '.join(tests) or '1'} ORDER BY e.id DESC LIMIT ?"
        return tuple(_listed(audit, row) for row in audit.rows(newest, (*values, most)))
    with audit.reading() as db:
        shown = newest_first(db, rules)
        if tests:
            showing = set(shown)
            passing = db.execute(
                f"SELECT e.id FROM entry e WHERE {' AND '.join(tests)} ORDER BY e.id DESC", values
            )
            shown = (number for (number,) in passing if number in showing)
        rows = (audit.one(f"{query} e.id = ?", (number,)) for number in islice(shown, limit))
        return tuple(_listed(audit, row) for row in rows if row)


def _listed(audit: AuditFile, row: tuple[Any, ...]) -> ListedRecord:
    *cells, applicant, removed = row
    entry = audit.entry_of(tuple(cells), "")
    audit.check_cells("content", entry.id, applicant=applicant)
    open_part = entry.id, entry.kind, entry.made_at, entry.made_by, entry.as_of
    return ListedRecord(*open_part, applicant, bool(removed) and entry.kind != "removal", entry.about)


def _shown_rules(audit: AuditFile, which: RecordQuery) -> list[int] | None:
    """The numbers of the rules of which an item must be shown; None when it does not matter."""
    numbers: list[set[int]] = []
    if which.rules:
        marks = ",".join("?" * len(which.rules))
        rows = audit.rows(f"SELECT id FROM rule WHERE name IN ({marks})", which.rules)
        numbers.append({number for (number,) in rows})
    if which.cites is not None:
        source, _, anchor = which.cites.partition("#")
        rows = audit.rows("SELECT rule, anchor FROM rule_cite WHERE source = ?", (source,))
        numbers.append({number for number, cited in rows if not anchor or cited == anchor})
    return sorted(set.intersection(*numbers)) if numbers else None


def _tests(which: RecordQuery) -> tuple[list[str], tuple[Any, ...]]:
    """Conditions on `entry` (e) and `content` (c), written by us, and their values."""
    tests: list[str] = []
    values: list[Any] = []

    def add(test: str, *more: Any) -> None:
        tests.append(test)
        values.extend(more)

    if which.applicant is not None:
        add(f"e.id IN ({ENTRIES_ABOUT})", which.applicant)
    if which.policy is not None:
        by_version = " AND version = ?" if which.version else ""
        bases = f"SELECT basis FROM basis_file WHERE policy = ?{by_version}"
        add(f"e.basis IN ({bases})", which.policy, *([which.version] if which.version else []))
    if which.since is not None:
        add("e.as_of >= ?", which.since.isoformat())
    if which.until is not None:
        add("e.as_of <= ?", which.until.isoformat())
    return tests, tuple(values)


def known_rules(audit: AuditFile) -> frozenset[str]:
    """Every rule of which an item was ever recorded."""
    return frozenset(name for _, _, name, _ in audit.well_formed("rule"))


MOST_REASONS: Final = 5


def overrides(audit: AuditFile) -> tuple[Override, ...]:
    """The rules on whose items advisors decided, the most overridden first."""
    latest: dict[tuple[int, str], dict[str, Any]] = {}
    for entry in audit.entries("e.kind = 'outcome'"):
        content = audit.content(entry.id)
        if content is not None:
            outcome = json.loads(unpacked(content.body))
            # A later decision on an item replaces the former.
            latest[entry.about[0], outcome["rule"]] = outcome
    by_rule: dict[str, list[dict[str, Any]]] = {}
    for outcome in latest.values():
        by_rule.setdefault(outcome["rule"], []).append(outcome)
    counted = []
    for rule, outcomes in by_rule.items():
        reasons = Counter(outcome["reason"] for outcome in outcomes if not outcome["accepted"])
        overridden = reasons.total()
        most = tuple(reason for reason, _ in reasons.most_common(MOST_REASONS))
        counted.append(Override(rule, len(outcomes) - overridden, overridden, most))
    return tuple(sorted(counted, key=lambda entry: (-entry.overridden, entry.rule)))
