"""A phrase that no rule says.

Somebody will change its words some day, and believe that reports follow. Say it where its words are meant,
or remove it.

Fails, in file phrases.yaml:

    advise_language: 2
    phrases: common
    title: What many rules say
    version: "1.0.0"
    status: active
    effective: {from: 2026-01-01}
    entries: {hurry: Do it this week.}

Passes, in file phrases.yaml:

    advise_language: 2
    phrases: common
    title: What many rules say
    version: "1.0.0"
    status: active
    effective: {from: 2026-01-01}
    entries: {hurry: Do it this week.}

And, in rule:

    id: letters
    when: {letters.complete: false}
    advise: {text: "Ask for letters. {phrase: hurry}", category: letters, severity: important}
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from engine.base.diagnostic import Diagnostic
from engine.checking.checks.subject import Subject
from engine.language.model import Phrases

CODE: Final = "unused-phrase"


def check(subject: Subject) -> Iterator[Diagnostic]:
    """A warning for each phrase in force that no text and no step names."""
    in_force = {head.path for head in subject.policy_set.file_versions}
    for document in subject.policies.documents:
        if isinstance(document, Phrases) and document.file_version.path in in_force:
            for phrase in document.phrases:
                if phrase.name not in subject.uses.phrases:
                    message = f"No rule says the phrase `{phrase.name}`."
                    yield Diagnostic(CODE, message, phrase.at, "Use it, or remove it.", "warning")
