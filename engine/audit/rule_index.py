"""The index by which reports are found by the rules they show, written a batch of records at a time.

A report shows some thirty rules. A line for each of them would touch as many pages of the database, and all
of those would go to the disk with every record. So the last record of a batch writes the lines of the whole
batch: a rule's line holds which records of the batch show it, and whom they are about. The newest records,
whose batch is not full yet, are read one by one.
"""

from __future__ import annotations

import hashlib
import sqlite3
import struct
from collections.abc import Iterable, Iterator
from typing import Final

from engine.base.record import record

BATCH: Final = 64
"""So many records share their lines in the index: a part of the layout."""
MOST_BATCHES: Final = 256
"""So many batches are read at a time."""
NOBODY: Final = 0
"""Stands for an applicant without a label."""

_MOST_DIGITS: Final = 19
"""More do not fit SQLite's whole numbers."""

IndexRow = tuple[int, int, bytes, bytes]
"""Rule, batch (its first record is `batch * BATCH + 1`), packed records, packed applicants."""


@record
class Shown:
    """Which records show a rule, in their order, and the number of the applicant each is about."""

    records: tuple[int, ...]
    people: tuple[int, ...]


def number_of(applicant: str | None) -> int:
    """A number by which records on the same applicant are told; as unlike as 64 bits of a digest."""
    if applicant is None:
        return NOBODY
    return int.from_bytes(
        hashlib.sha256(applicant.encode("utf-8", "surrogateescape")).digest()[:8], "little", signed=True
    )


def rules_in(given: str) -> list[int]:
    """The numbers of the rules that a content shows; what is no number was not written by us."""
    return [int(rule) for rule in given.split(",") if rule.isdecimal() and len(rule) < _MOST_DIGITS]


def lines(batch: int, shown: Iterable[tuple[int, str | None, Iterable[int]]]) -> list[IndexRow]:
    """The lines of a batch; `shown` are its records in order, with their applicant and rules."""
    by_rule: dict[int, tuple[list[int], list[int]]] = {}
    for number, applicant, rules in shown:
        person = number_of(applicant)
        for rule in rules:
            records, people = by_rule.setdefault(rule, ([], []))
            records.append(number)
            people.append(person)
    return [
        (rule, batch, _packed("I", records), _packed("q", people))
        for rule, (records, people) in sorted(by_rule.items())
    ]


def batch_of(number: int) -> int:
    """The batch a record is in."""
    return (number - 1) // BATCH


def ends_of(batch: int) -> tuple[int, int]:
    """The first and the last record of a batch."""
    return batch * BATCH + 1, (batch + 1) * BATCH


def ends_batch(number: int) -> bool:
    """Whether a record is the last of its batch."""
    return number % BATCH == 0


def fill(db: sqlite3.Connection, batch: int) -> None:
    """Writes the lines of a batch, within a transaction, as its records are now."""
    db.executemany("INSERT OR REPLACE INTO given VALUES (?,?,?,?)", _lines_now(db, batch))


def _lines_now(db: sqlite3.Connection, batch: int) -> list[IndexRow]:
    query = "SELECT entry, applicant, given FROM content WHERE entry BETWEEN ? AND ? ORDER BY entry"
    rows = db.execute(query, ends_of(batch))
    return lines(batch, ((number, applicant, rules_in(given)) for number, applicant, given in rows))


def take_out(db: sqlite3.Connection, emptied: Iterable[int]) -> None:
    """Takes records out, within a transaction, whatever their contents said of the rules shown."""
    last = _last(db)
    batches = {batch_of(number) for number in emptied}
    for batch in sorted(batch for batch in batches if ends_of(batch)[1] <= last):
        db.execute("DELETE FROM given WHERE batch = ?", (batch,))
        fill(db, batch)


def _last(db: sqlite3.Connection) -> int:
    number: int = db.execute("SELECT coalesce(max(id), 0) FROM entry").fetchone()[0]
    return number


def shown_by(db: sqlite3.Connection, rules: Iterable[int]) -> dict[int, Shown]:
    """For each rule that is shown at all: by which records. Raises sqlite3.Error for a damaged file."""
    full = _last(db) // BATCH
    newest = _newest(db, full)
    shown = {}
    for rule in rules:
        query = "SELECT records, people FROM given WHERE rule = ? AND batch < ? ORDER BY batch"
        chunks = [*db.execute(query, (rule, full)), *newest.get(rule, ())]
        if chunks:
            records, people = (_joined(row[place] for row in chunks) for place in (0, 1))
            if len(people) != 2 * len(records):
                raise _DAMAGED
            shown[rule] = Shown(_unpacked("I", records), _unpacked("q", people))
    return shown


def newest_first(db: sqlite3.Connection, rules: Iterable[int]) -> Iterator[int]:
    """The records that show any of these rules, the newest first; no more is read than is asked for."""
    numbers = sorted(rules)
    full = _last(db) // BATCH
    newest = _newest(db, full)
    yield from _falling(packed for rule in numbers for packed, _ in newest.get(rule, ()))
    stride = 1
    while full > 0:
        since = max(0, full - stride)
        query = "SELECT records FROM given WHERE rule = ? AND batch >= ? AND batch < ?"
        yield from _falling(row[0] for rule in numbers for row in db.execute(query, (rule, since, full)))
        full, stride = since, min(stride * 2, MOST_BATCHES)


def _falling(packed: Iterable[bytes]) -> list[int]:
    return sorted(set(_unpacked("I", _joined(packed))), reverse=True)


_DAMAGED: Final = sqlite3.DatabaseError("its index by rules was altered")


def _joined(packed: Iterable[bytes]) -> bytes:
    cells = list(packed)
    if not all(type(cell) is bytes for cell in cells):
        raise _DAMAGED
    return b"".join(cells)


def _newest(db: sqlite3.Connection, batch: int) -> dict[int, list[tuple[bytes, bytes]]]:
    """The lines of the batch that is not full yet."""
    return {rule: [(records, people)] for rule, _, records, people in _lines_now(db, batch)}


def _packed(form: str, numbers: list[int]) -> bytes:
    return struct.pack(f"<{len(numbers)}{form}", *numbers)


def _unpacked(form: str, packed: bytes) -> tuple[int, ...]:
    count = len(packed) // struct.calcsize(f"<{form}")
    return struct.unpack_from(f"<{count}{form}", packed)
