"""What expectations name, held against the policies of the test's day: nothing misspelt may pass."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator
from typing import Any, Final

from engine.advising.freshness import BANNER_KINDS
from engine.base.dates import parse_date
from engine.base.diagnostic import Diagnostic, did_you_mean
from engine.base.read import Document, Pointer
from engine.base.record import record
from engine.language.policy_set import PolicySet
from engine.language.values import typed

ABSENT: Final = "absent"
"""What `values` says of a fact that has no answer."""

VERDICTS: Final = ("holds", "fails", "unknown")
_ITEM_LISTS: Final = ("shown", "not_shown", "only", "ranking", "order", "provisional")
_ITEM_TABLES: Final = ("text", "due", "severity", "suppressed")


@record
class Mistake:
    """What is wrong with a name, and what to write instead."""

    code: str
    message: str
    help: str | None


class Expectable:
    """The names that expectations may use on a day."""

    def __init__(self, policies: PolicySet) -> None:
        self._facts = {name: fact for name, fact in policies.facts.items() if "@" not in name}
        self._rules = frozenset(rule.name for rule in policies.rules)
        self._advising = frozenset(rule.name for rule in policies.rules if rule.rule.advise is not None)
        self._severities = [name for name, _ in policies.ranking.severities]
        self._day = policies.as_of
        self._checks: dict[str, Callable[[str], Mistake | None]] = {
            **dict.fromkeys(VERDICTS, self._rule),
            **dict.fromkeys(_ITEM_LISTS, self._item),
            "asks": lambda name: self._fact(name, "given"),
            "banners": self._banner,
        }

    def mistakes(
        self, source: Document, pointer: Pointer, misshapen: Collection[Pointer] = ()
    ) -> Iterator[Diagnostic]:
        """Everything in the `expect` at this pointer of a test file that cannot come out."""
        expect: Any = source.data
        for part in pointer:
            expect = expect[part]
        if "refused" in expect and len(expect) > 1:
            at = source.at((*pointer, "refused"), key=True)
            message = "Where the facts are refused, nothing else comes out that could be expected."
            yield source.diagnose("refused-with-more", message, at, "Keep `refused`, or the others.")
        for key, wanted in expect.items():
            if (*pointer, key) in misshapen:
                continue
            for inner, is_key, mistake in self._mistakes(key, wanted):
                if mistake is not None:
                    at = source.at((*pointer, key, *inner), key=is_key)
                    yield source.diagnose(mistake.code, mistake.message, at, mistake.help)

    def _mistakes(self, key: str, wanted: Any) -> Iterator[tuple[Pointer, bool, Mistake | None]]:
        """For each name: the way to it, whether it is a key, and what is wrong with it."""
        if key == "first":
            yield (), False, self._item(wanted)
        elif key in ("bands", "findings", "values"):
            for name, value in wanted.items():
                yield (name,), True, self._fact(name, _ORIGINS[key])
                yield (name,), False, self._value(key, name, value)
        elif key in _ITEM_TABLES:
            for name, value in wanted.items():
                yield (name,), True, self._item(name)
                if key == "suppressed":
                    yield (name,), False, self._item(value)
                elif key == "severity" and value not in self._severities:
                    message = f"There is no severity `{value}` in ranking.yaml."
                    help_text = _one_of(value, self._severities)
                    yield (name,), False, Mistake("unknown-severity", message, help_text)
                elif key == "due" and value is not None and parse_date(value) is None:
                    message = f"`{value}` is not a date of the calendar."
                    yield (name,), False, Mistake("not-a-date", message, "Write year-month-day, or null.")
        elif key != "refused":
            check = self._checks[key]
            for index, name in enumerate(wanted):
                yield (index,), False, check(name)

    def _rule(self, name: str) -> Mistake | None:
        if name in self._rules:
            return None
        message = f"There is no rule `{name}` in force on {self._day}."
        return Mistake("unknown-rule", message, did_you_mean(name, self._rules))

    def _item(self, name: str) -> Mistake | None:
        """A rule with advice: for one without, `not_shown` would pass whatever happens."""
        if name not in self._rules or name in self._advising:
            return self._rule(name)
        message = f"`{name}` only concludes: nothing of it is ever shown."
        help_text = "Expect `holds`, `fails` or `unknown` of it, or its finding."
        return Mistake("rule-without-advice", message, help_text)

    def _fact(self, name: str, origin: str | None) -> Mistake | None:
        fact = self._facts.get(name)
        if fact is not None and origin in (None, fact.origin):
            return None
        near = [known for known, fact in self._facts.items() if origin in (None, fact.origin)]
        if name not in self._facts:
            message = f"There is no fact `{name}` in force on {self._day}."
            return Mistake("unknown-fact", message, did_you_mean(name, near))
        message = f"`{name}` is no {origin}." if origin != "given" else f"Nobody is asked for `{name}`."
        return Mistake("wrong-kind", message, _one_of(name, near))

    def _value(self, key: str, name: str, value: Any) -> Mistake | None:
        fact = self._facts.get(name)
        if fact is None or value is None or (key == "values" and value == ABSENT):
            return None
        problem = typed(value, fact)[1]
        return None if problem is None else Mistake("wrong-value", *problem)

    def _banner(self, kind: str) -> Mistake | None:
        if kind in BANNER_KINDS:
            return None
        return Mistake("unknown-banner", f"There is no banner `{kind}`.", _one_of(kind, BANNER_KINDS))


def _one_of(name: str, known: Collection[str]) -> str | None:
    listed = f"It is one of {', '.join(known)}." if 0 < len(known) <= 8 else None
    return did_you_mean(name, known) or listed


_ORIGINS: Final = {"bands": "band", "findings": "finding", "values": None}
