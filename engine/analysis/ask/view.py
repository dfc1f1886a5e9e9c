"""What to ask next, in plain words (an outline) and as data."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any, Final

from engine.advising.advisor import Case
from engine.analysis.ask.order import Asked, PendingItem
from engine.base.counted import counted
from engine.language.policy_set import PolicySet
from engine.language.report import Certainty
from engine.language.templates import date_in_words
from engine.rendering import wording
from engine.rendering.outline import Line, Outline, Section
from engine.rendering.pieces import head

SHOWN_WAITING: Final = 5
_CERTAINTY: Final[Mapping[Certainty, str]] = {
    "certain": "hold whatever the answers are",
    "possible": "may hold",
    "impossible": "cannot hold",
    "missing": "speak of what is missing",
}
MEASURE: Final = (
    "In the order of what an answer is worth: each undecided item counts by its severity (the least 1), "
    "shared among the facts that it still needs."
)


def outline(
    asked: Sequence[Asked], case: Case, policies: PolicySet, certainty: Mapping[str, Certainty]
) -> Outline:
    """The questions, the most worthwhile first, and what holds whatever the answers are."""
    title = f"What to ask: {wording.title_of(case.report)}"
    first = [f"As of {date_in_words(case.report.as_of, case.report.words.formats)}"]
    first.append(MEASURE if asked else "Nothing is left to ask: no answer would change the advice.")
    sections = tuple(
        Section(f"{number}. {each.question}", (*_lines(each, policies),))
        for number, each in enumerate(asked, 1)
    )
    undecided = [entry for entry in case.report.undetermined if entry.matters and entry.rule in certainty]
    if undecided:
        counts = Counter(certainty[entry.rule] for entry in undecided)
        parts = ", ".join(f"{counts[each]} {words}" for each, words in _CERTAINTY.items() if counts[each])
        first.append(f"Of {counted(len(undecided), 'undecided item')}: {parts}.")
    sure = tuple(
        Line(f"{entry.title} [{entry.rule}]") for entry in undecided if certainty[entry.rule] == "certain"
    )
    if sure:
        sections = (Section("Holds whatever the answers are", sure), *sections)
    return Outline(title, tuple(first), sections)


def _lines(each: Asked, policies: PolicySet) -> tuple[Line, ...]:
    shown = tuple(Line(_waiting(waiting, policies)) for waiting in each.waiting[:SHOWN_WAITING])
    more = len(each.waiting) - len(shown)
    rest = (Line(f"and {counted(more, 'other')}"),) if more else ()
    count = counted(len(each.waiting), "item waits", "items wait")
    return (
        Line(f"{each.fact}: {each.answers}"),
        Line(f"Worth {float(each.worth):.1f}; {count} for it", (*shown, *rest)),
    )


def _waiting(waiting: PendingItem, policies: PolicySet) -> str:
    label = wording.label(policies.ranking.severities, waiting.severity)
    others = len(waiting.needs) - 1
    also = f", needs {counted(others, 'other fact')} too" if others else ""
    return f"{waiting.title} ({label}{also}) [{waiting.rule}]"


def as_data(asked: Sequence[Asked], case: Case, certainty: Mapping[str, Certainty]) -> dict[str, Any]:
    """The questions as plain mappings and sequences."""
    return {
        **head("ask", case.report),
        "measure": MEASURE,
        "standings": dict(certainty),
        "questions": [
            {
                "fact": each.fact,
                "question": each.question,
                "answers": each.answers,
                "worth": Decimal(f"{float(each.worth):.4f}"),
                "waiting": [
                    {"rule": one.rule, "severity": one.severity, "needs": one.needs} for one in each.waiting
                ],
            }
            for each in asked
        ],
    }
