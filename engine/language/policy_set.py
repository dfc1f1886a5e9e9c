"""The policies in force on a day, names resolved, everything in the order in which it is worked out."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date
from functools import cached_property
from typing import Literal

from engine.base.record import record, replace
from engine.language.conditions import facts_of
from engine.language.dependencies import Dependencies
from engine.language.field_words import UNDECLARED, FieldWords
from engine.language.model import (
    Advice,
    AnyOf,
    Band,
    Call,
    Condition,
    Consistency,
    DecisionTable,
    Exclusive,
    Fact,
    FileVersion,
    Finding,
    Implication,
    Parameter,
    Phrase,
    Ranking,
    Rule,
    Scalar,
    Source,
    Value,
)
from engine.language.tables import conditions_in, references_in


@record
class Lapsed:
    """A policy that has released versions, none of which is in force on the day."""

    file_version: FileVersion
    reason: str


@record
class Unreleased:
    """A file in force that is not as it was released: `edited` since, or `never` released at all.

    Only where a folder has a `releases.lock`.
    """

    file_version: FileVersion
    reason: Literal["edited", "never"]


@record
class Implied:
    """A given fact that implications may settle: pairs of implication and value (None: absent)."""

    fact: str
    by: tuple[tuple[Implication, Value | None], ...]


@record
class Computed:
    """A derived fact, its function and its guard, both resolved."""

    fact: str
    call: Call
    only_when: Condition | None


@record
class Banded:
    """A band: for each range its name and its bounds as a condition on the banded fact."""

    fact: str
    of: str
    ranges: tuple[tuple[str, Condition], ...]
    band: Band


@record
class ParameterValue:
    """The value of a parameter on the day that a fact names, for its key; itself a fact, `parameter@fact`."""

    fact: str
    parameter: Parameter
    on: str


@record
class Tabled:
    """A fact that a decision table gives, by its place among the table's outputs."""

    fact: str
    table: DecisionTable
    output: int


Computation = Implied | Computed | Banded | ParameterValue | Tabled


def conditions_of(computation: Computation) -> tuple[Condition, ...]:
    """The conditions by which a computation decides."""
    match computation:
        case Implied(_, by):
            return tuple(implication.when for implication, _ in by)
        case Computed(_, call, only_when):
            return tuple(condition for condition in (call.condition, only_when) if condition is not None)
        case Banded(_, _, ranges):
            return tuple(condition for _, condition in ranges)
        case ParameterValue():
            return ()
        case Tabled(_, table):
            return conditions_in(table)


def inputs_of(computation: Computation) -> tuple[str, ...]:
    """The facts that a computation looks at, sorted."""
    used = {name for condition in conditions_of(computation) for name in facts_of(condition)}
    match computation:
        case Computed(_, call, _):
            used.update(item for item in call.items if isinstance(item, str))
        case Banded(_, of, _):
            used.add(of)
        case ParameterValue(_, parameter, on):
            used.update((on,) if parameter.by is None else (on, parameter.by))
        case Tabled(_, table, output):
            used.update(table.columns)
            used.update(references_in(table, output))
    return tuple(sorted(used))


@record
class SeasonDates:
    """The calendar in force: the key fact, the facts it gives, and the dates of each season."""

    keyed_by: str
    facts: tuple[str, ...]
    seasons: Mapping[Scalar, Mapping[str, date]]
    title: str


@record
class PlacedText:
    """A text split at its placeholders: words and fact names in turn, words first."""

    parts: tuple[str, ...]


@record
class ResolvedRule:
    """A rule by its full name: conditions resolved, texts split, and what it outranks in force."""

    name: str
    rule: Rule
    advice: Advice[PlacedText] | None
    outranks: tuple[str, ...]

    @property
    def when(self) -> Condition:
        """The resolved condition."""
        return self.rule.when

    @cached_property
    def tested(self) -> tuple[str, ...]:
        """The facts that the condition looks at, as written, each once."""
        return tuple(dict.fromkeys(facts_of(self.when)))

    @cached_property
    def in_texts(self) -> tuple[str, ...]:
        """The facts whose values the texts show, and by which they are chosen, as written, each once."""
        if self.advice is None:
            return ()
        shown = [name for text in self.advice.texts for name in text.parts[1::2]]
        return tuple(dict.fromkeys((*shown, *self.chosen_by)))

    @cached_property
    def chosen_by(self) -> tuple[str, ...]:
        """The facts by which it is chosen what is said, as written, each once."""
        choices = self.advice.choices if self.advice else ()
        return tuple(dict.fromkeys(name for condition in choices for name in facts_of(condition)))

    @cached_property
    def due_facts(self) -> tuple[str, ...]:
        """The facts that are days by which something is due, each once."""
        days = self.advice.days if self.advice else ()
        return tuple(dict.fromkeys(day for day in days if isinstance(day, str)))

    @property
    def shown(self) -> tuple[str, ...]:
        """The facts of the texts, and those of the due dates."""
        return (*self.in_texts, *self.due_facts)


