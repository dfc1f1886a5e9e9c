"""What stands in the policies: rules by words, fact and passage; sources by when they were last checked.

A side tool: it reads a policy set and returns values; `guidance_page` writes the whole of it.
"""

from __future__ import annotations

from collections.abc import Container, Iterable
from datetime import date

from engine.base.diagnostic import CommandLine, InvalidInput, did_you_mean
from engine.base.record import record
from engine.language.citation import cited_passage
from engine.language.model import Source
from engine.language.policy_set import PolicySet, ResolvedRule
from engine.language.report import CitedPassage


@record
class ListedRule:
    """A rule in force, with where it stands (path relative to the policy folder) and what it rests on.

    `facts` are those that its condition looks at. Asked for a fact, those that rest on it are told, itself
    among them: of the condition (`through`, itself left out), of the texts, and the due date.
    """

    rule: str
    title: str
    version: str
    path: str
    line: int
    tier: str
    category: str | None
    severity: str | None
    cites: tuple[CitedPassage, ...]
    facts: tuple[str, ...]
    through: tuple[str, ...]
    by_texts: tuple[str, ...]
    by_due: str | None


@record
class ListedSource:
    """A source, the days on which it was compared and the policies that cite it are due, and its rules."""

    source: str
    title: str
    publisher: str
    kind: str
    retrieved: date
    checked_on: date
    review_by: date | None
    rules: tuple[str, ...]


def list_rules(
    policies: PolicySet, *, words: str = "", cites: str | None = None, fact: str | None = None
) -> tuple[ListedRule, ...]:
    """The rules in force that hold all the words, cite the passage and rest on the fact, sorted by name.

    A rule rests on a fact by its condition, or with its texts or its due date alone.

    Raises InvalidInput for a passage or a fact that does not exist.
    """
    _check_names(policies, cites, fact)
    resting = policies.dependencies.resting_on([fact]) if fact is not None else frozenset()
    return tuple(
        _listed(rule, policies, fact, resting)
        for rule in sorted(policies.rules, key=lambda rule: rule.name)
        if (fact is None or not resting.isdisjoint((*rule.tested, *rule.shown)))
        and (
            cites is None
            or any(cites in (each.source, f"{each.source}#{each.anchor}") for each in rule.rule.cites)
        )
        and all(word in _text(rule) for word in words.lower().split())
    )


def _check_names(policies: PolicySet, cites: str | None, fact: str | None) -> None:
    if cites is not None:
        _check_passage(policies, cites)
    facts = {name for name in policies.facts if "@" not in name}
    if fact is not None and fact not in facts:
        message = f"There is no fact `{fact}`."
        raise InvalidInput.error("unknown-fact", message, CommandLine("--fact"), did_you_mean(fact, facts))


def _check_passage(policies: PolicySet, cites: str) -> None:
    source, hash_sign, anchor = cites.partition("#")
    passages = {f"{source.id}#{anchor}" for source in policies.sources.values() for anchor in source.anchors}
    if cites in passages or cites in policies.sources:
        return
    help = did_you_mean(cites, passages if hash_sign else set(policies.sources))
    if hash_sign and not anchor and source in policies.sources:
        help = f"Name a passage after the `#`, or write `{source}` for the whole source."
    elif same := sorted(passage for passage in passages if passage.partition("#")[2] == cites):
        help = f"Did you mean `{same[0]}`?"
    message = f"There is no {'passage' if hash_sign else 'source'} `{cites}`."
    raise InvalidInput.error("unknown-anchor", message, CommandLine("--cites"), help)


def _listed(rule: ResolvedRule, policies: PolicySet, fact: str | None, resting: Container[str]) -> ListedRule:
    file_version, advise = policies.policy_files[rule.rule.policy], rule.rule.advise
    return ListedRule(
        rule.name,
        rule.rule.title,
        file_version.version,
        file_version.path,
        rule.rule.at.line,
        rule.rule.tier,
        advise.category if advise else None,
        advise.severity if advise else None,
        tuple(cited_passage(citation, policies) for citation in rule.rule.cites),
        tuple(name for name in rule.tested if "@" not in name),
        _without_days(name for name in rule.tested if name in resting and name != fact),
        _without_days(name for name in rule.in_texts if name in resting),
        next((due for due in rule.due_facts if due in resting), None),
    )


def _without_days(names: Iterable[str]) -> tuple[str, ...]:
    """A parameter by its name alone."""
    return tuple(dict.fromkeys(name.partition("@")[0] for name in names))


def _text(rule: ResolvedRule) -> str:
    advise = rule.rule.advise
    texts = (*advise.texts, advise.category) if advise else ()
    return " ".join((rule.name, rule.rule.title, rule.rule.tier, *texts)).lower()


def list_sources(policies: PolicySet) -> tuple[ListedSource, ...]:
    """Every source, the one that was checked longest ago first."""
    listed = (_listed_source(source, policies) for source in policies.sources.values())
    return tuple(sorted(listed, key=lambda source: (source.checked_on, source.source)))


def _listed_source(source: Source, policies: PolicySet) -> ListedSource:
    rules = [rule for rule in policies.rules if any(each.source == source.id for each in rule.rule.cites)]
    reviews = (policies.policy_files[rule.rule.policy].review_by for rule in rules)
    return ListedSource(
        source.id,
        source.title,
        source.publisher,
        source.kind,
        source.retrieved,
        source.checked_on,
        min((day for day in reviews if day is not None), default=None),
        tuple(sorted(rule.name for rule in rules)),
    )
