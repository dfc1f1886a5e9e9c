"""Version 2 of the language on its way in: what is kept is what was resolved, editors know it."""

from __future__ import annotations

import json
from typing import Any

import jsonschema
import pytest

from engine.base.read import read_yaml
from engine.loading.cache_codec import decode, encode
from engine.loading.editor_schema import policy_schema
from tests.support.case_files import load_set
from tests.support.process import ROOT

EVERY = read_yaml((ROOT / "tests/facts/every-function.yaml").read_bytes(), "case").data
POLICIES = load_set(EVERY)
VALID = jsonschema.Draft202012Validator(policy_schema(POLICIES))
POLICY: dict[str, Any] = {
    "advise_language": 2,
    "policy": "p",
    "title": "P",
    "version": "1.0.0",
    "status": "active",
    "effective": {"from": "2026-06-03"},
}


def test_what_is_kept_is_what_was_resolved() -> None:
    kept = decode(json.loads(json.dumps(encode(POLICIES))))
    assert kept == POLICIES
    assert kept.applicability == POLICIES.applicability != {}


def errors_of(more: dict[str, Any]) -> list[str]:
    return [error.message for error in VALID.iter_errors({**POLICY, **more})]


def rule_when(condition: dict[str, Any]) -> dict[str, Any]:
    rule = {
        "id": "a",
        "title": "A",
        "tier": "custom",
        "cites": ["statutes#plots"],
        "conclude": ["note.first"],
    }
    return {"rules": [{**rule, "conclude": ["note.first"], "when": condition}]}


def a_parameter(**more: Any) -> dict[str, Any]:
    return {"parameters": {"new": {"cites": ["statutes#plots"], **more}}}


@pytest.mark.parametrize(
    "more",
    [
        rule_when({"plot.trees": {"one_of": {"parameter": "odd"}}}),
        rule_when({"plot.trees": {"none_of": [3, {"parameter": "fee"}]}}),
        rule_when({"plot.trees": [3, {"parameter": "fee", "on": "lease.from"}]}),
        rule_when({"keyed": {"known": False}}),
        a_parameter(values={"2026-06-03": [1, 2]}),
        a_parameter(values={"2026-06-03": {"child": 1, "adult": [1, 2]}}, by="gardener.kind"),
    ],
)
def test_an_editor_knows_it(more: dict[str, Any]) -> None:
    assert errors_of(more) == []


@pytest.mark.parametrize(
    "more",
    [
        rule_when({"plot.trees": {"one_of": {"parameter": 3}}}),
        rule_when({"keyed": {"above": 3}}),
        rule_when({"keyd": {"known": False}}),
        a_parameter(values={"2026-06-03": 1}, by="plot.beds"),
        a_parameter(values={"2026-06-03": [{"child": 1}]}),
    ],
)
def test_an_editor_marks_what_is_none(more: dict[str, Any]) -> None:
    assert errors_of(more)
