"""The policies in force on a day, with every name resolved and everything in order."""

from __future__ import annotations

import itertools
import re
from collections.abc import Container, Iterable, Iterator, Mapping
from datetime import date
from typing import Any

from engine.base.diagnostic import InvalidInput, Location, did_you_mean
from engine.base.diagnostics import Diagnostics
from engine.base.quick_fixes import name_fix
from engine.base.record import replace
from engine.language.field_words import PLAIN, Formats
from engine.language.model import (
    Calendar,
    DecisionTable,
    Fact,
    Parameter,
    Phrase,
    Phrases,
    Policies,
    Policy,
    PolicyDocument,
    Ranking,
    Scalar,
    Sources,
    Vocabulary,
)
from engine.language.policy_set import Computation, ParameterValue, PolicySet, ResolvedRule, SeasonDates
from engine.language.values import typed
from engine.loading.monotonicity import reversed_by
from engine.loading.parameter_facts import misshapen_values
from engine.loading.resolve_bands import band_as_fact, resolve_band
from engine.loading.resolve_derivations import (
    KnownClosure,
    in_order,
    resolve_changeable,
    resolve_consistency,
    resolve_derived,
    resolve_implications,
)
from engine.loading.resolve_rules import (
    RuleContext,
    check_citations,
    check_exclusive,
    check_names_once,
    check_outranking_order,
    firing_order,
    resolve_rule,
)
from engine.loading.resolve_tables import resolve_table, settle_tables, table_as_facts
from engine.loading.scope import Scope
from engine.loading.tables_on_findings import looks_at_findings, with_conditions
from engine.loading.versions_in_force import InForce, days_of_change, select

_WHOLE_NUMBER = re.compile(r"0|[1-9][0-9]{0,17}")


def resolve(policies: Policies, as_of: date) -> PolicySet:
    """The policy set of a day. Raises InvalidInput with every problem found.

    Where `policies` is what could be read of a folder with problems, names that may belong to the
    unreadable part are not reported; the caller adds the problems of that part.
    """
    problems = Diagnostics()
    in_force = select(policies, as_of, problems)
    _check_files(in_force, policies, problems)
    vocabulary, sources = in_force.one(Vocabulary), in_force.one(Sources)
    ranking = in_force.one(Ranking)
    if vocabulary is None or sources is None or ranking is None:
        raise InvalidInput(problems)
    facts, parameters, broken = _declared(in_force, vocabulary, problems)
    dormant = _declare_dormant(in_force, facts, parameters)
    languages = {
        document.file_version.path: document.file_version.language for document in policies.documents
    }
    phrases = _phrases(in_force, problems)
    names = Scope(facts, parameters, {*policies.broken, *broken}, dormant, problems, languages, phrases)
    calendar = _resolve_calendar(in_force.one(Calendar), names)
    computations = _resolve_computations(in_force, vocabulary, sources, calendar, names)
    consistency = resolve_consistency(vocabulary.consistency, names)
    computations = settle_tables(computations, consistency, names)
    resolve_changeable(names)
    rules = _resolve_rules(in_force, vocabulary, sources, ranking, computations, names)
    # Rules and consistency rules may have brought in parameters that no computation used.
    computations = _with_parameters(computations, calendar, names)
    strata = firing_order(rules, (finding.name for finding in vocabulary.findings), names)
    _check_rest(sources, ranking, names)
    if problems:
        whom = str(vocabulary.words.subject)
        raise InvalidInput(replace(problem, witness_is=whom) for problem in problems)
    changes = days_of_change(policies)
    resolved = PolicySet(
        as_of=as_of,
        since=max((day for day in changes if day <= as_of), default=None),
        changes_on=min((day for day in changes if day > as_of), default=None),
        digest=policies.digest,
        file_versions=in_force.file_versions,
        lapsed=in_force.lapsed,
        facts=_with_formats(names.facts, vocabulary.words.formats),
        calendar=calendar,
        computations=computations,
        consistency=consistency,
        findings=vocabulary.findings,
        strata=strata,
        parameters=parameters,
        sources=sources.by_id,
        ranking=ranking,
        outranking=_outranking(rules),
        unreleased=in_force.unreleased,
        exclusive=vocabulary.exclusive,
        reversed_by={},
        phrases=tuple(phrases.values()),
        words=vocabulary.words,
    )
    return replace(resolved, reversed_by=reversed_by(resolved))


