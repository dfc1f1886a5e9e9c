"""Many applicants and threads on one advisor."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest

from engine.advising.advisor import Advisor
from engine.language.facts import read_facts
from engine.language.report import Report
from engine.loading.folder import list_files
from engine.loading.load import resolve_files
from tests.support.case_files import TESTS

STATM = Path("/proc/self/statm")


def advisor() -> Advisor:
    return Advisor(resolve_files(list_files(TESTS / "fields" / "workshop"), date(2026, 11, 22)))


def applicant(number: int) -> dict[str, Any]:
    """Another one each time; now and then somebody of whom nothing is known."""
    if number % 11 == 0:
        return {}
    day = date(2024, 1, 1) + timedelta(days=number % 900)
    saw = {
        "trained": True,
        "test_score": (number % 101) / 10,
        "accidents": [day.isoformat()] if number % 3 else [],
    }
    return {"member": {"name": f"m-{number}", "joined_on": "2024-01-01", "role": "member"}, "saw": saw}


def report(made: Advisor, number: int) -> Report:
    return made.report(read_facts(applicant(number), made.policies.facts))


def resident_kilobytes() -> int:
    return int(STATM.read_text().split()[1]) * 4


@pytest.mark.slow
@pytest.mark.skipif(not STATM.exists(), reason="resident memory is read from /proc")
def test_ten_thousand_reports_in_flat_memory() -> None:
    made = advisor()
    for number in range(2000):
        report(made, number)
    before = resident_kilobytes()
    for number in range(10_000):
        report(made, number)
    assert resident_kilobytes() - before < 2048


def test_threads_give_the_same_reports_as_one_after_another() -> None:
    made = advisor()
    expected = [report(made, number) for number in range(400)]
    with ThreadPoolExecutor(8) as pool:
        assert list(pool.map(lambda number: report(made, number), range(400))) == expected


def test_the_same_facts_again_give_the_same_report() -> None:
    made = advisor()
    assert [report(made, 5) for _ in range(3)] == [report(advisor(), 5)] * 3
