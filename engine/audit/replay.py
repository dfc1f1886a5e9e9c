"""A recorded report, made again: from its own facts, on its own policies."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import date
from typing import Any

from engine.advising.advisor import Advisor
from engine.analysis.certainty.report_certainty import ReportCertainty
from engine.audit import forms
from engine.audit.entry import Entry
from engine.audit.file import AuditFile
from engine.audit.recording import facts_text, unpacked
from engine.base.diagnostic import InvalidInput, Location
from engine.base.plain_text import BEFORE_0_2, NOW, TextRules
from engine.base.read import Document, PolicyFile, read_json
from engine.base.record import record
from engine.base.version import VERSION
from engine.language.facts import Facts, facts_from_source
from engine.language.policy_set import PolicySet
from engine.language.report import Report
from engine.loading.folder import digest_of
from engine.loading.load import resolve_files
from engine.rendering.as_json import render


@record
class Recorded:
    """What a record holds: the report as it was printed, the facts, and the policies it rests on."""

    entry: Entry
    report: str
    facts_text: str
    files: tuple[PolicyFile, ...]
    with_drafts: bool

    @property
    def rules(self) -> TextRules:
        """How the program that recorded it took text in."""
        return BEFORE_0_2 if self.entry.tool.startswith("advise 0.1.") else NOW

    @property
    def day(self) -> date:
        """The day the report is for."""
        return date.fromisoformat(self.entry.as_of)

    def facts(self, rules: TextRules = NOW) -> Document:
        """The facts as a file of facts that is read by these rules. Raises InvalidInput."""
        return read_json(self.facts_text.encode(), f"record {self.entry.id}", rules)

    def policies(self) -> PolicySet:
        """The policy set that was in force. Raises InvalidInput when this tool cannot read it any more."""
        return resolve_files(self.files, self.day, with_drafts=self.with_drafts, rules=self.rules)


@record
class Replayed:
    """How a report made again compares with the recorded one.

    `same_bytes`: outside `produced_by`. `same_decisions`: the same items in the same order, the same rules
    undetermined and outranked, bands and findings. `differences`: the places that differ, with both values.
    """

    recorded: Recorded
    facts: Facts
    policies: PolicySet
    report: Report
    same_tool: bool
    same_bytes: bool
    same_decisions: bool
    differences: tuple[str, ...]


def read_recorded(audit: AuditFile, number: int) -> Recorded:
    """A record, restored. Raises InvalidInput when it is no report, or was emptied."""
    entry, content = audit.report(number)
    row = next(audit.well_formed("basis", "digest = ?", (entry.basis,)), None)
    if row is None:
        raise _lost(audit, number)
    _, _, folder, basis_text = row
    with audit.reading():
        with_drafts = forms.data_of(basis_text, forms.BASIS_SHAPE)[1]
    facts, files = facts_text(content.facts), _files(audit, folder, number)
    return Recorded(entry, unpacked(content.body), facts, files, with_drafts)


def _files(audit: AuditFile, folder: str, number: int) -> tuple[PolicyFile, ...]:
    row = audit.one("SELECT files FROM folder WHERE digest = ?", (folder,))
    if row is None:
        raise _lost(audit, number)
    files = []
    with audit.reading():
        for path, digest in forms.data_of(row[0], forms.FILES_SHAPE):
            text = audit.one("SELECT content FROM text WHERE digest = ?", (digest,))
            if text is None:
                raise _lost(audit, number)
            files.append(PolicyFile(path, forms.unpacked(text[0])))
    if digest_of(tuple(files)) != folder:
        raise audit.altered(f"The policies that record {number} rests on were altered.")
    return tuple(files)


def _lost(audit: AuditFile, number: int) -> InvalidInput:
    message = f"The policies that record {number} rests on are not in the file."
    help_text = "`advise audit verify` tells what was altered."
    return InvalidInput.error("audit-file", message, Location(str(audit.path), 0), help_text)


def replay(recorded: Recorded) -> Replayed:
    """Fires the recorded facts on the recorded policies. Raises InvalidInput when they cannot be read."""
    policies = recorded.policies()
    facts = facts_from_source(recorded.facts(recorded.rules), policies.facts)
    before = json.loads(recorded.report)
    advisor = Advisor(policies)
    # A program may have recorded it that left out how certain each item is.
    report = (ReportCertainty(advisor) if _was_complete(before) else advisor).case(facts).report
    after = json.loads(render(report))
    made_by, _ = before.pop("produced_by"), after.pop("produced_by")
    differences = tuple(_differences(before, after, ""))
    return Replayed(
        recorded,
        facts,
        policies,
        report,
        same_tool=made_by["tool"] == f"advise {VERSION}",
        same_bytes=not differences and json.dumps(before) == json.dumps(after),
        same_decisions=_decisions(before) == _decisions(after),
        differences=differences,
    )


def _was_complete(report: Any) -> bool:
    """Whether the report says how certain its items are."""
    return any(entry.get("standing") for entry in (*report["advice"], *report["undetermined"]))


def _decisions(report: Any) -> Any:
    return (
        [item["rule"] for item in report["advice"]],
        [entry["rule"] for entry in report["undetermined"]],
        [(entry["rule"], entry["by"]) for entry in report["suppressed"]],
        report["bands"],
        report["findings"],
    )


def _differences(before: Any, after: Any, where: str) -> Iterator[str]:
    if isinstance(before, dict) and isinstance(after, dict):
        for key in (*before, *(key for key in after if key not in before)):
            place = f"{where}.{key}" if where else key
            yield from _differences(before.get(key), after.get(key), place)
    elif isinstance(before, list) and isinstance(after, list) and len(before) == len(after):
        for index, pair in enumerate(zip(before, after, strict=True)):
            yield from _differences(*pair, f"{where}[{index}]")
    elif before != after or type(before) is not type(after):
        yield f"{where}: {_short(before)} → {_short(after)}"


def _short(value: Any) -> str:
    text = json.dumps(value, ensure_ascii=False)
    return text if len(text) <= 200 else f"{text[:200]}…"