@record
class ResolvedConsistency:
    """A consistency rule with a resolved condition and its message split."""

    rule: Consistency
    when: Condition
    message: PlacedText
    facts: tuple[str, ...]


@record
class PolicySet:
    """What a report rests on.

    The same files are in force on every day from `since` until before `changes_on` (None: no such day).
    `facts` holds every name a condition may use, parameters (`parameter@fact`) included; `computations`
    are in order; `strata` are the rules in firing order: a stratum's findings are known before the next.
    `outranking` maps an item's rule to the rules that would suppress it; `reversed_by` a rule to the given
    facts whose answers could undo its verdict once it is decided (`engine.loading.monotonicity`).
    """

    as_of: date
    since: date | None
    changes_on: date | None
    digest: str
    file_versions: tuple[FileVersion, ...]
    lapsed: tuple[Lapsed, ...]
    facts: Mapping[str, Fact]
    calendar: SeasonDates | None
    computations: tuple[Computation, ...]
    consistency: tuple[ResolvedConsistency, ...]
    findings: tuple[Finding, ...]
    strata: tuple[tuple[ResolvedRule, ...], ...]
    parameters: Mapping[str, Parameter]
    sources: Mapping[str, Source]
    ranking: Ranking
    outranking: Mapping[str, tuple[tuple[str, str], ...]]
    reversed_by: Mapping[str, tuple[str, ...]]
    unreleased: tuple[Unreleased, ...] = ()
    phrases: tuple[Phrase, ...] = ()
    words: FieldWords = UNDECLARED
    exclusive: tuple[Exclusive, ...] = ()

    def on(self, day: date) -> PolicySet | None:
        """The same on another day; None where other files are in force on it."""
        begun = self.since is None or self.since <= day
        return (
            replace(self, as_of=day) if begun and (self.changes_on is None or day < self.changes_on) else None
        )

    @cached_property
    def rules(self) -> tuple[ResolvedRule, ...]:
        """Every rule in force, in firing order."""
        return tuple(rule for stratum in self.strata for rule in stratum)

    @cached_property
    def by_name(self) -> Mapping[str, ResolvedRule]:
        """Full name -> rule, in firing order."""
        return {rule.name: rule for rule in self.rules}

    @cached_property
    def steps(self) -> Mapping[str, Computation]:
        """Fact -> the computation that may give it a value, in order."""
        return {computation.fact: computation for computation in self.computations}

    @cached_property
    def policy_files(self) -> Mapping[str, FileVersion]:
        """Policy -> its version in force."""
        return {each.id: each for each in self.file_versions if each.kind == "policy"}

    @cached_property
    def concluding(self) -> Mapping[str, tuple[ResolvedRule, ...]]:
        """Finding -> the rules that conclude it, in firing order; none of them: no entry."""
        concluding: dict[str, tuple[ResolvedRule, ...]] = {}
        for rule in self.rules:
            for finding, _ in rule.rule.conclude:
                concluding[finding] = (*concluding.get(finding, ()), rule)
        return concluding

    @cached_property
    def applicability(self) -> Mapping[str, Condition]:
        """Finding -> the condition where it fails of which it is not applicable; no entry: it always is.

        It is so where no policy with a rule that concludes it applies.
        """
        applicability: dict[str, Condition] = {}
        for finding, rules in self.concluding.items():
            by_policy = {rule.rule.policy: rule.rule.applies_to for rule in rules}
            conditions = [condition for condition in by_policy.values() if condition is not None]
            if len(conditions) == len(by_policy):
                applicability[finding] = AnyOf(tuple(conditions), self.facts[finding].at)
        return applicability

    @cached_property
    def dependencies(self) -> Dependencies:
        """What each fact rests on."""
        given = frozenset(name for name, fact in self.facts.items() if fact.origin == "given")
        return Dependencies(dict(self._inputs()), given)

    def _inputs(self) -> Iterator[tuple[str, tuple[str, ...]]]:
        yield from ((step.fact, inputs_of(step)) for step in self.computations)
        if self.calendar is not None:
            yield from ((fact, (self.calendar.keyed_by,)) for fact in self.calendar.facts)
        for finding, rules in self.concluding.items():
            ordered = sorted(rules, key=lambda rule: rule.name)
            yield finding, tuple(dict.fromkeys(name for rule in ordered for name in rule.tested))
