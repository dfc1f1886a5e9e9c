"""A rule that no policy test expects to fire.

A test in `tests/` shows that a rule speaks when it should, and goes on doing so after the next change. A
rule counts as tested when a test expects it to hold, to be shown (in whatever order or words), to have a due
date or a severity, to be provisional, or to outrank or be outranked. That a rule fires along with others is
no test of it, nor is its name in the name of a test.

Fails, in policy:

    rules:
      - id: letters
        title: Ask for letters
        when: {letters.complete: false}
        advise: {text: Ask today., category: letters, severity: important}
        tier: guide
        cites: [step-guide#target.low]

And, in tests:

    cases:
      - name: Letters complete
        facts: {letters: {complete: true}}
        expect: {fails: [example/letters]}

Passes, in policy:

    rules:
      - id: letters
        title: Ask for letters
        when: {letters.complete: false}
        advise: {text: Ask today., category: letters, severity: important}
        tier: guide
        cites: [step-guide#target.low]

And, in tests:

    cases:
      - name: Letters missing
        facts: {letters: {complete: false}}
        expect: {holds: [example/letters]}
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from engine.base.diagnostic import Diagnostic
from engine.checking.checks.subject import Subject
from engine.testing.untested import untested

CODE: Final = "untested-rule"


def check(subject: Subject) -> Iterator[Diagnostic]:
    """A warning for each rule in force that no test expects to fire; one for all where there are no tests.

    None where something is wrong with the tests: which rules they are about is not known.
    """
    if subject.tests is None:
        return
    rules = sorted(untested(subject.policy_set, subject.tests), key=lambda rule: rule.rule.at.order)
    if rules and not subject.test_files:
        message = "No rule of this folder is tested."
        whom = subject.policy_set.words.subject.many
        help_text = f"Write down what must come out for a few {whom}: `tests/*.yaml`, `advise test`."
        yield Diagnostic(CODE, message, rules[0].rule.at, help_text, "warning")
        return
    for rule in rules:
        message = f"No policy test expects `{rule.name}` to fire."
        help_text = f"Add a test with `holds: [{rule.name}]`."
        yield Diagnostic(CODE, message, rule.rule.at, help_text, "warning")
