"""The report as the command and the Python interface give it: with where each item stands."""

from __future__ import annotations

from engine.advising.advisor import Advisor
from engine.analysis.certainty.report_certainty import ReportCertainty
from engine.language.facts import Facts
from engine.language.report import Report


def judged_report(advisor: Advisor, facts: Facts) -> Report:
    """The report, judged. Raises InvalidInput for contradictory facts."""
    return ReportCertainty(advisor).judged(advisor.case(facts)).report
