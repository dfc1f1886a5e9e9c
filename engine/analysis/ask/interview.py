"""An interview: one question after another, each answer checked at once. How they are asked is not said."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property

from engine.advising.advisor import Advisor, Case
from engine.analysis.ask.order import Asked, ask_order
from engine.analysis.what_if.change import value_from_text
from engine.base.diagnostic import InvalidInput
from engine.base.record import record, replace
from engine.language.facts import Facts, with_changes
from engine.language.model import Value


class WrongAnswer(Exception):
    """An answer that cannot be: `message` says why, `help` what to answer instead, if that is known."""

    def __init__(self, message: str, help: str | None) -> None:
        super().__init__(message)
        self.message, self.help = message, help

    def __str__(self) -> str:
        return f"{self.message} {self.help or ''}".strip()


@record
class Interview:
    """Where an interview stands: what was given at first, the answers since, and what was passed over."""

    advisor: Advisor
    facts: Facts
    answers: Mapping[str, Value]
    skipped: frozenset[str] = frozenset()

    @cached_property
    def case(self) -> Case:
        """The applicant as known now."""
        return self.advisor.case(with_changes(self.facts, self.answers, lambda fact: f"the answer on {fact}"))

    @cached_property
    def open(self) -> tuple[Asked, ...]:
        """What is still worth asking, passed-over questions left out."""
        asked = ask_order(self.case, self.advisor.policies)
        return tuple(each for each in asked if each.fact not in self.skipped)

    @property
    def question(self) -> Asked | None:
        """The next question; None when nothing is left that an answer would change."""
        return self.open[0] if self.open else None

    def answer(self, text: str) -> Interview:
        """After an answer to the question. Raises WrongAnswer; then nothing has changed."""
        question = self.question
        assert question is not None
        try:
            value = value_from_text(text.strip(), self.advisor.policies.facts[question.fact])
        except ValueError as error:
            raise WrongAnswer(*error.args) from None
        following = replace(self, answers={**self.answers, question.fact: value})
        try:
            following.case  # noqa: B018  # worked out here, where it can still be refused
        except InvalidInput as invalid:
            first = invalid.diagnostics[0]
            raise WrongAnswer(first.message, first.help) from None
        return following

    def skip(self) -> Interview:
        """After passing over the question."""
        question = self.question
        assert question is not None
        return replace(self, skipped=self.skipped | {question.fact})
