"""What would bring something about, in plain words (an outline) and as data."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

from engine.analysis.recourse.recourse import RecourseResult
from engine.analysis.recourse.verified_answer import Answer
from engine.analysis.what_if.view import rules_of, shown_value
from engine.language.conditions import UNKNOWN, verdict_of
from engine.language.model import Value
from engine.language.policy_set import PolicySet
from engine.language.templates import date_in_words, in_words
from engine.rendering import wording
from engine.rendering.outline import Line, Outline, Section
from engine.rendering.pieces import head

_SO_FAR: Final = "It is so already, as long as this cannot be told: what is not known may bring it about."


def outline(result: RecourseResult, policies: PolicySet) -> Outline:
    """The least changes that bring a goal about, or why there are none."""
    report = result.case.report
    first = [f"As of {date_in_words(report.as_of, report.words.formats)}", f"Goal: {result.goal.words}"]
    sections = [
        Section(f"{number}. {_title_of(answer, policies)}", tuple(_answer_lines(answer, result, policies)))
        for number, answer in enumerate(result.answers, 1)
    ]
    settled = verdict_of(result.goal.condition, result.case.decisions.values) is not UNKNOWN
    if result.already:
        first.append("It is so already." if settled else _SO_FAR)
    elif result.because:
        first.append("It is not reachable by anything that can be changed, because:")
        sections = [Section("What stands in the way", tuple(Line(why) for why in result.because))]
    else:
        first += _how_sure(result)
    return Outline(f"What would bring it about: {wording.title_of(report)}", tuple(first), tuple(sections))


def _how_sure(result: RecourseResult) -> Iterator[str]:
    """What is shown of the answers, and what is not."""
    if not result.answers:
        yield f"No change was found that brings it about. That none exists is not shown; {result.in_doubt}."
        return
    yield "The least changes first; each was fired, and holds."
    if result.in_doubt:
        yield f"That nothing costs less is proved; whether there is another way is not; {result.in_doubt}."
    else:
        yield "That nothing costs less is proved."


def _title_of(answer: Answer, policies: PolicySet) -> str:
    return ", and ".join(_change_in_words(change, policies) for change in answer.changes)


def _change_in_words(change: tuple[str, Value | None, Value], policies: PolicySet) -> str:
    name, before, value = change
    fact = policies.facts[name]
    unit = fact.unit_to_add
    if before == value:
        return f"{fact.title} still {in_words(value, fact)}{unit}"
    if name == "as_of":
        return f"wait until {shown_value(value, fact)}"
    return f"{fact.title}: {shown_value(value, fact)}{unit}"


def _answer_lines(answer: Answer, result: RecourseResult, policies: PolicySet) -> Iterator[Line]:
    kept = ((name, value, value) for name, value in answer.kept)
    for name, before, value in (*answer.changes, *kept):
        fact = policies.facts[name]
        was = f"it is {in_words(before, fact)}" if before is not None else "it is not known"
        if before == value:
            was = "it is so, but would no longer follow from other facts"
        yield Line(f"{name} = {shown_value(value, fact)} ({was})")
    for name in answer.added:
        yield Line(f"{policies.facts[name].title}: one more, which is not known yet ({name})")
    yield Line(f"Cost: {answer.cost.normalize():f}")
    old, new = ({item.rule: item.title for item in case.report.advice} for case in (result.case, answer.case))
    for words, these, others in (("come", new, old), ("go", old, new)):
        lines = tuple(Line(title) for rule, title in these.items() if rule not in others)
        if lines:
            yield Line(f"Items that would {words}", lines)


def as_data(result: RecourseResult) -> dict[str, Any]:
    """The answers as plain mappings and sequences."""
    return {
        **head("reach", result.case.report),
        "goal": result.goal.words,
        "already": result.already,
        "answers": [
            {
                "changes": [
                    {"fact": name, "before": was, "after": value} for name, was, value in answer.changes
                ],
                "adds_to": answer.added,
                "kept": [{"fact": name, "value": value} for name, value in answer.kept],
                "cost": answer.cost.normalize(),
                "least_shown": True,
                "advice": rules_of(answer.case.report.advice),
            }
            for answer in result.answers
        ],
        "unreachable": result.because or None,
        "in_doubt": result.in_doubt,
    }
