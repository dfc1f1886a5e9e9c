"""Hypothesis strategies for facts, resolved conditions and what is known of an applicant.

Values and operands are drawn from small pools with hard members (huge and fine numbers, odd characters,
equal numbers written differently), so that they meet; facts are left out often, lists and enums are odd.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Literal

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st

from engine.base.diagnostic import Location
from engine.language.model import (
    AllOf,
    AnyOf,
    Comparison,
    Condition,
    Fact,
    FactReference,
    FactType,
    Not,
    Operand,
    Scalar,
    Value,
)
from engine.language.operators import COMPARISONS, OPERATORS, Operator

AT = Location("policies/some.yaml", 3, 5)

DETERMINISTIC = settings(
    derandomize=True,
    database=None,
    deadline=None,
    max_examples=200,
    suppress_health_check=[HealthCheck.too_slow],  # random vocabularies are large examples
)
"""The same examples on every machine: a failure in CI is a failure everywhere."""

ItemType = Literal["boolean", "integer", "number", "enum", "date", "text"]

POOLS: Mapping[ItemType, tuple[Scalar, ...]] = {
    "boolean": (True, False),
    "integer": (0, 1, 2, 3, -1, 231, 2**31, 2**63, -(2**63) - 1, 10**30),
    "number": (
        0, 1, 2, Decimal("1.0"), Decimal("-0.0"), Decimal("0.1"), Decimal("2.25"), Decimal("2.250001"),
        Decimal("2.2"), Decimal("1E+30"), Decimal("-1E+400"), Decimal("1E-30"), 10**30,
    ),
    "enum": ("none", "j1", "true", "1", "", "ü \"quoted\" $nex", "line\nbreak"),
    "date": (date(2026, 9, 1), date(2026, 9, 2), date(1970, 1, 1), date.min, date.max),
    "text": ("", "5", "true", "null", "$eq", "x\u0000y", "\U0001f600", "a" * 66_000, "a" * 66_000 + "b"),
}  # fmt: skip

NAMES = (
    "visa.need",
    "costarring",
    "liquid",
    "id",
    "sid",
    "$s",
    "_",
    'a"b',
    "score@as_of",
    "ünï",
    "{m}",
    "x" * 300,
)
"""Facts may be called anything; these are names that durable-rules takes for something else, or confuses."""


@dataclass(frozen=True, slots=True)
class Case:
    """Declared facts, named conditions on them, and some applicants."""

    facts: Mapping[str, Fact]
    conditions: Mapping[str, Condition]
    applicants: tuple[Mapping[str, Value], ...]


@st.composite
def facts(draw: st.DrawFn, name: str) -> Fact:
    """One declared fact of any type."""
    kind: FactType = draw(st.sampled_from(("boolean", "integer", "number", "enum", "date", "text", "list")))
    item: ItemType | None = draw(st.sampled_from(tuple(POOLS))) if kind == "list" else None
    step = (
        draw(st.sampled_from((Decimal(1), Decimal("0.1"), Decimal("0.01"))))
        if kind == "number"
        else Decimal(1)
    )
    labels = tuple((str(value), "label") for value in POOLS["enum"]) if "enum" in (kind, item) else ()
    return Fact(name, name, kind, "given", AT, step=step, values=labels, item_type=item)


def vocabularies(max_size: int = 7) -> st.SearchStrategy[Mapping[str, Fact]]:
    """Some declared facts, by name."""
    names = st.lists(st.sampled_from(NAMES), min_size=1, max_size=max_size, unique=True)
    return names.flatmap(lambda chosen: st.fixed_dictionaries({name: facts(name) for name in chosen}))


@st.composite
def tests(draw: st.DrawFn, vocabulary: Mapping[str, Fact]) -> Comparison:
    """One resolved test: a typed literal, or a fact of the same type, on the right."""
    fact = draw(st.sampled_from(tuple(vocabulary.values())))
    if draw(st.integers(0, 5)) == 0:
        return Comparison(fact.name, "known", draw(st.booleans()), AT)
    if fact.type == "list":
        assert fact.item_type is not None
        return Comparison(
            fact.name, draw(_operators(fact.type)), draw(_right(vocabulary, fact.item_type)), AT
        )
    operator = draw(_operators(fact.type))
    if OPERATORS[operator].operand == "many":
        lists = [FactReference(each.name, AT) for each in vocabulary.values() if _lists(each, fact.type)]
        if lists and draw(st.booleans()):
            return Comparison(fact.name, operator, draw(st.sampled_from(lists)), AT)
        pool = st.sampled_from(POOLS[fact.type])
        return Comparison(fact.name, operator, tuple(draw(st.lists(pool, min_size=1, max_size=4))), AT)
    return Comparison(fact.name, operator, draw(_right(vocabulary, fact.type)), AT)


def _lists(fact: Fact, kind: FactType) -> bool:
    """Whether a fact lists values of a type."""
    return fact.type == "list" and fact.item_type == kind


def _operators(kind: FactType) -> st.SearchStrategy[Operator]:
    """The operators that compare a fact of this type; those written as others never get so far."""
    return st.sampled_from(
        [name for name, spec in OPERATORS.items() if spec.takes(kind) and name in COMPARISONS]
    )


def _right(vocabulary: Mapping[str, Fact], kind: ItemType) -> st.SearchStrategy[Operand]:
    same = {"integer", "number"} if kind in ("integer", "number") else {kind}
    others = tuple(FactReference(other.name, AT) for other in vocabulary.values() if other.type in same)
    literals = st.sampled_from(POOLS[kind])
    return st.one_of(literals, st.sampled_from(others)) if others else literals


def conditions(vocabulary: Mapping[str, Fact], max_leaves: int = 12) -> st.SearchStrategy[Condition]:
    """Resolved conditions of any shape, empty `all` and `any` among them."""
    leaves: st.SearchStrategy[Condition] = tests(vocabulary)
    return st.recursive(
        leaves,
        lambda inner: st.one_of(
            st.lists(inner, max_size=4).map(lambda parts: AllOf(tuple(parts), AT)),
            st.lists(inner, max_size=4).map(lambda parts: AnyOf(tuple(parts), AT)),
            inner.map(lambda part: Not(part, AT)),
        ),
        max_leaves=max_leaves,
    )


def applicants(vocabulary: Mapping[str, Fact]) -> st.SearchStrategy[Mapping[str, Value]]:
    """What is known of one applicant: anything from nothing to every fact."""
    return st.fixed_dictionaries({}, optional={name: values(fact) for name, fact in vocabulary.items()})


def values(fact: Fact) -> st.SearchStrategy[Value]:
    """One value of a fact."""
    if fact.type == "list":
        assert fact.item_type is not None
        return st.lists(st.sampled_from(POOLS[fact.item_type]), max_size=3).map(tuple)
    return st.sampled_from(POOLS[fact.type])


@st.composite
def cases(draw: st.DrawFn) -> Case:
    """A vocabulary with conditions and applicants, several of each: compiling costs more than firing."""
    vocabulary = draw(vocabularies())
    found = draw(st.lists(conditions(vocabulary), min_size=1, max_size=5))
    people = draw(st.lists(applicants(vocabulary), min_size=4, max_size=8))
    return Case(vocabulary, {f"rule {number}": each for number, each in enumerate(found)}, tuple(people))
