"""The tables of an audit file, held against what they are made from: for verification."""

from __future__ import annotations

import hashlib
import json
import sqlite3
from collections.abc import Iterable, Iterator
from typing import Any, Final

from engine.audit import forms, rule_index
from engine.audit.entry import Content, entry_of
from engine.audit.file import AuditFile
from engine.audit.layout import foreign_objects, missing_objects
from engine.base.counted import counted
from engine.base.read import PolicyFile
from engine.base.record import record
from engine.loading.folder import digest_of
from engine.rendering.neutral import neutral_text

STRIDE: Final = 300
"""So many batches of records are held against the index at a time: memory stays flat."""
MOST_DAMAGES: Final = 20
"""So many are asked of SQLite's own check."""

StoredRow = tuple[Any, ...]


@record
class Layout:
    """What is wrong with the tables as such; when one is missing or other than made, nothing can be read."""

    problems: tuple[str, ...]
    readable: bool


def layout_problems(audit: AuditFile) -> Layout:
    """Holds the tables, indexes, triggers and views against those that are made. Raises InvalidInput."""
    with audit.reading() as db:
        missing, foreign = tuple(missing_objects(db)), tuple(foreign_objects(db))
        problems = [f"The audit file was altered: {what}." for what in (*missing, *foreign)]
        if not missing:
            problems += _damages(db)
    return Layout(tuple(problems), readable=not missing)


def _damages(db: sqlite3.Connection) -> Iterator[str]:
    """SQLite's own check, of its indexes too: by an altered one a record would not be found."""
    try:
        damages = [text for (text,) in db.execute(f"PRAGMA integrity_check({MOST_DAMAGES})")]
    except sqlite3.DatabaseError as error:
        damages = [str(error)]
    if damages != ["ok"]:
        yield from (f"The audit file is damaged: {neutral_text(text)}." for text in damages)


@record
class StoredRecord:
    """A record as it lies in the file: the row of its entry and of its content.

    A row that was altered in its form is None; of a content that tells `altered`.
    """

    number: int
    entry: StoredRow | None
    content: StoredRow | None
    altered: bool


class WellFormedRows:
    """Rows with every cell in its form. Others are left out, and named in `problems`."""

    def __init__(self, audit: AuditFile) -> None:
        self._audit = audit
        self.problems: list[str] = []

    def of(self, table: str) -> Iterator[StoredRow]:
        """The rows of a table."""
        return (row for _, row in self._keyed(table) if row is not None)

    def _keyed(self, table: str) -> Iterator[tuple[Any, StoredRow | None]]:
        for row in self._audit.rows(f"SELECT * FROM {table} ORDER BY 1"):
            malformed = list(forms.malformed_cells(table, row))
            self.problems += malformed
            yield row[0], None if malformed else row

    def removed(self) -> set[int]:
        """The records of which a removal is recorded."""
        where = "SELECT * FROM entry WHERE kind = 'removal'"
        whole = (row for row in self._audit.rows(where) if not any(forms.malformed_cells("entry", row)))
        return {number for row in whole for number in entry_of(row, "").about}

    def records(self) -> Iterator[StoredRecord]:
        """The records, in their order, one at a time."""
        contents = self._keyed("content")
        ahead = next(contents, None)
        for number, entry in self._keyed("entry"):
            while ahead is not None and ahead[0] < number:
                self._no_entry(ahead[0])
                ahead = next(contents, None)
            if ahead is None or ahead[0] != number:
                yield StoredRecord(number, entry, None, altered=False)
                continue
            yield StoredRecord(number, entry, ahead[1], altered=ahead[1] is None)
            ahead = next(contents, None)
        while ahead is not None:
            self._no_entry(ahead[0])
            ahead = next(contents, None)

    def _no_entry(self, number: int) -> None:
        self.problems.append(f"Record {number}: there is a content, but no record.")


