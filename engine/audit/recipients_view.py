"""Whom to call, as text, CSV and JSON, for `advise audit rule`: line by line, whatever their number."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterable, Iterator
from itertools import islice
from typing import Final

from engine.audit.file import AuditFile
from engine.audit.recipients import AdviceGiven, Called, Whom, called
from engine.audit.search import known_rules
from engine.base.counted import counted
from engine.base.diagnostic import InvalidInput, Location, did_you_mean
from engine.rendering.neutral import neutral_text

AT_ONCE: Final = 200
"""So many lines are made as wide as the widest of them."""


def check_rule(audit: AuditFile, names: Iterable[str]) -> None:
    """Raises InvalidInput when none of the names was ever recorded."""
    known = known_rules(audit)
    names = tuple(names)
    if known.isdisjoint(names):
        message = f"No recorded report shows an item of `{names[0]}`."
        raise InvalidInput.error(
            "audit-record", message, Location(str(audit.path), 0), did_you_mean(names[0], known)
        )


def whom_text(audit: AuditFile, found: Whom, names: tuple[str, ...], limit: int | None) -> Iterator[str]:
    """How many were given a rule, by version and from when to when; then whom to call, at most `limit`."""
    also = f" (also known as {', '.join(names[1:])})" if len(names) > 1 else ""
    if not found.reports:
        yield f"{names[0]}{also}: no report on record shows it.\n"
        return
    days = found.first if found.first == found.last else f"{found.first} to {found.last}"
    yield f"{names[0]}{also}\n"
    yield f"{counted(found.reports, 'report')}, {_people(found)}, recorded {days}.\n"
    for version in found.versions:
        name = "" if version.rule == names[0] else f"{version.rule} "
        labels = counted(version.applicants, "labelled applicant")
        yield f"  on {name}{version.version}: {counted(version.reports, 'report')}, {labels}\n"
    yield "\n"
    people = called(audit, found, limit)
    widths: list[int] = []
    while rows := [_row(each, names[0]) for each in islice(people, AT_ONCE)]:
        if not widths:
            rows.insert(0, ("applicant", "reports", "on", "newest for", "record"))
        widths = widths or [max(map(len, column)) for column in zip(*rows, strict=True)]
        for row in rows:
            cells = (cell.ljust(width) for cell, width in zip(row, widths, strict=True))
            yield "  ".join(cells).rstrip() + "\n"
    if limit is not None and found.lines > limit:
        yield f"… and {found.lines - limit:,} more: --all, or --format csv.\n"


def _row(each: Called, name: str) -> tuple[str, ...]:
    label = "(no label)" if each.applicant is None else neutral_text(each.applicant).replace("\n", " ")
    return label, f"{each.reports:,}", _on(each, name), each.as_of, str(each.id)


def _on(each: Called, name: str) -> str:
    return ", ".join(version if rule == name else f"{rule} {version}" for rule, version in each.on)


def _people(found: Whom) -> str:
    without = f" and {found.unlabelled:,} without a label" if found.unlabelled else ""
    return f"{counted(found.applicants, 'labelled applicant')}{without}"


def whom_csv(audit: AuditFile, found: Whom, names: tuple[str, ...]) -> Iterator[str]:
    """A line for each applicant, all of them, for a spreadsheet."""
    yield "applicant,reports,on,newest_for,recorded,record\n"
    for each in called(audit, found, None):
        line = io.StringIO()
        label = _cell(each.applicant or "")
        row = (label, each.reports, _on(each, names[0]), each.as_of, each.made_at, each.id)
        csv.writer(line, lineterminator="\n").writerow(row)
        yield line.getvalue()


def _cell(text: str) -> str:
    """A spreadsheet takes a text that begins so for a formula."""
    text = neutral_text(text)
    return f"'{text}" if text.startswith(("=", "+", "-", "@")) else text


def given_json(found: Iterable[AdviceGiven], names: tuple[str, ...]) -> Iterator[str]:
    """Every report, all of them, a line each; `names` are the rule's, those it had before at the end."""
    first, formerly = (json.dumps(each, ensure_ascii=False) for each in (names[0], names[1:]))
    yield f'{{\n  "audit_rule_format": 1,\n  "rule": {first},\n  "formerly": {formerly},\n  "given": ['
    before = "\n    "
    for given in found:
        data = {
            "id": given.id,
            "applicant": given.applicant,
            "as_of": given.as_of,
            "made_at": given.made_at,
            "rule": given.rule,
            "version": given.version,
        }
        yield before + json.dumps(data, ensure_ascii=False)
        before = ",\n    "
    yield "]\n}\n"
