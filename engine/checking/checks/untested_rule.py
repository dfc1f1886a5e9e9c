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

import re
from collections.abc import Iterable, Iterator
from typing import Final

from engine.base.diagnostic import Diagnostic
from engine.checking.checks.subject import Subject

CODE: Final = "untested-rule"

_FIRED: Final = frozenset(
    {
        "holds", "shown", "only", "ranking", "order", "first", "suppressed", "provisional", "text", "due",
        "severity",
    }
)  # fmt: skip
"""The expectations that fail unless the rules they name hold."""

_NOT_FIRED: Final = frozenset(
    {
        "fails", "unknown", "not_shown", "bands", "findings", "values", "asks", "banners", "refused",
        "tests", "title", "name", "as_of", "facts", "facts_file", "expect",
    }
)  # fmt: skip
"""The other expectations, and what else a test file has. Any other word with a colon stands in a text."""

_PIECES: Final = re.compile(
    r"#.*|(?:^|(?<=[\s{,]))([a-z_]+):(?=\s)|(?<![\w/#-])([a-z][a-z0-9-]*/[a-z][a-z0-9-]*)(?![\w/])",
    re.MULTILINE,
)
"""A comment, a word that may be the name of an expectation, or the full name of a rule."""


def check(subject: Subject) -> Iterator[Diagnostic]:
    """A warning for each rule in force that no test expects to fire; one for all where there are no tests."""
    rules = sorted(subject.policy_set.rules, key=lambda rule: rule.rule.at.order)
    if not subject.tests:
        if rules:
            message = "No rule of this folder is tested."
            help_text = "Write down what must come out for a few applicants: `tests/*.yaml`, `advise test`."
            yield Diagnostic(CODE, message, rules[0].rule.at, help_text, "warning")
        return
    fired = expected_to_fire(test.content.decode("utf-8", "replace") for test in subject.tests)
    for rule in rules:
        if rule.name not in fired:
            message = f"No policy test expects `{rule.name}` to fire."
            help_text = f"Add a test with `holds: [{rule.name}]`."
            yield Diagnostic(CODE, message, rule.rule.at, help_text, "warning")


def expected_to_fire(texts: Iterable[str]) -> frozenset[str]:
    """The rules that tests expect to fire.

    The texts are looked through for the names after each expectation: to read them as YAML would take longer
    than all the other checks together, and `advise test` does it.
    """
    rules: set[str] = set()
    for text in texts:
        expectation = ""
        for match in _PIECES.finditer(text):
            if match[1] in _FIRED or match[1] in _NOT_FIRED:
                expectation = match[1]
            elif match[2] and expectation in _FIRED:
                rules.add(match[2])
    return frozenset(rules)
