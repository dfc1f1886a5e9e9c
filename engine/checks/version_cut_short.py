"""A version that says it is in force longer than it is.

From the day on which the next version of a file begins, the former is not in force any more, whatever its
`until` says. Two versions that claim the same days leave a reader in doubt which one counted.

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
from datetime import timedelta
from typing import Final

from engine.checks.subject import Subject
from engine.diagnostic import Diagnostic, Related
from engine.model import Edition

CODE: Final = "version-cut-short"


def check(subject: Subject) -> Iterator[Diagnostic]:
    """A warning for each released version whose `until` lies on or after the day its successor begins."""
    editions = [document.edition for document in subject.policies.documents]
    released = sorted(
        (edition for edition in editions if edition.status != "draft"),
        key=lambda edition: (edition.kind, edition.id, edition.effective_from),
    )
    for former, latter in itertools.pairwise(released):
        same = (former.kind, former.id) == (latter.kind, latter.id)
        if same and former.effective_until and former.effective_until >= latter.effective_from:
            yield _diagnostic(former, latter)


def _diagnostic(former: Edition, latter: Edition) -> Diagnostic:
    message = (
        f"Version {former.version} of `{former.id}` claims the days until {former.effective_until}, "
        f"but version {latter.version} takes over on {latter.effective_from}."
    )
    end = latter.effective_from - timedelta(days=1)
    return Diagnostic(
        CODE,
        message,
        former.at,
        f"Write `until: {end}`, or leave `until` out.",
        "warning",
        related=(Related(latter.at, f"Version {latter.version} begins here."),),
        words=f"until: {former.effective_until}",
    )
