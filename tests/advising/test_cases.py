"""Every case file, run."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import date
from decimal import Decimal

import pytest

from engine.base.diagnostic import Diagnostic, InvalidInput
from engine.base.read import PolicyFile, read_document
from engine.checking.check import check_files
from engine.checking.checks.subject import Subject
from engine.checking.proofs import prove
from engine.language.facts import facts_from_source
from engine.loading.read_folder import read_policies
from engine.loading.resolve import resolve
from tests.support.case_files import (
    Case,
    all_cases,
    expected_problems,
    files_of_tests,
    observed,
    policy_files,
    run,
)


@pytest.mark.parametrize("case", all_cases(), ids=lambda case: case.id)
def test_case(case: Case) -> None:
    expected = case.expects()
    if "problems" in expected:
        with pytest.raises(InvalidInput) as refused:
            run(case.data)
        told(case, refused.value.diagnostics)
        return
    if "warnings" in expected:
        day = date.fromisoformat(case.data["as_of"])
        checked = check_files(policy_files(case.data), files_of_tests(case.data), day)
        besides = case.data.get("besides") or ()
        told(case, [problem for problem in checked.diagnostics if problem.code not in besides])
        return
    if "proofs" in expected:
        told_by_proofs(case)
        return
    report, decisions = run(case.data)
    assert observed(report, decisions, expected) == expected


def told_by_proofs(case: Case) -> None:
    subject = subject_of(policy_files(case.data), date.fromisoformat(case.data["as_of"]))
    proved = prove(subject, seconds=60)
    found = sorted(proved.diagnostics, key=lambda diagnostic: (diagnostic.at.order, diagnostic.code))
    told(case, found)
    assert proved.unfinished == ()
    for diagnostic in found:
        if diagnostic.witness is not None:
            source = read_document(diagnostic.witness.encode(), "witness.json")
            facts_from_source(source, subject.policy_set.facts)  # it is accepted


def told(case: Case, found: Sequence[Diagnostic]) -> None:
    """These are the problems that the case expects, and they say what it wants said."""
    shown = [f"{problem.at} {problem.code}" for problem in found]
    assert shown == expected_problems(case.data), "\n".join(
        f"{p.at} {p.code}: {p.message} → {p.help}\n{p.witness}" for p in found
    )
    said = "\n".join(f"{problem.message} {problem.help or ''}" for problem in found)
    for words in case.data.get("says") or ():
        assert words in said
    if "witnesses" in case.data:
        texts = [problem.witness for problem in found if problem.witness is not None]
        witnesses = [json.loads(text, parse_float=Decimal) for text in texts]
        shown_facts = [{name: value for name, value in each.items() if name != "as_of"} for each in witnesses]
        assert shown_facts == case.data["witnesses"]


def subject_of(files: tuple[PolicyFile, ...], day: date) -> Subject:
    policies = read_policies(files)
    return Subject(files, policies, resolve(policies, day), day, day, ())
