"""A former name of a rule that no version has.

`formerly` joins the history of a rule that was renamed or split: who was given it under its former name is
found under the present one. The name must be that of a rule in an archived version, written in full.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from engine.checks.subject import Subject
from engine.diagnostic import Diagnostic, did_you_mean
from engine.model import Policy

CODE: Final = "former-name"


def check(subject: Subject) -> Iterator[Diagnostic]:
    """A warning for each former name that is none, or that of the rule itself."""
    policies = [document for document in subject.policies.documents if isinstance(document, Policy)]
    rules = [rule for policy in policies for rule in policy.rules]
    ever = {rule.name for rule in rules}
    for rule in rules:
        for name, at in rule.formerly:
            if name == rule.name or name not in ever:
                message = f"No version of any policy has a rule `{name}` that `{rule.name}` could have been."
                help_text = did_you_mean(name, ever - {rule.name})
                yield Diagnostic(CODE, message, at, help_text, "warning")
