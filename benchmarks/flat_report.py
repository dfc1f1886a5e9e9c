"""The flat policy as a whole policy set, so that whole reports can be measured on it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date
from typing import Any

from benchmarks.flat_policy import FlatPolicy
from engine.advising.advisor import Advisor
from engine.base.diagnostic import Location
from engine.language.conditions import facts_of
from engine.language.facts import read_facts
from engine.language.model import (
    Advice,
    Citation,
    Fact,
    FileVersion,
    Policies,
    Policy,
    Ranking,
    Rule,
    Source,
    Sources,
    Step,
    Value,
    Variant,
    Vocabulary,
)
from engine.language.report import Report
from engine.loading.resolve import resolve

_AT = Location("flat.yaml")
_DAY = date(2026, 9, 1)
_SEVERITIES = ("critical", "important", "note")


def report_function(policy: FlatPolicy) -> Callable[[Mapping[str, Any]], Report]:
    """From one applicant's facts, as a facts file holds them, to the finished report, both engines in it."""
    advisor = Advisor(resolve(_policies(policy), _DAY))
    declared = advisor.policies.facts
    return lambda facts: advisor.report(read_facts(facts, declared))


def as_in_a_file(values: Mapping[str, Value]) -> dict[str, Any]:
    """An applicant's values nested and written as in a facts file."""
    nested: dict[str, Any] = {}
    for name, value in values.items():
        group, _, last = name.partition(".")
        nested.setdefault(group, {})[last] = value.isoformat() if isinstance(value, date) else value
    return nested


def _edition(kind: Any) -> FileVersion:
    return FileVersion(
        kind, "flat", "Flat", "1.0.0", "active", _DAY, None, None, f"{kind}.yaml", "0" * 64, _AT
    )


def _policies(policy: FlatPolicy) -> Policies:
    as_of = Fact("as_of", "Day", "date", "given", _AT)
    source = Source(
        "made-up", "Made up", "Nobody", "generated", _DAY, _DAY, None, "Made up", {"all": ("All", None)}, _AT
    )
    severities, tiers, categories = (
        ((name, name) for name in _SEVERITIES),
        (("guide", "Guide"),),
        (("all", "All"),),
    )
    sort: Any = ("severity", "due", "tier", "category", "rule")
    return Policies(
        (
            Vocabulary(_edition("vocabulary"), (as_of, *policy.facts.values()), (), (), (), (), ()),
            Sources(_edition("sources"), (source,)),
            Ranking(_edition("ranking"), tuple(severities), tiers, categories, sort, ()),
            Policy(_edition("policy"), (), (), tuple(_rules(policy))),
        ),
        "0" * 64,
    )


def _rules(policy: FlatPolicy) -> list[Rule]:
    rules = []
    for number, (name, condition) in enumerate(policy.conditions.items()):
        fact = next(facts_of(condition))
        text = f"Your value is {{{fact}}}. Do what this rule says, and do it soon."
        steps = (Step((Variant(None, "Do it.", _AT),), None, (), _AT),)
        said = (Variant(None, text, _AT),)
        advice = Advice((), said, steps, "all", _SEVERITIES[number % 3], (), _AT)
        title, cites = f"Rule number {number}", (Citation("made-up", "all", _AT),)
        id_ = name.partition("/")[2]
        rules.append(Rule(id_, "flat", title, condition, (), advice, (), (), "guide", cites, None, _AT))
    return rules
