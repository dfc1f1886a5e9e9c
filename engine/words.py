"""Tests in plain words."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final

from engine.model import Fact, FactReference, Test
from engine.texts import Words, in_words

_WORDS: Final = {
    "is": "is", "is_not": "is not", "one_of": "is one of", "none_of": "is none of", "at_least": "is at least",
    "at_most": "is at most", "above": "is above", "below": "is below", "includes": "includes",
}  # fmt: skip
_DATE_WORDS: Final = {
    "at_least": "is on or after", "at_most": "is on or before", "above": "is after", "below": "is before",
}  # fmt: skip


def test_in_words(test: Test, facts: Mapping[str, Fact]) -> Callable[[Words], str]:
    """A test without its fact, such as `is at least 215` or `is before the day to submit (2026-09-02 …)`."""
    fact = facts[test.fact]
    if test.operator == "known":
        known = "is known" if test.operand else "is not known"
        return lambda _words: known
    relation = (_DATE_WORDS.get(test.operator) if fact.type == "date" else None) or _WORDS[test.operator]
    if isinstance(test.operand, FactReference):
        other = facts[test.operand.fact]
        return lambda words: f"{relation} {other.title} ({words[other.name]})"
    whole = f"{relation} {in_words(test.operand, fact)}"  # type: ignore[arg-type]  # a literal of the fact's type
    return lambda _words: whole
