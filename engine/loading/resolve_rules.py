"""Rules against everything they name: conditions, texts, findings, ranking, sources, other rules."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date

from engine.base.diagnostic import Location, correction, did_you_mean
from engine.base.record import record, replace
from engine.base.toposort import Circle, levels, order
from engine.language.conditions import facts_of
from engine.language.model import Advice, Citation, FileVersion, Finding, Policy, Ranking, Rule, Source
from engine.language.policy_set import PlacedText, ResolvedRule
from engine.loading.resolve_derivations import Knowing
from engine.loading.resolve_templates import resolve_text
from engine.loading.scope import Scope, known_when, resolve_condition


@record
class RuleContext:
    """What a rule may name besides facts and parameters."""

    findings: Mapping[str, Finding]
    ranking: Ranking
    sources: Mapping[str, Source]
    rules: Mapping[str, Rule]
    ever_rules: frozenset[str]
    knowing: Knowing


def resolve_rule(
    rule: Rule, file_version: FileVersion, around: RuleContext, names: Scope
) -> ResolvedRule | None:
    """The rule with everything it names checked; None when its condition cannot be used."""
    when = resolve_condition(rule.when, names)
    _check_conclusions(rule, around, names)
    _check_label("tier", rule.tier, around.ranking.tiers, rule, rule.tier_at, names)
    check_citations(rule.cites, around.sources, names)
    outranks = _outranked(rule, around, names)
    if rule.advise is None and not rule.conclude:
        help_text = "Add `advise:`, or `conclude:` with a finding."
        names.problem(
            "rule-does-nothing", f"Rule `{rule.id}` neither advises nor concludes.", rule.at, help_text
        )
    if rule.advise is None and (rule.supersedes or rule.silences):
        message = f"Rule `{rule.id}` gives no advice, so it cannot take the place of other advice."
        names.problem("outranks-without-advice", message, rule.at, "Add `advise:`.")
    if rule.advise is not None:
        _check_advice(rule, rule.advise, around, names)
    _check_incompatible(rule, around, names)
    if when is None:
        return None
    known = around.knowing.known_with(known_when(when) | _always_known(file_version, names))
    text: PlacedText | None = None
    steps: tuple[PlacedText, ...] = ()
    if rule.advise is not None:
        text, steps = _texts(rule.advise, known, names)
    due = rule.advise.due if rule.advise else None
    return ResolvedRule(rule.name, replace(rule, when=when), text, steps, due, outranks)


def _always_known(file_version: FileVersion, names: Scope) -> frozenset[str]:
    """Parameters dated by as_of that had a value when the policy came into force."""
    return frozenset(
        f"{parameter.name}@as_of"
        for parameter in names.parameters.values()
        if parameter.dated_by == "as_of"
        and parameter.values[0][0] <= file_version.effective_from
        and parameter.name not in names.dormant
    )


def _texts(advice: Advice, known: frozenset[str], names: Scope) -> tuple[PlacedText, tuple[PlacedText, ...]]:
    text = resolve_text(advice.text, advice.at, known, names)
    return text, tuple(resolve_text(step, advice.at, known, names, what="step") for step in advice.steps)


def _check_conclusions(rule: Rule, around: RuleContext, names: Scope) -> None:
    for finding, at in rule.conclude:
        if finding not in around.findings:
            names.unknown("finding", finding, around.findings, at)


def _check_label(
    kind: str, name: str, labels: Iterable[tuple[str, str]], rule: Rule, at: Location | None, names: Scope
) -> None:
    known = [label for label, _ in labels]
    if name not in known and not names.broken & {"*", name}:
        help_text = did_you_mean(name, known) or f"It is one of {', '.join(known)}."
        names.problem(
            f"unknown-{kind}",
            f"Rule `{rule.id}`: there is no {kind} `{name}` in ranking.yaml.",
            at or rule.at,
            help_text,
            words=name,
            instead=correction(name, known),
        )


def _check_advice(rule: Rule, advice: Advice, around: RuleContext, names: Scope) -> None:
    ranking = around.ranking
    _check_label("severity", advice.severity, ranking.severities, rule, advice.severity_at, names)
    _check_label("category", advice.category, ranking.categories, rule, advice.category_at, names)
    if rule.silences and around.ranking.severities and advice.severity != around.ranking.severities[0][0]:
        first = around.ranking.severities[0][0]
        message = f"Rule `{rule.id}` silences whole categories, so its severity must be `{first}`."
        at = advice.severity_at or advice.at
        help_text = f"Write `severity: {first}`."
        names.problem("silences-below-first", message, at, help_text, words=advice.severity)
    if isinstance(advice.due, date) or advice.due is None:
        return
    fact = names.fact(advice.due, advice.due_at or advice.at)
    if fact is not None and fact.type != "date":
        names.problem(
            "type-mismatch",
            f"`{advice.due}` cannot be a due date: it is no date.",
            advice.due_at or advice.at,
        )


def _check_incompatible(rule: Rule, around: RuleContext, names: Scope) -> None:
    """Notes what `incompatible_with` cannot mean."""
    if rule.advise is None and (rule.incompatible_rules or rule.incompatible_categories):
        message = f"Rule `{rule.id}` gives no advice, so nothing can be incompatible with it."
        names.problem("incompatible-without-advice", message, rule.at, "Add `advise:`.")
    for target, at in rule.incompatible_rules:
        if target == rule.name:
            message = f"Rule `{rule.id}` cannot be incompatible with itself."
            names.problem("incompatible-with-itself", message, at, "Remove the line.")
        elif target not in around.ever_rules:
            names.unknown("rule", target, around.ever_rules, at)
    _check_categories(rule.incompatible_categories, around, names)


def _check_categories(named: Iterable[tuple[str, Location]], around: RuleContext, names: Scope) -> None:
    known = [name for name, _ in around.ranking.categories]
    for category, at in named:
        if category not in known:
            names.problem(
                "unknown-category",
                f"There is no category `{category}`.",
                at,
                did_you_mean(category, known),
                words=category,
                instead=correction(category, known),
            )


def check_citations(cites: Iterable[Citation], sources: Mapping[str, Source], names: Scope) -> None:
    """Notes citations of sources or anchors that do not exist."""
    for citation in cites:
        source = sources.get(citation.source)
        if source is None:
            names.unknown("source", citation.source, sources, citation.at)
        elif citation.anchor not in source.anchors:
            help_text = did_you_mean(citation.anchor, source.anchors)
            message = f"Source `{citation.source}` has no anchor `{citation.anchor}`."
            instead = correction(citation.anchor, source.anchors)
            names.problem(
                "unknown-anchor",
                message,
                citation.at,
                help_text,
                words=f"#{citation.anchor}",
                instead=f"#{instead}" if instead else None,
            )


def _outranked(rule: Rule, around: RuleContext, names: Scope) -> tuple[str, ...]:
    """The rules in force whose items this one suppresses."""
    found = []
    for target, at in rule.supersedes:
        if target == rule.name:
            names.problem("supersedes-itself", f"Rule `{rule.id}` supersedes itself.", at, "Remove the line.")
        elif target not in around.ever_rules:
            names.unknown("rule", target, around.ever_rules, at)
        elif target in around.rules and around.rules[target].silences:
            message = f"`{target}` silences whole categories: no rule can supersede it."
            names.problem("supersedes-silencer", message, at, "Remove the line.")
        elif target in around.rules:
            found.append(target)
    categories = [category for category, _ in rule.silences]
    _check_categories(rule.silences, around, names)
    for name, other in sorted(around.rules.items()) if categories else ():
        if other.advise and other.advise.category in categories and not other.silences and name not in found:
            found.append(name)
    return tuple(found)


def check_names_once(policies: Iterable[Policy], names: Scope) -> None:
    """Notes rules of one policy that share an id."""
    for policy in policies:
        seen: dict[str, Rule] = {}
        for rule in policy.rules:
            if rule.id in seen:
                message = f"Two rules of `{policy.file_version.id}` have the id `{rule.id}`."
                names.problem(
                    "duplicate-rule", message, rule.at, f"The other is on line {seen[rule.id].at.line}."
                )
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
        names.problem("circle", message, rules[circle.path[0]].at, "Remove `supersedes` from one of them.")


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
        names.problem(
            "circle",
            f"These rules need each other's findings: {path}.",
            at,
            "Break the circle at one of them.",
        )
        return ()
    strata: dict[int, list[ResolvedRule]] = {}
    for rule in sorted(rules, key=lambda rule: rule.name):
        strata.setdefault(depth[f"rule {rule.name}"], []).append(rule)
    return tuple(tuple(strata[level]) for level in sorted(strata))
