"""`advise schema`: what an editor completes and explains is what the policies name, and they fit it."""

from __future__ import annotations

import copy
import json
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from engine.base.read import read_yaml
from engine.loading.editor_schema import policy_schema
from tests.support.generate_docs import shipped_policies
from tests.support.pages import ROOT
from tests.support.process import WORKSHOP, advise

POLICIES = shipped_policies()
SCHEMA = policy_schema(POLICIES)
VALID = jsonschema.Draft202012Validator(SCHEMA)
FILES = {
    path.name: json.loads(json.dumps(data, default=float))
    for path in sorted((ROOT / "policies").glob("*.yaml"))
    if "policy" in (data := read_yaml(path.read_bytes(), path.name).data)
}


def test_it_is_a_schema() -> None:
    jsonschema.Draft202012Validator.check_schema(SCHEMA)
    assert len(json.dumps(SCHEMA)) < 500_000, "an editor reads it at each start"


@pytest.mark.parametrize("name", FILES)
def test_the_shipped_policies_are_accepted(name: str) -> None:
    assert [error.message for error in VALID.iter_errors(FILES[name])] == []


POLICY = {
    "advise_language": 1,
    "policy": "p",
    "title": "P",
    "version": "1.0.0",
    "status": "active",
    "effective": {"from": "2026-06-03"},
    "parameters": {"new": {"values": {"2026-06-03": 1}, "cites": ["step-guide#target.low"]}},
    "bands": {"step2_ck.new_band": {"of": "step2_ck.score", "ranges": {"any": {}}}},
    "rules": [
        {
            "id": "a",
            "title": "A",
            "when": {
                "step2_ck.score": {"at_least": {"parameter": "new"}},
                "any": [
                    {"visa.need": ["j1"]},
                    {"not": {"step2_ck.planned_date": {"below": {"fact": "as_of"}}}},
                ],
            },
            "conclude": ["profile.low_score"],
            "advise": {"text": "T", "category": "visa", "severity": "note", "due": "season.review_from"},
            "supersedes": ["letters/not-there-yet"],
            "silences": {"categories": ["visa"]},
            "tier": "guide",
            "cites": ["step-guide#target.low"],
        }
    ],
}
RULE = ("rules", 0)


def test_new_names_of_the_file_itself_are_accepted() -> None:
    assert [error.message for error in VALID.iter_errors(POLICY)] == []


@pytest.mark.parametrize(
    ("place", "value"),
    [
        ((*RULE, "when", "step2_ck.scor"), 230),
        ((*RULE, "when", "applicant.id"), "x"),  # private
        ((*RULE, "when", "visa.need"), "j3"),
        ((*RULE, "when", "visa.need"), {"above": "j1"}),
        ((*RULE, "when", "letters.complete"), "yes"),
        ((*RULE, "when", "step2_ck.score"), {"at_least": "230"}),
        ((*RULE, "when", "step2_ck.score"), {"at_leest": 230}),
        ((*RULE, "when", "step2_ck.score"), {"at_least": {"fact": "letters.complete"}}),
        ((*RULE, "when", "step2_ck.attempt_dates"), "2026-01-01"),
        ((*RULE, "when", "any", 0), {"visa.nede": "j1"}),
        ((*RULE, "conclude", 0), "profile.lower_score"),
        ((*RULE, "advise", "category"), "visas"),
        ((*RULE, "advise", "severity"), "high"),
        ((*RULE, "advise", "due"), "step2_ck.score"),
        ((*RULE, "silences", "categories", 0), "visas"),
        ((*RULE, "tier"), "guid"),
        ((*RULE, "cites", 0), "step-guide#target"),
        (("bands", "step2_ck.new_band", "of"), "letters.complete"),
        (("parameters", "new", "cites", 0), "step#target.low"),
        (("parameters", "new", "dated_by"), "step2_ck.score"),
        (("applies_to",), {"step2_ck.scor": 230}),
    ],
)
def test_what_no_policy_can_name_is_refused(place: tuple[Any, ...], value: Any) -> None:
    wrong = copy.deepcopy(POLICY)
    owner: Any = wrong
    for key in place[:-1]:
        owner = owner[key]
    owner[place[-1]] = value
    assert list(VALID.iter_errors(wrong))


def test_names_are_explained() -> None:
    tests = SCHEMA["$defs"]["condition"]["properties"]
    given = {name for name, fact in POLICIES.facts.items() if fact.origin == "given" and not fact.private}
    assert given <= set(tests)
    assert all(POLICIES.facts[name].title in tests[name]["description"] for name in given)
    assert str(POLICIES.facts["visa.need"].question) in tests["visa.need"]["description"]
    rule = SCHEMA["properties"]["rules"]["items"]["properties"]
    for names in (rule["conclude"]["items"], rule["tier"], rule["advise"]["properties"]["category"]):
        assert len(names["enum"]) == len(names["enumDescriptions"]) > 0
        assert all(names["enumDescriptions"])


def test_the_command(tmp_path: Path) -> None:
    workshop = json.loads(advise("schema", WORKSHOP).out)
    assert "saw.trained" in workshop["$defs"]["condition"]["properties"]
    tests = advise("schema", "--kind", "tests", cwd=tmp_path).stdout
    assert tests == (ROOT / "schemas/tests.schema.json").read_bytes()
    assert "no-folder" in advise("schema", tmp_path / "missing").err
