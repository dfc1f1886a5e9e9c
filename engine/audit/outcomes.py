"""What is added to a recorded report: an advisor's decision on an item, or that its content was removed."""

from __future__ import annotations

import json
import secrets
from typing import Any

from engine.audit.entry import SALT_BYTES, Content, Entry
from engine.audit.file import AuditFile
from engine.audit.recording import now, packed, unpacked
from engine.base.diagnostic import InvalidInput, Location, did_you_mean
from engine.base.version import VERSION


def record_outcome(
    audit: AuditFile, number: int, item: str, *, accepted: bool, reason: str, made_by: str | None = None
) -> tuple[Entry, str]:
    """Appends a decision on an item (its rank, or its rule); the entry, and the rule's full name.

    Raises InvalidInput when there is no such report or item, AuditFailed when it cannot be written.
    """
    with audit.transaction() as db:  # from here on nobody removes the report
        report = report_of(audit, number)
        content = audit.content(number)
        assert content is not None
        rule = _rule_of(item, report, audit, number)
        said = {"item": item, "rule": rule, "accepted": accepted, "reason": reason}
        body = packed(json.dumps(said, ensure_ascii=False))
        outcome = Content(secrets.token_bytes(SALT_BYTES), content.applicant, b"", body, ())
        entry = audit.append(
            db, "outcome", _open_part(audit, report["as_of"], made_by), (0, ""), (number,), outcome
        )
    return entry, rule


def report_of(audit: AuditFile, number: int) -> Any:
    """The recorded report, as data. Raises InvalidInput when the record has none (any more)."""
    entry = audit.entry(number)
    content = audit.content(number)
    at = Location(str(audit.path), 0)
    if entry.kind != "report":
        message = f"Record {number} is no report."
        help_text = f"It is about record {entry.about[0]}." if entry.kind == "outcome" else None
        raise InvalidInput.error("audit-record", message, at, help_text)
    if content is None:
        message = f"The content of record {number} was removed, as was asked for."
        raise InvalidInput.error(
            "audit-record", message, at, "What was said, on which facts, is not kept any more."
        )
    return json.loads(unpacked(content.body))


def _rule_of(item: str, report: Any, audit: AuditFile, number: int) -> str:
    rules = {shown["rule"]: shown["rank"] for shown in report["advice"]}
    by_rank = {str(rank): rule for rule, rank in rules.items()}
    found = by_rank.get(item) or (item if item in rules else None)
    if found is None:
        message = f"Record {number} shows no item `{item}`."
        help_text = did_you_mean(item, rules) or f"Name its rank, 1 to {len(rules)}, or its rule."
        raise InvalidInput.error("audit-record", message, Location(str(audit.path), 0), help_text)
    return found


def forget(
    audit: AuditFile, applicant: str | None = None, number: int | None = None, made_by: str | None = None
) -> Entry:
    """Empties all records of an applicant, or a record with the decisions on it, for good.

    Facts, report, rules shown, label and salt go, also from the free pages of the database and its log; an
    entry is added that says which records were emptied. Raises InvalidInput for none, AuditFailed.
    """
    with audit.transaction() as db:
        numbers = (
            _records_of(audit, applicant) if applicant is not None else _with_outcomes(audit, number or 0)
        )
        if not numbers:
            whom = f"the applicant `{applicant}`" if applicant is not None else f"record {number}"
            message = f"Nothing is kept of {whom}."
            raise InvalidInput.error("audit-record", message, Location(str(audit.path), 0))
        audit.empty(numbers)
        entry = audit.append(db, "removal", _open_part(audit, "", made_by), (0, ""), numbers, None)
    audit.finish_removal()
    return entry


def _records_of(audit: AuditFile, applicant: str) -> tuple[int, ...]:
    query = "SELECT entry FROM content WHERE applicant = ? ORDER BY entry"
    return tuple(number for (number,) in audit.rows(query, (applicant,)))


def _with_outcomes(audit: AuditFile, number: int) -> tuple[int, ...]:
    """A record and the decisions on it, as far as they still have a content."""
    outcomes = [entry.id for entry in audit.entries("e.kind = 'outcome'") if number in entry.about]
    return tuple(entry for entry in (number, *outcomes) if audit.content(entry) is not None)


def _open_part(audit: AuditFile, as_of: str, made_by: str | None) -> tuple[str, str, str, str, str, str]:
    return now(), made_by or audit.writer, as_of, f"advise {VERSION}", "", ""
