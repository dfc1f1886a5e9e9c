"""A dated value that stands out of order, that begins too late, or that changes what held on past days.

The values of a parameter are its history: each from a day on. One that stands out of order is easily
overlooked. One whose day, or whose number, is another than in the former version changes what is said of past
days too: an exam of last year is then held against the score of this one. Give the new value a day of its
own. Before its first day a value is unknown: one dated by the day of the advice wants a value from the day
on which its file is in force.

Fails, in policy:

    parameters:
      viable_from: {values: {2199-01-01: 225}, cites: [step-guide#target.viable]}

Fails, in policy:

    parameters:
      viable_from: {values: {2026-06-03: 225, 2025-06-01: 220, 2026-01-01: 222},
        cites: [step-guide#target.viable]}

Passes, in policy:

    parameters:
      viable_from: {values: {2025-06-01: 220, 2026-01-01: 222, 2026-06-03: 225},
        cites: [step-guide#target.viable]}
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import Final

from engine.base.diagnostic import Diagnostic, Related
from engine.checking.checks.subject import Subject
from engine.language.model import Parameter, Policy, Vocabulary
from engine.language.values import dated_value_in_words

CODE: Final = "dated-value"
SHOWN: Final = 6
"""So many days are written out."""


def check(subject: Subject) -> Iterator[Diagnostic]:
    """A warning for each parameter out of order, and for each with another past than before."""
    for document in subject.policies.documents:
        if not isinstance(document, Policy | Vocabulary):
            continue
        former = subject.former(document.file_version)
        before = {old.name: old for old in former.parameters} if isinstance(former, type(document)) else {}
        for parameter in document.parameters:
            if not parameter.in_order:
                message = f"The values of `{parameter.name}` do not stand in the order of their days."
                days = ", ".join(str(day) for day, _ in parameter.values[:SHOWN])
                more = ", …" if len(parameter.values) > SHOWN else "."
                help_text = f"Write the oldest first: {days}{more}"
                yield Diagnostic(CODE, message, parameter.at, help_text, "warning")
            former_past = before.get(parameter.name)
            changed = () if former_past is None else tuple(_other_past(parameter, former_past, subject))
            yield from changed or _too_late(parameter, document.file_version.effective_from)


def _too_late(parameter: Parameter, begins: date) -> Iterator[Diagnostic]:
    first = parameter.values[0][0]
    if parameter.dated_by == "as_of" and first > begins:
        message = f"`{parameter.name}` has no value before {first}, and the file is in force from {begins}."
        help_text = "Until then no rule that needs it can be decided. Give it a value for these days, too."
        yield Diagnostic(CODE, message, parameter.at, help_text, "warning")


def _other_past(parameter: Parameter, former: Parameter, subject: Subject) -> Iterator[Diagnostic]:
    days = sorted(day for day, _ in (*former.values, *parameter.values) if day < subject.today)
    for day in days:
        old, new = former.value_on(day), parameter.value_on(day)
        if old is not None and new != old:
            now = "it has none" if new is None else f"it is {dated_value_in_words(new)}"
            was = dated_value_in_words(old)
            message = f"`{parameter.name}` was {was} on {day} in the former version; here {now}."
            help_text = f"Give the new value a later day, or say why: `# allow {CODE}: …`."
            related = (Related(former.at, "the former version"),)
            yield Diagnostic(CODE, message, parameter.at, help_text, "warning", related=related)
            return
