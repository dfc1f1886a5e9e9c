"""What only one side knows, left out on the other: a fact, or on the old side a value, that is new.

Otherwise a rule on a new fact could not show whom it is for: the former policies refuse everybody who has it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Literal

from engine.base.record import record
from engine.language.model import Fact
from engine.language.new_names import given_facts
from engine.language.policy_set import PolicySet
from engine.language.values import typed


@record
class LeftOut:
    """A fact that was left out on a side that does not know it, or its value; for how many applicants."""

    fact: str
    side: Literal["old", "new"]
    applicants: int


class OneSided:
    """The facts that one side alone knows, taken from the facts of applicants; and how often."""

    def __init__(self, old: PolicySet, new: PolicySet) -> None:
        self._old, self._new = _given(old), _given(new)
        self._only_new = tuple(name for name in self._new if name not in self._old)
        self._only_old = tuple(name for name in self._old if name not in self._new)
        self._other_values = tuple(
            name
            for name in self._new
            if name in self._old and _values(self._new[name]) != _values(self._old[name])
        )
        self._counts: Counter[tuple[str, Literal["old", "new"]]] = Counter()

    def for_old(self, data: Any) -> Any:
        """An applicant's facts, as a facts file holds them, without what is new."""
        unknown = [name for name in self._other_values if self._is_new_value(name, data)]
        return self._without(data, (*self._only_new, *unknown), "old")

    def for_new(self, data: Any) -> Any:
        """An applicant's facts without those that are no more."""
        return self._without(data, self._only_old, "new")

    def left_out(self) -> tuple[LeftOut, ...]:
        """What was left out of all that was asked for."""
        return tuple(LeftOut(fact, side, count) for (fact, side), count in sorted(self._counts.items()))

    def _is_new_value(self, name: str, data: Any) -> bool:
        value = _found(data, name.split("."))
        return (
            value is not None
            and typed(value, self._old[name])[1] is not None
            and typed(value, self._new[name])[1] is None
        )

    def _without(self, data: Any, names: Iterable[str], side: Literal["old", "new"]) -> Any:
        for name in names:
            parts = name.split(".")
            if _found(data, parts) is not None:
                self._counts[name, side] += 1
                data = _removed(data, parts)
        return data


def _given(policies: PolicySet) -> Mapping[str, Fact]:
    return {fact.name: fact for fact in given_facts(policies.facts)}


def _values(fact: Fact) -> tuple[Any, ...]:
    return fact.type, fact.item_type, fact.low, fact.high, fact.step, fact.value_names, fact.distinct


def _found(data: Any, parts: Sequence[str]) -> Any:
    for part in parts:
        data = data.get(part) if isinstance(data, Mapping) else None
    return data


def _removed(data: Mapping[str, Any], parts: Sequence[str]) -> dict[str, Any]:
    first, *below = parts
    others = {key: value for key, value in data.items() if key != first}
    inner = _removed(data[first], below) if below else {}
    return {**others, first: inner} if inner else others
