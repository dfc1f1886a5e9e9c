"""A unit that a text says beside a number that carries it.

Where the vocabulary says `units: true` under `formats:`, each number is written with its unit: `{rent}` is
"1,050 EUR". A text that says the unit too reads "1,050 EUR EUR". Leave it out of the text.

Fails, in vocabulary:

    advise_language: 2
    formats: {units: true}

And, in rule:

    when: {step2_ck.score: {below: 225}}
    advise:
      text: >-
        A score of {step2_ck.score} points is low.
      severity: important
      category: score-band

Passes, in vocabulary:

    advise_language: 2
    formats: {units: true}

And, in rule:

    when: {step2_ck.score: {below: 225}}
    advise:
      text: >-
        A score of {step2_ck.score} is low.
      severity: important
      category: score-band
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from engine.base.diagnostic import Diagnostic
from engine.checking.checks.subject import Subject
from engine.language.policy_set import PlacedText, PolicySet, ResolvedRule

CODE: Final = "unit-twice"


def check(subject: Subject) -> Iterator[Diagnostic]:
    """A warning for each number in a text or step beside which its unit is said."""
    policies = subject.policy_set
    if policies.words.formats.units:
        for rule in policies.rules:
            for text in rule.advice.texts if rule.advice else ():
                yield from _twice(text, rule, policies)


def _twice(text: PlacedText, rule: ResolvedRule, policies: PolicySet) -> Iterator[Diagnostic]:
    advice = rule.rule.advise
    assert advice is not None
    for index in range(1, len(text.parts), 2):
        fact = policies.facts[text.parts[index]]
        if fact.unit is None or fact.value_type not in ("integer", "number"):
            continue
        unit = re.escape(fact.unit)
        before, after = text.parts[index - 1], text.parts[index + 1]
        ahead, behind = re.search(rf"(?<!\w){unit}\s*\Z", before), re.match(rf"\s*{unit}(?!\w)", after)
        if ahead or behind:
            name = fact.name.partition("@")[0]
            words = f"{ahead[0] if ahead else ''}{{{name}}}{behind[0] if behind else ''}"
            message = f"A text of `{rule.name}` says `{fact.unit}` beside `{{{name}}}`, which shows it too."
            help_text = "Leave the unit out of the text: `units: true` of the vocabulary writes it."
            yield Diagnostic(CODE, message, advice.at, help_text, "warning", words=words)
