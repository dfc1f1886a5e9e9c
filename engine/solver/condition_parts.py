"""The parts of a condition: what is left without one, and how one reads."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from engine.base.record import replace
from engine.language.condition_text import test_in_words
from engine.language.model import AllOf, AnyOf, Comparison, Condition, Fact, FactReference, Not


def without_each(condition: Condition) -> Iterator[tuple[Condition, Condition]]:
    """Each part of an `all` or `any`, at any depth, with the condition as it is without that part.

    A part that stands alone cannot be left out, only what it is a part of.
    """
    match condition:
        case Not(part):
            for left_out, rest in without_each(part):
                yield left_out, replace(condition, part=rest)
        case AllOf(parts) | AnyOf(parts):
            for index, part in enumerate(parts):
                before, after = parts[:index], parts[index + 1 :]
                if len(parts) > 1:
                    yield part, replace(condition, parts=(*before, *after))
                for left_out, rest in without_each(part):
                    yield left_out, replace(condition, parts=(*before, rest, *after))


def in_words(condition: Condition, facts: Mapping[str, Fact]) -> str:
    """A part of a condition as an advisor would call it."""
    match condition:
        case Comparison(fact, _, FactReference(other)):
            return f"the test of `{fact}` against `{other.partition('@')[0]}`"
        case Comparison(fact) as test:
            return f"`{fact}` {test_in_words(test, facts)}"
        case Not():
            return "this `not`"
        case AllOf():
            return "this `all`"
        case AnyOf():
            return "this `any`"
