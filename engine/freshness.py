"""Whether the guidance itself is still good on a day: reviews due, versions that ended, sources unchecked."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta
from typing import Final

from engine.model import Source, Value
from engine.policyset import PolicySet
from engine.report import Banner
from engine.select import Lapsed
from engine.texts import date_in_words, in_words

SOURCE_CHECK_DAYS: Final = 90
"""A source that nobody compared with the original for longer puts a banner on the report."""

BANNER_KINDS: Final = ("lapsed", "stale", "source", "season")
"""What banners there are, in the order in which a report has them."""


_UNRELEASED: Final = {
    "edited": "was changed after its release; what stands here is not what was released.",
    "never": "has never been released.",
}


def banners(policies: PolicySet, day: date, lapsed: tuple[Lapsed, ...]) -> tuple[Banner, ...]:
    """What a reader must know about the guidance itself on a day; `lapsed` is what is not in force then."""
    found = [
        Banner("lapsed", f"{entry.edition.title} (`{entry.edition.id}`) is not in force: {entry.reason}.")
        for entry in lapsed
    ]
    for entry in policies.unreleased:
        file = f"{entry.edition.title} (`{entry.edition.id}` {entry.edition.version})"
        found.append(Banner("unreleased", f"{file} {_UNRELEASED[entry.reason]}"))
    for edition in policies.editions:
        if edition.status == "tried":
            file = f"{edition.title} (`{edition.id}` {edition.version})"
            found.append(Banner("draft", f"{file} is a draft on trial; nobody has released it."))
        if edition.review_by is not None and edition.review_by < day:
            due = date_in_words(edition.review_by)
            file = f"{edition.title} (`{edition.id}` {edition.version})"
            found.append(Banner("stale", f"{file} was due for review by {due}. Check before relying on it."))
    old = unchecked_sources(policies, day)
    if old:
        listed = "; ".join(f"{source.title} (last checked {source.checked_on})" for source in old)
        found.append(
            Banner("source", f"Not compared with the original for over {SOURCE_CHECK_DAYS} days: {listed}.")
        )
    return tuple(found)


def unchecked_sources(policies: PolicySet, day: date) -> tuple[Source, ...]:
    """The sources that rules in force cite and that nobody compared with the original for too long."""
    limit = timedelta(days=SOURCE_CHECK_DAYS)
    cited = {citation.source for rule in policies.rules for citation in rule.rule.cites}
    return tuple(
        source
        for source in policies.sources.values()
        if source.id in cited and day - source.checked_on > limit
    )


def season_banner(policies: PolicySet, values: Mapping[str, Value]) -> Banner:
    """Says that the calendar has no dates for the applicant's season."""
    calendar = policies.calendar
    assert calendar is not None
    key = policies.facts[calendar.keyed_by]
    season = in_words(values[calendar.keyed_by], key)
    text = f"{calendar.title}: no dates are published for {key.title} {season}. Nothing is assumed for them."
    return Banner("season", text)
