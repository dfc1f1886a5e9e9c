"""A list within a text, which will be read as prose.

A text is paragraphs. What begins with `-` or `1.` in it is no list: a report shows the marks in the middle
of a line. Most often `steps:` was deleted, or the lines below it are indented as the text is: then the steps
are gone without an error. Write them under `steps:`.

Fails, in rule:

    advise:
      text: >-
        Apply early.
        - Look up the day.
        - Submit before it.
      severity: important
      category: score-band

Passes, in rule:

    advise:
      text: >-
        Apply early.
      steps:
        - Look up the day.
        - Submit before it.
      severity: important
      category: score-band
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from engine.base.diagnostic import Diagnostic
from engine.checking.checks.subject import Subject
from engine.loading.folder import is_archived

CODE: Final = "list-in-text"

_MARK: Final = re.compile(r"(?:^|(?<=[.!?:;)\"”])[ ]|\n)[ ]*(?P<words>(?:[-*•]|1[.)])[ ]+\S+)")
"""Where a sentence or a line has ended: elsewhere a dash is a dash."""


def check(subject: Subject) -> Iterator[Diagnostic]:
    """A warning for the first mark of a list in each text and step."""
    for rule in subject.written_rules:
        if rule.advise is None or is_archived(rule.at.path):
            continue
        for text in rule.advise.texts:
            mark = _MARK.search(text)
            if mark is not None:
                message = f"A text of `{rule.name}` has a list in it, which is read as prose."
                help_text = (
                    "Write what is to be done under `steps:`, one line each; in a text, write sentences."
                )
                words = mark["words"]
                yield Diagnostic(CODE, message, rule.advise.at, help_text, "warning", words=words)
