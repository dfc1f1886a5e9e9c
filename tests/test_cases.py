"""Every case file, run."""

from __future__ import annotations

import pytest

from engine.diagnostic import Refused
from tests.case_files import Case, all_cases, expected_problems, observed, run


@pytest.mark.parametrize("case", all_cases(), ids=lambda case: case.id)
def test_case(case: Case) -> None:
    expected = case.expects()
    if "problems" in expected:
        with pytest.raises(Refused) as refused:
            run(case.data)
        found = refused.value.diagnostics
        shown = [f"{problem.at} {problem.code}" for problem in found]
        assert shown == expected_problems(case.data), "\n".join(
            f"{p.at} {p.code}: {p.message} → {p.help}" for p in found
        )
        said = "\n".join(f"{problem.message} {problem.help or ''}" for problem in found)
        for words in expected.get("says") or ():
            assert words in said
        return
    report, decisions = run(case.data)
    assert observed(report, decisions, expected) == expected
