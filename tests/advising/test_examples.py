"""The shipped examples on the shipped policies: each output as agreed, both engines alike."""

from __future__ import annotations

import json
from collections.abc import Callable
from functools import cache
from pathlib import Path

import pytest

from engine import rendering
from engine.advising.advisor import Advisor, EngineChoice
from engine.analysis.certainty.report_certainty import ReportCertainty
from engine.analysis.session import read_facts_file
from engine.base.record import replace
from engine.language.facts import as_of_in, facts_from_source
from engine.language.report import Report
from engine.loading.folder import shipped_folder
from engine.loading.load import load
from tests.support.output_schemas import problems

EXAMPLES = Path(__file__).parent.parent.parent / "examples"
NAMES = sorted(path.stem for path in EXAMPLES.glob("*.json"))


@cache
def report_on(name: str, engine: EngineChoice = "durable-rules") -> Report:
    source = read_facts_file(str(EXAMPLES / f"{name}.json"))
    day = as_of_in(source.data)
    assert day is not None
    policies = load(shipped_folder(), day)
    advisor = Advisor(policies, engine=engine)
    report = ReportCertainty(advisor).case(facts_from_source(source, policies.facts)).report
    # What made the report differs from one Python to another; nothing else may.
    return replace(report, tool="advise", engine="both", python="any")


def lasting(name: str) -> Report:
    """The report without what changes with every edit of a policy, for files that are kept."""
    report = report_on(name)
    items = tuple(item._replace(line=1) for item in report.advice)
    return replace(report, advice=items, policies_digest="sha256:" + "0" * 64, in_force=())


def test_the_guides_three_cases_are_among_them() -> None:
    assert {"case-a", "case-b", "case-c"} <= set(NAMES)


@pytest.mark.slow
@pytest.mark.parametrize("name", NAMES)
def test_text(name: str, golden: Callable[[str, str], None]) -> None:
    golden(f"examples/{name}.txt", rendering.render_text(lasting(name), width=80))


@pytest.mark.slow
@pytest.mark.parametrize("name", ["case-b", "four-attempts"])
def test_markdown(name: str, golden: Callable[[str, str], None]) -> None:
    golden(f"examples/{name}.md", rendering.render_markdown(lasting(name)))


@pytest.mark.parametrize("name", ["case-b", "four-attempts"])
def test_html(name: str, golden: Callable[[str, str], None]) -> None:
    golden(f"examples/{name}.html", rendering.render_html(lasting(name)))


@pytest.mark.slow
@pytest.mark.parametrize("name", NAMES)
def test_json(name: str, golden: Callable[[str, str], None]) -> None:
    text = rendering.render_json(report_on(name))
    if name in ("case-b", "four-attempts"):
        golden(f"examples/{name}.json", rendering.render_json(lasting(name)))
    assert problems("report", json.loads(text)) == []


@pytest.mark.slow
@pytest.mark.parametrize("name", NAMES)
def test_every_item_names_its_rule_and_its_passage(name: str) -> None:
    report = report_on(name)
    assert report.advice
    for item in report.advice:
        lines = (shipped_folder() / item.path).read_text("utf-8").splitlines()
        policy, _, rule = item.rule.partition("/")
        assert item.path == f"{policy}.yaml"
        assert lines[item.line - 1].strip() == f"- id: {rule}"
        assert item.cites


@pytest.mark.slow
@pytest.mark.parametrize("name", NAMES)
def test_the_evaluator_alone_says_the_same(name: str) -> None:
    assert report_on(name, "evaluator") == report_on(name)
