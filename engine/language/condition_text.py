"""Tests in plain words."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from engine.language.model import Comparison, Fact, FactReference
from engine.language.operators import OPERATORS
from engine.language.templates import Words, in_words

TestWords = str | Callable[[Words], str]
"""A test in words; with a fact on its right side it takes an applicant's words."""


def test_in_words(test: Comparison, facts: Mapping[str, Fact]) -> TestWords:
    """A test without its fact, such as `is at least 215` or `is before the day to submit (2026-09-02 …)`."""
    fact = facts[test.fact]
    if test.operator == "known":
        return "is known" if test.operand else "is not known"
    spec = OPERATORS[test.operator]
    relation = (spec.date_words if fact.type == "date" else None) or spec.words
    if isinstance(test.operand, FactReference):
        other = facts[test.operand.fact]
        return lambda words: f"{relation} {other.title} ({words[other.name]})"
    return f"{relation} {in_words(test.operand, fact)}"  # type: ignore[arg-type]  # a literal of the fact's type


def statement(title: str, test: str) -> str:
    """A fact's title with a test in words: `Step 2 CK score is at least 215`, `A Step 1 failure: yes`."""
    return f"{title}: {test.removeprefix('is ')}" if test in ("is yes", "is no") else f"{title} {test}"


def test_text(test: TestWords, words: Words) -> str:
    """The test for one applicant."""
    return test if isinstance(test, str) else test(words)
