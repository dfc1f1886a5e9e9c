"""Which changes need a second name: to rules of the first tier, rules that silence, and what they rest on."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from typing import Any

from engine.base.diagnostic import Location
from engine.base.record import values_of
from engine.language.model import Ranking, Rule
from engine.language.policy_set import PolicySet, ResolvedRule
from engine.versioning.diff.definitions import Definitions


def rules_to_approve(
    before: PolicySet | None, after: PolicySet, released: Collection[str]
) -> Mapping[str, tuple[str, ...]]:
    """The weighty rules that a release adds, changes or drops; with each what changes behind it.

    That is facts (parameters, bands, findings, dates of the calendar among them), passages, the ranking, and
    what outranks it. Without a state before, they are those of the policies that are released.
    """
    if before is None:
        rules = {name: rule for name, rule in after.by_name.items() if rule.rule.policy in released}
        return {name: () for name, rule in rules.items() if _is_weighty(rule.rule, after.ranking)}
    changed = _Changed(before, after)
    to_approve = {}
    for name in sorted({*before.by_name, *after.by_name}):
        old, new = before.by_name.get(name), after.by_name.get(name)
        weighty = (old is not None and _is_weighty(old.rule, before.ranking)) or (
            new is not None and _is_weighty(new.rule, after.ranking)
        )
        if not weighty:
            continue
        rests_on = tuple(changed.behind(old, new)) if old is not None and new is not None else ()
        if old is None or new is None or rests_on or _meaning(old.rule) != _meaning(new.rule):
            to_approve[name] = rests_on
    return to_approve


def _is_weighty(rule: Rule, ranking: Ranking) -> bool:
    first = ranking.tiers[0][0] if ranking.tiers else None
    return rule.tier == first or bool(rule.silences)


class _Changed:
    """What differs between two states, asked of one rule after another."""

    def __init__(self, before: PolicySet, after: PolicySet) -> None:
        self._before, self._after = before, after
        self._definitions = Definitions(before, after)
        self._ranking = _order(before.ranking) != _order(after.ranking)

    def behind(self, old: ResolvedRule, new: ResolvedRule) -> Iterator[str]:
        """What a rule rests on that is not what it was."""
        facts = (*old.tested, *old.shown, *new.tested, *new.shown)
        behind = self._definitions.dependencies.behind(facts)
        yield from dict.fromkeys(
            name.partition("@")[0] for name in behind if name in self._definitions.differing
        )
        for name in dict.fromkeys((*old.shown, *new.shown)):
            if _in_words(name, self._before) != _in_words(name, self._after):
                yield name
        for cited in dict.fromkeys((each.source, each.anchor) for each in new.rule.cites):
            if _passage(*cited, self._before) != _passage(*cited, self._after):
                yield "#".join(cited)
        if self._before.outranking.get(old.name) != self._after.outranking.get(new.name):
            yield "what outranks it"
        if self._ranking and new.rule.advise is not None:
            yield "the ranking"


def _order(ranking: Ranking) -> tuple[Any, ...]:
    """By what advice is ranked; titles aside."""
    orders = (ranking.severities, ranking.tiers, ranking.categories)
    return (*(tuple(name for name, _ in order) for order in orders), ranking.sort)


def _in_words(name: str, policies: PolicySet) -> tuple[Any, ...] | None:
    """How the value of a fact is written in a text."""
    fact = policies.facts.get(name)
    return None if fact is None else (fact.unit, fact.values, fact.formats)


def _passage(source: str, anchor: str, policies: PolicySet) -> tuple[Any, ...] | None:
    """What a citation names; when it was last compared does not change it."""
    found = policies.sources.get(source)
    if found is None:
        return None
    return found.title, found.short, found.publisher, found.kind, found.address, found.anchors.get(anchor)


def _meaning(value: Any) -> Any:
    """A node without the places it stands at."""
    if isinstance(value, Location):
        return None
    if isinstance(value, tuple):
        return tuple(_meaning(part) for part in value)
    if hasattr(value, "_names"):
        return (type(value).__name__, *(_meaning(part) for part in values_of(value)))
    return value
