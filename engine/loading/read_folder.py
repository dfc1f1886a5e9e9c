"""The files of a policy folder into the model: read, shape checked, nothing resolved yet."""

from __future__ import annotations

import re
from collections.abc import Iterable

from engine.base.diagnostic import Diagnostic, InvalidInput, Location, joined
from engine.base.read import Document, InvalidDocument, PolicyFile, read_yaml
from engine.language.model import Policies, PolicyDocument, Release
from engine.loading import shape
from engine.loading.folder import LOCK, digest_of
from engine.loading.lockfile import read_lock
from engine.loading.parse import Parsed, parse


class UnusableFolder(InvalidInput):
    """Some files have problems; `policies` is what could be read of the rest."""

    def __init__(self, diagnostics: Iterable[Diagnostic], policies: Policies) -> None:
        super().__init__(diagnostics)
        self.policies = policies


def read_policies(files: tuple[PolicyFile, ...]) -> Policies:
    """The model of files given as bytes. Raises UnusableFolder."""
    documents: list[PolicyDocument] = []
    broken: list[str] = []
    problems: list[Diagnostic] = []
    released: tuple[Release, ...] | None = None
    current = {file.content for file in files if not file.path.startswith("archive/")}
    for file in files:
        if file.path == LOCK:
            released, unreadable = read_lock(file)
            problems.extend(unreadable)
            continue
        if file.path.startswith("archive/") and file.content in current:
            continue  # the kept copy of a version that its authors have not touched since its release
        parsed = _read_file(file)
        problems.extend(parsed.problems)
        broken.extend(_may_declare(file) if "*" in parsed.broken else parsed.broken)
        if parsed.document is not None:
            documents.append(parsed.document)
    policies = Policies(tuple(documents), digest_of(files), tuple(sorted(set(broken))), released)
    if problems:
        raise UnusableFolder(problems, policies)
    return policies


def _read_file(file: PolicyFile) -> Parsed:
    try:
        source = read_yaml(file.content, file.path)
    except InvalidDocument as misread:
        found = _understood(misread.source, file)
        return Parsed(found.document, ("*",), joined(misread.diagnostics, found.problems))
    except InvalidInput as refused:
        return Parsed(None, ("*",), refused.diagnostics)
    return _understood(source, file)


_KIND = re.compile(rf"^({'|'.join(shape.KINDS)}): *[\"']?([a-z0-9-]*)", re.MULTILINE)
_NAME = re.compile(r"([A-Za-z][\w.-]*)[\"']?[ ]*:")
_ID = re.compile(r"\bid: *[\"']?([a-z0-9-]+)")


def _may_declare(file: PolicyFile) -> tuple[str, ...]:
    """The names that a file may declare of which a part cannot be read: what stands in it before a colon.

    "*", any name, where not even its kind can be told.
    """
    text = file.content.decode("utf-8", "replace")
    head = _KIND.search(text)
    if head is None:
        return ("*",)
    rules = (f"{head[2]}/{found}" for found in _ID.findall(text))
    return head[1], *_NAME.findall(text), *rules


def _understood(source: Document, file: PolicyFile) -> Parsed:
    kind = shape.kind_of(source)
    if kind is None:
        message = "This file does not say what it is."
        kinds = ", ".join(f"`{kind}:`" for kind in shape.KINDS)
        help_text = f"Begin it with `advise_language: 1` and one of {kinds}."
        return Parsed(
            None, ("*",), (source.diagnose("unknown-kind", message, Location(file.path), help_text),)
        )
    misshapen = shape.check_shape(source, kind)
    parsed = parse(source, kind, file.content, tuple(pointer for pointer, _ in misshapen))
    return Parsed(parsed.document, parsed.broken, (*(problem for _, problem in misshapen), *parsed.problems))
