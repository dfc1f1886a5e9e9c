"""`advise rules` and `advise sources`."""

from __future__ import annotations

import json
from datetime import date
from typing import Any

import pytest

from engine.analysis.catalogue.query import list_rules, list_sources
from engine.analysis.catalogue.view import (
    rules_as_data,
    rules_outline,
    sources_as_data,
    sources_outline,
)
from engine.base.diagnostic import InvalidInput
from engine.language.policy_set import PolicySet
from engine.loading.folder import list_files, shipped_folder
from engine.loading.load import load, resolve_files
from engine.rendering.as_json import json_text
from engine.rendering.outline import as_html, as_markdown, as_text
from tests.support.case_files import TESTS
from tests.support.process import advise

WORKSHOP = TESTS / "fields" / "workshop"
DAY = date(2026, 11, 22)


@pytest.fixture(scope="module")
def workshop() -> PolicySet:
    return resolve_files(list_files(WORKSHOP), DAY)


def names(policies: PolicySet, **asked: str) -> list[str]:
    return [rule.rule for rule in list_rules(policies, **asked)]


def test_rules_by_words(workshop: PolicySet) -> None:
    assert names(workshop) == [
        "machines/accident-wait",
        "machines/key",
        "machines/saw-free",
        "machines/train",
    ]
    assert names(workshop, words="saw") == ["machines/accident-wait", "machines/saw-free", "machines/train"]
    assert names(workshop, words="KEYHOLDER") == ["machines/accident-wait"]
    assert names(workshop, words="saw course") == ["machines/train"]
    assert names(workshop, words="piano") == []


def test_rules_that_rest_on_a_passage_or_a_source(workshop: PolicySet) -> None:
    assert names(workshop, cites="house-rules#keys") == ["machines/key"]
    assert len(names(workshop, cites="house-rules")) == 4


def test_rules_that_look_at_a_fact_themselves_or_through_others(workshop: PolicySet) -> None:
    found = {rule.rule: (rule.facts, rule.through) for rule in list_rules(workshop, fact="saw.test_score")}
    assert found["machines/saw-free"][1] == ("saw.level",)
    assert "saw.test_score" not in found["machines/saw-free"][0]
    assert found["machines/key"][1] == ("safety.doubt",)
    itself = {rule.rule: rule.through for rule in list_rules(workshop, fact="saw.level")}
    assert itself == {"machines/saw-free": (), "machines/train": (), "machines/key": ("safety.doubt",)}
    # Every rule of the workshop is for members only, so each looks at the role.
    assert len(names(workshop, fact="member.role")) == 4


def test_rules_that_rest_on_a_fact_with_their_texts_or_due_dates(workshop: PolicySet) -> None:
    (train,) = list_rules(workshop, fact="year")  # the key of the calendar
    assert (train.rule, train.through, train.by_texts, train.by_due) == (
        "machines/train", (), (), "course.begins",
    )  # fmt: skip
    shown = {rule.rule: (rule.by_texts, rule.by_due) for rule in list_rules(workshop, fact="saw.test_score")}
    assert shown == {
        "machines/saw-free": (("saw.test_score",), None),
        "machines/train": ((), None),
        "machines/key": ((), None),
    }
    wait = next(rule for rule in list_rules(workshop, fact="saw.accidents") if rule.by_due)
    assert (wait.rule, wait.through) == ("machines/accident-wait", ("saw.free_again_on",))
    assert wait.by_texts == (wait.by_due,) == ("saw.free_again_on",)


@pytest.mark.slow
def test_every_rule_that_rests_on_the_season() -> None:
    listed = list_rules(load(shipped_folder(), DAY), fact="application.season")
    by_condition = [rule for rule in listed if rule.through or "application.season" in rule.facts]
    assert (len(listed), len(by_condition)) == (34, 30)
    assert {rule.rule for rule in listed} - {rule.rule for rule in by_condition} == {
        "certification/certify-beside-the-exam",
        "certification/certify-for-the-rank-list",
        "certification/oet-again-before-the-rank-list",
        "certification/oet-before-the-rank-list",
    }


@pytest.mark.parametrize(
    ("fact", "line"),
    [
        ("year", "only by its due date, by way of course.begins"),
        ("course.begins", "only by its due date, directly"),
        ("saw.level", "by its condition, directly"),
        ("saw.test_score", "by its condition, by way of saw.level"),
        ("saw.trained", "by its condition, directly and by way of saw.level"),
    ],
)
def test_the_way_in_which_a_rule_rests_on_a_fact_as_text(workshop: PolicySet, fact: str, line: str) -> None:
    text = as_text(rules_outline(list_rules(workshop, fact=fact), workshop, fact), 80)
    train = text[text.index("machines/train  ") :].partition("\n\n")[0]
    assert train.splitlines()[-1] == f"  - {line}"


