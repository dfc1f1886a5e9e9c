"""The order in which unknown facts are worth asking for.

The measure: every item that is undecided, and would be shown if it held, has the weight of its severity (the
last severity 1, the one before 2, and so on), shared in equal parts among the facts that it still needs; an
item that may yet be replaced gives its weight to the facts on which that depends. A fact is worth the sum of
what it is given. So a fact leads on which much and important advice waits, above all where little else is
missing.
"""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction

from engine.advising.advisor import Case
from engine.base.record import record
from engine.language.model import Fact
from engine.language.policy_set import PolicySet
from engine.rendering.wording import position


@record
class Waiting:
    """An item that waits for a fact: `needs` are all the facts that it waits for."""

    rule: str
    title: str
    severity: str
    needs: tuple[str, ...]


@record
class Asked:
    """A fact to ask for: its question, how to answer, what it is worth, and the items that wait for it."""

    fact: str
    title: str
    question: str
    answers: str
    worth: Fraction
    waiting: tuple[Waiting, ...]


def ask_order(case: Case, policies: PolicySet) -> tuple[Asked, ...]:
    """The facts to ask for, the most worthwhile first; nothing when no answer would change the advice."""
    severities = policies.ranking.severities
    rules = {rule.name: rule.rule for rule in policies.rules}
    waiting: list[Waiting] = []
    for entry in case.report.undetermined:
        advise = rules[entry.rule].advise
        if advise is not None and entry.matters and entry.needs:
            waiting.append(Waiting(entry.rule, entry.title, advise.severity, entry.needs))
    waiting += [
        Waiting(item.rule, item.title, item.severity, item.provisional.needs)
        for item in case.report.advice
        if item.provisional
    ]
    worth: dict[str, Fraction] = {}
    by_fact: dict[str, list[Waiting]] = {}
    for each in waiting:
        weight = len(severities) - position(severities, each.severity)
        for need in each.needs:
            worth[need] = worth.get(need, Fraction(0)) + Fraction(weight, len(each.needs))
            by_fact.setdefault(need, []).append(each)
    places = {name: index for index, name in enumerate(policies.facts)}
    found = sorted(worth, key=lambda fact: (-worth[fact], places[fact]))
    return tuple(_asked(policies.facts[fact], worth[fact], by_fact[fact], severities) for fact in found)


def _asked(
    fact: Fact, worth: Fraction, waiting: list[Waiting], severities: tuple[tuple[str, str], ...]
) -> Asked:
    ordered = sorted(waiting, key=lambda each: (position(severities, each.severity), len(each.needs)))
    return Asked(
        fact.name, fact.title, fact.question or fact.title, how_to_answer(fact), worth, tuple(ordered)
    )


def how_to_answer(fact: Fact) -> str:
    """What an answer looks like."""
    kind = fact.item_type if fact.type == "list" else fact.type
    answers: Mapping[str | None, str] = {
        "boolean": "true or false",
        "enum": ", ".join(f"{name} ({label})" if label != name else name for name, label in fact.values),
        "date": "a date, year-month-day",
        "text": "text",
        "integer": "a whole number",
        "number": f"a number, to {fact.step} at the finest" if fact.step != 1 else "a number",
    }
    bounds = ""
    if kind in ("integer", "number") and (fact.low is not None or fact.high is not None):
        low, high = fact.limits
        bounds = f" from {low} to {high}"
    unit = f", in {fact.unit}" if fact.unit else ""
    several = "; several with commas between, or none" if fact.type == "list" else ""
    return f"{answers[kind]}{bounds}{unit}{several}"
