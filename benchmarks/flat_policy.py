"""A generated policy without bands or findings, its applicants, and the fastest plain Python for it.

Every rule is a conjunction of two or three tests on forty facts of all scalar types, chosen so that
about one rule in eight holds for an applicant. The reference is one generated Python function: what
a programmer would write by hand for exactly this policy, and what the engines are measured against.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Literal

from engine.base.diagnostic import Location
from engine.language.model import AllOf, Comparison, Condition, Fact, FactType, Scalar, Value
from engine.language.operators import Operator

HELD = 0.12
"""The share of rules that hold for an applicant."""

_AT = Location("flat.yaml")
_TYPES: tuple[FactType, ...] = ("integer", "enum", "integer", "boolean", "date", "enum", "integer", "boolean")
_FACTS = 40
_FIRST_DAY = date(2020, 1, 1)
_DAYS = 2000
_HIGH = 299


@dataclass(frozen=True, slots=True)
class FlatPolicy:
    """Facts and conditions, by name."""

    facts: Mapping[str, Fact]
    conditions: Mapping[str, Condition]


Function = Callable[[Mapping[str, Value]], list[str]]
"""Values of every fact -> the names of the rules that hold."""


def flat_policy(n_rules: int, seed: int = 0) -> FlatPolicy:
    """A policy of so many rules; the same seed gives the same policy."""
    chance = random.Random(f"policy {seed}")
    facts = {fact.name: fact for fact in (_fact(number, chance) for number in range(_FACTS))}
    conditions = {f"flat/rule-{number}": _conjunction(facts, chance) for number in range(n_rules)}
    return FlatPolicy(facts, conditions)


def _fact(number: int, chance: random.Random) -> Fact:
    kind = _TYPES[number % len(_TYPES)]
    values: tuple[tuple[str, str], ...] = ()
    low: int | date | None = None
    high: int | date | None = None
    match kind:
        case "enum":
            values = tuple((f"value_{n}", f"Value {n}") for n in range(chance.randint(3, 6)))
        case "integer":
            low, high = 0, _HIGH
        case "date":
            low, high = _FIRST_DAY, _FIRST_DAY + timedelta(_DAYS - 1)
    name = f"{kind}.fact_{number}"
    return Fact(name, name, kind, "given", _AT, low=low, high=high, values=values)


def _conjunction(facts: Mapping[str, Fact], chance: random.Random) -> Condition:
    """Tests whose chances multiply to about `HELD`: each takes its share of what is left."""
    left = HELD
    tests: list[Comparison] = []
    count = chance.choice((2, 3))
    for fact in chance.sample(list(facts.values()), count):
        test, share = _test(fact, left ** (1 / (count - len(tests))), chance)
        left = min(1.0, left / share)
        tests.append(test)
    return AllOf(tuple(tests), _AT)


def _test(fact: Fact, share: float, chance: random.Random) -> tuple[Comparison, float]:
    """A test that holds for about `share` of the applicants, with the share it really holds for."""
    operator: Operator
    match fact.type:
        case "boolean":
            return Comparison(fact.name, "is", chance.choice((True, False)), _AT), 0.5
        case "enum":
            values = [value for value, _ in fact.values]
            size = max(1, min(len(values) - 1, round(share * len(values))))
            chosen = tuple(chance.sample(values, size))
            if size == 1:
                return Comparison(fact.name, "is", chosen[0], _AT), 1 / len(values)
            if size == len(values) - 1:
                other = next(value for value in values if value not in chosen)
                return Comparison(fact.name, "is_not", other, _AT), size / len(values)
            return Comparison(fact.name, "one_of", chosen, _AT), size / len(values)
        case _:
            cut = min(0.95, max(0.05, share + chance.uniform(-0.05, 0.05)))
            upper = chance.random() < 0.5
            operator = chance.choice(("at_least", "above") if upper else ("at_most", "below"))
            return Comparison(fact.name, operator, _quantile(fact, 1 - cut if upper else cut), _AT), cut


def _quantile(fact: Fact, part: float) -> Scalar:
    return _FIRST_DAY + timedelta(int(part * _DAYS)) if fact.type == "date" else int(part * _HIGH)


def applicants(policy: FlatPolicy, count: int, seed: int = 0) -> list[dict[str, Value]]:
    """So many applicants, every fact of each known."""
    chance = random.Random(f"applicants {seed}")
    return [{fact.name: _value(fact, chance) for fact in policy.facts.values()} for _ in range(count)]


def _value(fact: Fact, chance: random.Random) -> Scalar:
    match fact.type:
        case "boolean":
            return chance.random() < 0.5
        case "enum":
            return chance.choice(fact.values)[0]
        case "date":
            return _FIRST_DAY + timedelta(chance.randrange(_DAYS))
        case _:
            return chance.randint(0, _HIGH)


_SYMBOLS: Mapping[Operator, Literal["==", "!=", "in", "not in", ">=", "<=", ">", "<"]] = {
    "is": "==", "is_not": "!=", "one_of": "in", "none_of": "not in",
    "at_least": ">=", "at_most": "<=", "above": ">", "below": "<",
}  # fmt: skip


def reference_function(policy: FlatPolicy) -> Function:
    """One function with one `if` a rule. It takes every fact to be known."""
    local = {name: f"v{number}" for number, name in enumerate(policy.facts)}
    constants: dict[str, object] = {}
    lines = ["def rules(values):", "    fired = []"]
    lines += [f"    {variable} = values[{name!r}]" for name, variable in local.items()]
    for name, condition in policy.conditions.items():
        if not isinstance(condition, AllOf):
            raise TypeError(f"{name}: a flat policy has conjunctions only")
        tests = []
        for test in condition.parts:
            if not isinstance(test, Comparison):
                raise TypeError(f"{name}: a flat policy has conjunctions of tests only")
            right = repr(test.operand)
            if isinstance(test.operand, date):
                right = f"d{test.operand.toordinal()}"
                constants[right] = test.operand
            tests.append(f"{local[test.fact]} {_SYMBOLS[test.operator]} {right}")
        lines.append(f"    if {' and '.join(tests)}: fired.append({name!r})")
    lines.append("    return fired")
    namespace: dict[str, object] = dict(constants)
    exec("\n".join(lines), namespace)
    function = namespace["rules"]
    if not callable(function):
        raise TypeError("the generated reference is not a function")
    return function
