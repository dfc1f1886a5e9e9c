"""A passage of a cited source that nothing cites.

An anchor stands for one passage that advice rests on. One that nothing cites may be a passage whose rule is
still missing: write the rule, or remove the anchor.

Fails, in sources:

    entries:
      step-guide:
        title: Step guide
        publisher: Advising office
        kind: guide
        retrieved: 2026-06-01
        checked_on: 2026-09-01
        anchors:
          target.low: {title: Scores from 215 to 224}
          target.lost: {title: Scores below 180}

And, in rule:

    id: low
    cites: [step-guide#target.low]

Passes, in sources:

    entries:
      step-guide:
        title: Step guide
        publisher: Advising office
        kind: guide
        retrieved: 2026-06-01
        checked_on: 2026-09-01
        anchors:
          target.low: {title: Scores from 215 to 224}
          target.lost: {title: Scores below 180}

And, in rule:

    id: low
    cites: [step-guide#target.low, step-guide#target.lost]
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from engine.base.diagnostic import Diagnostic
from engine.checking.checks.subject import Subject

CODE: Final = "uncited-anchor"


def check(subject: Subject) -> Iterator[Diagnostic]:
    """A warning for each anchor that nothing cites; a source that nothing cites has a warning of its own."""
    for source in subject.policy_set.sources.values():
        if source.id not in subject.uses.sources:
            continue
        for anchor in source.anchors:
            if (source.id, anchor) not in subject.uses.citations:
                message = f"Nothing cites `{source.id}#{anchor}`."
                help_text = "Write the rule that rests on it, or remove the anchor."
                yield Diagnostic(CODE, message, source.at, help_text, "warning", words=anchor)
