"""The shipped policies, read once for all tests, and the cases of the shipped examples."""

from __future__ import annotations

from datetime import date
from functools import cache

from engine.advising.advisor import Advisor, Case
from engine.analysis.session import read_facts_file
from engine.base.dates import parse_date
from engine.base.record import replace
from engine.language.facts import facts_from_source, read_facts
from engine.language.policy_set import PolicySet
from engine.loading.folder import shipped_folder
from engine.loading.load import load
from tests.support.process import ROOT

NAMES = sorted(path.stem for path in (ROOT / "examples").glob("*.json"))


@cache
def _loaded() -> PolicySet:
    return load(shipped_folder(), date(2026, 9, 10))


@cache
def advisor_on(day: date) -> Advisor:
    """What advises on a day on which the same files are in force; the evaluator alone, quicker made."""
    policies = _loaded()
    assert policies.since is None or policies.since <= day
    assert policies.changes_on is None or day < policies.changes_on
    return Advisor(replace(policies, as_of=day), engine="evaluator")


@cache
def example(name: str) -> tuple[Advisor, Case]:
    """A shipped example with what advises on it."""
    source = read_facts_file(str(ROOT / "examples" / f"{name}.json"))
    day = parse_date(source.data["as_of"])
    assert day is not None
    advisor = advisor_on(day)
    return advisor, advisor.case(facts_from_source(source, advisor.policies.facts))


def case_of(facts: object, day: date = date(2026, 9, 10)) -> tuple[Advisor, Case]:
    """Nested facts as a case."""
    advisor = advisor_on(day)
    return advisor, advisor.case(read_facts(facts, advisor.policies.facts))
