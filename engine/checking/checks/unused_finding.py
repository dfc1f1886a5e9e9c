"""A finding that no rule concludes, or that no rule looks at.

A finding lets one rule build on what another concluded. One that nobody concludes is never true, so the
rules that look at it never speak. One that nobody looks at changes no advice.

Fails, in vocabulary:

    findings:
      profile.late: {title: Late, polarity: worse}

Passes, in vocabulary:

    findings:
      profile.late: {title: Late, polarity: worse}

And, in policy:

    rules:
      - id: late
        title: Late
        when: {letters.complete: false}
        conclude: [profile.late]
        tier: guide
        cites: [step-guide#target.low]
      - id: hurry
        title: Hurry
        when: {profile.late: true}
        advise: {text: Hurry., category: letters, severity: important}
        tier: guide
        cites: [step-guide#target.low]
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from engine.base.diagnostic import Diagnostic
from engine.checking.checks.subject import Subject

CODE: Final = "unused-finding"


def check(subject: Subject) -> Iterator[Diagnostic]:
    """A warning for each finding that no version of a rule concludes, or none uses."""
    concluded = {name for rule in subject.written_rules for name, _ in rule.conclude}
    for finding in subject.policy_set.findings:
        if finding.name not in concluded:
            message = f"No rule concludes `{finding.name}`."
            help_text = "Let a rule conclude it, or remove it and the conditions that look at it."
        elif finding.name not in subject.uses.names:
            message = f"No rule looks at `{finding.name}`."
            help_text = "Use it in a condition, or remove it here and where it is concluded."
        else:
            continue
        yield Diagnostic(CODE, message, finding.at, help_text, "warning", words=finding.name)