def _with_formats(facts: Mapping[str, Fact], formats: Formats) -> Mapping[str, Fact]:
    """The facts with how their values are written, where the vocabulary says so."""
    if formats == PLAIN:
        return facts
    return {name: replace(fact, formats=formats) for name, fact in facts.items()}


def _check_files(in_force: InForce, policies: Policies, problems: Diagnostics) -> None:
    """Adds which files there must be, and are not in force."""
    kinds = {file_version.kind for file_version in in_force.file_versions}
    for kind in ("vocabulary", "sources", "ranking"):
        if kind not in kinds and not {"*", kind} & set(policies.broken):
            reason, at, help_text = _not_in_force(kind, in_force, policies)
            problems.error("no-file", f"No {kind} file is in force: {reason}.", at, help_text)
    for lapsed in in_force.lapsed:
        file_version = lapsed.file_version
        if file_version.required:
            name = f"{file_version.kind.capitalize()} `{file_version.id}`"
            message = f"{name} is required, but not in force: {lapsed.reason}."
            help_text = "Release a version for this day."
            problems.error("required-not-in-force", message, file_version.at, help_text)


def _not_in_force(kind: str, in_force: InForce, policies: Policies) -> tuple[str, Location, str]:
    """Why no file of a kind is in force, where to look, and what to do."""
    at = Location(f"{kind}.yaml")
    for lapsed in in_force.lapsed:
        if lapsed.file_version.kind == kind:
            return lapsed.reason, at, "Choose a day on which one is, or release a version."
    for file_version in (document.file_version for document in policies.documents):
        if file_version.kind == kind and file_version.status in ("draft", "retired"):
            state = "a draft" if file_version.status == "draft" else "retired"
            help_text = "Write `status: active` there, or release it."
            return f"{file_version.path} is {state}", file_version.at, help_text
    return "there is none in the folder", at, f"Add {kind}.yaml."


def _declared(
    in_force: InForce, vocabulary: Vocabulary, problems: Diagnostics
) -> tuple[dict[str, Fact], dict[str, Parameter], set[str]]:
    """All facts and parameters by name, and those that cannot be used."""
    broken: set[str] = set()
    facts: dict[str, Fact] = {}
    parameters: dict[str, Parameter] = {}

    def declare(table: dict[str, Any], entry: Any, kind: str) -> None:
        first = table.get(entry.name)
        if first is not None:
            message = f"{kind} `{entry.name}` is declared twice."
            problems.error("declared-twice", message, entry.at, f"The other is at {first.at}.")
        table.setdefault(entry.name, entry)

    policies, calendars = in_force.all(Policy), in_force.all(Calendar)
    for fact in itertools.chain(vocabulary.facts, *(calendar.facts for calendar in calendars)):
        declare(facts, fact, "Fact")
    for finding in vocabulary.findings:
        declare(facts, Fact(finding.name, finding.title, "boolean", "finding", finding.at), "Finding")
    for band in itertools.chain(*(policy.bands for policy in policies)):
        declare(facts, band_as_fact(band), "Band")
    findings = {finding.name: finding for finding in vocabulary.findings}
    for table in _tables(in_force.documents, findings):
        for fact in table_as_facts(table, findings):
            declare(facts, fact, "Fact")
    for parameter in itertools.chain(vocabulary.parameters, *(policy.parameters for policy in policies)):
        wrong = misshapen_values(parameter)
        if wrong is not None:
            problems.error("type-mismatch", wrong, parameter.at)
            broken.add(parameter.name)
        else:
            declare(parameters, parameter, "Parameter")
    for name in facts.keys() & parameters.keys():
        message = f"Parameter `{name}` has the name of a fact."
        help_text = f"The fact is at {facts[name].at}. Give one of them another name."
        problems.error("declared-twice", message, parameters[name].at, help_text)
    as_of = facts.get("as_of")
    if as_of is None or as_of.type != "date":
        message = "The vocabulary does not declare `as_of`, the day the advice is for."
        help_text = "Add `as_of` under `facts:`, with `type: date`."
        problems.error("no-as-of", message, vocabulary.file_version.at, help_text)
    return facts, parameters, broken


