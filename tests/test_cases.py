"""Every case file, run."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

import pytest

from engine.check import check_files
from engine.diagnostic import Diagnostic, Refused
from tests.case_files import Case, all_cases, expected_problems, files_of_tests, observed, policy_files, run


@pytest.mark.parametrize("case", all_cases(), ids=lambda case: case.id)
def test_case(case: Case) -> None:
    expected = case.expects()
    if "problems" in expected:
        with pytest.raises(Refused) as refused:
            run(case.data)
        told(case, refused.value.diagnostics)
        return
    if "warnings" in expected:
        day = date.fromisoformat(case.data["as_of"])
        checked = check_files(policy_files(case.data), files_of_tests(case.data), day)
        besides = case.data.get("besides") or ()
        told(case, [problem for problem in checked.diagnostics if problem.code not in besides])
        return
    report, decisions = run(case.data)
    assert observed(report, decisions, expected) == expected


def told(case: Case, found: Sequence[Diagnostic]) -> None:
    """These are the problems that the case expects, and they say what it wants said."""
    shown = [f"{problem.at} {problem.code}" for problem in found]
    assert shown == expected_problems(case.data), "\n".join(
        f"{p.at} {p.code}: {p.message} → {p.help}" for p in found
    )
    said = "\n".join(f"{problem.message} {problem.help or ''}" for problem in found)
    for words in case.data.get("says") or ():
        assert words in said
