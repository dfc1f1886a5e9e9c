"""Two conditions compared by trying every case that their tests can tell apart.

The tests of a fact against literals cut its values into cells: within one, every test has the same verdict.
So the cells of the facts, unknown among them, are all the cases there are. A test against another fact is a
case of its own: it may hold, fail or be unknown, whatever else is. So what no case shows, no applicant shows;
whether somebody is as a case says is another question, for what rests on one fact may not go together.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Iterator, Mapping
from datetime import date, timedelta
from decimal import ROUND_FLOOR, Decimal
from math import prod
from typing import Any as AnyType
from typing import Final, Literal

from engine.base.record import record
from engine.language.conditions import facts_of, tests_of
from engine.language.model import AllOf, AnyOf, Comparison, Condition, Fact, FactReference, Not
from engine.language.operators import COMPARISONS

MOST_CASES: Final = 20_000
MOST_KEPT: Final = 20
"""So many cases are kept of those that show a difference."""

Effect = Literal["same", "loosened", "tightened", "changed"]
Case = Mapping[str, AnyType]
"""Name of a fact -> a value of it, None where unknown; or text of a test between facts -> its verdict."""


@record
class Cases:
    """Cases in which the new condition holds and the old one does not (`gained`), and the reverse (`lost`).

    Some of them; none where there are none. `besides` are conditions that must hold for these to matter: they
    stand on both sides.
    """

    gained: tuple[Case, ...]
    lost: tuple[Case, ...]
    besides: tuple[Condition, ...] = ()


def try_cases(old: Condition, new: Condition, facts: Mapping[str, Fact]) -> Cases | None:
    """Compares two resolved conditions; None where there are too many cases to try.

    `facts` declares every fact of either, and these mean the same on both sides.
    """
    if canonical(old) == canonical(new):
        return Cases((), ())
    before, after = _conjuncts(old), _conjuncts(new)
    for old_parts, new_parts in _narrowed(before, after):
        found = _by_cases(AllOf(old_parts, old.at), AllOf(new_parts, new.at), facts)
        if found is not None:
            looked_at = {id(part) for part in (*old_parts, *new_parts)}
            besides = tuple(
                part for key, part in before.items() if key in after and id(part) not in looked_at
            )
            return Cases(*found, besides)
    return None


def complete(case: Case, besides: Iterable[Condition], facts: Mapping[str, Fact]) -> Case | None:
    """A case in which, besides, these conditions hold too; None where none is found."""
    found = dict(case)
    for parts in _together(besides, case):
        domains = {name: values for name, values in _domains(parts, facts).items() if name not in found}
        if prod(len(values) for values in domains.values()) > MOST_CASES:
            return None
        tried = (
            {**found, **dict(zip(domains, values, strict=True))}
            for values in itertools.product(*domains.values())
        )
        fitting = next((each for each in tried if all(_verdict(part, each) == 2 for part in parts)), None)
        if fitting is None:
            return None
        found = fitting
    return found


def _together(conditions: Iterable[Condition], case: Case) -> list[list[Condition]]:
    """Conditions in groups: two of different groups look at no fact in common but those of the case."""
    groups: list[tuple[set[str], list[Condition]]] = []
    for condition in conditions:
        own = {_subject(test) for test in tests_of(condition)} - case.keys()
        near = [group for group in groups if not own.isdisjoint(group[0])]
        groups = [group for group in groups if group not in near]
        names = own.union(*(names for names, _ in near))
        groups.append((names, [*(part for _, parts in near for part in parts), condition]))
    return [parts for _, parts in groups]


def canonical(condition: Condition) -> AnyType:
    """The same for conditions that differ in places, order, repetition and nesting only."""
    match condition:
        case AllOf(parts) | AnyOf(parts):
            kind = type(condition).__name__
            members: dict[str, AnyType] = {}
            for part in parts:
                made = canonical(part)
                nested = made[1:] if made[0] == kind else (made,)
                members.update({repr(member): member for member in nested})
            ordered = tuple(members[key] for key in sorted(members))
            return ordered[0] if len(ordered) == 1 else (kind, *ordered)
        case Not(Not(part)):
            return canonical(part)
        case Not(part):
            return ("Not", canonical(part))
        case Comparison(fact, operator, operand):
            return ("Test", fact, *_canonical_operand(operator, operand))


def _canonical_operand(operator: str, operand: AnyType) -> tuple[AnyType, ...]:
    if isinstance(operand, FactReference):
        return operator, ("fact", operand.fact)
    if isinstance(operand, tuple):
        values = sorted({repr(value) for value in operand})
        return ("is" if len(values) == 1 and operator == "one_of" else operator, *values)
    return operator, repr(operand)


def _conjuncts(condition: Condition) -> dict[AnyType, Condition]:
    """The parts that must all hold, by their canonical form."""
    parts = condition.parts if isinstance(condition, AllOf) else (condition,)
    found: dict[AnyType, Condition] = {}
    for part in parts:
        inner = _conjuncts(part) if isinstance(part, AllOf) else {canonical(part): part}
        found.update(inner)
    return found


def changed_parts(old: Condition, new: Condition) -> tuple[tuple[Condition, ...], tuple[Condition, ...]]:
    """The parts of a conjunction that went, and those that came."""
    before, after = _conjuncts(old), _conjuncts(new)
    gone = tuple(part for key, part in before.items() if key not in after)
    come = tuple(part for key, part in after.items() if key not in before)
    return gone, come


def _narrowed(
    before: Mapping[AnyType, Condition], after: Mapping[AnyType, Condition]
) -> Iterator[tuple[tuple[Condition, ...], tuple[Condition, ...]]]:
    """What to compare: all parts that look at a fact of the changed ones, then the changed ones alone.

    What is left out stands on both sides, so a condition that is looser without it is looser with it.
    """
    changed = [part for key, part in (*before.items(), *after.items()) if (key in before) != (key in after)]
    concerned = {fact for part in changed for fact in facts_of(part)}

    def near(parts: Iterable[Condition]) -> tuple[Condition, ...]:
        looks_at = ((part, set(facts_of(part))) for part in parts)
        return tuple(part for part, own in looks_at if not own or not concerned.isdisjoint(own))

    yield near(before.values()), near(after.values())
    yield (
        tuple(part for key, part in before.items() if key not in after),
        tuple(part for key, part in after.items() if key not in before),
    )


def _by_cases(
    old: Condition, new: Condition, facts: Mapping[str, Fact]
) -> tuple[tuple[Case, ...], tuple[Case, ...]] | None:
    domains = _domains((old, new), facts)
    if prod(len(values) for values in domains.values()) > MOST_CASES:
        return None
    gained: list[Case] = []
    lost: list[Case] = []
    for values in itertools.product(*domains.values()):
        case = dict(zip(domains, values, strict=True))
        was, is_ = _verdict(old, case) == 2, _verdict(new, case) == 2
        if was != is_:
            (gained if is_ else lost).append(case)
    return tuple(gained[:MOST_KEPT]), tuple(lost[:MOST_KEPT])


def _domains(conditions: Iterable[Condition], facts: Mapping[str, Fact]) -> dict[str, list[AnyType]]:
    """For each fact that conditions look at, a value of each cell; for each test between facts, verdicts."""
    tests = [test for condition in conditions for test in tests_of(condition)]
    domains: dict[str, list[AnyType]] = {}
    for test in tests:
        if isinstance(test.operand, FactReference):
            domains[_subject(test)] = [2, 1, 0]
        elif test.fact not in domains:
            own = [other for other in tests if other.fact == test.fact]
            domains[test.fact] = [*_cells(facts[test.fact], own), None]
    return domains


def _subject(test: Comparison) -> str:
    """What a test is about: a fact, or how two facts compare."""
    return _atom(test) if isinstance(test.operand, FactReference) else test.fact


def _atom(test: Comparison) -> str:
    assert isinstance(test.operand, FactReference)
    return f"{test.fact} {test.operator} {test.operand.fact}"


def _verdict(condition: Condition, case: Case) -> int:
    match condition:
        case AllOf(parts):
            return min((_verdict(part, case) for part in parts), default=2)
        case AnyOf(parts):
            return max((_verdict(part, case) for part in parts), default=0)
        case Not(part):
            return 2 - _verdict(part, case)
        case Comparison(fact, operator, operand):
            if isinstance(operand, FactReference):
                found: int = case[_atom(condition)]
                return found
            value = case[fact]
            if operator == "known":
                return 2 if (value is not None) == operand else 0
            if value is None:
                return 1
            return 2 if COMPARISONS[operator](value, operand) else 0


def _cells(fact: Fact, tests: Iterable[Comparison]) -> list[AnyType]:
    """A value of each cell into which the tests cut the fact's range."""
    operands: list[AnyType] = []
    for test in tests:
        if test.operator != "known" and not isinstance(test.operand, FactReference):
            operands += test.operand if isinstance(test.operand, tuple) else [test.operand]
    if fact.type == "boolean":
        return [True, False]
    if fact.type == "enum":
        return [name for name, _ in fact.values]
    if fact.type == "text":
        return [*dict.fromkeys(operands), "(something else)"]
    if fact.type == "list":
        items = list(dict.fromkeys(operands))
        sizes = range(len(items) + 1)
        return [chosen for size in sizes for chosen in itertools.combinations(items, size)]
    low, high = fact.limits
    near = (point for value in operands for point in _possible(fact, value))
    points = sorted({low, high, *(point for point in near if low <= point <= high)})
    between = (_next(fact, one) for one, other in itertools.pairwise(points) if _next(fact, one) < other)
    return sorted({*points, *between})


def _possible(fact: Fact, value: AnyType) -> tuple[AnyType, ...]:
    """The possible values next to an operand: itself, or those between which it lies."""
    if isinstance(value, date):
        return (value,)
    steps = Decimal(value) / fact.step
    below = steps.to_integral_value(ROUND_FLOOR)
    return (below * fact.step,) if below == steps else (below * fact.step, (below + 1) * fact.step)


def _next(fact: Fact, value: AnyType) -> AnyType:
    """The least possible value above another."""
    if isinstance(value, date):
        return value + timedelta(days=1)
    return value + fact.step
