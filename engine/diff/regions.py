"""Is a condition looser than another? Decided by trying every case that their tests can tell apart.

The tests of a fact against literals cut its values into cells: within one, every test has the same verdict.
So the cells of the facts, unknown among them, are all the cases there are. A test against another fact is a
case of its own: it may hold, fail or be unknown, whatever else is. So `loosened` is certain to hold wherever
it held before, `tightened` the other way round; where there are too many cases, nothing is claimed.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Iterator, Mapping
from datetime import date, timedelta
from decimal import ROUND_FLOOR, Decimal
from math import prod
from typing import Any as AnyType
from typing import Final, Literal

from engine.evaluate import COMPARISONS, facts_of, tests_of
from engine.model import All, Any, Condition, Fact, FactReference, Not, Test
from engine.record import record

MOST_CASES: Final = 20_000

Effect = Literal["same", "loosened", "tightened", "changed"]
Case = Mapping[str, AnyType]
"""Name of a fact -> a value of it, None where unknown; or text of a test between facts -> its verdict."""


@record
class Compared:
    """How a condition differs from the one before: `gained` and `lost` are cases in which one alone holds.

    `changed` without cases: there are too many to try.
    """

    effect: Effect
    gained: Case | None = None
    lost: Case | None = None


def compare_conditions(old: Condition, new: Condition, facts: Mapping[str, Fact]) -> Compared:
    """Compares two resolved conditions; `facts` declares every fact of either."""
    if canonical(old) == canonical(new):
        return Compared("same")
    before, after = _conjuncts(old), _conjuncts(new)
    for old_parts, new_parts in _narrowed(before, after):
        found = _by_cases(All(old_parts, old.at), All(new_parts, new.at), facts)
        if found is not None:
            return found
    return Compared("changed")


def canonical(condition: Condition) -> AnyType:
    """The same for conditions that differ in places, order, repetition and nesting only."""
    match condition:
        case All(parts) | Any(parts):
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
        case Test(fact, operator, operand):
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
    parts = condition.parts if isinstance(condition, All) else (condition,)
    found: dict[AnyType, Condition] = {}
    for part in parts:
        inner = _conjuncts(part) if isinstance(part, All) else {canonical(part): part}
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


def _by_cases(old: Condition, new: Condition, facts: Mapping[str, Fact]) -> Compared | None:
    tests = [*tests_of(old), *tests_of(new)]
    domains: dict[str, list[AnyType]] = {}
    for test in tests:
        if isinstance(test.operand, FactReference):
            domains[_atom(test)] = [2, 1, 0]
        elif test.fact not in domains:
            own = [other for other in tests if other.fact == test.fact]
            domains[test.fact] = [*_cells(facts[test.fact], own), None]
    if prod(len(values) for values in domains.values()) > MOST_CASES:
        return None
    gained: Case | None = None
    lost: Case | None = None
    for values in itertools.product(*domains.values()):
        case = dict(zip(domains, values, strict=True))
        was, is_ = _verdict(old, case) == 2, _verdict(new, case) == 2
        if gained is None and is_ and not was:
            gained = case
        elif lost is None and was and not is_:
            lost = case
    return Compared(_EFFECTS[gained is not None, lost is not None], gained, lost)


_EFFECTS: Final[Mapping[tuple[bool, bool], Effect]] = {
    (True, True): "changed",
    (True, False): "loosened",
    (False, True): "tightened",
    (False, False): "same",
}


def _atom(test: Test) -> str:
    assert isinstance(test.operand, FactReference)
    return f"{test.fact} {test.operator} {test.operand.fact}"


def _verdict(condition: Condition, case: Case) -> int:
    match condition:
        case All(parts):
            return min((_verdict(part, case) for part in parts), default=2)
        case Any(parts):
            return max((_verdict(part, case) for part in parts), default=0)
        case Not(part):
            return 2 - _verdict(part, case)
        case Test(fact, operator, operand):
            if isinstance(operand, FactReference):
                found: int = case[_atom(condition)]
                return found
            value = case[fact]
            if operator == "known":
                return 2 if (value is not None) == operand else 0
            if value is None:
                return 1
            return 2 if COMPARISONS[operator](value, operand) else 0


def _cells(fact: Fact, tests: Iterable[Test]) -> list[AnyType]:
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
