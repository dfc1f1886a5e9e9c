"""What is added to a recorded report: an advisor's decision on an item, or that its content was removed."""

from __future__ import annotations

import json
import secrets
from typing import Any

from engine.audit.database import AuditFailed
from engine.audit.entry import SALT_BYTES, Content, Entry
from engine.audit.file import ENTRIES_ABOUT, AuditFile
from engine.audit.recording import now, packed, unpacked
from engine.base.diagnostic import did_you_mean
from engine.base.version import VERSION
from engine.language.rule_names import full_name


def record_outcome(
    audit: AuditFile, number: int, item: str, *, accepted: bool, reason: str
) -> tuple[Entry, str]:
    """Appends a decision on an item (its rank, or its rule); the entry, and the rule's full name.

    Raises InvalidInput when there is no such report or item, AuditFailed when it cannot be written.
    """
    with audit.transaction() as db:  # from here on nobody removes the report
        content = audit.report(number)[1]
        report = json.loads(unpacked(content.body))
        rule = _rule_of(item, report, audit, number)
        decision = {"item": item, "rule": rule, "accepted": accepted, "reason": reason}
        body = packed(json.dumps(decision, ensure_ascii=False))
        outcome = Content(secrets.token_bytes(SALT_BYTES), content.applicant, b"", body, ())
        open_part = _open_part(audit, report["as_of"])
        entry = audit.append(db, "outcome", open_part, (0, ""), (number,), outcome)
    return entry, rule


def _rule_of(item: str, report: Any, audit: AuditFile, number: int) -> str:
    rules: list[str] = [shown["rule"] for shown in report["advice"]]
    by_rank: dict[str, str] = {str(shown["rank"]): shown["rule"] for shown in report["advice"]}
    rule = by_rank.get(item) or full_name(item, rules)
    if rule not in rules:
        help_text = did_you_mean(item, rules) or f"Name its rank, 1 to {len(rules)}, or its rule."
        raise audit.no_record(f"Record {number} shows no item `{item}`.", help_text)
    return rule


def forget(audit: AuditFile, applicant: str | None = None, number: int | None = None) -> Entry:
    """Empties all records of an applicant, or a record with the decisions on it, for good.

    Facts, report, rules shown, label and salt go, also from the free pages of the database and its log; an
    entry is added that says which records were emptied. Raises InvalidInput for none, AuditFailed.
    """
    with audit.transaction() as db:
        numbers = (
            _records_of(audit, applicant) if applicant is not None else _with_outcomes(audit, number or 0)
        )
        if not numbers:
            whom = f"`{applicant}`" if applicant is not None else f"record {number}"
            raise audit.no_record(f"Nothing is kept of {whom}.")
        audit.empty(numbers)
        entry = audit.append(db, "removal", _open_part(audit, ""), (0, ""), numbers, None)
    try:
        audit.finish_removal()
    except AuditFailed as failed:
        raise AuditFailed(
            f"the removal is recorded as {entry.id}, but it is not done: {failed}, and what was removed "
            "still lies on the disk. Whoever opens the file next finishes it; `advise audit verify` tells "
            "whether it is done"
        ) from None
    return entry


def _records_of(audit: AuditFile, applicant: str) -> tuple[int, ...]:
    return tuple(number for (number,) in audit.rows(f"{ENTRIES_ABOUT} ORDER BY entry", (applicant,)))


def _with_outcomes(audit: AuditFile, number: int) -> tuple[int, ...]:
    """A record and the decisions on it, as far as they still have a content."""
    # Nothing of it is read: what was altered is removed as well.
    query = (
        "SELECT c.entry FROM content c JOIN entry e ON e.id = c.entry "
        "WHERE e.id = ? OR e.kind = 'outcome' AND e.about = ? ORDER BY e.id"
    )
    return tuple(entry for (entry,) in audit.rows(query, (number, json.dumps([number]))))


def _open_part(audit: AuditFile, as_of: str) -> tuple[str, str, str, str, str, str]:
    return now(), audit.writer, as_of, f"advise {VERSION}", "", ""
