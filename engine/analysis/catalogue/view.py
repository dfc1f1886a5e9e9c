"""Rules and sources as text and JSON, for `advise rules` and `advise sources`."""

from __future__ import annotations

import textwrap
from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any

from engine.analysis.catalogue.guidance_page import guidance
from engine.analysis.catalogue.query import ListedRule, ListedSource, list_rules, list_sources
from engine.language.templates import date_in_words
from engine.loading.load import load_named
from engine.rendering.as_json import json_text
from engine.rendering.pieces import cited, head_of_policies

WIDTH = 100
"""Columns of a line of names."""


def guidance_text(folder: str | None, day: date) -> str:
    """The whole guidance as Markdown. Raises InvalidInput."""
    return guidance(load_named(folder, day))


def rules_text(
    folder: str | None, day: date, words: str, cites: str | None, fact: str | None, *, as_json: bool
) -> str:
    """The rules that are asked for, as text or JSON. Raises InvalidInput."""
    policies = load_named(folder, day)
    rules = list_rules(policies, words=words, cites=cites, fact=fact)
    if as_json:
        return json_text({**head_of_policies("rules", policies), "rules": list(map(_rule_as_data, rules))})
    tiers, categories = dict(policies.ranking.tiers), dict(policies.ranking.categories)
    lines = [line for rule in rules for line in (*_rule_lines(rule, fact, tiers, categories), "")]
    count = f"{len(rules)} of {len(policies.rules)} rules in force on {date_in_words(day)}."
    return "\n".join((*lines, count)) + "\n"


def _rule_lines(
    rule: ListedRule, fact: str | None, tiers: Mapping[str, str], categories: Mapping[str, str]
) -> Iterable[str]:
    marks = tiers[rule.tier] if rule.category is None else f"{tiers[rule.tier]}, {categories[rule.category]}"
    yield f"{rule.rule}  {rule.title}"
    yield f"    {rule.version}, {rule.path}:{rule.line}  ({marks})"
    yield from _lines("rests on", (each.name for each in rule.cites))
    if fact is not None:
        yield from _ways(rule, fact)


def _ways(rule: ListedRule, fact: str) -> Iterable[str]:
    """How a rule rests on a fact: by its condition; only where that does not, by its texts and due date."""
    by_condition = (*(name for name in rule.facts if name == fact), *rule.through)
    by_due = () if rule.by_due is None else (rule.by_due,)
    only_by = [what for what, names in (("texts", rule.by_texts), ("due date", by_due)) if names]
    by = "by its condition," if by_condition else f"only by its {' and its '.join(only_by)},"
    names = dict.fromkeys(by_condition or (*rule.by_texts, *by_due))
    others = [name for name in names if name != fact]
    if not others:
        return [f"    {by} directly"]
    return _lines(f"{by} directly and by way of" if fact in names else f"{by} by way of", others)


def _lines(words: str, names: Iterable[str]) -> Iterable[str]:
    """Names after some words, on lines that fit a terminal; no name is broken."""
    return textwrap.wrap(
        f"{words} {', '.join(names)}",
        WIDTH,
        initial_indent="    ",
        subsequent_indent="      ",
        break_on_hyphens=False,
        break_long_words=False,
    )


def _rule_as_data(rule: ListedRule) -> dict[str, Any]:
    return {
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


def sources_text(folder: str | None, day: date, *, as_json: bool) -> str:
    """Every source, as text or JSON. Raises InvalidInput."""
    policies = load_named(folder, day)
    sources = list_sources(policies)
    if as_json:
        data = list(map(_source_as_data, sources))
        return json_text({**head_of_policies("sources_list", policies), "sources": data})
    return "\n\n".join("\n".join(_source_lines(source, day)) for source in sources) + "\n"


def _source_lines(source: ListedSource, day: date) -> Iterable[str]:
    days = (day - source.checked_on).days
    ago = f", {days} days ago" if days > 0 else ""
    yield f"{source.source}  {source.title}"
    yield f"    {source.publisher} ({source.kind})"
    review = f"; its policies are to be reviewed by {source.review_by}" if source.review_by else ""
    yield f"    retrieved {source.retrieved}, checked {source.checked_on}{ago}{review}"
    many = len(source.rules)
    words = {0: "cited by no rule", 1: "cited by one rule:"}.get(many, f"cited by {many} rules:")
    yield from _lines(words, source.rules)


def _source_as_data(source: ListedSource) -> dict[str, Any]:
    return {
        "source": source.source,
        "title": source.title,
        "publisher": source.publisher,
        "kind": source.kind,
        "retrieved": source.retrieved,
        "checked_on": source.checked_on,
        "review_by": source.review_by,
        "rules": source.rules,
    }
