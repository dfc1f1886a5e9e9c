"""What an office must read again by a day: sources, files and numbers that would be stale by then."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import date, timedelta
from itertools import groupby
from typing import Any, Literal

from engine.advising.freshness import SOURCE_CHECK_DAYS
from engine.base.counted import counted
from engine.base.diagnostic import Location
from engine.base.record import record
from engine.language.field_words import FieldWords
from engine.language.policy_set import PolicySet
from engine.language.values import show
from engine.loading.lockfile import spoken_name
from engine.rendering.outline import Line, Outline, Section
from engine.rendering.pieces import head_of_policies, place


@record
class ReviewDue:
    """One thing to read again: `good_until` is the last day on which it needs no warning (None: it has none).

    `at` is where it stands, relative to the policy folder; `what` says what is to be done.
    """

    kind: Literal["source", "number", "file", "season"]
    name: str
    title: str
    good_until: date | None
    what: str
    at: Location


def due_by(policies: PolicySet, day: date) -> tuple[ReviewDue, ...]:
    """Everything that reports of a day would warn of, what is due first at the head."""
    every = (*_sources(policies), *_numbers(policies), *_files(policies), *_seasons(policies))
    late = [due for due in every if due.good_until is None or due.good_until < day]
    return tuple(
        sorted(late, key=lambda due: (due.good_until is None, due.good_until or day, due.kind, due.name))
    )


def _sources(policies: PolicySet) -> Iterator[ReviewDue]:
    rules = Counter(cited for rule in policies.rules for cited in {cite.source for cite in rule.rule.cites})
    for source in policies.sources.values():
        if source.id in rules:
            until = source.checked_on + timedelta(days=SOURCE_CHECK_DAYS)
            count = f"{counted(rules[source.id], 'rule')} rest on it"
            what = f"compare with the original, then move `checked_on` ({source.checked_on}); {count}"
            yield ReviewDue("source", source.id, source.title, until, what, source.at)


def _numbers(policies: PolicySet) -> Iterator[ReviewDue]:
    for parameter in policies.parameters.values():
        if parameter.checked_on is not None:
            until = parameter.checked_on + timedelta(days=SOURCE_CHECK_DAYS)
            what = f"check its values, then move `checked_on` ({parameter.checked_on})"
            yield ReviewDue(
                "number", parameter.name, parameter.title or parameter.name, until, what, parameter.at
            )


def _files(policies: PolicySet) -> Iterator[ReviewDue]:
    what = "read against its sources, then release it with a later `review_by`"
    for each in policies.file_versions:
        if each.review_by is not None:
            yield ReviewDue("file", spoken_name(each), each.title, each.review_by, what, each.at)


def _seasons(policies: PolicySet) -> Iterator[ReviewDue]:
    if policies.calendar is None:
        return
    file = next(each for each in policies.file_versions if each.kind == "calendar")
    for season, dates in policies.calendar.seasons.items():
        if not dates:
            what, name = "no dates are published; add them", show(season).strip("`")
            yield ReviewDue("season", name, file.title, None, what, file.at)


def outline(dues: Sequence[ReviewDue], day: date, words: FieldWords) -> Outline:
    """What is due by a day, under the last day on which it is good."""
    if not dues:
        return Outline(f"Nothing needs to be read again by {day}", (), ())
    sections = []
    for until, group in groupby(dues, key=lambda due: due.good_until):
        lines = []
        for each in group:
            at = f"{each.at.path}:{each.at.line}"
            kind = words.period.one if each.kind == "season" else each.kind
            lines.append(Line(f"{kind} {each.name}: {each.title}", (Line(each.what),), at=at))
        sections.append(Section(f"Good until {until}" if until else "Open", tuple(lines)))
    return Outline(f"{counted(len(dues), 'thing')} to read again by {day}", (), tuple(sections))


def as_data(dues: Sequence[ReviewDue], policies: PolicySet, day: date) -> dict[str, Any]:
    """What is due by a day as plain mappings and sequences."""
    return {
        **head_of_policies("sources_due", policies),
        "check_by": day,
        "due": [
            {
                "kind": due.kind,
                "name": due.name,
                "title": due.title,
                "good_until": due.good_until,
                "what": due.what,
                "at": place(due.at),
            }
            for due in dues
        ],
    }
