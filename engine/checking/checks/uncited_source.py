"""A source that nothing cites.

Every source must be compared with its original again and again. One that no rule and no parameter cites
costs that work for nothing, or a rule that should rest on it cites another.

Fails, in sources:

    entries:
      old-guide:
        title: The guide of long ago
        publisher: Advising office
        kind: guide
        retrieved: 2026-06-01
        checked_on: 2026-09-01
        anchors: {scores: {title: Scores}}

Passes, in sources:

    entries:
      old-guide:
        title: The guide of long ago
        publisher: Advising office
        kind: guide
        retrieved: 2026-06-01
        checked_on: 2026-09-01
        anchors: {scores: {title: Scores}}

And, in rule:

    id: scores
    cites: [old-guide#scores]
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from engine.base.diagnostic import Diagnostic
from engine.checking.checks.subject import Subject

CODE: Final = "uncited-source"


def check(subject: Subject) -> Iterator[Diagnostic]:
    """A warning for each source in force that no version of a rule or parameter cites."""
    for source in subject.policy_set.sources.values():
        if source.id not in subject.uses.sources:
            message = f"Nothing cites the source `{source.id}`."
            help_text = "Cite it where a rule rests on it, or remove it."
            yield Diagnostic(CODE, message, source.at, help_text, "warning", words=source.id)
