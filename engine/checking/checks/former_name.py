"""A former name of a rule that no version has, or one that is still used.

`formerly` joins the history of a rule that was renamed or split: who was given it under its former name is
found under the present one. The name must be that of a rule in an archived version, written in full.
A rule that supersedes another by its former name supersedes nothing any more: write the present one.

Fails, in rule:

    id: plan-b
    formerly: [example/plan-bee]

Passes, in rule:

    id: plan-b
    formerly: [example/second-plan]

And, in file archive/example-1.yaml:

    advise_language: 1
    policy: example
    title: Example, as it was
    version: "0.9.0"
    status: active
    effective: {from: 2026-01-01}
    rules:
      - {id: second-plan, title: B, conclude: [profile.ready], tier: guide, cites: [step-guide#target.low]}
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from engine.base.diagnostic import Diagnostic, did_you_mean
from engine.checking.checks.subject import Subject

CODE: Final = "former-name"


def check(subject: Subject) -> Iterator[Diagnostic]:
    """A warning for each former name that is none, and for each that `supersedes` still uses."""
    ever = {rule.name for rule in subject.written_rules}
    for rule in subject.written_rules:
        for name, at in rule.formerly:
            if name == rule.name or name not in ever:
                message = f"No version of any policy has a rule `{name}` that `{rule.name}` could have been."
                help_text = did_you_mean(name, ever - {rule.name})
                yield Diagnostic(CODE, message, at, help_text, "warning")
    in_force = {rule.name for rule in subject.policy_set.rules}
    present_rules = (rule for rule in subject.written_rules if rule.name in in_force)
    present = {name: rule.name for rule in present_rules for name, _ in rule.formerly}
    for resolved in subject.policy_set.rules:
        for name, at in resolved.rule.supersedes:
            if name in present and name not in in_force:
                message = f"The rule `{name}` is called `{present[name]}` now, so nothing is superseded here."
                yield Diagnostic(CODE, message, at, f"Write `{present[name]}`.", "warning")
