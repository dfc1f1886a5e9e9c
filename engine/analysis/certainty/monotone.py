"""Verdicts that last: the policies in a meaning in which no answer undoes what was decided before.

A test of whether a fact is known, and `first_known`, are left unknown here as long as an answer could change
what they come to: as long as the fact in question is unknown and a given fact behind it is still *open*
(neither known nor without an answer). All else is monotonic in strong Kleene logic, so what holds, fails or
contradicts in this meaning does so in every completion. Where nothing is open, both meanings are the same.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from datetime import date
from functools import cache
from typing import Final

from engine.advising.decide import Decider, Decisions
from engine.advising.derive import (
    Derivation,
    DerivationState,
    DerivationStep,
    DerivedFacts,
    NamedStep,
    Rederivation,
)
from engine.base.record import replace
from engine.language.conditions import HOLDS, UNKNOWN, compile_condition, tests_of
from engine.language.dependencies import Dependencies
from engine.language.facts import Facts
from engine.language.functions import ABSENT
from engine.language.model import (
    AllOf,
    AnyOf,
    CellMark,
    Comparison,
    Condition,
    DecisionRow,
    DecisionTable,
    Not,
    Rule,
)
from engine.language.policy_set import Computation, Computed, Implied, PolicySet, ResolvedRule, Tabled
from engine.loading.monotonicity import choices

_KNOWN: Final = "@ known"
"""Behind a fact's name: a fact that tells whether it is known. The blank keeps it apart from all others."""


class Monotone:
    """A policy set in this meaning."""

    def __init__(self, policies: PolicySet) -> None:
        self._policies = policies
        meaning = _Meaning(policies)
        changed = meaning.of(policies)
        self.conditions = {rule.name: rule.when for rule in changed.rules}
        self._derivation = _Derivation(changed, meaning.asked, policies.dependencies)
        self._decider = Decider(changed, None)
        self._rederivation = cache(lambda fact: Rederivation(self._derivation, [fact]))

    def derive(self, facts: Facts, day: date) -> DerivedFacts:
        """What lasts of what follows from facts. Raises Contradicted when no completion is consistent."""
        return self._derivation.derive(facts, day)

    def changed(self, facts: Facts, day: date, fact: str, before: DerivedFacts) -> DerivedFacts:
        """The same, given that of facts which differ in nothing but one fact."""
        return self._rederivation(fact).derive(facts, day, before)

    def decide(self, derived: DerivedFacts) -> Decisions:
        """What lasts of everything decided."""
        return self._decider.decide(derived)

    def speaks_of_missing(self, rule: ResolvedRule, decisions: Decisions) -> bool:
        """Whether a rule tests that something is not known which is not, and could yet be answered."""
        values, facts = decisions.values, self._policies.facts
        return any(
            (name if facts[name].origin == "finding" else name + _KNOWN) not in values
            for name in _to_be_unknown(rule.when)
            if facts[name].origin != "finding" or name not in decisions.absent
        )


def name_of(name: str) -> str:
    """The fact itself, when this tells whether it is known."""
    return name.removesuffix(_KNOWN)


def _to_be_unknown(condition: Condition, wanted: bool = True) -> Iterator[str]:
    """The facts of which a condition wants (or, under a `not`, does not want) that they are not known."""
    match condition:
        case Not(part):
            yield from _to_be_unknown(part, not wanted)
        case AllOf(parts) | AnyOf(parts):
            for part in parts:
                yield from _to_be_unknown(part, wanted)
        case Comparison(fact, "known", operand) if operand is not wanted:
            yield fact


