"""The report as the command and the Python interface give it: with where each item stands."""

from __future__ import annotations

from engine.advisor import Advisor
from engine.facts import Facts
from engine.judge import Judge
from engine.report import Report


def judged_report(advisor: Advisor, facts: Facts) -> Report:
    """The report, judged. Raises Refused for contradictory facts."""
    return Judge(advisor).judged(advisor.case(facts)).report
