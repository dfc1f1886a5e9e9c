"""All that differs between two states of a policy folder."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from engine.base.diagnostic import Location
from engine.base.record import replace
from engine.language.field_words import PLAIN
from engine.language.model import Fact, FileVersion
from engine.language.policy_set import Banded, Computed, Implied, PolicySet
from engine.loading.lockfile import spoken_name
from engine.versioning.diff.changes import PolicyChange, rule_changes, table
from engine.versioning.diff.decision_tables import table_in_words, tables_of
from engine.versioning.diff.effects import Effects
from engine.versioning.diff.impact import with_reach
from engine.versioning.diff.phrases import condition_in_words, value_in_words
from engine.versioning.diff.revisions import Revision

NamedTexts = dict[str, tuple[str, Location | None]]

HEAD_FIELDS = ("version", "title", "effective_from", "effective_until", "review_by", "required", "owner")
"""What in the head of a file is compared."""


def difference(old: Revision, new: Revision, *, prove: bool = True) -> tuple[PolicyChange, ...]:
    """Every change, files first, then rules, then what rules rest on.

    With `prove` whom a rule holds for is proved; else nothing is claimed of it.
    """
    effects = Effects(old.policy_set, new.policy_set, prove=prove)
    before, after = (_without_formats(each.policy_set) for each in (old, new))
    changes = [*_files(old, new), *rule_changes(old, new, effects)]
    if _all_of(old, new, "policy"):
        only = old.only or new.only
        days_differ = before.as_of != after.as_of
        old_parameters, new_parameters = (_parameters(each, only, days_differ) for each in (before, after))
        changes += _by_respect("parameter", old_parameters, new_parameters)
        changes += _by_respect("band", _bands(before, only), _bands(after, only))
    if _all_of(old, new, "policy") or _all_of(old, new, "vocabulary"):
        only = old.only or new.only
        changes += _by_respect("table", _tables(before, only), _tables(after, only))
    if _all_of(old, new, "vocabulary"):
        changes += _by_respect("fact", _by_itself(_facts(before)), _by_itself(_facts(after)))
        changes += table("finding", "changed", _findings(before), _findings(after))
        changes += table("check", "changed", _consistency(before), _consistency(after))
        changes += table("words", "changed", _words(before), _words(after))
        changes += table("finding", "excluded", _exclusive(before), _exclusive(after))
    if _all_of(old, new, "sources"):
        changes += table("source", "changed", _sources(before), _sources(after))
    if _all_of(old, new, "ranking"):
        changes += table("ranking", "changed", _ranking(before), _ranking(after))
    if _all_of(old, new, "calendar"):
        changes += table("calendar", "moved", _calendar(before), _calendar(after))
    return with_reach(changes, old, new, effects)


def _without_formats(policies: PolicySet) -> PolicySet:
    """The same, values written alike: what changes in how they are written is told once."""
    if policies.words.formats == PLAIN:
        return policies
    return replace(
        policies, facts={name: replace(fact, formats=None) for name, fact in policies.facts.items()}
    )


def _all_of(old: Revision, new: Revision, kind: str) -> bool:
    """Whether the comparison is about files of a kind; one of a single file is about its kind only."""
    only = old.only or new.only
    return only is None or (only.partition(":")[0] == kind if ":" in only else kind == "policy")


def _files(old: Revision, new: Revision) -> Iterator[PolicyChange]:
    def file_versions(side: Revision) -> dict[str, FileVersion]:
        return {
            spoken_name(file_version): file_version
            for file_version in side.policy_set.file_versions
            if side.only in (None, spoken_name(file_version))
        }

    before, after = file_versions(old), file_versions(new)
    for name in sorted({*before, *after}):
        was, is_ = before.get(name), after.get(name)
        if was is None or is_ is None:
            kind = "not in force any more" if is_ is None else "in force now"
            versions = [file_version.version if file_version else None for file_version in (was, is_)]
            places = [file_version.at if file_version else None for file_version in (was, is_)]
            yield PolicyChange("file", name, kind, versions[0], versions[1], places[0], places[1])
            continue
        for what in HEAD_FIELDS:
            one, other = getattr(was, what), getattr(is_, what)
            if one != other:
                values = [None if value is None else value_in_words(value) for value in (one, other)]
                yield PolicyChange("file", name, what.replace("_", " "), values[0], values[1], was.at, is_.at)


def _by_respect(
    about: Any, old: Mapping[str, NamedTexts], new: Mapping[str, NamedTexts]
) -> Iterator[PolicyChange]:
    """Changes of things that rules rest on, respect by respect."""
    for subject in sorted({*old, *new}):
        for change in table(about, "", old.get(subject, {}), new.get(subject, {})):
            respect = f"{change.subject}{'' if change.what == '' else f' {change.what}'}"
            yield replace(change, subject=subject, what=respect)


def _parameters(policies: PolicySet, only: str | None, days_differ: bool) -> dict[str, NamedTexts]:
    tables: dict[str, NamedTexts] = {}
    for name, parameter in policies.parameters.items():
        if not _stands_in(parameter.at, only, policies):
            continue
        own: NamedTexts = {
            f"value from {day}": (value_in_words(value), parameter.at) for day, value in parameter.values
        }
        cites = ", ".join(f"{cite.source}#{cite.anchor}" for cite in parameter.cites)
        for what, text in (
            ("unit", parameter.unit),
            ("title", parameter.title),
            ("tier", parameter.tier),
            ("dated by", parameter.dated_by),
            ("by", parameter.by),
            ("cites", cites),
            ("checked on", parameter.checked_on and parameter.checked_on.isoformat()),
        ):
            if text:
                own[what] = (text, parameter.at)
        value = parameter.value_on(policies.as_of) if parameter.dated_by == "as_of" else None
        if days_differ and value is not None:
            own["value on the day"] = (value_in_words(value), parameter.at)
        tables[name] = own
    return tables


def _bands(policies: PolicySet, only: str | None) -> dict[str, NamedTexts]:
    tables: dict[str, NamedTexts] = {}
    for computation in policies.computations:
        if isinstance(computation, Banded):
            band = computation.band
            if not _stands_in(band.at, only, policies):
                continue
            titles = {part.name: (f", “{part.title}”" if part.title else "", part.at) for part in band.ranges}
            own: NamedTexts = {"of": (computation.of, band.at)}
            for name, condition in computation.ranges:
                title, at = titles[name]
                own[f"range {name}"] = (condition_in_words(condition, policies.facts) + title, at)
            tables[computation.fact] = own
    return tables


def _tables(policies: PolicySet, only: str | None) -> dict[str, NamedTexts]:
    return {
        name: table_in_words(table, policies)
        for name, table in tables_of(policies).items()
        if _stands_in(table.at, only, policies)
    }


def _stands_in(at: Location, only: str | None, policies: PolicySet) -> bool:
    """Whether a place is in the file that is meant; with None, all are."""
    return only is None or (only, at.path) in {
        (spoken_name(each), each.path) for each in policies.file_versions
    }


def _facts(policies: PolicySet) -> NamedTexts:
    """Given and derived facts, with how they come about."""
    table: NamedTexts = {}
    for name, fact in policies.facts.items():
        if fact.origin in ("given", "derived") and "@" not in name:
            table[name] = (_declared(fact), fact.at)
    for computation in policies.computations:
        if isinstance(computation, Computed):
            declared, at = table[computation.fact]
            table[computation.fact] = (f"{declared}; {_computed(computation, policies)}", at)
        elif isinstance(computation, Implied):
            implied = "; ".join(
                f"{'absent' if value is None else value_in_words(value)} where "
                f"{condition_in_words(rule.when, policies.facts)}"
                for rule, value in sorted(computation.by, key=lambda pair: pair[0].id)
            )
            declared, at = table[computation.fact]
            table[computation.fact] = (f"{declared}; {implied}", at)
    return table


def _by_itself(facts: NamedTexts) -> dict[str, NamedTexts]:
    return {name: {"meaning": meaning} for name, meaning in facts.items()}


def _declared(fact: Fact) -> str:
    limits = [f"from {value_in_words(fact.low)}"] if fact.low is not None else []
    limits += [f"to {value_in_words(fact.high)}"] if fact.high is not None else []
    kinds = {"integer": "whole number", "boolean": "yes or no"}
    kind = kinds.get(fact.type, fact.type) + (f" of {fact.item_type}" if fact.item_type else "")
    parts = [f"{fact.title} ({kind})", *limits]
    if fact.step != 1:
        parts.append(f"to {fact.step}")
    if fact.values:
        parts.append("one of " + ", ".join(f"{name} ({label})" for name, label in fact.values))
    if fact.question:
        parts.append(f"“{fact.question}”")
    return ", ".join(parts)


def _computed(computed: Computed, policies: PolicySet) -> str:
    call = computed.call
    if call.condition is not None:
        how = f"true where {condition_in_words(call.condition, policies.facts)}"
    else:
        named = [f"{key}: {value_in_words(value)}" for key, value in call.named]
        way = [] if call.way is None else [call.way]
        how = f"{call.function} of {', '.join([*map(value_in_words, call.items), *named, *way])}"
    if computed.only_when is not None:
        how += f", only where {condition_in_words(computed.only_when, policies.facts)}"
    return how


def _findings(policies: PolicySet) -> NamedTexts:
    return {entry.name: (f"{entry.title} ({entry.polarity})", entry.at) for entry in policies.findings}


def _exclusive(policies: PolicySet) -> NamedTexts:
    return {
        entry.id: (f"{', '.join(name for name, _ in entry.findings)} exclude each other", entry.at)
        for entry in policies.exclusive
    }


def _consistency(policies: PolicySet) -> NamedTexts:
    return {
        entry.rule.id: (
            f"{condition_in_words(entry.when, policies.facts)}: {entry.rule.message}",
            entry.rule.at,
        )
        for entry in policies.consistency
    }


def _words(policies: PolicySet) -> NamedTexts:
    """The words of the field and its formats, as they are declared."""
    words, formats = policies.words, policies.words.formats
    nouns = {"subject": words.subject, "period": words.period, "adviser": words.adviser}
    shown = {name: f"{noun}, {noun.many}" for name, noun in nouns.items()}
    shown |= {"date": formats.pattern, "months": ", ".join(formats.months)}
    shown |= {"number": f"1{formats.thousands}000{formats.decimal}5", "units": str(formats.units).lower()}
    at = next((each.at for each in policies.file_versions if each.kind == "vocabulary"), None)
    return {name: (text, at) for name, text in shown.items()}


def _sources(policies: PolicySet) -> NamedTexts:
    table: NamedTexts = {}
    for source in policies.sources.values():
        dated = f"retrieved {source.retrieved}, checked {source.checked_on}"
        text = f"{source.title} ({source.short}), {source.publisher}, {source.kind}, {dated}"
        table[source.id] = (text + (f", {source.address}" if source.address else ""), source.at)
        for anchor, (title, section) in source.anchors.items():
            table[f"{source.id}#{anchor}"] = (title + (f", section {section}" if section else ""), source.at)
    return table


def _ranking(policies: PolicySet) -> NamedTexts:
    ranking = policies.ranking
    orders: Mapping[str, str] = {
        "severities": _labels(ranking.severities),
        "tiers": _labels(ranking.tiers),
        "categories": _labels(ranking.categories),
        "sort": ", ".join(ranking.sort),
        "headline": ", ".join(name for name, _ in ranking.headline),
    }
    return {name: (order, ranking.file_version.at) for name, order in orders.items()}


def _labels(labels: tuple[tuple[str, str], ...]) -> str:
    return ", ".join(f"{name} ({label})" for name, label in labels)


def _calendar(policies: PolicySet) -> NamedTexts:
    calendar = policies.calendar
    if calendar is None:
        return {}
    table: NamedTexts = {}
    for season, dates in calendar.seasons.items():
        for fact, day in dates.items():
            table[f"{value_in_words(season)} {fact}"] = (day.isoformat(), policies.facts[fact].at)
        if not dates:
            table[value_in_words(season)] = ("no dates are published", None)
    return table