def _phrases(in_force: InForce, problems: Diagnostics) -> Mapping[str, Phrase]:
    """The phrases in force by name."""
    phrases: dict[str, Phrase] = {}
    for phrase in itertools.chain(*(document.phrases for document in in_force.all(Phrases))):
        first = phrases.setdefault(phrase.name, phrase)
        if first is not phrase:
            message = f"Phrase `{phrase.name}` is declared twice."
            problems.error("declared-twice", message, phrase.at, f"The other is at {first.at}.")
    return phrases


def _tables(documents: Iterable[PolicyDocument], findings: Container[str]) -> Iterator[DecisionTable]:
    """The tables that are worked out before the rules fire."""
    for document in documents:
        if isinstance(document, Policy | Vocabulary):
            yield from (table for table in document.tables if not looks_at_findings(table, findings))


def _declare_dormant(
    in_force: InForce, facts: dict[str, Fact], parameters: dict[str, Parameter]
) -> frozenset[str]:
    """Adds what files declare of which no version is in force, so that others may go on naming it.

    It never has a value: what depends on it is unknown, and the report says which file has lapsed.
    """
    declared: list[Fact | Parameter] = []
    for document in in_force.ended:
        if isinstance(document, Policy):
            declared += [*map(band_as_fact, document.bands), *document.parameters]
            declared += [fact for table in document.tables for fact in table_as_facts(table, {})]
        elif isinstance(document, Calendar):
            declared += document.facts
    added = [entry for entry in declared if entry.name not in facts and entry.name not in parameters]
    for entry in added:
        if isinstance(entry, Fact):
            facts[entry.name] = entry
        else:
            parameters[entry.name] = entry
    return frozenset(entry.name for entry in added)


def _resolve_computations(
    in_force: InForce,
    vocabulary: Vocabulary,
    sources: Sources,
    calendar: SeasonDates | None,
    names: Scope,
) -> tuple[Computation, ...]:
    _check_declarations(names)
    derived = [resolve_derived(entry, names) for entry in vocabulary.derived]
    bands = [resolve_band(band, names) for policy in in_force.all(Policy) for band in policy.bands]
    computations: list[Computation] = [entry for entry in (*derived, *bands) if entry is not None]
    findings = {finding.name for finding in vocabulary.findings}
    for table in _tables(in_force.documents, findings):
        computations.extend(resolve_table(table, names, sources.by_id))
    computations.extend(resolve_implications(vocabulary.implications, names))
    return _with_parameters(tuple(computations), calendar, names)


def _with_parameters(
    computations: tuple[Computation, ...], calendar: SeasonDates | None, names: Scope
) -> tuple[Computation, ...]:
    known = {computation.fact for computation in computations}
    added = [
        ParameterValue(key, parameter, on)
        for key, (parameter, on) in names.used_parameters.items()
        if key not in known and parameter.name not in names.dormant
    ]
    return in_order((*computations, *added), calendar, names)


def _check_declarations(names: Scope) -> None:
    given = {name for name, fact in names.facts.items() if fact.origin == "given"}
    for name in sorted(given):
        parts = name.split(".")
        groups = (".".join(parts[:count]) for count in range(1, len(parts)))
        group = next((group for group in groups if group in given), None)
        if group is not None:
            message = f"`{group}` is a fact, so it cannot be the group that holds `{name}`."
            names.error("fact-is-group", message, names.facts[name].at, "Give one of them another name.")
    for fact in names.facts.values():
        if fact.type == "list" and fact.item_type is None:
            message = f"List `{fact.name}` does not say what it lists."
            names.error("no-item-type", message, fact.at, "Add `of: date` or the like.")
        if fact.value_type == "enum" and not fact.values:
            names.error("no-values", f"`{fact.name}` has no values.", fact.at, "Add `values:`.")
        if fact.low is not None and fact.high is not None and fact.low > fact.high:  # type: ignore[operator]  # both are of the fact's type
            message = f"The range of `{fact.name}` is empty."
            names.error("bounds-reversed", message, fact.at, "Write the lower end first.")
        digits = fact.step.normalize().as_tuple()
        if digits.digits != (1,) or int(digits.exponent) > 0:
            message = f"The precision of `{fact.name}` is not 1, 0.1, 0.01 …"
            names.error("precision", message, fact.at, "Write the finest step, such as 0.1.")


