"""Audit records for reading (outlines) and as data, for `advise audit`."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

from engine.audit.entry import Content, Entry, Head, read_head
from engine.audit.file import ENTRIES_ABOUT, AuditFile
from engine.audit.recording import facts_text, kept_facts, unpacked
from engine.audit.search import ListedRecord, Override
from engine.base.counted import counted
from engine.base.diagnostic import CommandLine, InvalidInput
from engine.base.record import as_dict
from engine.language.field_words import UNDECLARED, FieldWords, Noun
from engine.rendering.as_json import json_text
from engine.rendering.outline import Line, Outline, Section, Table

if TYPE_CHECKING:
    from engine.audit.replay import Replayed
    from engine.audit.sign import Signed
    from engine.audit.verify import Verified

Whom = Callable[[], Noun]
"""The field's word for whom a report is on; it stands in a folder, which is read only where it is said."""


def _undeclared() -> Noun:
    return UNDECLARED.subject


def records_outline(records: tuple[ListedRecord, ...], whom: Whom = _undeclared, *, more: bool) -> Outline:
    """A list of records; `more` tells that there are further ones."""
    if not records:
        return Outline("No records", (), ())
    rows = tuple(
        (str(each.id), each.made_at, each.made_by, each.as_of, _what(each, whom)) for each in records
    )
    table = Table(("record", "recorded", "by", "as of", "what"), rows)
    earlier = (Line("… and earlier ones: --limit, --all"),) if more else ()
    title = f"The newest {counted(len(records), 'record')}" if more else counted(len(records), "record")
    return Outline(title, (), (Section("The newest first", (table, *earlier)),))


def records_as_data(records: tuple[ListedRecord, ...], *, more: bool) -> dict[str, Any]:
    """The same as plain mappings and sequences."""
    data = [{**as_dict(entry), "as_of": entry.as_of or None} for entry in records]
    return {"audit_list_format": 1, "records": data, "more": more}


def _what(entry: ListedRecord, whom: Whom) -> str:
    if entry.kind == "removal":
        return f"removal of {_numbers(entry.about)}"
    if entry.kind == "outcome":
        return f"decision on record {entry.about[0]}" + (" (removed)" if entry.removed else "")
    return "report (removed)" if entry.removed else f"report on {entry.applicant or _without_label(whom)}"


def _without_label(whom: Whom) -> str:
    return f"{whom()} without a label"


def _numbers(numbers: tuple[int, ...]) -> str:
    named = ", ".join(map(str, numbers[:5]))
    return f"{'record' if len(numbers) == 1 else 'records'} {named}{', …' if len(numbers) > 5 else ''}"


def record_outline(audit: AuditFile, number: int, whom: Whom = _undeclared) -> Outline:
    """A whole record, for reading."""
    entry, content = audit.entry(number), audit.content(number)
    title = f"Record {number}: {entry.kind}, {entry.made_at}, by {entry.made_by}, {entry.tool}"
    if entry.kind == "removal":
        return Outline(title, (f"The content of {_numbers(entry.about)} was removed.",), ())
    if content is None:
        return Outline(title, ("Its content was removed, as was asked for.",), ())
    if entry.kind == "outcome":
        rule, verdict, reason = _decision(content)
        return Outline(title, (f"{rule} of record {entry.about[0]} was {verdict}{reason}",), ())
    report = json.loads(unpacked(content.body))
    first = (
        f"On {content.applicant or _without_label(whom)}, as of {entry.as_of}, with {entry.engine}",
        f"Facts {report['facts_digest']}",
        f"Policies {report['policies']['digest']}",
    )
    return Outline(title, first, tuple(_report_sections(audit, entry, content, report)))


def _report_sections(audit: AuditFile, entry: Entry, content: Content, report: Any) -> Iterator[Section]:
    files = tuple(
        (each["policy"], each["version"], f"{each['digest'][:19]}…", each["path"])
        for each in report["policies"]["in_force"]
    )
    yield Section("Policies in force", (Table(("policy", "version", "digest", "file"), files),))
    banners = tuple(Line(banner["text"]) for banner in report["banners"])
    yield Section("Warnings" if banners else "No warnings", banners)
    facts = tuple((name, _value(value)) for name, value in kept_facts(content.facts).items())
    yield Section("Facts as recorded", (Table(("fact", "value"), facts),))
    decided = _decisions(audit, entry.id)
    advice = []
    for item in report["advice"]:
        place = f"{item['at']['path']}:{item['at']['line']}"
        within = (Line(f"{item['rule']} {item['version']}", at=place), *decided.get(item["rule"], ()))
        advice.append(Line(f"{item['rank']}. {item['title']}", within))
    yield Section(f"Advice: {counted(len(advice), 'item')}", tuple(advice))


def _value(value: Any) -> str:
    """A fact as a facts file writes it, in one line."""
    return f"[{', '.join(map(_value, value))}]" if isinstance(value, list) else json_text(value).rstrip()


def _decisions(audit: AuditFile, number: int) -> dict[str, list[Line]]:
    decisions: dict[str, list[Line]] = {}
    for entry in audit.entries("e.kind = 'outcome'"):
        content = audit.content(entry.id) if number in entry.about else None
        if content is not None:
            rule, verdict, reason = _decision(content)
            by = f"{verdict} on {entry.made_at[:10]} by {entry.made_by}"
            decisions.setdefault(rule, []).append(Line(f"{by}{reason} (record {entry.id})"))
    return decisions


def _decision(content: Content) -> tuple[str, str, str]:
    """The rule that an outcome is about, what was decided, and the reason as it follows on that."""
    outcome = json.loads(unpacked(content.body))
    reason = f": {outcome['reason']}" if outcome["reason"] else ""
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
    if verified.pending:
        yield "A removal is not done yet: what was removed still lies on the disk, as others use the file."
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


def replayed_outline(replayed: Replayed) -> Outline:
    """What came out of a report made again on the recorded policies."""
    number, tool = replayed.recorded.entry.id, replayed.recorded.entry.tool
    if replayed.same_bytes:
        return Outline(f"Record {number} comes out the same, byte for byte (made with {tool}).", (), ())
    which = "the same" if replayed.same_decisions else "other"
    title = f"Record {number} (made with {tool}) comes out with {which} decisions"
    return Outline(title, (), (Section("What differs", tuple(map(Line, replayed.differences))),))


def overrides_outline(overridden: tuple[Override, ...], words: FieldWords = UNDECLARED) -> Outline:
    """Rules by how often they were overridden, with the reasons."""
    if not overridden:
        return Outline("No decisions are recorded", (), ())
    sections = []
    for each in overridden:
        reasons = tuple(Line(f"“{reason}”") for reason in each.reasons)
        title = f"overridden {each.overridden}, accepted {each.accepted}"
        sections.append(Section(title, reasons, name=each.rule))
    whose = f" of {words.adviser.many}" if words.adviser != UNDECLARED.adviser else ""
    return Outline(f"Decisions{whose}, the most overridden rules first", (), tuple(sections))


def overrides_as_data(overridden: tuple[Override, ...]) -> dict[str, Any]:
    """The same as plain mappings and sequences."""
    return {"audit_overrides_format": 1, "rules": [as_dict(entry) for entry in overridden]}


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
