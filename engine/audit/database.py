"""The audit file as a database: one SQLite file, written by as many processes as like to, its owner's only.

What is written in one transaction is there, or nothing of it: a process that dies leaves finished entries and
no half of one. They are safe from a power cut, too, once the file was synced or closed; before that one may
take the last of them, and leaves a chain that holds. SQLite's write-ahead log lets others read meanwhile; it
needs a disk of this machine, as it does not work over a network share.
"""

from __future__ import annotations

import contextlib
import os
import sqlite3
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final, Self

from engine.audit import forms
from engine.audit.layout import APPLICATION_ID, LAYOUT, TABLES, foreign_objects, missing_objects
from engine.base.diagnostic import InvalidInput, Location
from engine.base.plain_text import composed
from engine.base.sentence import os_reason

WAIT_SECONDS: Final = 30
"""So long a writer waits for the others."""


class AuditFailed(Exception):
    """The audit file cannot be written, or not now; the message says why."""


class AuditDatabase:
    """An open audit file. `writable` creates what is missing; else a missing file is InvalidInput."""

    def __init__(self, path: Path, *, writable: bool = False) -> None:
        self.path = path
        self._connection: sqlite3.Connection | None = None
        self._unsynced = False
        try:
            self._open(writable)
        except (sqlite3.Error, OSError, ValueError) as error:  # ValueError: a path with a null character
            self.close()
            if writable:
                raise AuditFailed(_reason(error)) from None
            raise _unusable(path, _reason(error)) from None

    def _open(self, writable: bool) -> None:
        if writable:
            _create_owner_only(self.path)
        elif not self.path.is_file():
            raise _unusable(self.path, "there is no such file")
        address = f"{self.path.absolute().as_uri()}?mode={'rw' if writable else _reading_mode(self.path)}"
        self._connection = sqlite3.connect(address, uri=True, isolation_level=None, timeout=WAIT_SECONDS)
        # What is no UTF-8 is a cell like others, to be named.
        self.db.text_factory = _as_text
        for pragma in ("trusted_schema=OFF", "temp_store=MEMORY", "secure_delete=ON", "synchronous=NORMAL"):
            self.db.execute(f"PRAGMA {pragma}")
        self.db.create_function("composed", 1, _composed, deterministic=True)
        if writable and not self._layout():
            self._make_tables()
        if self._number("application_id") != APPLICATION_ID:
            raise sqlite3.DatabaseError("it is no audit file of Advise")
        if self._layout() != LAYOUT:
            raise sqlite3.DatabaseError(
                f"another version of Advise made it (layout {self._layout()}; this one reads layout {LAYOUT})"
            )
        if writable:  # a trigger would act when we write
            for what in (*missing_objects(self.db), *foreign_objects(self.db)):
                raise sqlite3.DatabaseError(f"it was altered, {what}")
        if address.endswith("mode=rw"):
            with contextlib.suppress(AuditFailed):  # a matter of the one who removes, or of the next
                self.finish_removal(patience=0)

    @property
    def db(self) -> sqlite3.Connection:
        """The open database."""
        assert self._connection is not None
        return self._connection

    def sync(self) -> None:
        """Sees to it that a power cut takes nothing of what was written. Raises AuditFailed."""
        if not self._unsynced:
            return
        try:
            # Without a log everything stands in the database, which was synced before the log went.
            with contextlib.suppress(FileNotFoundError), _log_of(self.path).open("r+b") as log:
                os.fsync(log.fileno())
        except OSError as error:
            raise AuditFailed(f"it was written, but the disk does not confirm it: {_reason(error)}") from None
        self._unsynced = False

    def close(self) -> None:
        """Ends the use of the file, once it is synced. Raises AuditFailed."""
        try:
            self.sync()
        finally:
            if self._connection is not None:
                self._connection.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        if kind is None:
            self.close()
        else:
            with contextlib.suppress(AuditFailed):  # what went wrong before is what to tell
                self.close()

    @contextmanager
    def reading(self) -> Iterator[sqlite3.Connection]:
        """The connection, to read from. Raises InvalidInput when the file is damaged."""
        try:
            yield self.db
        except forms.Malformed as error:
            raise self.altered(str(error)) from None
        except (sqlite3.Error, OverflowError) as error:
            raise _unusable(self.path, _reason(error)) from None

    def rows(self, query: str, values: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
        """The rows of a query. Raises InvalidInput when the file is damaged."""
        with self.reading() as db:
            for row in db.execute(query, values):  # noqa: UP028  # see below
                # `yield from` closes the cursor of a reader who leaves early; the file may be closed by then.
                yield row

    def one(self, query: str, values: tuple[Any, ...] = ()) -> tuple[Any, ...] | None:
        """The first row of a query, or None."""
        return next(self.rows(query, values), None)

    def _number(self, pragma: str) -> int:
        number: int = self.db.execute(f"PRAGMA {pragma}").fetchone()[0]
        return number

    def _layout(self) -> int:
        return self._number("user_version")

    def _make_tables(self) -> None:
        db = self.db
        if db.execute("SELECT 1 FROM sqlite_master LIMIT 1").fetchone():
            raise sqlite3.DatabaseError("it is another database, not an audit file of Advise")
        _patiently(lambda: db.execute("PRAGMA journal_mode=WAL"))
        with self.transaction():
            if not self._layout():  # another process may have been quicker
                for statement in TABLES:
                    db.execute(statement)
                db.execute(f"PRAGMA application_id={APPLICATION_ID}")
                db.execute(f"PRAGMA user_version={LAYOUT}")

    @contextmanager
    def transaction(self) -> Iterator[sqlite3.Connection]:
        """Everything in it is written, or nothing; one within another is part of it. Raises AuditFailed."""
        db = self.db
        if db.in_transaction:
            yield db
            return
        try:
            db.execute("BEGIN IMMEDIATE")
            try:
                yield db
                db.execute("COMMIT")
                self._unsynced = True
            except BaseException:
                with contextlib.suppress(sqlite3.Error):
                    db.execute("ROLLBACK")
                raise
        except (sqlite3.Error, OverflowError) as error:
            raise AuditFailed(_reason(error)) from None

    def finish_removal(self, patience: float | None = None) -> None:
        """Wipes what a removal leaves in the file, in free pages and in the log.

        Raises AuditFailed when others read on for longer than `patience` seconds, or the disk is full.
        """
        db = self.db
        seconds = WAIT_SECONDS if patience is None else patience
        try:
            pending = {wipe for (wipe,) in db.execute("SELECT wipe FROM pending")}
            db.execute(f"PRAGMA busy_timeout={int(seconds * 1000)}")
            if "pages" in pending:
                db.execute("VACUUM")
                db.execute("DELETE FROM pending WHERE wipe = 'pages'")
            if pending and db.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()[0]:
                raise AuditFailed("others are reading the file")
            if pending:
                db.execute("DELETE FROM pending")
        except sqlite3.Error as error:
            raise AuditFailed(_reason(error)) from None
        finally:
            db.execute(f"PRAGMA busy_timeout={int(WAIT_SECONDS * 1000)}")

    def altered(self, problem: str) -> InvalidInput:
        """The error for what is not as it was written."""
        help_text = "`advise audit verify` tells all that was altered."
        return InvalidInput.error("audit-altered", problem, Location(str(self.path), 0), help_text)


def _composed(label: Any) -> Any:
    return composed(label) if isinstance(label, str) else label


def _as_text(raw: bytes) -> str:
    return raw.decode("utf-8", "surrogateescape")


def _create_owner_only(path: Path) -> None:
    """A file that only its owner can read, if there is none that holds anything. Its log will be alike."""
    try:
        os.close(os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600))
    except FileExistsError:
        if path.is_file() and not path.stat().st_size:  # as `touch` leaves it, for everybody to read
            with contextlib.suppress(PermissionError):  # somebody else's, or a disk that knows no modes
                path.chmod(0o600)


