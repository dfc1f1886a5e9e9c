"""Rules against everything they name: conditions, texts, findings, ranking, sources, other rules."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from engine.base.diagnostic import Location, correction, did_you_mean
from engine.base.quick_fixes import name_fix
from engine.base.record import record, replace
from engine.base.toposort import Circle, levels, order
from engine.language.conditions import facts_of
from engine.language.model import (
    Advice,
    Citation,
    Exclusive,
    FileVersion,
    Finding,
    Policy,
    Ranking,
    Rule,
    Source,
)
from engine.language.new_names import help_with
from engine.language.policy_set import ResolvedRule
from engine.loading.resolve_advice import resolve_advice
from engine.loading.resolve_derivations import KnownClosure
from engine.loading.scope import Scope, known_when, resolve_condition


@record
class RuleContext:
    """What a rule may name besides facts and parameters."""

    findings: Mapping[str, Finding]
    ranking: Ranking
    sources: Mapping[str, Source]
    rules: Mapping[str, Rule]
    ever_rules: frozenset[str]
    known: KnownClosure


def resolve_rule(
    rule: Rule, file_version: FileVersion, context: RuleContext, names: Scope
) -> ResolvedRule | None:
    """The rule with everything it names checked; None when its condition cannot be used."""
    when = resolve_condition(rule.when, names)
    for finding, at in rule.conclude:
        if finding not in context.findings:
            names.unknown("finding", finding, context.findings, at, context.findings.values())
    _check_label("tier", rule.tier, context.ranking.tiers, rule, rule.tier_at, names)
    check_citations(rule.cites, context.sources, names)
    outranks = _outranked(rule, context, names)
    if rule.advise is None and not rule.conclude:
        help_text = "Add `advise:`, or `conclude:` with a finding."
        message = f"Rule `{rule.id}` neither advises nor concludes."
        names.error("rule-does-nothing", message, rule.at, help_text)
    if rule.advise is None and (rule.supersedes or rule.silences):
        message = f"Rule `{rule.id}` gives no advice, so it cannot take the place of other advice."
        names.error("outranks-without-advice", message, rule.at, "Add `advise:`.")
    if rule.advise is not None:
        _check_advice(rule, rule.advise, context, names)
    _check_incompatible(rule, context, names)
    if when is None:
        return None
    known = context.known.known_with(known_when(when) | _always_known(file_version, names))
    advice = resolve_advice(rule.advise, known, context.known, names) if rule.advise is not None else None
    applies_to = None if rule.applies_to is None else resolve_condition(rule.applies_to, names)
    return ResolvedRule(rule.name, replace(rule, when=when, applies_to=applies_to), advice, outranks)


def _always_known(file_version: FileVersion, names: Scope) -> frozenset[str]:
    """Parameters dated by as_of that had a value when the policy came into force."""
    return frozenset(
        f"{parameter.name}@as_of"
        for parameter in names.parameters.values()
        if parameter.dated_by == "as_of"
        and parameter.by is None
        and parameter.values[0][0] <= file_version.effective_from
        and parameter.name not in names.dormant
    )


def _check_label(
    kind: str, name: str, labels: Iterable[tuple[str, str]], rule: Rule, at: Location | None, names: Scope
) -> None:
    known = [label for label, _ in labels]
    if name not in known and not names.broken & {"*", name}:
        near = names.problems.near(known)
        help_text = did_you_mean(name, near) or f"It is one of {', '.join(known)}."
        message = f"Rule `{rule.id}`: there is no {kind} `{name}` in ranking.yaml."
        names.error(f"unknown-{kind}", message, at or rule.at, help_text, fix=name_fix(name, near))


def _check_advice(rule: Rule, advice: Advice[str], context: RuleContext, names: Scope) -> None:
    ranking = context.ranking
    _check_label("severity", advice.severity, ranking.severities, rule, advice.severity_at, names)
    _check_label("category", advice.category, ranking.categories, rule, advice.category_at, names)
    first = next((severity for severity, _ in ranking.severities), advice.severity)
    if rule.silences and advice.severity != first:
        message = f"Rule `{rule.id}` silences whole categories, so its severity must be `{first}`."
        at = advice.severity_at or advice.at
        help_text = f"Write `severity: {first}`."
        names.error("silences-below-first", message, at, help_text, fix=(advice.severity, None))
    for due in (advice.due, *(step.due for step in advice.steps)):
        for day in due:
            fact = names.fact(day.say, day.at) if isinstance(day.say, str) else None
            if fact is not None and fact.type != "date":
                names.error("type-mismatch", f"`{day.say}` cannot be a due date: it is no date.", day.at)


def _check_incompatible(rule: Rule, context: RuleContext, names: Scope) -> None:
    """Notes what `incompatible_with` cannot mean."""
    if rule.advise is None and (rule.incompatible_rules or rule.incompatible_categories):
        message = f"Rule `{rule.id}` gives no advice, so nothing can be incompatible with it."
        names.error("incompatible-without-advice", message, rule.at, "Add `advise:`.")
    for target, at in rule.incompatible_rules:
        if target == rule.name:
            message = f"Rule `{rule.id}` cannot be incompatible with itself."
            names.error("incompatible-with-itself", message, at, "Remove the line.")
        elif target not in context.ever_rules:
            names.unknown("rule", target, context.ever_rules, at)
    _check_categories(rule.incompatible_categories, context, names)


def _check_categories(named: Iterable[tuple[str, Location]], context: RuleContext, names: Scope) -> None:
    known = [name for name, _ in context.ranking.categories]
    for category, at in named:
        if category not in known:
            message = f"There is no category `{category}`."
            near = names.problems.near(known)
            help_text, fix = did_you_mean(category, near), name_fix(category, near)
            names.error("unknown-category", message, at, help_text, fix=fix)


def check_citations(cites: Iterable[Citation], sources: Mapping[str, Source], names: Scope) -> None:
    """Notes citations of sources or anchors that do not exist."""
    for citation in cites:
        source = sources.get(citation.source)
        if source is None:
            names.unknown("source", citation.source, sources, citation.at, sources.values())
        elif citation.anchor not in source.anchors:
            message = f"Source `{citation.source}` has no anchor `{citation.anchor}`."
            near = names.problems.near(source.anchors)
            help_text = help_with("anchor", citation.anchor, near, (source,))
            right = correction(citation.anchor, near)
            fix = f"#{citation.anchor}", f"#{right}" if right else None
            names.error("unknown-anchor", message, citation.at, help_text, fix=fix)


def _outranked(rule: Rule, context: RuleContext, names: Scope) -> tuple[str, ...]:
    """The rules in force whose items this one suppresses."""
    outranked = []
    for target, at in rule.supersedes:
        if target == rule.name:
            names.error("supersedes-itself", f"Rule `{rule.id}` supersedes itself.", at, "Remove the line.")
        elif target not in context.ever_rules:
            names.unknown("rule", target, context.ever_rules, at)
        elif target in context.rules and context.rules[target].silences:
            message = f"`{target}` silences whole categories: no rule can supersede it."
            names.error("supersedes-silencer", message, at, "Remove the line.")
        elif target in context.rules:
            outranked.append(target)
    categories = [category for category, _ in rule.silences]
    _check_categories(rule.silences, context, names)
    for name, other in sorted(context.rules.items()) if categories else ():
        silenced = other.advise and other.advise.category in categories and not other.silences
        if silenced and name not in outranked:
            outranked.append(name)
    return tuple(outranked)


def check_exclusive(groups: Iterable[Exclusive], findings: Mapping[str, Finding], names: Scope) -> None:
    """Notes findings that exclude others and are none, and groups that share an id."""
    seen: dict[str, Exclusive] = {}
    for group in groups:
        first = seen.setdefault(group.id, group)
        if first is not group:
            message = f"Two groups of findings have the id `{group.id}`."
            names.error("declared-twice", message, group.at, f"The other is at {first.at}.")
        for finding, at in group.findings:
            if finding in names.facts and finding not in findings:
                message = f"`{finding}` is no finding: only findings exclude each other here."
                help_text = "Facts that cannot be true together are refused by a consistency rule."
                names.error("wrong-kind", message, at, help_text)
            elif finding not in findings:
                names.unknown("finding", finding, findings, at, findings.values())


def check_names_once(policies: Iterable[Policy], names: Scope) -> None:
    """Notes rules of one policy that share an id."""
    for policy in policies:
        seen: dict[str, Rule] = {}
        for rule in policy.rules:
            if rule.id in seen:
                message = f"Two rules of `{policy.file_version.id}` have the id `{rule.id}`."
                help_text = f"The other is on line {seen[rule.id].at.line}."
                names.error("duplicate-rule", message, rule.at, help_text)
            seen.setdefault(rule.id, rule)


def check_outranking_order(rules: Mapping[str, Rule], names: Scope) -> None:
    """Notes rules that supersede each other in a circle."""
    needs = {
        name: [target for target, _ in rule.supersedes if target in rules and target != name]
        for name, rule in rules.items()
    }
    try:
        order(needs)
    except Circle as circle:
        message = f"These rules supersede each other: {circle}."
        names.error("circle", message, rules[circle.path[0]].at, "Remove `supersedes` from one of them.")


def firing_order(
    rules: tuple[ResolvedRule, ...], findings: Iterable[str], names: Scope
) -> tuple[tuple[ResolvedRule, ...], ...]:
    """The rules in strata: a rule fires after every rule that concludes a finding it looks at."""
    concluding: dict[str, list[str]] = {finding: [] for finding in findings}
    for rule in rules:
        for finding, _ in rule.rule.conclude:
            concluding.setdefault(finding, []).append(f"rule {rule.name}")
    needs: dict[str, list[str]] = {finding: list(by) for finding, by in concluding.items()}
    for rule in rules:
        needs[f"rule {rule.name}"] = [name for name in facts_of(rule.when) if name in concluding]
    try:
        depth = levels(needs)
    except Circle as circle:
        path = " → ".join(name.removeprefix("rule ") for name in circle.path)
        first = next(name for name in circle.path if name.startswith("rule "))
        at = next(rule.rule.at for rule in rules if f"rule {rule.name}" == first)
        message = f"These rules need each other's findings: {path}."
        names.error("circle", message, at, "Break the circle at one of them.")
        return ()
    strata: dict[int, list[ResolvedRule]] = {}
    for rule in sorted(rules, key=lambda rule: rule.name):
        strata.setdefault(depth[f"rule {rule.name}"], []).append(rule)
    return tuple(tuple(strata[level]) for level in sorted(strata))
