"""Items of advice: a rule that holds, with its texts filled and what made it hold."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from functools import cached_property

from engine.language.citation import cited_passage
from engine.language.condition_text import TestWords, test_in_words
from engine.language.conditions import CompiledReasons, compile_reasons
from engine.language.model import Comparison, Value
from engine.language.policy_set import PolicySet, ResolvedRule
from engine.language.report import Because, CitedPassage, Item, Provisional
from engine.language.templates import Words, fill

SortKey = tuple[object, ...]
_UNDATED = (True, date.max)


DecidingTest = tuple[str, str, TestWords, bool]
"""Of a deciding test: its fact, the fact's title, the test in words, and whether it held."""


class ItemWriter:
    """One advising rule, made ready for many applicants; the rest follows when it is first shown."""

    def __init__(self, resolved: ResolvedRule, policies: PolicySet) -> None:
        rule = resolved.rule
        assert rule.advise is not None
        self.resolved = resolved
        self.name = resolved.name
        assert resolved.text is not None
        self._advice = rule.advise
        self._text = resolved.text
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
        due = self.resolved.due
        day = values.get(due) if isinstance(due, str) else due
        return day if isinstance(day, date) else None

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
        get = values.get
        because = [
            Because(name, title, get(name), words[name], test if isinstance(test, str) else test(words), held)
            for name, title, test, held in self._reasons(values, True)
        ]
        return Item(
            rank,
            *self._head,
            fill(self._text, words),
            self._fixed_steps or tuple([fill(step, words) for step in self.resolved.steps]),
            *self._labels,
            due,
            due is not None and due < self._policies.as_of,
            self._cites,
            tuple(because),
            provisional,
        )

    @cached_property
    def _head(self) -> tuple[str, str, str, int, str]:
        """Name, version, path, line and title."""
        rule = self.resolved.rule
        file_version = self._policies.policy_files[rule.policy]
        return self.name, file_version.version, file_version.path, rule.at.line, rule.title

    @cached_property
    def _labels(self) -> tuple[str, str, str]:
        """Severity, category and tier."""
        return self._advice.severity, self._advice.category, self.resolved.rule.tier

    @cached_property
    def _reasons(self) -> CompiledReasons[DecidingTest]:
        return compile_reasons(self.resolved.when, self._deciding_test)

    def _deciding_test(self, test: Comparison, held: bool) -> DecidingTest:
        facts = self._policies.facts
        return test.fact, facts[test.fact].title, test_in_words(test, facts), held

    @cached_property
    def _fixed_steps(self) -> tuple[str, ...]:
        """The steps when they are the same for everybody, else nothing."""
        steps = self.resolved.steps
        return tuple(step.parts[0] for step in steps) if all(len(step.parts) == 1 for step in steps) else ()

    @cached_property
    def _cites(self) -> tuple[CitedPassage, ...]:
        return tuple(cited_passage(citation, self._policies) for citation in self.resolved.rule.cites)


def _position(labels: tuple[tuple[str, str], ...], name: str) -> int:
    return next(index for index, (label, _) in enumerate(labels) if label == name)
