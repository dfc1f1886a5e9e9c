"""Whom to call, for `advise audit rule`: line by line, in flat memory; an Outline would be whole first."""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Iterable, Iterator
from itertools import islice
from typing import Final

from engine.audit.file import AuditFile
from engine.audit.recipients import AdviceGiven, Recipient, Recipients, each_recipient
from engine.audit.search import known_rules
from engine.base.counted import counted
from engine.base.diagnostic import did_you_mean
from engine.base.record import as_dict
from engine.language.field_words import UNDECLARED, Noun
from engine.rendering.neutral import neutral_text
from engine.rendering.wording import one_line

AT_ONCE: Final = 200
"""So many lines are made as wide as the widest of them."""


def check_rule(audit: AuditFile, names: tuple[str, ...]) -> None:
    """Raises InvalidInput when none of the names was ever recorded."""
    known = known_rules(audit)
    if known.isdisjoint(names):
        message = f"No recorded report shows an item of `{names[0]}`."
        raise audit.no_record(message, did_you_mean(names[0], known))


def recipients_text(
    audit: AuditFile,
    recipients: Recipients,
    names: tuple[str, ...],
    limit: int | None,
    whom: Noun = UNDECLARED.subject,
) -> Iterator[str]:
    """How many were given a rule, by version and from when to when; then whom to call, at most `limit`."""
    also = f" (also known as {', '.join(names[1:])})" if len(names) > 1 else ""
    if not recipients.reports:
        yield f"{names[0]}{also}: no report on record shows it.\n"
        return
    days = " to ".join(dict.fromkeys((recipients.first, recipients.last)))
    yield f"{names[0]}{also}\n"
    yield f"{counted(recipients.reports, 'report')}, {_people(recipients, whom)}, recorded {days}.\n"
    for version in recipients.versions:
        name = "" if version.rule == names[0] else f"{version.rule} "
        labels = _labelled(version.applicants, whom)
        yield f"  on {name}{version.version}: {counted(version.reports, 'report')}, {labels}\n"
    yield "\n"
    people = each_recipient(audit, recipients, limit)
    widths: list[int] = []
    while rows := [_row(each, names[0]) for each in islice(people, AT_ONCE)]:
        if not widths:
            rows.insert(0, (whom.one, "reports", "on", "newest for", "record"))
        widths = widths or [max(map(len, column)) for column in zip(*rows, strict=True)]
        for row in rows:
            cells = (cell.ljust(width) for cell, width in zip(row, widths, strict=True))
            yield "  ".join(cells).rstrip() + "\n"
    if limit is not None and recipients.lines > limit:
        yield f"… and {recipients.lines - limit:,} more: --all, or --format csv.\n"


def _row(each: Recipient, name: str) -> tuple[str, ...]:
    label = "(no label)" if each.applicant is None else neutral_text(each.applicant).replace("\n", " ")
    return label, f"{each.reports:,}", _on(each, name), each.as_of, str(each.id)


def _on(each: Recipient, name: str) -> str:
    return ", ".join(version if rule == name else f"{rule} {version}" for rule, version in each.on)


def _labelled(number: int, whom: Noun) -> str:
    return counted(number, f"labelled {whom.one}", f"labelled {whom.many}")


def _people(recipients: Recipients, whom: Noun) -> str:
    without = f" and {recipients.unlabelled:,} without a label" if recipients.unlabelled else ""
    return f"{_labelled(recipients.applicants, whom)}{without}"


def recipients_csv(
    audit: AuditFile, recipients: Recipients, names: tuple[str, ...], whom: Noun = UNDECLARED.subject
) -> Iterator[str]:
    """A line for each subject, all of them, for a spreadsheet."""
    yield f"{_column(whom)},reports,on,newest_for,recorded,record\n"
    for each in each_recipient(audit, recipients, None):
        line = io.StringIO()
        label = _cell(each.applicant or "")
        row = (label, each.reports, _on(each, names[0]), each.as_of, each.made_at, each.id)
        csv.writer(line, lineterminator="\n").writerow(row)
        yield line.getvalue()


def _column(whom: Noun) -> str:
    return re.sub(r"\W+", "_", whom.one)


def _cell(text: str) -> str:
    """A spreadsheet takes a text that begins so for a formula, whatever blanks stand before it."""
    text = one_line(neutral_text(text))
    return f"'{text}" if text.lstrip().startswith(("=", "+", "-", "@", "＝", "＋", "－", "＠")) else text


def given_json(advice: Iterable[AdviceGiven], names: tuple[str, ...]) -> Iterator[str]:
    """Every report, all of them, a line each; `names` are the rule's, those it had before at the end."""
    first, formerly = (json.dumps(each, ensure_ascii=False) for each in (names[0], names[1:]))
    yield f'{{\n  "audit_rule_format": 1,\n  "rule": {first},\n  "formerly": {formerly},\n  "given": ['
    before = "\n    "
    for given in advice:
        yield before + json.dumps(as_dict(given), ensure_ascii=False)
        before = ",\n    "
    yield "]\n}\n"
