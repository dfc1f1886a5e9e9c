"""Whether the guidance itself is still good on a day: reviews due, versions that ended, sources unchecked."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta
from typing import Final

from engine.language.model import FileVersion, Source, Value
from engine.language.policy_set import Lapsed, PolicySet
from engine.language.report import Banner, BannerSubject
from engine.language.templates import date_in_words, in_words

SOURCE_CHECK_DAYS: Final = 90
"""A source that nobody compared with the original for longer puts a banner on the report."""

BANNER_KINDS: Final = ("lapsed", "stale", "source", "season")
"""What banners there are, in the order in which a report has them."""


_UNRELEASED: Final = {
    "edited": ("was changed after its release; what stands here is not what was released.", "changed since"),
    "never": ("has never been released.", "never released"),
}
_SEVERAL: Final = {
    "lapsed": "policies that say nothing on this day",
    "unreleased": "policy files",
    "draft": "policy files on trial, which nobody has released",
    "stale": "policy files to check before they are relied on",
    "source": f"sources not compared with the original for over {SOURCE_CHECK_DAYS} days",
}


def banners(policies: PolicySet, day: date, lapsed: tuple[Lapsed, ...]) -> tuple[Banner, ...]:
    """What a reader must know about the guidance itself on a day; `lapsed` is what is not in force then."""
    formats = policies.words.formats
    warnings = [
        _banner(
            "lapsed",
            f"{entry.file_version.title} (`{entry.file_version.id}`) is not in force: {entry.reason}.",
            BannerSubject(entry.file_version.title, entry.file_version.id, f"because {entry.reason}"),
        )
        for entry in lapsed
    ]
    for entry in policies.unreleased:
        says, note = _UNRELEASED[entry.reason]
        warnings.append(_of_file("unreleased", entry.file_version, says, note))
    for file_version in policies.file_versions:
        if file_version.status == "tried":
            warnings.append(_of_file("draft", file_version, "is a draft on trial; nobody has released it."))
        if file_version.review_by is not None and file_version.review_by < day:
            due = f"by {date_in_words(file_version.review_by, formats)}"
            says = f"was due for review {due}. Check before relying on it."
            warnings.append(_of_file("stale", file_version, says, f"due {due}"))
    old = unchecked_sources(policies, day)
    if old:
        listed = "; ".join(
            f"{source.title} (last checked {formats.short_day(source.checked_on)})" for source in old
        )
        text = f"Not compared with the original for over {SOURCE_CHECK_DAYS} days: {listed}."
        about = (
            BannerSubject(
                source.title, source.id, f"last checked {date_in_words(source.checked_on, formats)}"
            )
            for source in old
        )
        warnings.append(_banner("source", text, *about))
    return tuple(warnings)


def _of_file(kind: str, file_version: FileVersion, says: str, note: str = "") -> Banner:
    name = f"{file_version.id} {file_version.version}"
    text = f"{file_version.title} (`{file_version.id}` {file_version.version}) {says}"
    return _banner(kind, text, BannerSubject(file_version.title, name, note))


def _banner(kind: str, text: str, *about: BannerSubject) -> Banner:
    return Banner(kind, text, _SEVERAL[kind], about)


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
