"""The files of a policy folder into the model: read, shape checked, nothing resolved yet."""

from __future__ import annotations

from collections.abc import Iterable

from engine import schema
from engine.diagnostic import Diagnostic, Location, Refused, joined
from engine.folder import PolicyFile, digest_of
from engine.model import Document, Policies
from engine.parse import Parsed, parse
from engine.source import Misread, Source, read_yaml


class UnusableFolder(Refused):
    """Some files have problems; `policies` is what could be read of the rest."""

    def __init__(self, diagnostics: Iterable[Diagnostic], policies: Policies) -> None:
        super().__init__(diagnostics)
        self.policies = policies


def read_policies(files: tuple[PolicyFile, ...]) -> Policies:
    """The model of files given as bytes. Raises UnusableFolder."""
    documents: list[Document] = []
    broken: list[str] = []
    problems: list[Diagnostic] = []
    for file in files:
        parsed = _read_file(file)
        problems.extend(parsed.problems)
        broken.extend(parsed.broken)
        if parsed.document is not None:
            documents.append(parsed.document)
    policies = Policies(tuple(documents), digest_of(files), tuple(sorted(set(broken))))
    if problems:
        raise UnusableFolder(problems, policies)
    return policies


def _read_file(file: PolicyFile) -> Parsed:
    try:
        source = read_yaml(file.content, file.path)
    except Misread as misread:
        found = _understood(misread.source, file)
        return Parsed(found.document, ("*",), joined(misread.diagnostics, found.problems))
    except Refused as refused:
        return Parsed(None, ("*",), refused.diagnostics)
    return _understood(source, file)


def _understood(source: Source, file: PolicyFile) -> Parsed:
    kind = schema.kind_of(source)
    if kind is None:
        message = "This file does not say what it is."
        kinds = ", ".join(f"`{kind}:`" for kind in schema.KINDS)
        help_text = f"Begin it with `advise_language: 1` and one of {kinds}."
        return Parsed(
            None, ("*",), (source.diagnose("unknown-kind", message, Location(file.path), help_text),)
        )
    shape = schema.check_shape(source, kind)
    parsed = parse(source, kind, file.content, tuple(pointer for pointer, _ in shape))
    return Parsed(parsed.document, parsed.broken, (*(problem for _, problem in shape), *parsed.problems))
