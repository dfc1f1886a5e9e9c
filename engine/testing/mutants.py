"""Small wrong steps that somebody could take in the policies: each a change at one place of a file.

A bound by one step of its fact's precision, an operator that takes its end in or leaves it out, a part of a
condition dropped or negated, `any` read as `all`, a rule removed, a severity swapped for its neighbour, a
conclusion or a `supersedes` dropped, the bound between two ranges of a band moved, a parameter's value
changed by one step. A change to `applies_to` is one change, though many rules have it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date, timedelta
from decimal import Decimal
from typing import Any as AnyType
from typing import Literal

from engine.base.diagnostic import Location
from engine.base.record import record, replace
from engine.language.conditions import tests_of
from engine.language.model import (
    AllOf,
    AnyOf,
    Comparison,
    Condition,
    Fact,
    FactReference,
    Not,
    Operand,
    Parameter,
    Scalar,
)
from engine.language.operators import OPERATORS
from engine.language.policy_set import Banded, ParameterValue, PolicySet, ResolvedRule
from engine.language.values import step_of, typed

Kind = Literal["rule", "band", "parameter", "derived", "implication", "consistency"]
"""What is changed: a rule, a band, a parameter, a derived fact, an implication, a consistency rule."""


@record
class Mutant:
    """One change: `rule` is the first rule that it touches, or what else of that name, as `kind` tells.

    Either `rules` holds the changed rules, or `policies` the whole changed set; `condition` is then the one
    that is changed, if one is, as it was and as it is.
    """

    at: Location
    rule: str
    before: str
    after: str
    rules: Mapping[str, ResolvedRule]
    policies: PolicySet | None = None
    kind: Kind = "rule"
    condition: tuple[Condition, Condition] | None = None


Change = tuple[Location, str, str, Condition]
"""Where, what stood there, what stands there now, and the whole condition with it."""


def mutants(policies: PolicySet) -> tuple[Mutant, ...]:
    """Every change to the rules, bands and parameters of a policy set; the same for the same policies."""
    found: dict[tuple[Location, str, str], Mutant] = {}
    for rule in sorted(policies.rules, key=lambda rule: rule.name):
        for at, before, after, changed in _changes_of_rule(rule, policies):
            key = (at, before, after)
            earlier = found.get(key)
            rules = {**(earlier.rules if earlier else {}), rule.name: changed}
            found[key] = Mutant(at, earlier.rule if earlier else rule.name, before, after, rules)
    every = [*found.values(), *_changes_of_bands(policies), *_changes_of_parameters(policies)]
    return tuple(sorted(every, key=lambda mutant: (mutant.at.order, mutant.before, mutant.after)))


# -- rules ---------------------------------------------------------------------------------------


def _changes_of_rule(
    rule: ResolvedRule, policies: PolicySet
) -> Iterator[tuple[Location, str, str, ResolvedRule]]:
    written = rule.rule
    for at, before, after, condition in changes(rule.when, policies.facts):
        yield at, before, after, replace(rule, rule=replace(written, when=condition))
    never = replace(rule, rule=replace(written, when=AnyOf((), written.at)))
    yield written.at, f"rule {written.id}", "no such rule", never
    for finding, at in written.conclude:
        rest = tuple(pair for pair in written.conclude if pair[0] != finding)
        if rest or written.advise is not None:
            changed = replace(rule, rule=replace(written, conclude=rest))
            yield at, f"conclude: {finding}", "nothing", changed
    for target, at in written.supersedes:
        if target in rule.outranks:
            rest = tuple(pair for pair in written.supersedes if pair[0] != target)
            outranks = tuple(name for name in rule.outranks if name != target)
            changed = replace(rule, rule=replace(written, supersedes=rest), outranks=outranks)
            yield at, f"supersedes: {target}", "nothing", changed
    if written.advise is not None and not written.silences:
        severities = [name for name, _ in policies.ranking.severities]
        place = severities.index(written.advise.severity)
        for other in severities[max(place - 1, 0) : place + 2]:
            if other != written.advise.severity:
                advise = replace(written.advise, severity=other)
                yield (
                    written.advise.at,
                    f"severity: {written.advise.severity}",
                    f"severity: {other}",
                    replace(rule, rule=replace(written, advise=advise)),
                )


# -- conditions ----------------------------------------------------------------------------------


def changes(condition: Condition, facts: Mapping[str, Fact]) -> Iterator[Change]:
    """Every change to a condition, with the whole of it as it then is."""
    if isinstance(condition, Comparison):  # all that there is: it can go, too
        yield condition.at, told(condition), "nothing", AllOf((), condition.at)
    yield from _changes(condition, facts)


def _changes(condition: Condition, facts: Mapping[str, Fact]) -> Iterator[Change]:
    match condition:
        case Comparison():
            for other in _changes_of_test(condition, facts):
                yield condition.at, told(condition), told(other), other
            negated = Not(condition, condition.at)
            yield condition.at, told(condition), told(negated), negated
        case Not(part):
            yield condition.at, told(condition), told(part), part
            for at, before, after, changed in _changes(part, facts):
                if not isinstance(changed, Not):  # that would be the part itself, once more
                    yield at, before, after, replace(condition, part=changed)
        case AllOf(parts) | AnyOf(parts):
            if isinstance(condition, AnyOf) and len(parts) > 1:
                yield condition.at, "any: […]", "all: […]", AllOf(parts, condition.at)
            for index, part in enumerate(parts):
                rest = (*parts[:index], *parts[index + 1 :])
                if rest:
                    yield part.at, told(part), "nothing", replace(condition, parts=rest)
                if isinstance(part, AnyOf):
                    negated = Not(part, part.at)
                    yield part.at, "any: […]", "not: {any: […]}", _with(condition, index, negated)
                for at, before, after, changed in _changes(part, facts):
                    yield at, before, after, _with(condition, index, changed)


def _with(condition: AllOf | AnyOf, index: int, part: Condition) -> Condition:
    parts = condition.parts
    return replace(condition, parts=(*parts[:index], part, *parts[index + 1 :]))


def _changes_of_test(test: Comparison, facts: Mapping[str, Fact]) -> Iterator[Comparison]:
    operand, spec = test.operand, OPERATORS[test.operator]
    if spec.mistaken_for is not None and isinstance(operand, FactReference):
        # Against a literal, this is the same as the bound moved by one step.
        yield replace(test, operator=spec.mistaken_for)
    elif spec.operand == "one" and spec.fits != "lists":
        for moved in neighbours(operand, facts[test.fact]):
            yield replace(test, operand=moved)
    elif isinstance(operand, tuple) and len(operand) > 1:
        for index in range(len(operand)):
            yield replace(test, operand=(*operand[:index], *operand[index + 1 :]))


def neighbours(value: Operand, fact: Fact) -> Iterator[AnyType]:
    """The values one step below and above, of a number or a date, where the fact can have them."""
    if isinstance(value, date):
        moved: list[AnyType] = [value - timedelta(days=1), value + timedelta(days=1)]
    elif isinstance(value, (int, Decimal)) and not isinstance(value, bool):
        moved = [value - fact.step, value + fact.step]
    else:
        return
    for other in moved:
        found, problem = typed(other, fact)
        if problem is None:
            yield found


# -- bands and parameters ------------------------------------------------------------------------


def _changes_of_bands(policies: PolicySet) -> Iterator[Mutant]:
    for index, banded in enumerate(policies.computations):
        if not isinstance(banded, Banded):
            continue
        fact = policies.facts[banded.of]
        literals = {
            test.operand: test
            for _, condition in banded.ranges
            for test in tests_of(condition)
            if not isinstance(test.operand, FactReference)
        }
        for bound, test in literals.items():
            for moved in neighbours(bound, fact):
                ranges = tuple((name, _moved(condition, bound, moved)) for name, condition in banded.ranges)
                computations = list(policies.computations)
                computations[index] = replace(banded, ranges=ranges)
                changed = replace(policies, computations=tuple(computations))
                before, after = f"bound {shown(bound)}", f"bound {shown(moved)}"
                yield Mutant(test.at, banded.fact, before, after, {}, changed, "band")


def _moved(condition: Condition, bound: Operand, moved: AnyType) -> Condition:
    assert isinstance(condition, AllOf)
    parts = tuple(
        replace(part, operand=moved) if isinstance(part, Comparison) and part.operand == bound else part
        for part in condition.parts
    )
    return replace(condition, parts=parts)


def _changes_of_parameters(policies: PolicySet) -> Iterator[Mutant]:
    uses: dict[str, list[int]] = {}
    for index, computation in enumerate(policies.computations):
        if isinstance(computation, ParameterValue):
            uses.setdefault(computation.parameter.name, []).append(index)
    for name, indexes in uses.items():
        first = policies.computations[indexes[0]]
        assert isinstance(first, ParameterValue)
        for before, after, parameter in _changes_of_values(first.parameter):
            computations = list(policies.computations)
            for index in indexes:
                computations[index] = replace(computations[index], parameter=parameter)
            changed = replace(
                policies,
                computations=tuple(computations),
                parameters={**policies.parameters, name: parameter},
            )
            yield Mutant(parameter.at, name, before, after, {}, changed, "parameter")


def _changes_of_values(parameter: Parameter) -> Iterator[tuple[str, str, Parameter]]:
    """Each value of a parameter one step up and down, at its own precision."""
    values = parameter.values
    for index, (day, value) in enumerate(values):
        for other in moved_by_a_step(value):
            changed = (*values[:index], (day, other), *values[index + 1 :])
            yield f"{day}: {shown(value)}", f"{day}: {shown(other)}", replace(parameter, values=changed)


def moved_by_a_step(value: Scalar) -> tuple[Scalar, ...]:
    """A number or a date one step down and up, at its own precision; nothing of anything else."""
    if isinstance(value, date):
        return (value - timedelta(days=1), value + timedelta(days=1))
    if isinstance(value, bool) or not isinstance(value, (int, Decimal)):
        return ()
    if isinstance(value, int):
        return (value - 1, value + 1)
    return (value - step_of(value), value + step_of(value))


# -- in the language -----------------------------------------------------------------------------


def told(condition: Condition) -> str:
    """A condition as it could be written, in one line."""
    match condition:
        case Comparison(fact, "is", operand) if not isinstance(operand, FactReference):
            return f"{fact}: {shown(operand)}"
        case Comparison(fact, operator, operand):
            return f"{fact}: {{{operator}: {shown(operand)}}}"
        case Not(part):
            return f"not: {{{told(part)}}}"
        case AllOf(parts):
            return f"all: [{', '.join(f'{{{told(part)}}}' for part in parts)}]"
        case AnyOf(parts):
            return f"any: [{', '.join(f'{{{told(part)}}}' for part in parts)}]"


def shown(value: AnyType) -> str:
    """A value as it could be written."""
    if isinstance(value, FactReference):
        name, _, on = value.fact.partition("@")
        return f"{{parameter: {name}}}" if on else f"{{fact: {name}}}"
    if isinstance(value, tuple):
        return f"[{', '.join(map(shown, value))}]"
    if isinstance(value, bool):
        return "true" if value else "false"
    return f"{value:f}" if isinstance(value, Decimal) else str(value)