@pytest.mark.parametrize(
    ("asked", "help"),
    [
        ({"cites": "house-rules#key"}, "Did you mean `house-rules#keys`?"),
        ({"cites": "house-rule"}, "Did you mean `house-rules`?"),
        ({"cites": "keys"}, "Did you mean `house-rules#keys`?"),
        (
            {"cites": "house-rules#"},
            "Name a passage after the `#`, or write `house-rules` for the whole source.",
        ),
        ({"cites": ""}, None),
        ({"fact": "saw.levle"}, "Did you mean `saw.level`?"),
        ({"fact": ""}, None),
    ],
)
def test_a_misspelt_name_is_told(workshop: PolicySet, asked: dict[str, str], help: str | None) -> None:
    with pytest.raises(InvalidInput) as refused:
        list_rules(workshop, **asked)
    (problem,) = refused.value.diagnostics
    assert problem.help == help


def test_sources_with_their_days_and_rules(workshop: PolicySet) -> None:
    (source,) = list_sources(workshop)
    assert (source.checked_on, source.review_by) == (date(2026, 10, 1), date(2026, 12, 31))
    assert source.rules == tuple(names(workshop))


@pytest.mark.slow
def test_the_source_checked_longest_ago_comes_first() -> None:
    days = [source.checked_on for source in list_sources(load(shipped_folder(), DAY))]
    assert days == sorted(days)


def test_rules_as_text(workshop: PolicySet) -> None:
    rules = list_rules(workshop, words="key", cites="house-rules#keys")
    line = next(rule.rule.at.line for rule in workshop.rules if rule.name == "machines/key")
    outline = rules_outline(rules, workshop, None)
    assert as_text(outline, 80) == (
        "1 of 4 rules in force on 2026-11-22 (22 November 2026)\n"
        "\n"
        "machines/key  You can ask for a key\n"
        f"  - 2.1.0 (Habit, Keys)  machines.yaml:{line}\n"
        "  - rests on house-rules#keys\n"
    )
    assert f"## `machines/key` You can ask for a key\n\n- 2.1.0 (Habit, Keys) (`machines.yaml:{line}`)\n" in (
        as_markdown(outline)
    )
    assert "<h2><code>machines/key</code> <bdi>You can ask for a key</bdi></h2>" in as_html(outline)


def test_rules_and_sources_as_json(workshop: PolicySet) -> None:
    def rule_as_data(**asked: str) -> Any:
        (rule,) = json.loads(json_text(rules_as_data(list_rules(workshop, **asked), workshop)))["rules"]
        return rule

    rule = rule_as_data(cites="house-rules#keys")
    assert (rule["rule"], rule["policy"], rule["version"]) == ("machines/key", "machines", "2.1.0")
    assert rule["at"]["path"] == "machines.yaml"
    assert [(cited["source"], cited["anchor"]) for cited in rule["cites"]] == [("house-rules", "keys")]
    assert (rule["tier"], rule["category"], rule["severity"]) == ("habit", "keys", "know")
    rule = rule_as_data(fact="year")
    assert (rule["through"], rule["by_texts"], rule["by_due"]) == ([], [], "course.begins")
    (source,) = json.loads(json_text(sources_as_data(list_sources(workshop), workshop)))["sources"]
    assert (source["source"], source["checked_on"], source["review_by"]) == (
        "house-rules",
        "2026-10-01",
        "2026-12-31",
    )


def test_sources_as_text(workshop: PolicySet) -> None:
    text = as_text(sources_outline(list_sources(workshop), DAY), 120)
    assert text.startswith("1 source, the one unchecked for longest first\n\nhouse-rules  ")
    assert "checked 2026-10-01, 52 days ago; its policies are to be reviewed by 2026-12-31" in text
    assert "\n  - cited by 4 rules: machines/accident-wait, machines/key, " in text
    assert "checked 2026-10-01, 1 day ago;" in as_text(
        sources_outline(list_sources(workshop), date(2026, 10, 2)), 120
    )


@pytest.mark.slow
@pytest.mark.parametrize("width", [60, 80, 120])
def test_no_name_is_broken_and_no_line_is_wider_than_the_terminal(width: int) -> None:
    policies = load(shipped_folder(), DAY)
    rules, sources = list_rules(policies, fact="application.season"), list_sources(policies)
    text = as_text(rules_outline(rules, policies, "application.season"), width)
    words = set(text.replace(",", " ").split())
    for rule in rules:
        passages = (each.name for each in rule.cites)
        assert words >= {rule.rule, f"{rule.path}:{rule.line}", *passages, *rule.through}
    text += as_text(sources_outline(sources, DAY), width)
    listed = set(text.replace(",", " ").split())
    assert all(listed >= {source.source, *source.rules} for source in sources)
    wider = [line.strip() for line in text.splitlines() if len(line) > width]
    assert [line for line in wider if " " in line or width >= 80] == []  # a name that is longer than a line


def test_the_whole_guidance_is_not_selected_from() -> None:
    for chosen in (["words"], ["--fact", "visa.need"], ["--cites", "step-guide"]):
        ended = advise("rules", *chosen, "--format", "markdown")
        assert ended.code == 2
        assert "is the whole guidance" in ended.err
