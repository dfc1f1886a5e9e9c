"""A version that begins while the former says it is still in force.

From the day on which the next version of a file begins, the former is not in force any more, whatever its
`until` says. Two versions that claim the same days leave a reader in doubt which one counted. A released
version is never changed, so it is the later one that begins on another day, or says why.

Fails, in file archive/example-1.yaml:

    advise_language: 1
    policy: example
    title: Example, as it was
    version: "1.0.0"
    status: active
    effective: {from: 2026-01-01, until: 2026-12-31}

And, in policy:

    version: "1.1.0"
    effective: {from: 2026-06-03}

Passes, in file archive/example-1.yaml:

    advise_language: 1
    policy: example
    title: Example, as it was
    version: "1.0.0"
    status: active
    effective: {from: 2026-01-01, until: 2026-06-02}

And, in policy:

    version: "1.1.0"
    effective: {from: 2026-06-03}
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from datetime import date
from typing import Final

from engine.base.diagnostic import Diagnostic, Related
from engine.checking.checks.subject import Subject
from engine.language.model import FileVersion

CODE: Final = "version-cut-short"


def check(subject: Subject) -> Iterator[Diagnostic]:
    """A warning for each released version that begins on or before the day of the former's `until`."""
    file_versions = [document.file_version for document in subject.policies.documents]
    released = sorted(
        (file_version for file_version in file_versions if file_version.status != "draft"),
        key=lambda file_version: (file_version.kind, file_version.id, file_version.effective_from),
    )
    for former, latter in itertools.pairwise(released):
        same = (former.kind, former.id) == (latter.kind, latter.id)
        if same and former.effective_until and former.effective_until >= latter.effective_from:
            yield _diagnostic(former, latter)


def _diagnostic(former: FileVersion, latter: FileVersion) -> Diagnostic:
    assert former.effective_until is not None
    message = (
        f"Version {latter.version} of `{latter.id}` takes over on {latter.effective_from}, "
        f"but version {former.version} claims the days until {former.effective_until}."
    )
    following = former.effective_until.toordinal() + 1
    begin = f"Let it begin on {date.fromordinal(following)}, or " if following <= date.max.toordinal() else ""
    help_text = f"{begin}say why it takes over: `# allow {CODE}: …`."
    help_text = help_text[0].upper() + help_text[1:]
    related = (Related(former.at, f"Version {former.version} is here."),)
    words = f"from: {latter.effective_from}"
    return Diagnostic(CODE, message, latter.at, help_text, "warning", related=related, words=words)