def _resolve_rules(
    in_force: InForce,
    vocabulary: Vocabulary,
    sources: Sources,
    ranking: Ranking,
    computations: tuple[Computation, ...],
    names: Scope,
) -> tuple[ResolvedRule, ...]:
    findings = {finding.name for finding in vocabulary.findings}
    policies = tuple(with_conditions(policy, findings, names) for policy in in_force.all(Policy))
    check_names_once(policies, names)
    rules = {rule.name: rule for policy in policies for rule in policy.rules}
    context = RuleContext(
        findings={finding.name: finding for finding in vocabulary.findings},
        ranking=ranking,
        sources=sources.by_id,
        rules=rules,
        ever_rules=in_force.ever_rules,
        known=KnownClosure(computations, names.parameters),
    )
    check_exclusive(vocabulary.exclusive, context.findings, names)
    check_outranking_order(rules, names)
    resolved = (
        resolve_rule(rule, policy.file_version, context, names)
        for policy in policies
        for rule in policy.rules
    )
    return tuple(rule for rule in resolved if rule is not None)


def _outranking(rules: Iterable[ResolvedRule]) -> Mapping[str, tuple[tuple[str, str], ...]]:
    """Rule -> the rules that suppress its item when they hold, each with how."""
    by_target: dict[str, list[tuple[str, str]]] = {}
    for rule in sorted(rules, key=lambda rule: rule.name):
        superseded = {target for target, _ in rule.rule.supersedes}
        for target in rule.outranks:
            how = "supersedes" if target in superseded else "silences"
            by_target.setdefault(target, []).append((rule.name, how))
    return {target: tuple(by) for target, by in by_target.items()}


def _resolve_calendar(calendar: Calendar | None, names: Scope) -> SeasonDates | None:
    if calendar is None or not calendar.keyed_by:  # without a key it is refused, which is told
        return None
    key = names.fact(calendar.keyed_by, calendar.file_version.at)
    declared = {fact.name for fact in calendar.facts}
    seasons: dict[Scalar, Mapping[str, date]] = {}
    for name, dates, at in calendar.seasons:
        value: Any = name
        if key is not None:
            if key.type in ("integer", "number"):
                if not _WHOLE_NUMBER.fullmatch(name):
                    message = f"`{name[:60]}` is not written as `{key.name}` is."
                    names.error("type-mismatch", message, at, "Write a whole number in digits, such as 2027.")
                    continue
                value = int(name)
            value, problem = typed(value, key)
            if problem is not None:
                names.error("type-mismatch", problem[0], at, problem[1])
                continue
        for fact, _ in dates:
            if fact not in declared:
                message = f"The calendar does not declare `{fact}`."
                names.error("unknown-fact", message, at, "Add it under `facts:`.")
        seasons[value] = dict(dates)
    return SeasonDates(
        calendar.keyed_by, tuple(fact.name for fact in calendar.facts), seasons, calendar.file_version.title
    )


def _check_rest(sources: Sources, ranking: Ranking, names: Scope) -> None:
    tiers = [tier for tier, _ in ranking.tiers]
    for parameter in names.parameters.values():
        check_citations(parameter.cites, sources.by_id, names)
        names.parameter_date(parameter, None, parameter.at)
        names.has_key(parameter)
        if (
            parameter.tier is not None
            and parameter.tier not in tiers
            and not names.broken & {"*", parameter.tier}
        ):
            message = f"Parameter `{parameter.name}`: there is no tier `{parameter.tier}` in ranking.yaml."
            near = names.problems.near(tiers)
            help_text, fix = did_you_mean(parameter.tier, near), name_fix(parameter.tier, near)
            names.error("unknown-tier", message, parameter.at, help_text, fix=fix)
    for fact, at in ranking.headline:
        names.fact(fact, at)
