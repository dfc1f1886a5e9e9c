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
from typing import Literal, TypeVar

from engine.base.diagnostic import Location
from engine.base.record import record, replace
from engine.language.conditions import tests_of
from engine.language.model import (
    Advice,
    AllOf,
    AnyOf,
    Comparison,
    Condition,
    Fact,
    FactReference,
    Not,
    Operand,
    Parameter,
    Step,
    Variant,
)
from engine.language.operators import OPERATORS
from engine.language.policy_set import Banded, ParameterValue, PlacedText, PolicySet, ResolvedRule
from engine.language.values import step_of, typed

T = TypeVar("T")

MutantKind = Literal["rule", "band", "parameter", "table", "derived", "implication", "consistency"]
"""What is changed: a rule, a band, a parameter, a decision table, or a part of the vocabulary."""


@record
class Mutant:
    """One change: `rule` is the first rule that it touches, or what else of that name, by its `kind`.

    Either `rules` holds the changed rules, or `policies` the whole changed set; `condition` is then the one
    that is changed, if one is, as it was and as it is.
    """

    at: Location
    rule: str
    before: str
    after: str
    rules: Mapping[str, ResolvedRule]
    policies: PolicySet | None = None
    kind: MutantKind = "rule"
    condition: tuple[Condition, Condition] | None = None

    @property
    def key(self) -> tuple[Location, str, str]:
        """What makes two the same change: where, what stood there, what stands there now."""
        return self.at, self.before, self.after

    @property
    def order(self) -> tuple[tuple[str, int, int], str, str]:
        """By which changes sort."""
        return self.at.order, self.before, self.after

    @property
    def change(self) -> str:
        """The change in words."""
        return f"`{self.before}` → `{self.after}` ({self.rule})"


Change = tuple[Location, str, str, Condition]
"""Where, what stood there, what stands there now, and the whole condition with it."""


def mutants(policies: PolicySet) -> tuple[Mutant, ...]:
    """Every change to the rules, bands and parameters of a policy set; the same for the same policies."""
    by_key: dict[tuple[Location, str, str], Mutant] = {}
    for rule in sorted(policies.rules, key=lambda rule: rule.name):
        for at, before, after, changed in _changes_of_rule(rule, policies):
            mutant = Mutant(at, rule.name, before, after, {rule.name: changed})
            first = by_key.setdefault(mutant.key, mutant)
            by_key[mutant.key] = replace(first, rules={**first.rules, rule.name: changed})
    every = [*by_key.values(), *_changes_of_bands(policies), *_changes_of_parameters(policies)]
    return tuple(sorted(every, key=lambda mutant: mutant.order))


# -- rules ---------------------------------------------------------------------------------------


def _changes_of_rule(
    rule: ResolvedRule, policies: PolicySet
) -> Iterator[tuple[Location, str, str, ResolvedRule]]:
    written = rule.rule
    applying = {} if written.applies_to is None else _by_place(written.applies_to, policies.facts)
    for at, before, after, condition in changes(rule.when, policies.facts):
        applies_to = applying.get((at, before, after), written.applies_to)  # which is part of the condition
        mutated = replace(written, when=condition, applies_to=applies_to)
        yield at, before, after, replace(rule, rule=mutated)
    if rule.advice is not None:
        for choice in rule.advice.choices:
            for at, before, after, condition in _changes(choice, policies.facts):
                advice = _choosing_by(rule.advice, choice, condition)
                yield at, before, after, replace(rule, advice=advice)
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


def _choosing_by(advice: Advice[PlacedText], old: Condition, new: Condition) -> Advice[PlacedText]:
    """The advice with one of the conditions by which it is chosen what is said in place of another."""

    def variants(said: tuple[Variant[T], ...]) -> tuple[Variant[T], ...]:
        return tuple(replace(each, when=new) if each.when is old else each for each in said)

    steps = tuple(
        Step(variants(step.say), new if step.when is old else step.when, variants(step.due), step.at)
        for step in advice.steps
    )
    heading, text, due = variants(advice.heading), variants(advice.text), variants(advice.due)
    return replace(advice, heading=heading, text=text, steps=steps, due=due)


def _by_place(
    condition: Condition, facts: Mapping[str, Fact]
) -> Mapping[tuple[Location, str, str], Condition]:
    return {(at, before, after): changed for at, before, after, changed in changes(condition, facts)}


# -- conditions ----------------------------------------------------------------------------------


def changes(condition: Condition, facts: Mapping[str, Fact]) -> Iterator[Change]:
    """Every change to a condition, with the whole of it as it then is."""
    if isinstance(condition, Comparison):  # all that there is: it can go, too
        yield condition.at, format_condition(condition), "nothing", AllOf((), condition.at)
    yield from _changes(condition, facts)


