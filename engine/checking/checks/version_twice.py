"""A version that stands in the archive too, with another text.

Two files say that they are the same version. The one in the folder counts, and nobody can tell which of them
was followed. Where there is a `releases.lock`, it says which one was released. Give the changed one the next
number, or remove the other.

Fails, in file archive/example-1.yaml:

    advise_language: 1
    policy: example
    title: Example, as it was
    version: "1.0.0"
    status: active
    effective: {from: 2026-01-01}

And, in policy:

    version: "1.0.0"

Passes, in file archive/example-1.yaml:

    advise_language: 1
    policy: example
    title: Example, as it was
    version: "1.0.0"
    status: active
    effective: {from: 2026-01-01}

And, in policy:

    version: "1.0.1"
    effective: {from: 2026-06-03}
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from engine.base.diagnostic import Diagnostic, Related
from engine.checking.checks.subject import Subject
from engine.loading.folder import is_archived

CODE: Final = "version-twice"


def check(subject: Subject) -> Iterator[Diagnostic]:
    """An error for each version of a folder without a lock that an archived file has with another content."""
    if subject.policies.released is not None:
        return  # what is not as it was released is told already
    heads = [document.file_version for document in subject.policies.documents]
    archived = {(head.kind, head.id, head.version): head for head in heads if is_archived(head.path)}
    for head in heads:
        other = archived.get((head.kind, head.id, head.version))
        if other is not None and not is_archived(head.path) and head.status != "draft":
            message = f"`{head.id}` {head.version} stands in {other.path} too, with another text."
            help_text = "Give this one the next number, or remove the one of them that was never followed."
            related = (Related(other.at, "the other text"),)
            yield Diagnostic(CODE, message, head.at, help_text, related=related)
