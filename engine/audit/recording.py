"""A finished report into the audit file, with the facts it is on and the text of the policies it rests on."""

from __future__ import annotations

import hashlib
import json
import secrets
import sqlite3
import time
import zlib
from collections.abc import Callable
from datetime import date
from decimal import Decimal
from typing import Any, Final

from engine.audit.database import AuditFailed
from engine.audit.entry import SALT_BYTES, Content, Entry
from engine.audit.file import AuditFile
from engine.base.read import PolicyFile
from engine.language.facts import Facts, grouped
from engine.language.report import Item, Report
from engine.loading.folder import digest_of
from engine.rendering.as_json import json_text, render

QUICKLY: Final = 1
"""How hard to compress: a report is a fifth of its size, and more effort gains little."""


def record_report(
    audit: AuditFile,
    report: Report,
    facts: Facts,
    files: Callable[[], tuple[PolicyFile, ...]],
    *,
    with_drafts: bool = False,
    written: str | None = None,
) -> Entry:
    """Appends a report. `files` reads the policy folder, and is asked only when its text is not kept yet.

    `written` is the report as JSON, where that is at hand. Many reports go quicker within one
    `audit.transaction()`: they are written together when it ends. `audit.sync()`, or its end, puts them on
    the disk.
    Raises AuditFailed when it cannot be written; InvalidInput when the folder cannot be read again.
    """
    content = content_of(report, facts, written)
    with audit.transaction() as db:
        basis = _basis(audit, db, report, files, with_drafts=with_drafts)
        day = report.as_of.isoformat()
        open_part = now(), audit.writer, day, report.tool, report.engine, report.python
        return audit.append(db, "report", open_part, basis, (), content)


def content_of(report: Report, facts: Facts, written: str | None = None) -> Content:
    """What is kept of a report and the facts it is on."""
    return Content(
        secrets.token_bytes(SALT_BYTES),
        report.applicant,
        packed(_as_json(facts)),
        packed(written or render(report)),
        tuple([_given(item) for item in report.advice]),
    )


def _given(item: Item) -> str:
    return " ".join((item.rule, item.version, *(f"{cited.source}#{cited.anchor}" for cited in item.cites)))


def packed(text: str) -> bytes:
    """A text as it is kept."""
    return zlib.compress(text.encode(), QUICKLY)


def unpacked(content: bytes) -> str:
    """A text that was kept, and whose form was seen."""
    return zlib.decompress(content).decode()


def _as_json(facts: Facts) -> str:
    """Facts by their full names: grouping waits until somebody reads them."""
    try:
        return _quickly(facts.values)
    except TypeError:  # a number that is not whole: written digit by digit, by the slower way
        return json_text(facts.values)


def kept_facts(kept: bytes) -> dict[str, Any]:
    """The kept facts by their full names, as JSON has them."""
    facts: dict[str, Any] = json.loads(unpacked(kept), parse_float=Decimal)
    return facts


def facts_text(kept: bytes) -> str:
    """The kept facts as a facts file."""
    return json_text(grouped(kept_facts(kept)))


def _date(value: object) -> str:
    if isinstance(value, date):
        return value.isoformat()
    raise TypeError(type(value).__name__)


_quickly: Final = json.JSONEncoder(separators=(",", ":"), default=_date).encode


def now() -> str:
    """The time in UTC, to the second."""
    return time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())


def _basis_text(report: Report, with_drafts: bool) -> tuple[str, str]:
    """The policies a report rests on as text, and the digest of it."""
    in_force = [[entry.policy, entry.version, entry.path, entry.digest] for entry in report.in_force]
    text = json.dumps(
        [report.policies_digest, with_drafts, in_force], ensure_ascii=False, separators=(",", ":")
    )
    return text, hashlib.sha256(text.encode()).hexdigest()


def _basis(
    audit: AuditFile,
    db: sqlite3.Connection,
    report: Report,
    files: Callable[[], tuple[PolicyFile, ...]],
    *,
    with_drafts: bool,
) -> tuple[int, str]:
    """The number and digest of the policies a report rests on, added where they are not kept yet."""
    # Reports of one Advisor share one tuple of what is in force.
    kept, policies = audit.kept_basis, (report.policies_digest, with_drafts)
    if kept is not None and kept[0] is report.in_force and kept[1] == policies:
        return kept[2]
    text, digest = _basis_text(report, with_drafts)
    row = db.execute("SELECT id FROM basis WHERE digest = ?", (digest,)).fetchone()
    basis = row[0] if row else _add_basis(db, report, text, digest, files()), digest
    audit.kept_basis = report.in_force, policies, basis
    return basis


def _add_basis(
    db: sqlite3.Connection, report: Report, text: str, basis: str, files: tuple[PolicyFile, ...]
) -> int:
    folder = digest_of(files)
    if f"sha256:{folder}" != report.policies_digest:
        raise AuditFailed("the policies were changed while the report was made")
    listed = [[file.path, hashlib.sha256(file.content).hexdigest()] for file in files]
    for file, (_, digest) in zip(files, listed, strict=True):
        db.execute("INSERT OR IGNORE INTO text VALUES (?,?)", (digest, zlib.compress(file.content)))
    db.execute("INSERT OR IGNORE INTO folder VALUES (?,?)", (folder, json.dumps(listed)))
    row = (basis, folder, text)
    number = db.execute("INSERT INTO basis (digest, folder, said) VALUES (?,?,?)", row).lastrowid
    assert number is not None
    versions = [(entry.policy, entry.version, number) for entry in report.in_force]
    db.executemany("INSERT OR IGNORE INTO basis_file VALUES (?,?,?)", versions)
    return number
