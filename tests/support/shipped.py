"""The shipped policies and their policy tests, read and run once for all tests of them."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

from engine.advising.advisor import Advisor
from engine.advising.decide import Decider, Decisions
from engine.advising.derive import Derivation
from engine.base.diagnostic import Location
from engine.base.record import replace
from engine.language.conditions import HOLDS
from engine.language.facts import Facts, read_facts
from engine.language.policy_set import PolicySet
from engine.language.report import Item, Report
from engine.testing import PolicyTest, PolicyTestOutcome, PolicyTests

FOLDER = Path(__file__).parent.parent.parent / "policies"
GUIDE = "step-guide"
DAY = date(2026, 9, 1)
TODAY = date(2026, 6, 4)
"""Stands in for today: on this day no policy test is meant to be."""
AUDIENCE = {"category": "non_us_img", "target_specialty": "med_peds"}
OTHER_AUDIENCE = {"category": "us_md", "target_specialty": "other"}


# -- what is read and run, once ----------------------------------------------------------------------


@cache
def suite() -> PolicyTests:
    return PolicyTests(FOLDER, TODAY)


@cache
def outcomes() -> Mapping[tuple[str, int], PolicyTestOutcome]:
    """Every policy test, run: file and line -> how it came out."""
    return {(Path(test.file).name, test.at.line): suite().run(test) for test in suite().tests}


@cache
def policies() -> PolicySet:
    return suite().policies(DAY)


@cache
def derivation() -> Derivation:
    return Derivation(policies())


@cache
def decider() -> Decider:
    return Decider(policies(), None)


def facts(given: Mapping[str, Any]) -> Facts:
    return read_facts(dict(given), policies().facts)


def decide(given: Facts, day: date = DAY) -> Decisions:
    """What follows on a day, without a report: the same files are in force on every day of these tests."""
    return decider().decide(derivation().derive(given, day))


@cache
def advisor(day: date) -> Advisor:
    return Advisor(replace(policies(), as_of=day), engine="evaluator")


def report(given: Mapping[str, Any]) -> Report:
    return advisor(DAY).report(facts(given))


@cache
def decided() -> tuple[tuple[PolicyTest, Facts, Decisions], ...]:
    """Every policy test that is not refused, with what comes out on its day."""
    found = []
    for test in suite().tests:
        if isinstance(test.facts, Facts) and "refused" not in test.expect:
            found.append((test, test.facts, decide(test.facts, test.as_of)))
    return tuple(found)


@cache
def items() -> Mapping[Location, tuple[Item, ...]]:
    """By the place of each policy test that is not refused, the items of its report."""
    return {
        test.at: advisor(test.as_of).report(test.facts).advice
        for test, _, _ in decided()
        if isinstance(test.facts, Facts)
    }


@cache
def held() -> frozenset[str]:
    """The rules that HOLD in some policy test."""
    return frozenset(name for outcome in outcomes().values() for name in holding(outcome.verdicts))


@cache
def not_held() -> frozenset[str]:
    """The rules that FAIL or are UNKNOWN in some policy test."""
    return frozenset(
        name
        for outcome in outcomes().values()
        for name, verdict in outcome.verdicts.items()
        if verdict is not HOLDS
    )


@cache
def shown() -> frozenset[str]:
    """The rules whose item is shown in some policy test."""
    return frozenset(rule for outcome in outcomes().values() for rule in outcome.shown)


def holding(verdicts: Mapping[str, Any]) -> set[str]:
    return {name for name, verdict in verdicts.items() if verdict is HOLDS}
