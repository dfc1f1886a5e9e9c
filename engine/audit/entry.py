"""Entries of an audit file as values, and how each is bound to the one before.

An entry has an open part (when, who, on which policies, with which tool) and a content, which is about a
person. The chain goes over the open part and over a *commitment* to the content, made under a random salt.
When the content is removed together with its salt, the chain can still be followed, and nothing can be
guessed back from what is left: without the salt, no guess can be tried.
"""

from __future__ import annotations

import hashlib
import json
from typing import Any, Final, Literal

from engine.base.record import record, values_of

EntryKind = Literal["report", "outcome", "removal"]

SALT_BYTES: Final = 32
FIRST: Final = bytes(32)
"""What stands in place of a former entry's chain value before the first."""


@record
class Content:
    """What an entry says about a person.

    `facts` (by their full names) and `body` (the report, or an outcome) are compressed JSON. `given` are the
    rules whose items a report shows, each as `policy/rule version source#anchor …`, in their order.
    """

    salt: bytes
    applicant: str | None
    facts: bytes
    body: bytes
    given: tuple[str, ...]

    @property
    def commitment(self) -> bytes:
        """Binds to the content without telling anything of it to whoever lacks the salt."""
        applicant = b"" if self.applicant is None else b"=" + self.applicant.encode()
        return _digest(
            b"advise content 1", self.salt, applicant, self.facts, self.body, "\n".join(self.given).encode()
        )


@record
class Entry:
    """The open part of an entry, with what binds it.

    `made_at` is UTC. `basis` is the digest of the policies a report rests on (none: empty). `about` are the
    entries an outcome or a removal is about. `chain` covers all of it and the former entry's `chain`.
    """

    id: int
    kind: EntryKind
    made_at: str
    made_by: str
    as_of: str
    tool: str
    engine: str
    python: str
    basis: str
    about: tuple[int, ...]
    commitment: bytes
    chain: bytes

    def chained(self, former: bytes) -> bytes:
        """What its chain value must be, when `former` is that of the entry before it."""
        *open_part, about, commitment, _ = values_of(self)
        text = _compact([*open_part, list(about)])
        return _digest(b"advise audit 1", former, text.encode(), commitment)


def entry_of(row: tuple[Any, ...], basis: str) -> Entry:
    """A row of the table, whose form was seen, as a value; `basis` is the digest its number stands for."""
    *fields, _, about, commitment, chain = row
    return Entry(*(*fields, basis, tuple(json.loads(about)), commitment, chain))


_compact: Final = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode


def _digest(*parts: bytes) -> bytes:
    """SHA-256 over parts, each after its length, so that no two lists of parts are taken for one another."""
    digest = hashlib.sha256()
    for part in parts:
        digest.update(b"%d:" % len(part))
        digest.update(part)
    return digest.digest()


@record
class Head:
    """The last entry: its number and chain value. Kept elsewhere, it shows whether the end was cut off."""

    id: int
    chain: bytes

    def __str__(self) -> str:
        return f"{self.id}:{self.chain.hex()}"


def read_head(text: str) -> Head | None:
    """A head as `str` writes it; None when it is none."""
    number, _, value = text.strip().partition(":")
    try:
        chain = bytes.fromhex(value)
    except ValueError:
        return None
    return Head(int(number), chain) if number.isascii() and number.isdigit() and len(chain) == 32 else None