class _Meaning:
    """Conditions with their tests of whether a fact is known turned into tests of a fact that tells it."""

    def __init__(self, policies: PolicySet) -> None:
        self._facts = policies.facts
        self._applicability = policies.applicability
        self.asked: dict[str, None] = {}
        """The facts of which it is asked whether they are known."""

    def of(self, policies: PolicySet) -> PolicySet:
        computations: list[Computation] = []
        for step in policies.computations:
            match step:
                case Implied(fact, by):
                    pairs = ((replace(rule, when=self.condition(rule.when)), value) for rule, value in by)
                    computations.append(Implied(fact, tuple(pairs)))
                case Computed(fact, call, only_when):
                    truth = call.condition and self.condition(call.condition)
                    guard = only_when and self.condition(only_when)
                    computations.append(Computed(fact, replace(call, condition=truth), guard))
                case Tabled(_, table):
                    rows = tuple(replace(row, when=self._cells(row, table)) for row in table.rows)
                    computations.append(replace(step, table=replace(table, rows=rows)))
                case _:
                    computations.append(step)
        consistency = tuple(replace(rule, when=self.condition(rule.when)) for rule in policies.consistency)
        strata = tuple(
            tuple(replace(each, rule=self._rule(each.rule)) for each in rules) for rules in policies.strata
        )
        return replace(policies, computations=tuple(computations), consistency=consistency, strata=strata)

    def _rule(self, rule: Rule) -> Rule:
        applies_to = rule.applies_to and self.condition(rule.applies_to)
        return replace(rule, when=self.condition(rule.when), applies_to=applies_to)

    def _cells(self, row: DecisionRow, table: DecisionTable) -> tuple[Condition | CellMark, ...]:
        return tuple(
            self.condition(Comparison(column, "known", False, row.at)) if cell == "not known" else cell
            for column, cell in zip(table.columns, row.when, strict=True)
        )

    def condition(self, condition: Condition) -> Condition:
        if all(test.operator != "known" for test in tests_of(condition)):
            return condition
        match condition:
            case AllOf(parts, at):
                return AllOf(tuple(map(self.condition, parts)), at)
            case AnyOf(parts, at):
                return AnyOf(tuple(map(self.condition, parts)), at)
            case Not(part, at):
                return Not(self.condition(part), at)
            case Comparison(fact, _, operand, at) if self._facts[fact].origin == "finding":
                # Settled with the rules, not before them: known when it is true or false.
                known: Condition = AnyOf(
                    (Comparison(fact, "is", True, at), Comparison(fact, "is", False, at)), at
                )
                if fact in self._applicability:  # and not where it is not applicable
                    known = AllOf((known, self.condition(self._applicability[fact])), at)
                return known if operand else Not(known, at)
            case Comparison(fact, _, operand, at):
                self.asked[fact] = None
                return Comparison(fact + _KNOWN, "is", operand, at)


class _Derivation(Derivation):
    """What follows from facts, as far as it lasts."""

    def __init__(self, policies: PolicySet, asked: Mapping[str, None], dependencies: Dependencies) -> None:
        super().__init__(policies)
        known = {fact + _KNOWN: (fact,) for fact in asked}
        self._dependencies = replace(dependencies, inputs={**dependencies.inputs, **known})
        choosing = {
            step.fact: step for step in policies.computations if isinstance(step, Computed) and choices(step)
        }
        given_by_steps = {fact for gives, _ in self._steps for fact in gives}

        def telling(facts: Iterable[str]) -> Iterator[NamedStep]:
            for fact in facts:
                if fact in asked:
                    yield frozenset({fact + _KNOWN}), _tell_known(fact, dependencies.first_given(fact))

        steps = [*telling(fact for fact in asked if fact not in given_by_steps)]
        for gives, step in self._steps:
            (fact, *_) = gives
            chosen = _choose(choosing[fact], dependencies) if fact in choosing else step
            steps += [(gives, chosen), *telling(sorted(gives))]
        self._steps = tuple(steps)

    @property
    def dependencies(self) -> Dependencies:
        """What each fact rests on, those included that tell whether another is known."""
        return self._dependencies


def _tell_known(fact: str, given: Collection[str]) -> DerivationStep:
    def step(state: DerivationState) -> None:
        if fact in state.values:
            state.values[fact + _KNOWN] = True
        elif fact in state.absent or not _open(given, state):
            state.values[fact + _KNOWN] = False

    return step


def _open(given: Collection[str], state: DerivationState) -> bool:
    """Whether an answer could yet come to one of these."""
    return any(name not in state.values and name not in state.absent for name in given)


def _choose(computed: Computed, dependencies: Dependencies) -> DerivationStep:
    """`first_known`, unknown as long as something that it would pass over is open."""
    guard = None if computed.only_when is None else compile_condition(computed.only_when)
    items = [
        (item, dependencies.first_given(item) if isinstance(item, str) else ())
        for item in computed.call.items
    ]

    def step(state: DerivationState) -> None:
        if guard is not None and (allowed := guard(state.values)) != HOLDS:
            if allowed != UNKNOWN:
                state.absent.add(computed.fact)
            return
        unknown = False
        for item, given in items:
            argument = state.argument(item) if isinstance(item, str) else item
            if argument is None:
                if _open(given, state):
                    return
                unknown = True
            elif argument is not ABSENT:
                state.set(computed.fact, argument)
                return
        if not unknown:
            state.absent.add(computed.fact)

    return step
