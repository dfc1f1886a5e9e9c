"""A fact that nothing looks at.

A fact of the vocabulary or the calendar that no rule, no other fact, no consistency rule and no text uses.
Whoever fills in facts is asked for it in vain, or a reader believes that a rule takes it into account.
Use it, or remove it; where it is kept on purpose, say why: `# allow unused-fact: the reason`.

Fails, in vocabulary:

    facts:
      hobby.chess: {title: Plays chess, type: boolean, question: Does the applicant play chess?}

Passes, in vocabulary:

    facts:
      hobby.chess: {title: Plays chess, type: boolean, question: Does the applicant play chess?}
    derived:
      hobby.any: {title: Has a hobby, type: boolean, compute: {truth: {hobby.chess: true}}}

And, in rule:

    id: hobby
    when: {hobby.any: true}
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from engine.base.diagnostic import Diagnostic
from engine.checking.checks.subject import Subject

CODE: Final = "unused-fact"

_SHOWN_ANYWAY: Final = frozenset({"band", "finding"})
"""What the report shows whether a rule looks at it or not."""


def check(subject: Subject) -> Iterator[Diagnostic]:
    """A warning for each fact in force that no file names; a private one is there to be named by nobody."""
    used = subject.uses.names
    for fact in subject.policy_set.facts.values():
        if fact.private or fact.origin in _SHOWN_ANYWAY or "@" in fact.name or fact.name in used:
            continue
        message = f"Nothing uses `{fact.name}`."
        help_text = f"Use it, remove it, or say why it is kept: `# allow {CODE}: …`."
        yield Diagnostic(CODE, message, fact.at, help_text, "warning", words=fact.name)
