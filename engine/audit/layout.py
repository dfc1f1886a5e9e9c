"""The tables of an audit file.

`entry` is the chain, `content` what may be removed from it. Everything else is kept once and pointed to: the
text of the policies (`text`, `folder`, `basis`: the files in force for a report), and the rules with the
passages they rest on. `given`, `rule_cite` and `basis_file` are there to find records by; verification holds
them against the rest. `pending` is what a removal has still to wipe.
"""

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from functools import cache
from typing import Final

APPLICATION_ID: Final = 0x41647641
"""`AdvA`: other databases are told apart by it."""
LAYOUT: Final = 2

TABLES: Final = (
    "CREATE TABLE text (digest TEXT PRIMARY KEY, content BLOB NOT NULL) WITHOUT ROWID",
    "CREATE TABLE folder (digest TEXT PRIMARY KEY, files TEXT NOT NULL) WITHOUT ROWID",
    """CREATE TABLE basis (
      id INTEGER PRIMARY KEY, digest TEXT NOT NULL UNIQUE, folder TEXT NOT NULL, said TEXT NOT NULL)""",
    """CREATE TABLE basis_file (
      policy TEXT, version TEXT, basis INTEGER, PRIMARY KEY (policy, version, basis)) WITHOUT ROWID""",
    """CREATE TABLE rule (
      id INTEGER PRIMARY KEY, said TEXT NOT NULL UNIQUE, name TEXT NOT NULL, version TEXT NOT NULL)""",
    "CREATE INDEX rule_by_name ON rule (name)",
    """CREATE TABLE rule_cite (
      source TEXT, anchor TEXT, rule INTEGER, PRIMARY KEY (source, anchor, rule)) WITHOUT ROWID""",
    """CREATE TABLE entry (
      id INTEGER PRIMARY KEY, kind TEXT NOT NULL, made_at TEXT NOT NULL, made_by TEXT NOT NULL,
      as_of TEXT NOT NULL, tool TEXT NOT NULL, engine TEXT NOT NULL, python TEXT NOT NULL,
      basis INTEGER NOT NULL, about TEXT NOT NULL, commitment BLOB NOT NULL, chain BLOB NOT NULL)""",
    "CREATE INDEX entry_by_kind ON entry (kind) WHERE kind <> 'report'",
    """CREATE TABLE content (
      entry INTEGER PRIMARY KEY, applicant TEXT, salt BLOB NOT NULL, given TEXT NOT NULL, facts BLOB NOT NULL,
      body BLOB NOT NULL)""",
    "CREATE INDEX content_by_applicant ON content (applicant)",
    """CREATE TABLE given (
      rule INTEGER, batch INTEGER, records BLOB NOT NULL, people BLOB NOT NULL,
      PRIMARY KEY (rule, batch)) WITHOUT ROWID""",
    """CREATE TABLE signature (
      entry INTEGER, key TEXT, made_at TEXT NOT NULL, value BLOB NOT NULL,
      PRIMARY KEY (entry, key)) WITHOUT ROWID""",
    "CREATE TABLE pending (wipe TEXT PRIMARY KEY) WITHOUT ROWID",
)


_Objects = set[tuple[str, str, str]]
"""Of each: its kind, its name, and its SQL."""


def missing_objects(db: sqlite3.Connection) -> Iterator[str]:
    """Tables and indexes that are not there, or not as they are made here."""
    for kind, name, _ in sorted(_made() - _objects(db)):
        yield f"the {kind} `{name}` is missing, or not as it was made"


def foreign_objects(db: sqlite3.Connection) -> Iterator[str]:
    """Tables, indexes, triggers and views that are not made here."""
    made = {(kind, name) for kind, name, _ in _made()}
    for kind, name, _ in sorted(_objects(db)):
        if (kind, name) not in made:
            yield f"the {kind} {name!a} does not belong there"


@cache
def _made() -> _Objects:
    with closing(sqlite3.connect(":memory:")) as db:
        for statement in TABLES:
            db.execute(statement)
        return _objects(db)


def _objects(db: sqlite3.Connection) -> _Objects:
    return {
        (kind, name, sql or "") for kind, name, sql in db.execute("SELECT type, name, sql FROM sqlite_master")
    }
