"""Items of advice: a rule that holds, with its texts filled and what made it hold."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date

from engine.evaluate import Reason, compile_reasons
from engine.model import Citation, Edition, Value
from engine.policyset import PolicySet, ResolvedRule
from engine.report import Because, CitedPassage, Item, Provisional
from engine.texts import Words, fill
from engine.words import test_in_words

SortKey = tuple[object, ...]


class ItemWriter:
    """One advising rule, made ready once for many applicants."""

    def __init__(self, resolved: ResolvedRule, edition: Edition, policies: PolicySet) -> None:
        self.resolved = resolved
        self.name = resolved.name
        rule = resolved.rule
        assert rule.advise is not None
        assert resolved.text is not None
        self._rule, self._advice, self._text = rule, rule.advise, resolved.text
        self._edition = edition
        self._policies = policies
        self._reasons = compile_reasons(rule.when)
        self._tests: dict[int, Callable[[Words], str]] = {}
        self._cites = tuple(_passage(citation, policies) for citation in rule.cites)
        ranking = policies.ranking
        places: dict[str, object] = {
            "severity": _position(ranking.severities, rule.advise.severity),
            "tier": _position(ranking.tiers, rule.tier),
            "category": _position(ranking.categories, rule.advise.category),
            "rule": self.name,
        }
        self.severity = _position(ranking.severities, rule.advise.severity)
        before, by_due, after = _around(ranking.sort, "due")
        self._before = tuple(places[key] for key in before)
        self._by_due = by_due
        self._after = tuple(places[key] for key in after)

    def due(self, values: Mapping[str, Value]) -> date | None:
        """When the item is due: a date, or a fact that is one; None when there is none or it is unknown."""
        due = self.resolved.due
        found = values.get(due) if isinstance(due, str) else due
        return found if isinstance(found, date) else None

    def sort_key(self, due: date | None) -> SortKey:
        """By the keys of the ranking: past due comes first among dates, undated last."""
        middle = (due is None, due or date.max) if self._by_due else ()
        return (*self._before, *middle, *self._after)

    def write(
        self,
        rank: int,
        due: date | None,
        values: Mapping[str, Value],
        words: Words,
        provisional: Provisional | None,
    ) -> Item:
        """The item for one applicant."""
        rule, advice, edition = self._rule, self._advice, self._edition
        because = tuple([self._because(reason, values, words) for reason in self._reasons(values, True)])
        # In the order of Item's fields: named ones take longer to bind than the rest of the item to write.
        return Item(
            rank,
            self.name,
            edition.version,
            edition.path,
            rule.at.line,
            rule.title,
            fill(self._text, words),
            tuple([fill(step, words) for step in self.resolved.steps]),
            advice.severity,
            advice.category,
            rule.tier,
            due,
            due is not None and due < self._policies.as_of,
            self._cites,
            because,
            provisional,
        )

    def _because(self, reason: Reason, values: Mapping[str, Value], words: Words) -> Because:
        name = reason.test.fact
        title = self._policies.facts[name].title
        return Because(name, title, values.get(name), words[name], self._test(reason)(words), reason.holds)

    def _test(self, reason: Reason) -> Callable[[Words], str]:
        key = id(reason)  # reasons live as long as this writer
        found = self._tests.get(key)
        if found is None:
            found = self._tests[key] = test_in_words(reason.test, self._policies.facts)
        return found


def _passage(citation: Citation, policies: PolicySet) -> CitedPassage:
    source = policies.sources[citation.source]
    title, section = source.anchors[citation.anchor]
    return CitedPassage(citation.source, citation.anchor, title, section, source.title)


def _position(labels: tuple[tuple[str, str], ...], name: str) -> int:
    return next(index for index, (label, _) in enumerate(labels) if label == name)


def _around(keys: tuple[str, ...], key: str) -> tuple[tuple[str, ...], bool, tuple[str, ...]]:
    if key not in keys:
        return keys, False, ()
    place = keys.index(key)
    return keys[:place], True, keys[place + 1 :]
