"""A file that was required in its former version, and is no more.

Without a required file there is no report at all. Take `required` away, and guidance that must never be
missing may lapse: the reader is told, and the advice of the other files is given as ever.

Fails, in file archive/example-1.yaml:

    advise_language: 1
    policy: example
    title: Example, as it was
    version: "0.9.0"
    status: active
    required: true
    effective: {from: 2026-01-01}

And, in policy:

    title: Example

Passes, in file archive/example-1.yaml:

    advise_language: 1
    policy: example
    title: Example, as it was
    version: "0.9.0"
    status: active
    required: true
    effective: {from: 2026-01-01}

And, in policy:

    title: Example
    required: true
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from engine.base.diagnostic import Diagnostic, Related
from engine.checking.checks.subject import Subject

CODE: Final = "required-dropped"


def check(subject: Subject) -> Iterator[Diagnostic]:
    """A warning for each unreleased version that lacks the `required` of the one before."""
    for document in subject.policies.documents:
        head, former = document.file_version, subject.former(document.file_version)
        if former is not None and former.file_version.required and not head.required:
            message = f"`{head.id}` was required in version {former.file_version.version}, and is no more."
            help_text = f"Write `required: true`, or say why it may be missing: `# allow {CODE}: …`."
            related = (Related(former.file_version.at, "the former version"),)
            yield Diagnostic(CODE, message, head.at, help_text, "warning", related=related)