def _reading_mode(path: Path) -> str:
    """Also readers keep the log in order, where they may; a copy on a read-only disk is read as it stands."""
    if os.access(path, os.W_OK) and os.access(path.absolute().parent, os.W_OK):
        return "rw"
    log = _log_of(path)
    return "ro" if log.exists() and log.stat().st_size else "ro&immutable=1"


def _log_of(path: Path) -> Path:
    return path.with_name(f"{path.name}-wal")


def _patiently(step: Callable[[], object]) -> None:
    """The change to a log does not wait for other processes by itself."""
    until = time.monotonic() + WAIT_SECONDS
    while True:
        try:
            step()
            return
        except sqlite3.OperationalError as error:
            if "locked" not in str(error) or time.monotonic() >= until:
                raise
            time.sleep(0.02)


def _unusable(path: Path, reason: str) -> InvalidInput:
    message = f"The audit file cannot be used: {reason}."
    help_text = "Name the audit file with --audit FILE or in $ADVISE_AUDIT."
    return InvalidInput.error("audit-file", message, Location(str(path), 0), help_text)


_REASONS: Final = {
    "SQLITE_FULL": "the disk is full",
    "SQLITE_READONLY": "it is read-only",
    "SQLITE_NOTADB": "it is no audit file of Advise",
    "SQLITE_BUSY": f"others are writing to it for over {WAIT_SECONDS} seconds",
    "SQLITE_CANTOPEN": "it cannot be opened",
    "SQLITE_CORRUPT": "it is damaged",
    "SQLITE_IOERR": "the disk does not take it",
    "SQLITE_PERM": "it may not be opened",
}


def _reason(error: Exception) -> str:
    if isinstance(error, OverflowError):
        return "it was altered: a number in it is too large"
    if isinstance(error, OSError):
        return os_reason(error).lower()
    name = getattr(error, "sqlite_errorname", "")
    known = next((words for code, words in _REASONS.items() if name.startswith(code)), None)
    return known or str(error)
