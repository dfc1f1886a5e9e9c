"""Audit records as text and JSON, for `advise audit`."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from engine.audit.entry import Content, Entry, Head, read_head
from engine.audit.file import AuditFile
from engine.audit.outcomes import report_of
from engine.audit.recording import facts_text, unpacked
from engine.audit.search import Listed, Override
from engine.base.counted import counted
from engine.base.diagnostic import CommandLine, InvalidInput
from engine.rendering.as_json import json_text
from engine.rendering.neutral import neutral_text

if TYPE_CHECKING:
    from engine.audit.replay import Replayed
    from engine.audit.sign import Signed
    from engine.audit.verify import Verified


def records_text(found: tuple[Listed, ...], *, more: bool, as_json: bool) -> str:
    """A list of records; `more` tells that there are further ones."""
    if as_json:
        return json_text(
            {"audit_list_format": 1, "records": [_listed_as_data(entry) for entry in found], "more": more}
        )
    if not found:
        return "No records.\n"
    rows = [(str(entry.id), entry.made_at, entry.made_by, _what(entry), entry.as_of) for entry in found]
    lines = _columns(("record", "recorded", "by", "what", "as of"), rows)
    return "\n".join([*lines, *(["… and earlier ones: --limit, --all."] if more else [])]) + "\n"


def _what(entry: Listed) -> str:
    label = neutral_text(entry.applicant) if entry.applicant else "an applicant without a label"
    if entry.kind == "removal":
        return f"removal of {_numbers(entry.about)}"
    if entry.kind == "outcome":
        return f"decision on record {entry.about[0]}" + (" (removed)" if entry.emptied else "")
    return f"{'report' if not entry.emptied else 'report (removed)'}" + (
        "" if entry.emptied else f" on {label}"
    )


def _numbers(numbers: tuple[int, ...]) -> str:
    named = ", ".join(map(str, numbers[:5]))
    return f"{'record' if len(numbers) == 1 else 'records'} {named}{', …' if len(numbers) > 5 else ''}"


def _listed_as_data(entry: Listed) -> dict[str, Any]:
    return {
        "id": entry.id,
        "kind": entry.kind,
        "made_at": entry.made_at,
        "made_by": entry.made_by,
        "as_of": entry.as_of or None,
        "applicant": entry.applicant,
        "removed": entry.emptied,
        "about": list(entry.about),
    }


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
        lines += _outcome_lines(entry, content)
    else:
        lines += _report_lines(audit, entry, content)
    return "\n".join(lines) + "\n"


def _outcome_lines(entry: Entry, content: Content) -> Iterator[str]:
    said = json.loads(unpacked(content.body))
    verdict = "accepted" if said["accepted"] else "overridden"
    reason = f": {neutral_text(said['reason'])}" if said["reason"] else ""
    yield f"  {said['rule']} of record {entry.about[0]} was {verdict}{reason}"


def _report_lines(audit: AuditFile, entry: Entry, content: Content) -> Iterator[str]:
    report = json.loads(unpacked(content.body))
    label = neutral_text(content.applicant) if content.applicant else "an applicant without a label"
    yield f"  On {label}, as of {entry.as_of}, with {entry.engine}"
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
    found: dict[str, list[str]] = {}
    for entry in audit.entries("e.kind = 'outcome'"):
        content = audit.content(entry.id) if number in entry.about else None
        if content is not None:
            said = json.loads(unpacked(content.body))
            verdict = "accepted" if said["accepted"] else "overridden"
            reason = f": {neutral_text(said['reason'])}" if said["reason"] else ""
            day = entry.made_at[:10]
            found.setdefault(said["rule"], []).append(
                f"{verdict} on {day} by {neutral_text(entry.made_by)}{reason} (record {entry.id})"
            )
    return found


def report_json(audit: AuditFile, number: int) -> str:
    """The recorded report, byte for byte as `--format json` wrote it. Raises InvalidInput."""
    report_of(audit, number)
    content = audit.content(number)
    assert content is not None
    return unpacked(content.body)


def facts_json(audit: AuditFile, number: int) -> str:
    """The recorded facts as a facts file. Raises InvalidInput."""
    report_of(audit, number)
    content = audit.content(number)
    assert content is not None
    return facts_text(content.facts)


def kept_head(given: str) -> Head:
    """A head from the command line: itself, or a file with it. Raises InvalidInput."""
    found = read_head(given)
    if found is None and ":" not in given:
        try:
            found = read_head(Path(given).read_text("utf-8", errors="replace"))
        except (OSError, ValueError):
            found = None
    if found is None:
        message = "This is no head, nor a file with one."
        help_text = "A head is what `advise audit head` prints: the number of a record, `:`, 64 characters."
        raise InvalidInput.error("audit-head", message, CommandLine("--head"), help_text)
    return found


def verified_lines(found: Verified, signed: Signed | None) -> Iterator[str]:
    """What came out of a verification."""
    yield from found.problems
    if signed is not None:
        yield from signed.problems
    if found.problems or (signed and signed.problems):
        return
    emptied = f", {found.emptied} of them emptied on request" if found.emptied else ""
    yield f"{counted(found.records, 'record')}{emptied}: nothing was altered."
    if found.head is not None:
        yield f"Head {found.head}"
    if signed is not None and signed.id is not None:
        after = found.records - signed.id
        unsigned = f"; {counted(after, 'record')} after it not signed yet" if after else ""
        yield f"Signed up to record {signed.id} on {signed.made_at}{unsigned}."


def replayed_lines(replayed: Replayed) -> Iterator[str]:
    """What came out of a report made again on the recorded policies."""
    number, tool = replayed.recorded.entry.id, replayed.recorded.entry.tool
    if replayed.same_bytes:
        yield f"Record {number} comes out the same, byte for byte (made with {tool})."
        return
    if replayed.same_decisions:
        yield f"Record {number} (made with {tool}) comes out with the same decisions; what differs:"
    else:
        yield f"Record {number} (made with {tool}) comes out with other decisions; what differs:"
    yield from (f"  {neutral_text(difference)}" for difference in replayed.differences)


def overrides_text(found: tuple[Override, ...], *, as_json: bool) -> str:
    """Rules by how often they were overridden."""
    if as_json:
        rules = [
            {
                "rule": entry.rule,
                "accepted": entry.accepted,
                "overridden": entry.overridden,
                "reasons": entry.reasons,
            }
            for entry in found
        ]
        return json_text({"audit_overrides_format": 1, "rules": rules})
    if not found:
        return "No decisions are recorded.\n"
    lines = []
    for entry in found:
        lines.append(f"{entry.rule}  overridden {entry.overridden}, accepted {entry.accepted}")
        lines += [f"    “{neutral_text(reason)}”" for reason in entry.reasons]
    return "\n".join(lines) + "\n"


def exported(audit: AuditFile, applicant: str | None) -> Iterator[dict[str, Any]]:
    """Each record as data, with what is needed to verify it elsewhere."""
    where, values = (
        ("1", ())
        if applicant is None
        else (
            "e.id IN (SELECT entry FROM content WHERE applicant = ?)",
            (applicant,),
        )
    )
    for entry in audit.entries(where, values):
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
