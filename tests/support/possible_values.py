"""The values that a fact can have, one by one."""

from __future__ import annotations

from typing import Any

from engine.language.domain import domain_of
from engine.language.model import Fact
from engine.language.operators import ORDERED


def possible_values(fact: Fact, low: Any = None, high: Any = None) -> list[Any]:
    """Every value of a fact, in the order in which it is declared; of an ordered one from `low` to `high`."""
    if fact.type not in ORDERED:
        return [True, False] if fact.type == "boolean" else [name for name, _ in fact.values]
    domain = domain_of(fact).between(low, high)
    first, last = domain.ends
    return [domain.value(number) for number in range(first, last + 1)]
