"""The audit file: entries, each bound to the one before, and their content, on the tables of its database."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cached_property
from pathlib import Path
from typing import Any, Final

from engine.audit import forms
from engine.audit.database import AuditDatabase
from engine.audit.entry import FIRST, Content, Entry, EntryKind, Head, entry_of
from engine.audit.rule_index import batch_of, ends_batch, fill, rules_in, take_out
from engine.base.diagnostic import InvalidInput, Location
from engine.base.os_user import user_name
from engine.base.record import replace
from engine.language.report import PolicyInForce

ENTRIES_ABOUT: Final = (
    "SELECT entry FROM content, (SELECT composed(?) AS label) "
    "WHERE applicant = label OR applicant GLOB '*[^ -~]*' AND composed(applicant) = label"
)
"""A query for the entries about an applicant; versions before 0.2 kept a label as it was typed."""

KeptBasis = tuple[tuple[PolicyInForce, ...], tuple[str, bool], tuple[int, str]]
"""What the last report rested on: files in force; digest of the folder, drafts; its number and digest."""


class AuditFile(AuditDatabase):
    """An open audit file, to be asked and, where it is writable, to be added to."""

    def __init__(self, path: Path, *, writable: bool = False) -> None:
        self._rules: dict[str, int] = {}
        self.kept_basis: KeptBasis | None = None
        super().__init__(path, writable=writable)

    @cached_property
    def writer(self) -> str:
        """The name the system knows the user by."""
        return user_name()

    # -- writing -------------------------------------------------------------------------------------

    @contextmanager
    def transaction(self) -> Iterator[sqlite3.Connection]:
        """Everything in it is written, or nothing; one within another is part of it. Raises AuditFailed."""
        try:
            with super().transaction() as db:
                yield db
        except BaseException:
            self._rules.clear()  # what was added is not there any more
            self.kept_basis = None
            raise

    def append(
        self,
        db: sqlite3.Connection,
        kind: EntryKind,
        open_part: tuple[str, str, str, str, str, str],
        basis: tuple[int, str],
        about: tuple[int, ...],
        content: Content | None,
    ) -> Entry:
        """Adds an entry within a transaction; `open_part` is time, who, day, tool, engine and Python.

        `basis` is the number and the digest of the policies, (0, "") for none.
        """
        head = self.head()
        number, former = (head.id + 1, head.chain) if head else (1, FIRST)
        commitment = content.commitment if content else FIRST
        entry = Entry(number, kind, *open_part, basis[1], about, commitment, b"")
        entry = replace(entry, chain=entry.chained(former))
        listed = json.dumps(about) if about else "[]"
        row = (number, kind, *open_part, basis[0], listed, commitment, entry.chain)
        db.execute("INSERT INTO entry VALUES (?,?,?,?,?,?,?,?,?,?,?,?)", row)
        if content is not None:
            self._append_content(db, number, content)
        if ends_batch(number):
            fill(db, batch_of(number))
        return entry

    def _append_content(self, db: sqlite3.Connection, number: int, content: Content) -> None:
        rules = []
        for said in content.given:
            rule = self._rules.get(said)
            if rule is None:
                row = db.execute("SELECT id FROM rule WHERE said = ?", (said,)).fetchone()
                rule = self._rules[said] = row[0] if row else _add_rule(db, said)
            rules.append(rule)
        given = ",".join(map(str, rules))
        values = (number, content.applicant, content.salt, given, content.facts, content.body)
        db.execute("INSERT INTO content VALUES (?,?,?,?,?,?)", values)

    def empty(self, entries: tuple[int, ...]) -> None:
        """Deletes the content of entries within a transaction; `finish_removal` must follow it."""
        self.db.executemany("DELETE FROM content WHERE entry = ?", ((number,) for number in entries))
        take_out(self.db, entries)
        self.db.execute("INSERT OR REPLACE INTO pending VALUES ('pages'), ('log')")

    # -- reading -------------------------------------------------------------------------------------

    def head(self) -> Head | None:
        """The last entry; None in an empty file."""
        row = self.one("SELECT id, chain FROM entry ORDER BY id DESC LIMIT 1")
        if row is None:
            return None
        self.check_cells("entry", row[0], chain=row[1])
        return Head(*row)

    def entries(self, where: str = "1", values: tuple[Any, ...] = ()) -> Iterator[Entry]:
        """Entries in their order; `where` is a condition on `entry` (e), written by us, never by a user."""
        query = (
            "SELECT e.*, coalesce(b.digest, '') "
            f"FROM entry e LEFT JOIN basis b ON b.id = e.basis WHERE {where} ORDER BY e.id"
        )
        for *row, basis in self.rows(query, values):
            self.check_cells("basis", row[0], **({"digest": basis} if basis != "" else {}))
            yield self.entry_of(tuple(row), basis)

    def entry_of(self, row: tuple[Any, ...], basis: str) -> Entry:
        """A row of `entry` as a value. Raises InvalidInput when it was altered."""
        self.check_form("entry", row)
        return entry_of(row, basis)

    def well_formed(
        self, table: str, where: str = "1", values: tuple[Any, ...] = ()
    ) -> Iterator[tuple[Any, ...]]:
        """Whole rows of a table, in their order. Raises InvalidInput for one that was altered."""
        for row in self.rows(f"SELECT * FROM {table} WHERE {where} ORDER BY 1", values):
            self.check_form(table, row)
            yield row

    def check_form(self, table: str, row: tuple[Any, ...]) -> None:
        """Raises InvalidInput for a row with a cell that has not the form that is written."""
        for problem in forms.malformed_cells(table, row):
            raise self.altered(problem)

    def check_cells(self, table: str, number: int, **cells: object) -> None:
        """Raises InvalidInput for a cell of a record, by its column, that has not its form."""
        for column, cell in cells.items():
            if not forms.CELLS[table][column](cell):
                raise self.altered(forms.malformed(f"Record {number}", column))

    def entry(self, number: int) -> Entry:
        """One entry. Raises InvalidInput when there is none."""
        entry = next(self.entries("e.id = ?", (number,)), None)
        if entry is None:
            head = self.head()
            last = f"The last one is {head.id}." if head else "The file is empty."
            raise self.no_record(f"There is no record {number}.", last)
        return entry

    def report(self, number: int) -> tuple[Entry, Content]:
        """A recorded report. Raises InvalidInput when the record is none, or has no content any more."""
        entry, content = self.entry(number), self.content(number)
        if entry.kind != "report":
            help_text = f"It is about record {entry.about[0]}." if entry.kind == "outcome" else None
            raise self.no_record(f"Record {number} is no report.", help_text)
        if content is None:
            message = f"The content of record {number} was removed, as was asked for."
            raise self.no_record(message, "What was said, on which facts, is not kept any more.")
        return entry, content

    def no_record(self, message: str, help_text: str | None = None) -> InvalidInput:
        """The error for a record, or a part of one, that is not in this file."""
        return InvalidInput.error("audit-record", message, Location(str(self.path), 0), help_text)

    def content(self, number: int) -> Content | None:
        """The content of an entry; None when it was removed, or has none.

        Raises InvalidInput when the chain does not bind to it, or its body has not the shape that is read.
        """
        row = self.one(
            "SELECT c.*, e.kind, e.commitment FROM content c JOIN entry e ON e.id = c.entry WHERE e.id = ?",
            (number,),
        )
        if row is None:
            return None
        *cells, kind, commitment = row
        self.check_form("content", tuple(cells))
        _, applicant, salt, given, facts, body = cells
        said = (next(self.well_formed("rule", "id = ?", (rule,)), None) for rule in rules_in(given))
        content = Content(salt, applicant, facts, body, tuple(row[1] if row else "?" for row in said))
        if content.commitment != commitment:
            raise self.altered(forms.altered_content(number))
        try:
            forms.check_packed(kind, facts, body)
        except forms.Malformed as error:
            raise self.altered(f"Record {number}: {error}.") from None
        return content


def _add_rule(db: sqlite3.Connection, said: str) -> int:
    """The number of a rule that was not kept yet."""
    name, version, *cites = said.split(" ")
    number = db.execute(
        "INSERT INTO rule (said, name, version) VALUES (?,?,?)", (said, name, version)
    ).lastrowid
    assert number is not None
    for cite in cites:
        source, _, anchor = cite.partition("#")
        db.execute("INSERT OR IGNORE INTO rule_cite VALUES (?,?,?)", (source, anchor, number))
    return number
