"""Small wrong steps in the vocabulary: in how facts are worked out, what follows from them, what is refused.

Of a derived fact a change to a condition in it, an argument left out or swapped with another of its kind, a
number or date moved by one step, the earliest taken for the latest. An implication or a consistency rule
dropped, one consequence dropped, a change to its condition.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date
from decimal import Decimal
from typing import get_args

from engine.base.diagnostic import Location
from engine.base.record import replace
from engine.language.functions import FUNCTIONS
from engine.language.model import AnyOf, Call, Condition, Fact, Implication, Rounding
from engine.language.policy_set import Computation, Computed, Implied, PolicySet, ResolvedConsistency
from engine.testing.mutants import Mutant, changes, format_value, moved_by_a_step, replaced

Conditions = tuple[Condition, Condition] | None
"""The condition that is changed, as it was and as it is; None where none is."""


def vocabulary_mutants(policies: PolicySet) -> Iterator[Mutant]:
    """Every change to the derived facts, implications and consistency rules of a policy set."""
    for index, computation in enumerate(policies.computations):
        if isinstance(computation, Computed):
            yield from _of_derived(computation, index, policies)
    implied = (each for each in policies.computations if isinstance(each, Implied))
    for implication in {by.id: by for each in implied for by, _ in each.by}.values():
        yield from _of_implication(implication, policies)
    for index, rule in enumerate(policies.consistency):
        yield from _of_consistency(rule, index, policies)


# -- derived facts -------------------------------------------------------------------------------


def _of_derived(computed: Computed, index: int, policies: PolicySet) -> Iterator[Mutant]:
    def mutant(
        at: Location, before: str, after: str, changed: Computed, conditions: Conditions = None
    ) -> Mutant:
        changed_set = replace(policies, computations=replaced(policies.computations, index, changed))
        return Mutant(at, computed.fact, before, after, {}, changed_set, "derived", conditions)

    call = computed.call
    if computed.only_when is not None:
        for at, before, after, condition in changes(computed.only_when, policies.facts):
            changed = replace(computed, only_when=condition)
            yield mutant(at, before, after, changed, (computed.only_when, condition))
    if call.condition is not None:
        for at, before, after, condition in changes(call.condition, policies.facts):
            changed = replace(computed, call=replace(call, condition=condition))
            yield mutant(at, before, after, changed, (call.condition, condition))
    else:
        for other in _other_calls(call, policies.facts):
            yield mutant(call.at, _format_call(call), _format_call(other), replace(computed, call=other))


def _other_calls(call: Call, facts: Mapping[str, Fact]) -> Iterator[Call]:
    items, function = call.items, FUNCTIONS[call.function]
    of_list = isinstance(items[0], str) and facts[items[0]].type == "list"
    if function.mistaken_for is not None and (len(items) > 1 or of_list):
        yield replace(call, function=function.mistaken_for)
    if function.ordered:
        yield replace(call, items=items[::-1])
    if call.function == "first_known":
        for index in range(len(items) - 1):
            swapped = (*items[:index], items[index + 1], items[index], *items[index + 2 :])
            yield replace(call, items=swapped)
    if function.aggregate and len(items) > 1:
        for index in range(len(items)):
            yield replace(call, items=replaced(items, index))
    for way in get_args(Rounding) if function.rounds else ():
        if way != call.way:
            yield replace(call, way=way)
    for index, item in enumerate(items):
        if isinstance(item, (int, Decimal, date)) and not isinstance(item, bool):
            for moved in moved_by_a_step(item):
                if (call.function, moved) != ("nth", 0) and (function.kinds[-1] != "step" or moved > 0):
                    yield replace(call, items=replaced(items, index, moved))


def _format_call(call: Call) -> str:
    written = [str(item).partition("@")[0] for item in call.items]
    return f"{call.function}: [{', '.join([*written, *([call.way] if call.way else [])])}]"


# -- implications --------------------------------------------------------------------------------


def _of_implication(implication: Implication, policies: PolicySet) -> Iterator[Mutant]:
    def mutant(
        at: Location, before: str, after: str, changed: PolicySet, conditions: Conditions = None
    ) -> Mutant:
        return Mutant(at, implication.id, before, after, {}, changed, "implication", conditions)

    for at, before, after, condition in changes(implication.when, policies.facts):
        changed = _implying(policies, implication, replace(implication, when=condition))
        yield mutant(at, before, after, changed, (implication.when, condition))
    gone = _implying(policies, implication, None)
    yield mutant(implication.at, f"implication {implication.id}", "no such implication", gone)
    if len(implication.then) > 1:
        for fact, value, at in implication.then:
            settled = "absent" if value is None else format_value(value)
            changed_set = _implying(policies, implication, None, fact)
            yield mutant(at, f"then {fact}: {settled}", "nothing", changed_set)


def _implying(
    policies: PolicySet, implication: Implication, changed: Implication | None, fact: str | None = None
) -> PolicySet:
    """The policy set with an implication changed or gone, for one fact or for all that it settles."""

    def computed_anew(computation: Computation) -> Computation:
        if not isinstance(computation, Implied) or fact not in (None, computation.fact):
            return computation
        if all(each.id != implication.id for each, _ in computation.by):
            return computation
        by = tuple(
            (changed if changed is not None and each.id == implication.id else each, value)
            for each, value in computation.by
            if changed is not None or each.id != implication.id
        )
        return replace(computation, by=by)

    return replace(policies, computations=tuple(map(computed_anew, policies.computations)))


# -- consistency rules ---------------------------------------------------------------------------


def _of_consistency(rule: ResolvedConsistency, index: int, policies: PolicySet) -> Iterator[Mutant]:
    written = rule.rule
    never = AnyOf((), written.at)
    every = [
        (written.at, f"consistency rule {written.id}", "no such rule", never),
        *changes(rule.when, policies.facts),
    ]
    for at, before, after, condition in every:
        consistency = replaced(policies.consistency, index, replace(rule, when=condition))
        changed = replace(policies, consistency=consistency)
        yield Mutant(at, written.id, before, after, {}, changed, "consistency", (rule.when, condition))
