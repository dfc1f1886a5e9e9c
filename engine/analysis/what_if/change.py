"""Changes of facts as they are written on a command line: `fact=value`, `fact=low..high`, `fact=*`."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

from engine.base.diagnostic import CommandLine
from engine.base.diagnostics import Diagnostics
from engine.base.plain_text import composed, holds_half_a_character, unfit
from engine.base.record import record
from engine.language.facts import Facts, with_changes
from engine.language.model import Fact, Scalar, Value
from engine.language.new_names import given_facts, help_with
from engine.language.operators import ORDERED
from engine.language.policy_set import PolicySet
from engine.language.values import TYPE_WORDS, show, typed

_NUMBER = re.compile(r"[-+]?[0-9]{1,40}(\.[0-9]{1,40})?")


@record
class Range:
    """Every value of a fact from `low` to `high`, both included; of an unordered fact, all its values."""

    fact: str
    low: Scalar | None
    high: Scalar | None
    written: str


@record
class FactChanges:
    """Facts with their new values (None: no longer known), where each is written, and at most one range."""

    values: Mapping[str, Value | None]
    written: Mapping[str, str]
    range: Range | None

    def apply(self, facts: Facts) -> Facts:
        """The facts, changed."""
        return with_changes(facts, self.values, self.written.__getitem__)


def read_changes(sets: Sequence[str], unsets: Sequence[str], policies: PolicySet) -> FactChanges:
    """What is to be set and unset. Raises InvalidInput with every problem."""
    values: dict[str, Value | None] = {}
    written: dict[str, str] = {}
    ranges: list[Range] = []
    with Diagnostics() as problems:
        for option, texts in (("--set", sets), ("--unset", unsets)):
            for text in texts:
                name, equals, right = text.partition("=")
                name, place = name.strip(), f"{option} {text}"
                at = CommandLine(place)
                if option == "--set" and not equals:
                    problems.error("no-value", f"`{text}` gives no value.", at, "Write fact=value.")
                    continue
                fact = _given(name, at, policies, problems)
                if fact is None:
                    continue
                if name in written and place != written[name]:
                    message = f"`{name}` is changed twice: {written[name]} and {place}."
                    problems.error("contradicting-set", message, at, "Keep one of them.")
                    continue
                written[name] = place
                if option == "--unset":
                    values[name] = None
                    continue
                try:
                    to = _read_right(right.strip(), fact, text)
                except ValueError as error:
                    message, help_text = error.args
                    problems.error("wrong-value", message, at, help_text)
                    continue
                if not isinstance(to, Range):
                    values[name] = to
                    continue
                ranges.append(to)
                if len(ranges) > 1:
                    message = "Only one fact can go through a range."
                    problems.error("two-ranges", message, at, "Set one to a value.")
    return FactChanges(values, written, ranges[0] if ranges else None)


def _given(name: str, at: CommandLine, policies: PolicySet, problems: Diagnostics) -> Fact | None:
    fact = policies.facts.get(name)
    if fact is None or "@" in name:
        names = [known.name for known in given_facts(policies.facts)]
        message = f"There is no fact `{name[:100]}`."
        help_text = help_with("fact", name[:100], names, given_facts(policies.facts))
        problems.error("unknown-fact", message, at, help_text)
        return None
    if fact.origin != "given":
        message = f"`{name}` is worked out from other facts; it cannot be set."
        rests_on = [each for each in policies.dependencies.given_behind([name]) if each != "as_of"]
        behind = ", ".join(rests_on[:6])
        help_text = f"Set what it comes from: {behind}." if behind else "Set the facts it rests on."
        problems.error("not-given", message, at, help_text)
        return None
    return fact


def _read_right(text: str, fact: Fact, written: str) -> Value | Range:
    """Raises ValueError with a message and what to write instead."""
    if text == "*":
        if fact.type in ("text", "list"):
            raise ValueError(f"`{fact.name}` has no end of values.", "Set it to one.")
        low, high = fact.limits if fact.type in ORDERED else (None, None)
        return Range(fact.name, low, high, written)
    if ".." in text and fact.type in ORDERED:
        first, _, last = text.partition("..")
        limits = fact.limits
        low = value_from_text(first.strip(), fact) if first.strip() else limits[0]
        high = value_from_text(last.strip(), fact) if last.strip() else limits[1]
        if low > high:  # type: ignore[operator]  # both are of the fact's ordered type
            raise ValueError(f"The range {text} is empty.", f"Write {last}..{first}.")
        return Range(fact.name, low, high, written)  # type: ignore[arg-type]  # scalars, of an ordered type
    if ".." in text and fact.type in ("boolean", "enum"):
        raise ValueError(f"`{fact.name}` has no order.", f"Write {fact.name}=* for each of its values.")
    return value_from_text(text, fact)


def value_from_text(text: str, fact: Fact) -> Value:
    """A fact's value as somebody types it. Raises ValueError with a message and what to write instead."""
    raw: Any
    if holds_half_a_character(text):
        raise ValueError("This holds a character that is no text.", "Type it anew.")
    if told := unfit(text):  # no facts file could hold it
        raise ValueError(*told[1:])
    text = composed(text)
    if fact.type == "list":
        inner = "" if text.lower() == "none" else text.removeprefix("[").removesuffix("]").strip()
        raw = [_raw(part.strip(" \"'"), str(fact.item_type)) for part in inner.split(",")] if inner else []
    else:
        raw = _raw(text, fact.type)
    value, problem = typed(raw, fact)
    if problem is not None:
        raise ValueError(*problem)
    if value is None:
        raise ValueError(f"`{fact.name}` cannot be {show(text)}.", f"It is {TYPE_WORDS[fact.type]}.")
    return value


def _raw(text: str, kind: str) -> Any:
    if kind == "boolean":
        return {"true": True, "false": False}.get(text, text)
    if kind in ("integer", "number") and _NUMBER.fullmatch(text):
        return Decimal(text) if "." in text else int(text)
    return text
