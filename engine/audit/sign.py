"""The head of an audit file, signed: whoever writes the whole chain anew cannot sign it anew.

Ed25519 by way of the library `cryptography` (`pip install advise[sign]`), imported when it is used.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

from engine.audit.database import AuditFailed
from engine.audit.entry import Head
from engine.audit.file import AuditFile
from engine.audit.forms import CELLS, malformed, malformed_cells
from engine.audit.recording import now
from engine.base.diagnostic import CommandLine, InvalidInput, Location
from engine.base.record import record
from engine.base.sentence import os_reason


@record
class Signed:
    """The newest head that a key signed, and what is wrong with any of its signatures."""

    id: int | None
    made_at: str
    problems: tuple[str, ...]


def make_key(path: Path) -> str:
    """Writes a new private key for its owner only; the public key as text. Raises InvalidInput."""
    serialization, ed25519 = _library()
    key = ed25519.Ed25519PrivateKey.generate()
    text = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    try:
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(handle, "wb") as stream:
            stream.write(text)
    except OSError as error:
        raise _key_problem(path, f"cannot be written: {os_reason(error)}") from None
    return _public_text(key.public_key())


def sign_head(audit: AuditFile, key_file: Path) -> tuple[Head, str]:
    """Signs the head and keeps the signature; the head, and the public key. Raises both errors."""
    serialization, ed25519 = _library()
    try:
        key = serialization.load_pem_private_key(key_file.read_bytes(), password=None)
    except OSError as error:
        raise _key_problem(key_file, f"cannot be read: {os_reason(error)}") from None
    except (ValueError, TypeError):
        raise _key_problem(key_file, "is no private key without a password") from None
    if not isinstance(key, ed25519.Ed25519PrivateKey):
        raise _key_problem(key_file, "is no Ed25519 key")
    public = _public_text(key.public_key())
    with audit.transaction() as db:
        head = audit.head()
        if head is None:
            raise AuditFailed("there is nothing to sign: the file is empty")
        made_at = now()
        row = (head.id, public, made_at, key.sign(_message(head, made_at)))
        db.execute("INSERT OR REPLACE INTO signature VALUES (?,?,?,?)", row)
    return head, public


def verify_signatures(audit: AuditFile, public: str) -> Signed:
    """Holds every signature of a key (its text, or a file with it) against the chain. Raises InvalidInput."""
    _, ed25519 = _library()
    from cryptography.exceptions import InvalidSignature

    text = _public_of(public)
    key = ed25519.Ed25519PublicKey.from_public_bytes(bytes.fromhex(text))
    problems, newest, newest_at = [], None, ""
    rows = audit.rows(
        "SELECT s.*, e.chain FROM signature s LEFT JOIN entry e ON e.id = s.entry "
        "WHERE s.key = ? ORDER BY s.entry",
        (text,),
    )
    for *row, chain in rows:
        number, _, made_at, value = row
        if problem := next(malformed_cells("signature", tuple(row)), None):
            problems.append(problem)
            continue
        if chain is not None and not CELLS["entry"]["chain"](chain):
            problems.append(malformed(f"Record {number}", "chain"))
            continue
        if chain is None:
            problems.append(f"Record {number} was signed on {made_at}, and is missing.")
            continue
        try:
            key.verify(value, _message(Head(number, chain), made_at))
        except InvalidSignature:
            problems.append(f"Record {number} is not the one that was signed: the chain was written anew.")
        else:
            newest, newest_at = number, made_at
    if newest is None and not problems:
        problems.append("Nothing is signed with this key.")
    return Signed(newest, newest_at, tuple(problems))


def _message(head: Head, made_at: str) -> bytes:
    return f"advise audit head 1\n{head}\n{made_at}\n".encode()


def _public_of(given: str) -> str:
    path = Path(given)
    text = path.read_text("utf-8", errors="replace").strip() if len(given) != 64 and path.is_file() else given
    try:
        if len(bytes.fromhex(text)) == 32:
            return text.lower()
    except ValueError:
        pass
    raise _key_problem(path, "is no public key: 64 characters, as `advise audit key` prints them")


def _public_text(key: Any) -> str:
    raw: bytes = key.public_bytes_raw()
    return raw.hex()


def _key_problem(path: Path, what: str) -> InvalidInput:
    return InvalidInput.error("signing-key", f"The key {what}.", Location(str(path), 0))


def _library() -> tuple[Any, Any]:
    try:
        from cryptography.hazmat.primitives import serialization
        from cryptography.hazmat.primitives.asymmetric import ed25519
    except ImportError:
        message = "Signing needs the library cryptography."
        raise InvalidInput.error(
            "signing-key", message, CommandLine("--key"), "Run: pip install 'advise[sign]'"
        ) from None
    return serialization, ed25519
