"""Rules and sources for reading (outlines) and as data, for `advise rules` and `advise sources`."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date
from typing import Any

from engine.analysis.catalogue.query import ListedRule, ListedSource
from engine.base.counted import counted
from engine.base.record import as_dict
from engine.language.policy_set import PolicySet
from engine.language.templates import date_in_words
from engine.rendering.outline import Line, Outline, Section
from engine.rendering.pieces import cited, head_of_policies


def rules_outline(rules: Sequence[ListedRule], policies: PolicySet, fact: str | None) -> Outline:
    """The listed rules; with the `fact` that they were asked for, how each rests on it."""
    every, day = counted(len(policies.rules), "rule"), date_in_words(policies.as_of, policies.words.formats)
    title = f"{len(rules)} of {every} in force on {day}"
    sections = (
        Section(rule.title, tuple(_rule_lines(rule, policies, fact)), name=rule.rule) for rule in rules
    )
    return Outline(title, (), tuple(sections))


def _rule_lines(rule: ListedRule, policies: PolicySet, fact: str | None) -> Iterator[Line]:
    marks = dict(policies.ranking.tiers)[rule.tier]
    if rule.category is not None:
        marks += f", {dict(policies.ranking.categories)[rule.category]}"
    yield Line(f"{rule.version} ({marks})", at=f"{rule.path}:{rule.line}")
    yield Line(f"rests on {', '.join(each.name for each in rule.cites)}")
    if fact is not None:
        yield Line(_ways(rule, fact))


def _ways(rule: ListedRule, fact: str) -> str:
    """How a rule rests on a fact: by its condition; only where that does not, by its texts and due date."""
    by_condition = (*(name for name in rule.facts if name == fact), *rule.through)
    by_due = () if rule.by_due is None else (rule.by_due,)
    only_by = [what for what, names in (("texts", rule.by_texts), ("due date", by_due)) if names]
    by = "by its condition" if by_condition else f"only by its {' and its '.join(only_by)}"
    names = dict.fromkeys(by_condition or (*rule.by_texts, *by_due))
    others = ", ".join(name for name in names if name != fact)
    ways = (*(["directly"] if fact in names else []), *([f"by way of {others}"] if others else []))
    return f"{by}, {' and '.join(ways)}"


def rules_as_data(rules: Sequence[ListedRule], policies: PolicySet) -> dict[str, Any]:
    """The listed rules as plain mappings and sequences."""
    listed = [
        {
            "rule": rule.rule,
            "policy": rule.rule.partition("/")[0],
            "title": rule.title,
            "version": rule.version,
            "at": {"path": rule.path, "line": rule.line},
            "tier": rule.tier,
            "category": rule.category,
            "severity": rule.severity,
            "cites": cited(rule.cites),
            "facts": rule.facts,
            "through": rule.through,
            "by_texts": rule.by_texts,
            "by_due": rule.by_due,
        }
        for rule in rules
    ]
    return {**head_of_policies("rules", policies), "rules": listed}


def sources_outline(sources: Sequence[ListedSource], day: date) -> Outline:
    """The sources, with the days since each was checked."""
    title = f"{counted(len(sources), 'source')}, the one unchecked for longest first"
    sections = (
        Section(source.title, tuple(_source_lines(source, day)), name=source.source) for source in sources
    )
    return Outline(title, (), tuple(sections))


def _source_lines(source: ListedSource, day: date) -> Iterator[Line]:
    days = (day - source.checked_on).days
    ago = f", {counted(days, 'day')} ago" if days > 0 else ""
    yield Line(f"{source.publisher} ({source.kind})")
    review = f"; its policies are to be reviewed by {source.review_by}" if source.review_by else ""
    yield Line(f"retrieved {source.retrieved}, checked {source.checked_on}{ago}{review}")
    many = len(source.rules)
    words = {0: "cited by no rule", 1: "cited by one rule: "}.get(many, f"cited by {many} rules: ")
    yield Line(f"{words}{', '.join(source.rules)}")


def sources_as_data(sources: Sequence[ListedSource], policies: PolicySet) -> dict[str, Any]:
    """The sources as plain mappings and sequences."""
    return {**head_of_policies("sources_list", policies), "sources": [as_dict(each) for each in sources]}
