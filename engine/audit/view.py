"""Audit records as text and JSON, for `advise audit`."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

from engine.audit.entry import Content, Entry, Head, read_head
from engine.audit.file import ENTRIES_ABOUT, AuditFile
from engine.audit.recording import facts_text, unpacked
from engine.audit.search import Listed, Override
from engine.base.counted import counted
from engine.base.diagnostic import CommandLine, InvalidInput
from engine.base.record import as_dict
from engine.rendering.as_json import json_text
from engine.rendering.neutral import neutral_text

if TYPE_CHECKING:
    from engine.audit.replay import Replayed
    from engine.audit.sign import Signed
    from engine.audit.verify import Verified


def records_text(records: tuple[Listed, ...], *, more: bool, as_json: bool) -> str:
    """A list of records; `more` tells that there are further ones."""
    if as_json:
        data = [{**as_dict(entry), "as_of": entry.as_of or None} for entry in records]
        return json_text({"audit_list_format": 1, "records": data, "more": more})
    if not records:
        return "No records.\n"
    rows = [(str(entry.id), entry.made_at, entry.made_by, _what(entry), entry.as_of) for entry in records]
    lines = _columns(("record", "recorded", "by", "what", "as of"), rows)
    return "\n".join([*lines, *(["… and earlier ones: --limit, --all."] if more else [])]) + "\n"


def _what(entry: Listed) -> str:
    if entry.kind == "removal":
        return f"removal of {_numbers(entry.about)}"
    if entry.kind == "outcome":
        return f"decision on record {entry.about[0]}" + (" (removed)" if entry.removed else "")
    return "report (removed)" if entry.removed else f"report on {_label(entry.applicant)}"


def _label(applicant: str | None) -> str:
    return neutral_text(applicant) if applicant else "an applicant without a label"


def _numbers(numbers: tuple[int, ...]) -> str:
    named = ", ".join(map(str, numbers[:5]))
    return f"{'record' if len(numbers) == 1 else 'records'} {named}{', …' if len(numbers) > 5 else ''}"


def record_text(audit: AuditFile, number: int) -> str:
    """A whole record, for reading."""
    entry, content = audit.entry(number), audit.content(number)
    lines = [
        f"Record {number}: {entry.kind}, {entry.made_at}, by {neutral_text(entry.made_by)}, {entry.tool}"
    ]
    if entry.kind == "removal":
        lines.append(f"  The content of {_numbers(entry.about)} was removed.")
    elif content is None:
        lines.append("  Its content was removed, as was asked for.")
    elif entry.kind == "outcome":
        rule, verdict, reason = _decision(content)
        lines.append(f"  {rule} of record {entry.about[0]} was {verdict}{reason}")
    else:
        lines += _report_lines(audit, entry, content)
    return "\n".join(lines) + "\n"


def _report_lines(audit: AuditFile, entry: Entry, content: Content) -> Iterator[str]:
    report = json.loads(unpacked(content.body))
    yield f"  On {_label(content.applicant)}, as of {entry.as_of}, with {entry.engine}"
    yield f"  Facts {report['facts_digest']}"
    yield f"  Policies {report['policies']['digest']}"
    yield from (f"    {_policy(policy)}" for policy in report["policies"]["in_force"])
    yield "  Warnings" if report["banners"] else "  No warnings"
    yield from (f"    {neutral_text(banner['text'])}" for banner in report["banners"])
    yield "  Facts as recorded"
    yield from (f"    {line}" for line in neutral_text(facts_text(content.facts)).rstrip().split("\n"))
    yield f"  Advice: {counted(len(report['advice']), 'item')}"
    decided = _decisions(audit, entry.id)
    for item in report["advice"]:
        yield f"    {item['rank']:>2}. {neutral_text(item['title'])}"
        place = f"{neutral_text(item['at']['path'])}:{item['at']['line']}"
        yield f"        {item['rule']} {item['version']}, {place}"
        yield from (f"        {line}" for line in decided.get(item["rule"], ()))


def _policy(policy: Any) -> str:
    return f"{policy['policy']} {policy['version']} {policy['digest'][:19]}… {neutral_text(policy['path'])}"


def _decisions(audit: AuditFile, number: int) -> dict[str, list[str]]:
    decisions: dict[str, list[str]] = {}
    for entry in audit.entries("e.kind = 'outcome'"):
        content = audit.content(entry.id) if number in entry.about else None
        if content is not None:
            rule, verdict, reason = _decision(content)
            by = f"{verdict} on {entry.made_at[:10]} by {neutral_text(entry.made_by)}"
            decisions.setdefault(rule, []).append(f"{by}{reason} (record {entry.id})")
    return decisions


def _decision(content: Content) -> tuple[str, str, str]:
    """The rule that an outcome is about, what was decided, and the reason as it follows on that."""
    outcome = json.loads(unpacked(content.body))
    reason = f": {neutral_text(outcome['reason'])}" if outcome["reason"] else ""
    return outcome["rule"], "accepted" if outcome["accepted"] else "overridden", reason


def report_json(audit: AuditFile, number: int) -> str:
    """The recorded report, byte for byte as `--format json` wrote it. Raises InvalidInput."""
    return unpacked(audit.report(number)[1].body)


def facts_json(audit: AuditFile, number: int) -> str:
    """The recorded facts as a facts file. Raises InvalidInput."""
    return facts_text(audit.report(number)[1].facts)


def kept_head(given: str) -> Head:
    """A head from the command line: itself, or a file with it. Raises InvalidInput."""
    head = read_head(given)
    if head is None and ":" not in given:
        with suppress(OSError, ValueError):
            head = read_head(Path(given).read_text("utf-8", errors="replace"))
    if head is None:
        message = "This is no head, nor a file with one."
        help_text = "A head is what `advise audit head` prints: the number of a record, `:`, 64 characters."
        raise InvalidInput.error("audit-head", message, CommandLine("--head"), help_text)
    return head


def verified_lines(verified: Verified, signed: Signed | None) -> Iterator[str]:
    """What came out of a verification."""
    problems = (*verified.problems, *(signed.problems if signed else ()))
    if problems:
        yield from problems
        return
    emptied = f", {verified.emptied} of them emptied on request" if verified.emptied else ""
    yield f"{counted(verified.records, 'record')}{emptied}: nothing was altered."
    if verified.head is not None:
        yield f"Head {verified.head}"
    if signed is not None and signed.id is not None:
        after = verified.records - signed.id
        unsigned = f"; {counted(after, 'record')} after it not signed yet" if after else ""
        yield f"Signed up to record {signed.id} on {signed.made_at}{unsigned}."


def replayed_lines(replayed: Replayed) -> Iterator[str]:
    """What came out of a report made again on the recorded policies."""
    number, tool = replayed.recorded.entry.id, replayed.recorded.entry.tool
    if replayed.same_bytes:
        yield f"Record {number} comes out the same, byte for byte (made with {tool})."
        return
    which = "the same" if replayed.same_decisions else "other"
    yield f"Record {number} (made with {tool}) comes out with {which} decisions; what differs:"
    yield from (f"  {neutral_text(difference)}" for difference in replayed.differences)


def overrides_text(overridden: tuple[Override, ...], *, as_json: bool) -> str:
    """Rules by how often they were overridden."""
    if as_json:
        return json_text({"audit_overrides_format": 1, "rules": [as_dict(entry) for entry in overridden]})
    if not overridden:
        return "No decisions are recorded.\n"
    lines = []
    for entry in overridden:
        lines.append(f"{entry.rule}  overridden {entry.overridden}, accepted {entry.accepted}")
        lines += [f"    “{neutral_text(reason)}”" for reason in entry.reasons]
    return "\n".join(lines) + "\n"


def exported(audit: AuditFile, applicant: str | None) -> Iterator[dict[str, Any]]:
    """Each record as data, with what is needed to verify it elsewhere."""
    of_applicant = f"e.id IN ({ENTRIES_ABOUT})"
    for entry in audit.entries() if applicant is None else audit.entries(of_applicant, (applicant,)):
        content = audit.content(entry.id)
        yield {
            "audit_export_format": 1,
            "id": entry.id,
            "kind": entry.kind,
            "made_at": entry.made_at,
            "made_by": entry.made_by,
            "as_of": entry.as_of or None,
            "produced_by": {
                "tool": entry.tool,
                "engine": entry.engine or None,
                "python": entry.python or None,
            },
            "basis": entry.basis or None,
            "about": list(entry.about),
            "commitment": entry.commitment.hex(),
            "chain": entry.chain.hex(),
            "content": content and _content_as_data(entry, content),
        }


def _content_as_data(entry: Entry, content: Content) -> dict[str, Any]:
    body = json.loads(unpacked(content.body))
    return {
        "salt": content.salt.hex(),
        "applicant": content.applicant,
        "facts": json.loads(facts_text(content.facts)) if content.facts else None,
        "report": body if entry.kind == "report" else None,
        "outcome": body if entry.kind == "outcome" else None,
        "given": list(content.given),
    }


def _columns(head: tuple[str, ...], rows: Sequence[tuple[str, ...]]) -> list[str]:
    widths = [max(len(row[place]) for row in (head, *rows)) for place in range(len(head))]
    return [
        "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip()
        for row in (head, *rows)
    ]
