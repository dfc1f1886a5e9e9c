"""Items of advice: a rule that holds, with its texts filled and what made it hold."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from functools import cached_property
from typing import Any

from engine.advising.choice import Choice
from engine.language.citation import cited_passage
from engine.language.condition_text import TestWords, test_in_words
from engine.language.conditions import CompiledReasons, compile_reasons
from engine.language.model import Comparison, Day, Step, Value, Variant
from engine.language.policy_set import PlacedText, PolicySet, ResolvedRule
from engine.language.report import Because, Chosen, CitedPassage, Item, Provisional
from engine.language.templates import Words, fill

SortKey = tuple[object, ...]
_UNDATED = (True, date.max)


DecidingTest = tuple[str, str, TestWords, bool]
"""Of a deciding test: its fact, the fact's title, the test in words, and whether it held."""


class ItemWriter:
    """One advising rule, made ready for many applicants; the rest follows when it is first shown."""

    def __init__(self, resolved: ResolvedRule, policies: PolicySet) -> None:
        rule = resolved.rule
        assert resolved.advice is not None
        assert rule.advise is not None
        self.resolved = resolved
        self.name = resolved.name
        self._advice = resolved.advice
        self._text, self._due = Choice(resolved.advice.text), Choice(resolved.advice.due)
        self._policies = policies
        ranking = policies.ranking
        self.severity = _position(ranking.severities, rule.advise.severity)
        places: dict[str, object] = {
            "severity": self.severity,
            "tier": _position(ranking.tiers, rule.tier),
            "category": _position(ranking.categories, rule.advise.category),
            "rule": self.name,
            "due": _UNDATED,
        }
        self._undated = tuple([places[key] for key in ranking.sort])
        self._due_place = ranking.sort.index("due") if "due" in ranking.sort else None

    def due(self, values: Mapping[str, Value]) -> date | None:
        """When the item is due: a date, or a fact that is one; None when there is none or it is unknown."""
        return _day(self._due, values)

    @cached_property
    def _varies(self) -> bool:
        """Whether it says more than a text and steps that are the same for all it is shown to."""
        advice = self._advice
        return bool(advice.heading or advice.choices or any(step.due for step in advice.steps))

    def sort_key(self, due: date | None) -> SortKey:
        """By the keys of the ranking: past due comes first among dates, undated last."""
        place = self._due_place
        if due is None or place is None:
            return self._undated
        return (*self._undated[:place], (False, due), *self._undated[place + 1 :])

    def write(
        self,
        rank: int,
        due: date | None,
        values: Mapping[str, Value],
        words: Words,
        provisional: Provisional | None,
    ) -> Item:
        """The item for one applicant."""
        # In the order of the fields: to bind them by name takes longer than all the rest.
        because = self._because(self._reasons(values, True), values, words)
        item = Item(
            rank,
            *self._head,
            fill(self._text.said(values), words),
            self._fixed_steps or tuple([fill(say.said(values), words) for say, _ in self._steps(values)]),
            *self._labels,
            due,
            due is not None and due < self._policies.as_of,
            self._cites,
            tuple(because),
            provisional,
        )
        return self._with_choices(item, values, words) if self._varies else item

    def text(self, values: Mapping[str, Value], words: Words) -> tuple[str, ...]:
        """The heading or title, the text and the steps, as they are said to one applicant."""
        texts = (self._text, *(say for say, _ in self._steps(values)))
        said = (fill(text.said(values), words) for text in texts)
        return self._headed(values, words) or self.resolved.rule.title, *said

    def _headed(self, values: Mapping[str, Value], words: Words) -> str | None:
        return fill(self._heading.said(values), words) if self._heading.variants else None

    def _steps(self, values: Mapping[str, Value]) -> list[tuple[Choice[PlacedText], Choice[Day]]]:
        """The steps that are not left out: what each says, and when it is due."""
        return [(say, due) for said, say, due in self._choices_of_steps if said.said(values)]

    def _with_choices(self, item: Item, values: Mapping[str, Value], words: Words) -> Item:
        """The item with its heading, the days of its steps, and which variants are said."""
        dues = tuple(_day(due, values) for _, due in self._steps(values))
        return item._replace(
            heading=self._headed(values, words),
            step_dues=dues if any(dues) else (),
            chosen=tuple(self._chosen(values, words)),
        )

    def _chosen(self, values: Mapping[str, Value], words: Words) -> Iterator[Chosen]:
        for part, choice, reasons_of in self._open_choices:
            place = choice.place(values)
            reasons: list[Because] = []
            for number, decided in enumerate(reasons_of[: place + 1]):
                reasons += self._because(decided(values, number == place), values, words)
            number = place + 1 if choice.variants[place].say is not False else 0
            yield Chosen(part, number, tuple(reasons))

    @cached_property
    def _heading(self) -> Choice[PlacedText]:
        return Choice(self._advice.heading)

    @cached_property
    def _choices_of_steps(self) -> tuple[tuple[Choice[bool], Choice[PlacedText], Choice[Day]], ...]:
        """Of each step whether it is said, what it says, and when it is due."""
        return tuple(
            (Choice(_said_or_not(step)), Choice(step.say), Choice(step.due)) for step in self._advice.steps
        )

    @cached_property
    def _open_choices(self) -> tuple[tuple[str, Choice[Any], list[CompiledReasons[DecidingTest]]], ...]:
        """What there is to choose: the part of the item that it is, and why each variant holds or fails."""
        parts: list[tuple[str, Choice[Any]]] = [("heading", self._heading), ("text", self._text)]
        for number, choices in enumerate(self._choices_of_steps, 1):
            parts += [(f"step {number}", choice) for choice in choices]
        parts.append(("due", self._due))
        return tuple((part, choice, self._why(choice)) for part, choice in parts if not choice.fixed)

    def _why(self, choice: Choice[Any]) -> list[CompiledReasons[DecidingTest]]:
        whens = (each.when for each in choice.variants)
        return [compile_reasons(when, self._deciding_test) for when in whens if when is not None]

    @cached_property
    def _head(self) -> tuple[str, str, str, int, str]:
        """Name, version, path, line and title."""
        rule = self.resolved.rule
        file_version = self._policies.policy_files[rule.policy]
        return self.name, file_version.version, file_version.path, rule.at.line, rule.title

    @cached_property
    def _labels(self) -> tuple[str, str, str]:
        """Severity, category and tier."""
        rule = self.resolved.rule
        assert rule.advise is not None
        return rule.advise.severity, rule.advise.category, rule.tier

    @cached_property
    def _reasons(self) -> CompiledReasons[DecidingTest]:
        return compile_reasons(self.resolved.when, self._deciding_test)

    def _deciding_test(self, test: Comparison, held: bool) -> DecidingTest:
        facts = self._policies.facts
        return test.fact, facts[test.fact].title, test_in_words(test, facts), held

    def _because(
        self, reasons: Sequence[DecidingTest], values: Mapping[str, Value], words: Words
    ) -> list[Because]:
        get = values.get
        return [
            Because(name, title, get(name), words[name], test if isinstance(test, str) else test(words), held)
            for name, title, test, held in reasons
        ]

    @cached_property
    def _fixed_steps(self) -> tuple[str, ...]:
        """The steps when they are the same for everybody, else nothing."""
        steps = self._advice.steps
        texts = [variant.say for step in steps for variant in step.say]
        fixed = len(texts) == len(steps) and all(len(text.parts) == 1 for text in texts)
        return tuple(text.parts[0] for text in texts) if fixed and not any(s.when for s in steps) else ()

    @cached_property
    def _cites(self) -> tuple[CitedPassage, ...]:
        return tuple(cited_passage(citation, self._policies) for citation in self.resolved.rule.cites)


def _said_or_not(step: Step[Any]) -> tuple[Variant[bool], ...]:
    always = Variant(None, step.when is None, step.at)
    return (Variant(step.when, True, step.at), always) if step.when is not None else (always,)


def _day(due: Choice[Day], values: Mapping[str, Value]) -> date | None:
    """The day that is chosen; None where there is none, or it is unknown."""
    said = due.said(values) if due.variants else None
    day = values.get(said) if isinstance(said, str) else said
    return day if isinstance(day, date) else None


def _position(labels: tuple[tuple[str, str], ...], name: str) -> int:
    return next(index for index, (label, _) in enumerate(labels) if label == name)
