"""Applicants made up at random from a vocabulary: every fact given that can be, none against another."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta
from decimal import Decimal
from random import Random

from engine.advising.advisor import Advisor
from engine.base.diagnostic import InvalidInput
from engine.language.facts import Facts, read_facts, with_changes
from engine.language.model import Fact, Scalar, Value
from engine.language.policy_set import PolicySet

_TRIES = 4


def complete_applicant(advisor: Advisor, random: Random, fixed: Mapping[str, Value]) -> Facts:
    """One applicant with as many facts as fit together; `fixed` are given to everybody."""
    policies = advisor.policies
    facts = with_changes(read_facts({}, policies.facts), fixed, str)
    names = [name for name, fact in policies.facts.items() if fact.origin == "given" and not fact.private]
    # Statuses and the like first: what they imply then fits, and is not tried in vain.
    names.sort(key=lambda name: (policies.facts[name].type != "enum", random.random()))
    for name in names:
        if name in fixed or name == "as_of" or name in advisor.derive(facts).absent:
            continue
        for _ in range(_TRIES):
            tried = with_changes(facts, {name: _value(policies.facts[name], policies, random)}, str)
            try:
                advisor.derive(tried)
            except InvalidInput:
                continue
            facts = tried
            break
    return facts


def _value(fact: Fact, policies: PolicySet, random: Random) -> Value:
    if fact.type == "list":
        days = {_scalar("date", fact, policies, random) for _ in range(random.randint(0, 3))}
        return tuple(sorted(days, key=str))
    return _scalar(fact.type, fact, policies, random)


def _scalar(kind: str, fact: Fact, policies: PolicySet, random: Random) -> Scalar:
    match kind:
        case "boolean":
            return random.random() < 0.5
        case "enum":
            return random.choice([name for name, _ in fact.values])
        case "date":
            return policies.as_of + timedelta(days=int(random.gauss(-100, 250)))
    low, high = fact.limits
    if fact.name.endswith("season"):
        return policies.as_of.year + random.randint(0, 1)
    if fact.name.endswith("year"):
        return policies.as_of.year - random.randint(0, 12)
    if isinstance(high, date):
        return policies.as_of
    typical = 225 if (low, high) == (1, 300) else min(high, 100 if fact.step != 1 else 4)
    value = min(high, max(low, round(random.gauss(float(typical), float(typical) / 8 + 2))))
    return int(Decimal(value))