def _changes(condition: Condition, facts: Mapping[str, Fact]) -> Iterator[Change]:
    match condition:
        case Comparison():
            for other in _changes_of_test(condition, facts):
                yield condition.at, format_condition(condition), format_condition(other), other
            negated = Not(condition, condition.at)
            yield condition.at, format_condition(condition), format_condition(negated), negated
        case Not(part):
            yield condition.at, format_condition(condition), format_condition(part), part
            for at, before, after, changed in _changes(part, facts):
                if not isinstance(changed, Not):  # that would be the part itself, once more
                    yield at, before, after, replace(condition, part=changed)
        case AllOf(parts) | AnyOf(parts):
            if isinstance(condition, AnyOf) and len(parts) > 1:
                yield condition.at, "any: […]", "all: […]", AllOf(parts, condition.at)
            for index, part in enumerate(parts):
                if len(parts) > 1:
                    yield (
                        part.at,
                        format_condition(part),
                        "nothing",
                        replace(condition, parts=replaced(parts, index)),
                    )
                if isinstance(part, AnyOf):
                    changed = replace(condition, parts=replaced(parts, index, Not(part, part.at)))
                    yield part.at, "any: […]", "not: {any: […]}", changed
                for at, before, after, changed in _changes(part, facts):
                    yield at, before, after, replace(condition, parts=replaced(parts, index, changed))


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
            yield replace(test, operand=replaced(operand, index))


def neighbours(value: Operand, fact: Fact) -> Iterator[AnyType]:
    """The values one step below and above, of a number or a date, where the fact can have them."""
    for moved in moved_by_a_step(value, fact.step):
        other, problem = typed(moved, fact)
        if problem is None:
            yield other


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
                computations = replaced(policies.computations, index, replace(banded, ranges=ranges))
                changed = replace(policies, computations=computations)
                before, after = f"bound {format_value(bound)}", f"bound {format_value(moved)}"
                yield Mutant(test.at, banded.fact, before, after, {}, changed, "band")


def _moved(condition: Condition, bound: Operand, moved: AnyType) -> Condition:
    assert isinstance(condition, AllOf)
    parts = tuple(
        replace(part, operand=moved) if isinstance(part, Comparison) and part.operand == bound else part
        for part in condition.parts
    )
    return replace(condition, parts=parts)


def _changes_of_parameters(policies: PolicySet) -> Iterator[Mutant]:
    used = {each.parameter.name: each for each in policies.computations if isinstance(each, ParameterValue)}
    for name, use in used.items():
        for before, after, parameter in _changes_of_values(use.parameter):
            computations = tuple(
                replace(each, parameter=parameter)
                if isinstance(each, ParameterValue) and each.parameter.name == name
                else each
                for each in policies.computations
            )
            parameters = {**policies.parameters, name: parameter}
            changed = replace(policies, computations=computations, parameters=parameters)
            yield Mutant(parameter.at, name, before, after, {}, changed, "parameter")


def _changes_of_values(parameter: Parameter) -> Iterator[tuple[str, str, Parameter]]:
    """Each value of a parameter one step up and down, at its own precision."""
    values = parameter.values
    for index, (day, value) in enumerate(values):
        for before, after, other in _moved_values(value):
            changed = replace(parameter, values=replaced(values, index, (day, other)))
            yield f"{day}: {before}", f"{day}: {after}", changed


def _moved_values(value: AnyType) -> Iterator[tuple[str, str, AnyType]]:
    """A value with one step taken in it: what stood there, what stands there now, and the whole of it.

    Of a list also one that lacks an item; of values by their keys each.
    """
    if isinstance(value, Mapping):
        for key, each in value.items():
            for before, after, other in _moved_values(each):
                yield f"{key}: {before}", f"{key}: {after}", {**value, key: other}
        return
    if isinstance(value, tuple):
        others = [replaced(value, index) for index in range(len(value) if len(value) > 1 else 0)]
    else:
        others = list(moved_by_a_step(value))
    yield from ((format_value(value), format_value(other), other) for other in others)


def moved_by_a_step(value: AnyType, step: Decimal | None = None) -> tuple[AnyType, ...]:
    """A number a step down and up, at its own precision where none is named; so a date; nothing of others."""
    if isinstance(value, date):
        return value - timedelta(days=1), value + timedelta(days=1)
    if isinstance(value, bool) or not isinstance(value, (int, Decimal)):
        return ()
    by = step or (1 if isinstance(value, int) else step_of(value))
    return value - by, value + by


def replaced(items: tuple[T, ...], index: int, *others: T) -> tuple[T, ...]:
    """The items with others in the place of one, or with none there."""
    return (*items[:index], *others, *items[index + 1 :])


# -- in the language -----------------------------------------------------------------------------


def format_condition(condition: Condition) -> str:
    """A condition as it could be written, in one line."""
    match condition:
        case Comparison(fact, "is", operand) if not isinstance(operand, FactReference):
            return f"{fact}: {format_value(operand)}"
        case Comparison(fact, operator, operand):
            return f"{fact}: {{{operator}: {format_value(operand)}}}"
        case Not(part):
            return f"not: {{{format_condition(part)}}}"
        case AllOf(parts):
            return f"all: [{', '.join(f'{{{format_condition(part)}}}' for part in parts)}]"
        case AnyOf(parts):
            return f"any: [{', '.join(f'{{{format_condition(part)}}}' for part in parts)}]"


def format_value(value: AnyType) -> str:
    """A value as it could be written."""
    if isinstance(value, FactReference):
        name, _, on = value.fact.partition("@")
        return f"{{parameter: {name}}}" if on else f"{{fact: {name}}}"
    if isinstance(value, tuple):
        return f"[{', '.join(map(format_value, value))}]"
    if isinstance(value, bool):
        return "true" if value else "false"
    return f"{value:f}" if isinstance(value, Decimal) else str(value)
