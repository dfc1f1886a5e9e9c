"""Is the audit file as it was written? Everything that is not, by the number of its record.

Nothing in the file is trusted: not its tables, not a single cell.
"""

from __future__ import annotations

from engine.audit.entry import FIRST, Content, Entry, Head, entry_of
from engine.audit.file import AuditFile
from engine.audit.forms import altered_content
from engine.audit.rule_index import rules_in
from engine.audit.verify_tables import (
    IndexByRules,
    StoredRecord,
    WellFormedRows,
    layout_problems,
    lookup_problems,
    policy_problems,
    unused_rows,
)
from engine.base.record import record


@record
class Verified:
    """What was looked at (`records`, and how many of them are emptied), the last entry, and every problem.

    `pending`: a removal is on record whose wiping has not come to its end.
    """

    records: int
    emptied: int
    head: Head | None
    problems: tuple[str, ...]
    pending: bool


def verify(audit: AuditFile, kept_head: Head | None = None) -> Verified:
    """Checks the tables, every cell, the chain, every content and the policies.

    `kept_head` is a head that was kept elsewhere. The first broken record is named; those after it are still
    held against their own commitments.
    """
    layout = layout_problems(audit)
    if not layout.readable:
        return Verified(0, 0, None, layout.problems, pending=False)
    rows = WellFormedRows(audit)
    problems = rows.problems
    problems += layout.problems
    rules = {number: said for number, said, *_ in rows.of("rule")}
    bases = {0: "", **{number: digest for number, digest, *_ in rows.of("basis")}}
    removed = rows.removed()
    index = IndexByRules(audit)
    shown: set[int] = set()
    rested_on: set[int] = set()
    last, former, emptied, chain_holds, meets_head = 0, FIRST, 0, True, kept_head is None
    for stored in rows.records():
        number = stored.number
        if stored.entry is None:  # it is told already: from here on the chain cannot be followed
            last, chain_holds = number, False
            continue
        basis = stored.entry[8]
        rested_on.add(basis)
        entry = entry_of(stored.entry, bases.get(basis, "?"))
        if chain_holds and (problem := _chain_problem(entry, last + 1, former)):
            problems.append(problem)
            chain_holds = False
        if kept_head is not None and number == kept_head.id:
            meets_head = entry.chain == kept_head.chain
        last, former = number, entry.chain
        content, named = _content(stored, rules)
        shown.update(named)
        if not stored.altered and (problem := _content_problem(entry, content, number in removed)):
            problems.append(problem)
        emptied += entry.kind != "removal" and content is None and not stored.altered
        problems += index.add(number, content, named)
    problems += index.finish()
    if kept_head is not None and not meets_head:
        problems.append(_head_problem(kept_head, last))
    problems += policy_problems(rows)
    problems += lookup_problems(rows)
    problems += unused_rows(rows, last, rested_on, set() if removed else rules.keys() - shown)
    pending = next(rows.of("pending"), None) is not None
    head = Head(last, former) if last else None
    return Verified(last, emptied, head, tuple(dict.fromkeys(problems)), pending)


def _content(stored: StoredRecord, rules: dict[int, str]) -> tuple[Content | None, list[int]]:
    """The content of a record, if it has one in its form, and the numbers of the rules that it shows."""
    if stored.content is None:
        return None, []
    _, applicant, salt, given, facts, body = stored.content
    named = rules_in(given)
    texts = tuple([rules.get(rule, "?") for rule in named])
    return Content(salt, applicant, facts, body, texts), named


def _chain_problem(entry: Entry, expected: int, former: bytes) -> str | None:
    if entry.id > expected:
        last = entry.id - 1
        missing = f"Record {expected} is" if last == expected else f"Records {expected} to {last} are"
        return f"{missing} missing."
    if entry.chain != entry.chained(former):
        return f"Record {entry.id} was altered, or does not follow the record before it."
    return None


def _content_problem(entry: Entry, content: Content | None, removed: bool) -> str | None:
    if content is None:
        if entry.kind == "removal" or removed:
            return None
        return f"Record {entry.id}: its content is gone, and no removal of it is recorded."
    if content.commitment != entry.commitment:
        return altered_content(entry.id)
    if removed:
        return f"Record {entry.id}: its content was removed, and is there again."
    return None


def _head_problem(head: Head, last: int) -> str:
    if head.id > last:
        missing = f"Record {head.id} is" if head.id == last + 1 else f"Records {last + 1} to {head.id} are"
        return f"{missing} missing at the end: the head that was kept is that of record {head.id}."
    return f"Record {head.id} is not the one whose head was kept: the chain was written anew."
