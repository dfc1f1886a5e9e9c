"""Is the audit file as it was written? Everything that is not, by the number of its record."""

from __future__ import annotations

import hashlib
import json
import zlib
from collections.abc import Iterator, Mapping
from typing import Final

from engine.audit import rule_index
from engine.audit.entry import FIRST, Content, Entry, Head
from engine.audit.file import AuditFile
from engine.base.read import PolicyFile
from engine.base.record import record
from engine.loading.folder import digest_of

STRIDE: Final = 300
"""So many batches of records are held against the index at a time: memory stays flat."""


@record
class Verified:
    """What was looked at (`records`, and how many of them are emptied), the last entry, and every problem."""

    records: int
    emptied: int
    head: Head | None
    problems: tuple[str, ...]


def verify(audit: AuditFile, kept_head: Head | None = None) -> Verified:
    """Checks the chain, every content and the policies; `kept_head` is a head that was kept elsewhere.

    The first broken record is named; those after it are still held against their own commitments.
    """
    problems: list[str] = []
    said: dict[int, str] = dict(audit.rows("SELECT id, said FROM rule"))
    removed = {number for entry in audit.entries("e.kind = 'removal'") for number in entry.about}
    index = _Index(audit)
    last, former, emptied, chain_holds, meets_head = 0, FIRST, 0, True, kept_head is None
    for entry, content, shown in _all(audit, said):
        if chain_holds and (problem := _chain_problem(entry, last + 1, former)):
            problems.append(problem)
            chain_holds = False
        if kept_head is not None and entry.id == kept_head.id:
            meets_head = entry.chain == kept_head.chain
        last, former = entry.id, entry.chain
        if problem := _content_problem(entry, content, last in removed):
            problems.append(problem)
        emptied += entry.kind != "removal" and content is None
        problems += index.add(last, content, shown)
    problems += index.finish()
    if kept_head is not None and not meets_head:
        problems.append(_head_problem(kept_head, last))
    problems += _policy_problems(audit)
    problems += _lookup_problems(audit)
    return Verified(last, emptied, Head(last, former) if last else None, tuple(problems))


def _all(audit: AuditFile, said: Mapping[int, str]) -> Iterator[tuple[Entry, Content | None, list[int]]]:
    """Each entry, its content if it has one, and the numbers of the rules that the content shows."""
    bases: dict[int, str] = dict(audit.rows("SELECT id, digest FROM basis"))
    bases[0] = ""
    query = (
        "SELECT e.id, e.kind, e.made_at, e.made_by, e.as_of, e.tool, e.engine, e.python, e.basis, e.about, "
        "e.commitment, e.chain, c.salt, c.applicant, c.facts, c.body, c.given "
        "FROM entry e LEFT JOIN content c ON c.entry = e.id ORDER BY e.id"
    )
    nobody: tuple[int, ...] = ()
    for *head, basis, about, commitment, chain, salt, applicant, facts, body, given in audit.rows(query):
        named = tuple(json.loads(about)) if about != "[]" else nobody
        entry = Entry(*(*head, bases.get(basis, "?"), named, commitment, chain))
        if salt is None:
            yield entry, None, []
        else:
            rules = rule_index.rules_in(given)
            texts = tuple([said.get(rule, "?") for rule in rules])
            yield entry, Content(salt, applicant, facts, body, texts), rules


def _chain_problem(entry: Entry, expected: int, former: bytes) -> str | None:
    if entry.id > expected:
        last = entry.id - 1
        missing = f"Record {expected} is" if last == expected else f"Records {expected} to {last} are"
        return f"{missing} missing."
    if entry.chain != entry.chained(former):
        return f"Record {entry.id} was altered, or does not follow the record before it."
    return None


def _content_problem(entry: Entry, content: Content | None, removed: bool) -> str | None:
    if content is None:
        if entry.kind == "removal" or removed:
            return None
        return f"Record {entry.id}: its content is gone, and no removal of it is recorded."
    if content.commitment != entry.commitment:
        return f"Record {entry.id}: the facts, the report or the rules it names were altered."
    return None


def _head_problem(head: Head, last: int) -> str:
    if head.id > last:
        missing = f"Record {head.id} is" if head.id == last + 1 else f"Records {last + 1} to {head.id} are"
        return f"{missing} missing at the end: the head that was kept is that of record {head.id}."
    return f"Record {head.id} is not the one whose head was kept: the chain was written anew."


class _Index:
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
            yield f"The index by rules has {count} lines; by the reports it would have {self._total}."

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


def _policy_problems(audit: AuditFile) -> Iterator[str]:
    """Policies whose text is not what reports rest on."""
    contents: dict[str, bytes] = {}
    for digest, packed in audit.rows("SELECT digest, content FROM text"):
        try:
            contents[digest] = zlib.decompress(packed)
        except zlib.error:
            contents[digest] = b""
    folders = dict(audit.rows("SELECT digest, files FROM folder"))
    for digest, files in folders.items():
        listed = json.loads(files)
        altered = [
            path
            for path, file in listed
            if file not in contents or hashlib.sha256(contents[file]).hexdigest() != file
        ]
        if altered:
            yield f"The kept text of {', '.join(altered)} was altered (policies sha256:{digest})."
        elif digest_of(tuple(PolicyFile(path, contents[file]) for path, file in listed)) != digest:
            yield f"The list of files of the policies sha256:{digest} was altered."
    for digest, folder, text in audit.rows("SELECT digest, folder, said FROM basis"):
        right = hashlib.sha256(text.encode()).hexdigest() == digest
        if not right or json.loads(text)[0] != f"sha256:{folder}" or folder not in folders:
            yield f"What is kept of the policies sha256:{folder} was altered."


def _lookup_problems(audit: AuditFile) -> Iterator[str]:
    """The tables by which reports are found by name, passage and version, held against their origin."""
    names: set[tuple[object, ...]] = set()
    cites: set[tuple[object, ...]] = set()
    versions: set[tuple[object, ...]] = set()
    for number, said in audit.rows("SELECT id, said FROM rule"):
        name, version, *passages = said.split(" ")
        names.add((number, name, version))
        cites.update((*passage.partition("#")[::2], number) for passage in passages)
    for number, text in audit.rows("SELECT id, said FROM basis"):
        versions.update((policy, version, number) for policy, version, *_ in json.loads(text)[2])
    tables = (
        ("rules", names, "SELECT id, name, version FROM rule"),
        ("passages", cites, "SELECT source, anchor, rule FROM rule_cite"),
        ("policy versions", versions, "SELECT policy, version, basis FROM basis_file"),
    )
    for what, right, query in tables:
        if set(audit.rows(query)) != right:
            yield f"The index by {what} was altered."