class IndexByRules:
    """The table by which reports are found by rule, held against what the reports say."""

    def __init__(self, audit: AuditFile) -> None:
        self._audit = audit
        self._batch: list[tuple[int, str | None, list[int]]] = []
        self._lines: dict[int, list[tuple[int, bytes, bytes]]] = {}
        self._number = self._since = self._total = 0

    def add(self, number: int, content: Content | None, shown: list[int]) -> Iterator[str]:
        """Takes a record in; now and then yields what is wrong."""
        batch = rule_index.batch_of(number)
        if batch != rule_index.batch_of(self._number):
            self._end_batch()
            if batch - self._since >= STRIDE:
                yield from self._compare(batch)
        if content is not None:
            self._batch.append((number, content.applicant, shown))
        self._number = number

    def finish(self) -> Iterator[str]:
        """What is wrong with the rest."""
        if rule_index.ends_batch(self._number):
            self._end_batch()
        yield from self._compare(rule_index.batch_of(self._number) + 1)
        ((count,),) = self._audit.rows("SELECT count(*) FROM given")
        if count != self._total:
            lines = counted(count, "line")
            yield f"The index by rules has {lines}; by the reports it would have {self._total:,}."

    def _end_batch(self) -> None:
        for rule, batch, records, people in rule_index.lines(rule_index.batch_of(self._number), self._batch):
            self._lines.setdefault(rule, []).append((batch, records, people))
        self._batch = []

    def _compare(self, until: int) -> Iterator[str]:
        query = "SELECT batch, records, people FROM given WHERE rule = ? AND batch >= ? AND batch < ?"
        altered: set[int] = set()
        for rule, right in self._lines.items():
            written = self._audit.rows(f"{query} ORDER BY batch", (rule, self._since, until))
            altered.update(batch for batch, *_ in set(written) ^ set(right))
            self._total += len(right)
        for batch in sorted(altered):
            first, last = rule_index.ends_of(batch)
            yield f"Records {first} to {last}: the index by rules does not agree with the reports."
        self._lines, self._since = {}, until


def policy_problems(rows: WellFormedRows) -> Iterator[str]:
    """Policies whose text is not what reports rest on."""
    contents: dict[str, bytes] = {}
    for digest, packed in rows.of("text"):
        try:
            contents[digest] = forms.unpacked(packed)
        except forms.Malformed:
            contents[digest] = b""
    folders: set[str] = set()
    listed_texts: set[str] = set()
    for digest, files in rows.of("folder"):
        folders.add(digest)
        try:
            listed = forms.data_of(files, forms.FILES_SHAPE)
        except forms.Malformed:
            listed = []
        listed_texts.update(file for _, file in listed)
        altered = [
            neutral_text(path)
            for path, file in listed
            if file not in contents or hashlib.sha256(contents[file]).hexdigest() != file
        ]
        if altered:
            yield f"The kept text of {', '.join(altered)} was altered (policies sha256:{digest})."
        elif files != json.dumps(listed) or digest != digest_of(
            tuple(PolicyFile(path, contents[file]) for path, file in listed)
        ):
            yield f"The list of files of the policies sha256:{digest} was altered."
    yield from (
        f"The text sha256:{digest} belongs to no policies."
        for digest in contents
        if digest not in listed_texts
    )
    rested_on = set()
    for _, digest, folder, text in rows.of("basis"):
        rested_on.add(folder)
        right = hashlib.sha256(text.encode()).hexdigest() == digest
        if not right or _policies_of(text)[0] != f"sha256:{folder}" or folder not in folders:
            yield f"What is kept of the policies sha256:{folder} was altered."
    yield from (f"No record rests on the policies sha256:{digest}." for digest in sorted(folders - rested_on))


def _policies_of(text: str) -> Any:
    try:
        return forms.data_of(text, forms.BASIS_SHAPE)
    except forms.Malformed:
        return "", False, []


def lookup_problems(rows: WellFormedRows) -> Iterator[str]:
    """The tables by which reports are found by name, passage and version, held against their origin."""
    names: set[StoredRow] = set()
    cites: set[StoredRow] = set()
    versions: set[StoredRow] = set()
    names_there: set[StoredRow] = set()
    for number, said, *name_there in rows.of("rule"):
        name, version, *passages = said.split(" ")
        names.add((number, name, version))
        names_there.add((number, *name_there))
        cites.update((*passage.partition("#")[::2], number) for passage in passages)
    for number, _, _, text in rows.of("basis"):
        versions.update((policy, version, number) for policy, version, *_ in _policies_of(text)[2])
    for what, right, there in (
        ("rules", names, names_there),
        ("passages", cites, set(rows.of("rule_cite"))),
        ("policy versions", versions, set(rows.of("basis_file"))),
    ):
        if there != right:
            yield f"The index by {what} was altered."


def unused_rows(
    rows: WellFormedRows, last: int, rested_on: set[int], unshown: Iterable[int]
) -> Iterator[str]:
    """Rows that no record has to do with: they were not written by us."""
    for number, *_ in rows.of("basis"):
        if number not in rested_on:
            yield f"Table `basis`, row {number}: no record rests on it."
    for number in sorted(unshown):
        yield f"Table `rule`, row {number}: no record shows it."
    for number, *_ in rows.of("signature"):
        if not 0 < number <= last:
            yield f"Table `signature`, row {number}: there is no such record."
