"""A parameter that nothing uses.

Somebody will change its number some day, and believe that the advice follows. Use it where the number
counts, or remove it.

Fails, in policy:

    parameters:
      viable_from: {values: {2026-06-03: 225}, cites: [step-guide#target.viable]}

Passes, in policy:

    parameters:
      viable_from: {values: {2026-06-03: 225}, cites: [step-guide#target.viable]}
    rules:
      - id: viable
        title: Viable
        when: {step2_ck.score: {at_least: {parameter: viable_from}}}
        conclude: [profile.ready]
        tier: guide
        cites: [step-guide#target.viable]
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from engine.base.diagnostic import Diagnostic
from engine.checking.checks.subject import Subject

CODE: Final = "unused-parameter"


def check(subject: Subject) -> Iterator[Diagnostic]:
    """A warning for each parameter in force that no condition, band, text or derived fact names."""
    for parameter in subject.policy_set.parameters.values():
        if parameter.name not in subject.uses.names:
            message = f"Nothing uses the parameter `{parameter.name}`."
            help_text = "Use it where its number counts, or remove it."
            yield Diagnostic(CODE, message, parameter.at, help_text, "warning", words=parameter.name)
