"""The order of files, rules and facts changes nothing; nor does leaving durable-rules out."""

from __future__ import annotations

import json
from datetime import date
from functools import cache
from typing import Any

import pytest

from engine.advising.advisor import Advisor
from engine.analysis.certainty.report_certainty import ReportCertainty
from engine.base.diagnostic import InvalidInput
from engine.base.read import PolicyFile
from engine.base.record import replace
from engine.language.facts import read_facts
from engine.language.model import Calendar, Policies, Policy, PolicyDocument, Vocabulary
from engine.loading.folder import list_files
from engine.loading.load import resolve_files
from engine.loading.read_folder import read_policies
from engine.loading.resolve import resolve
from engine.rendering import render_json
from tests.support.case_files import TESTS, Case, all_cases, case_facts, policy_files

REPORTS = [case for case in all_cases() if not {"problems", "warnings", "proofs"} & case.data.keys()]
FACTS = {
    "member": {"joined_on": "2026-01-05", "role": "member"},
    "saw": {"trained": True, "test_score": 7.0, "accidents": ["2026-09-30"]},
}


@cache
def read(files: tuple[PolicyFile, ...]) -> Policies:
    return read_policies(files)


def backwards(policies: Policies) -> Policies:
    """Everything the other way round, though each item says it stands where it stood."""
    return replace(policies, documents=tuple(map(document_backwards, reversed(policies.documents))))


def document_backwards(document: PolicyDocument) -> PolicyDocument:
    match document:
        case Policy():
            return reverse(document, "rules", "bands", "parameters")
        case Vocabulary():
            return reverse(document, "derived", "parameters", "implications", "consistency", "findings")
        case Calendar():
            return reverse(document, "facts", "seasons")
        case _:
            return document


def reverse(document: Any, *fields: str) -> Any:
    return replace(document, **{field: tuple(reversed(getattr(document, field))) for field in fields})


@pytest.mark.parametrize("case", REPORTS, ids=lambda case: case.id)
def test_written_backwards_and_without_durable_rules(case: Case) -> None:
    files, day = policy_files(case.data), date.fromisoformat(case.data["as_of"])
    policies = read(files)
    reports = []
    for advisor in (
        Advisor(resolve(policies, day)),
        Advisor(resolve(backwards(policies), day)),
        Advisor(resolve(policies, day), engine="evaluator"),
    ):
        report = ReportCertainty(advisor).case(case_facts(case.data, advisor.policies)).report
        reports.append(render_json(replace(report, engine="")))
    assert reports[1] == reports[0]
    assert reports[2] == reports[0]


def without_places(report: str) -> Any:
    data = json.loads(report)
    del data["policies"]
    for item in data["advice"]:
        del item["at"]
    return data


def test_a_file_with_its_rules_backwards_under_another_name() -> None:
    """The same guidance in a file in which everything stands elsewhere: only the places differ."""
    head, _, rules = (
        (TESTS / "fields" / "workshop" / "machines.yaml").read_text("utf-8").partition("rules:\n")
    )
    items = ["  - id: " + rule for rule in rules.split("  - id: ")[1:]]
    assert len(items) == 4
    moved = f"{head}rules:\n{''.join(reversed(items))}".encode()
    files = list_files(TESTS / "fields" / "workshop")
    others = tuple(file for file in files if file.path != "machines.yaml")
    day = date(2026, 11, 22)
    reports = []
    first, last = PolicyFile("a-first.yaml", moved), PolicyFile("z-last.yaml", moved)
    for found in (files, (*reversed(others), first), (last, *others)):
        policies = resolve_files(found, day)
        reports.append(
            render_json(ReportCertainty(Advisor(policies)).case(read_facts(FACTS, policies.facts)).report)
        )
    assert reports[0] != reports[1] != reports[2]
    assert without_places(reports[0]) == without_places(reports[1]) == without_places(reports[2])


def test_the_order_of_the_facts() -> None:
    policies = resolve_files(list_files(TESTS / "fields" / "workshop"), date(2026, 11, 22))
    advisor = Advisor(policies)
    other_way = {group: dict(reversed(facts.items())) for group, facts in reversed(FACTS.items())}
    assert list(other_way) != list(FACTS)
    reports = {
        render_json(ReportCertainty(advisor).case(read_facts(facts, policies.facts)).report)
        for facts in (FACTS, other_way)
    }
    assert len(reports) == 1


def test_problems_do_not_depend_on_the_order_of_files() -> None:
    case = next(case for case in all_cases() if case.id == "several/everything-in-one-run")
    files = policy_files(case.data)
    found = []
    for order in (files, tuple(reversed(files)), files[2:] + files[:2]):
        with pytest.raises(InvalidInput) as refused:
            resolve_files(order, date(2026, 9, 15))
        found.append(refused.value.diagnostics)
    assert found[0] == found[1] == found[2]
