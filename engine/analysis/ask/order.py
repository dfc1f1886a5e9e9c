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
class PendingItem:
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
    waiting: tuple[PendingItem, ...]


def ask_order(case: Case, policies: PolicySet) -> tuple[Asked, ...]:
    """The facts to ask for, the most worthwhile first; nothing when no answer would change the advice."""
    severities = policies.ranking.severities
    waiting: list[PendingItem] = []
    for entry in case.report.undetermined:
        advise = policies.by_name[entry.rule].rule.advise
        if advise is not None and entry.matters and entry.needs:
            waiting.append(PendingItem(entry.rule, entry.title, advise.severity, entry.needs))
    waiting += [
        PendingItem(item.rule, item.title, item.severity, item.provisional.needs)
        for item in case.report.advice
        if item.provisional
    ]
    rank = {name: position(severities, name) for name in {each.severity for each in waiting}}
    waiting.sort(key=lambda each: (rank[each.severity], len(each.needs)))
    asked = []
    for fact in policies.facts.values():
        for_it = tuple(each for each in waiting if fact.name in each.needs)
        if for_it:
            weights = (Fraction(len(severities) - rank[each.severity], len(each.needs)) for each in for_it)
            question, answers = fact.question or fact.title, how_to_answer(fact)
            asked.append(Asked(fact.name, fact.title, question, answers, sum(weights, Fraction()), for_it))
    return tuple(sorted(asked, key=lambda each: -each.worth))  # of equals in the vocabulary's order


def how_to_answer(fact: Fact) -> str:
    """What an answer looks like."""
    kind = fact.value_type
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
