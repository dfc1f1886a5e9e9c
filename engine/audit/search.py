"""Which records are there: by applicant, rule, policy version, passage and day; what advisors overrode."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Iterator
from datetime import date
from typing import Any, Final

from engine.audit.file import AuditFile
from engine.audit.recording import unpacked
from engine.record import record


@record
class Wanted:
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
    kind: str | None = None


@record
class Listed:
    """One record as it is listed. `applicant` is None for one without a label, and for an emptied one."""

    id: int
    kind: str
    made_at: str
    made_by: str
    as_of: str
    applicant: str | None
    emptied: bool
    about: tuple[int, ...]


@record
class Given:
    """One report that showed a rule's item: who got it, when, on which version."""

    id: int
    applicant: str | None
    as_of: str
    made_at: str
    rule: str
    version: str


@record
class Override:
    """How often advisors decided on a rule's items, and the reasons they gave for not following it."""

    rule: str
    accepted: int
    overridden: int
    reasons: tuple[str, ...]


def list_records(audit: AuditFile, wanted: Wanted, limit: int | None) -> tuple[Listed, ...]:
    """The newest records first, at most `limit`."""
    shown = _shown_rules(audit, wanted)
    tests, values = _tests(wanted)
    if shown is not None:
        # Where nothing else is asked, no more of a rule's records than are listed need be looked at.
        newest = "" if tests or limit is None else f" ORDER BY entry DESC LIMIT {int(limit)}"
        each = (f"SELECT * FROM (SELECT entry FROM given WHERE rule = {rule}{newest})" for rule in shown)
        tests.append(f"e.id IN ({' UNION '.join(each) or 'NULL'})")
    query = (
        "SELECT e.id, e.kind, e.made_at, e.made_by, e.as_of, c.applicant, c.entry IS NULL, e.about "
        f"FROM entry e LEFT JOIN content c ON c.entry = e.id WHERE {' AND '.join(tests) or '1'} "
        f"ORDER BY e.id DESC LIMIT {-1 if limit is None else int(limit)}"
    )
    return tuple(
        Listed(*(*row, bool(emptied) and row[1] != "removal", tuple(json.loads(about))))
        for *row, emptied, about in audit.rows(query, values)
    )


def _shown_rules(audit: AuditFile, wanted: Wanted) -> list[int] | None:
    """The numbers of the rules of which an item must be shown; None when it does not matter."""
    found: list[set[int]] = []
    if wanted.rules:
        marks = ",".join("?" * len(wanted.rules))
        rows = audit.rows(f"SELECT id FROM rule WHERE name IN ({marks})", wanted.rules)
        found.append({number for (number,) in rows})
    if wanted.cites is not None:
        source, _, anchor = wanted.cites.partition("#")
        rows = audit.rows("SELECT rule, anchor FROM rule_cite WHERE source = ?", (source,))
        found.append({number for number, cited in rows if not anchor or cited == anchor})
    return sorted(set.intersection(*found)) if found else None


def _tests(wanted: Wanted) -> tuple[list[str], tuple[Any, ...]]:
    """Conditions on `entry` (e) and `content` (c), written by us, and their values."""
    tests: list[str] = []
    values: list[Any] = []

    def add(test: str, *more: Any) -> None:
        tests.append(test)
        values.extend(more)

    if wanted.applicant is not None:
        add("e.id IN (SELECT entry FROM content WHERE applicant = ?)", wanted.applicant)
    if wanted.policy is not None:
        by_version = " AND version = ?" if wanted.version else ""
        bases = f"SELECT basis FROM basis_file WHERE policy = ?{by_version}"
        add(f"e.basis IN ({bases})", wanted.policy, *([wanted.version] if wanted.version else []))
    if wanted.since is not None:
        add("e.as_of >= ?", wanted.since.isoformat())
    if wanted.until is not None:
        add("e.as_of <= ?", wanted.until.isoformat())
    if wanted.kind is not None:
        add("e.kind = ?", wanted.kind)
    return tests, tuple(values)


def given_to(audit: AuditFile, rules: Iterable[str], version: str | None = None) -> Iterator[Given]:
    """Every report that showed an item of these rules, newest first: whom to call when a rule was wrong."""
    names = tuple(rules)
    marks = ",".join("?" * len(names))
    by_version = " AND r.version = ?" if version else ""
    query = (
        "SELECT e.id, c.applicant, e.as_of, e.made_at, r.name, r.version FROM rule r "
        "JOIN given g ON g.rule = r.id JOIN entry e ON e.id = g.entry JOIN content c ON c.entry = e.id "
        f"WHERE r.name IN ({marks}){by_version} ORDER BY e.id DESC, r.name"
    )
    for row in audit.rows(query, (*names, *([version] if version else []))):
        yield Given(*row)


def known_rules(audit: AuditFile) -> frozenset[str]:
    """Every rule of which an item was ever recorded."""
    return frozenset(name for (name,) in audit.rows("SELECT DISTINCT name FROM rule"))


MOST_REASONS: Final = 5


def overrides(audit: AuditFile) -> tuple[Override, ...]:
    """The rules on whose items advisors decided, the most overridden first."""
    latest: dict[tuple[int, str], dict[str, Any]] = {}
    query = (
        "SELECT e.about, c.body FROM entry e JOIN content c ON c.entry = e.id "
        "WHERE e.kind = 'outcome' ORDER BY e.id"
    )
    for about, body in audit.rows(query):
        outcome = json.loads(unpacked(body))
        latest[json.loads(about)[0], outcome["rule"]] = (
            outcome  # a later decision on an item replaces the former
        )
    accepted = Counter(outcome["rule"] for outcome in latest.values() if outcome["accepted"])
    overridden = Counter(outcome["rule"] for outcome in latest.values() if not outcome["accepted"])
    reasons: dict[str, Counter[str]] = {}
    for outcome in latest.values():
        if not outcome["accepted"]:
            reasons.setdefault(outcome["rule"], Counter())[outcome["reason"]] += 1
    found = [
        Override(
            rule,
            accepted[rule],
            overridden[rule],
            tuple(reason for reason, _ in reasons.get(rule, Counter()).most_common(MOST_REASONS)),
        )
        for rule in accepted | overridden
    ]
    return tuple(sorted(found, key=lambda entry: (-entry.overridden, entry.rule)))
