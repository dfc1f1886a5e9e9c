"""The examples in the docstrings of the checks that prove: each fails by its code, or passes."""

from __future__ import annotations

import re
from datetime import date
from types import ModuleType
from typing import Any

import pytest

from engine.checks import (
    always_outranked,
    contradictory_advice,
    implied_rule,
    needless_condition,
    not_monotonic,
    rule_always_holds,
    rule_never_holds,
    same_condition,
)
from engine.checks.subject import Subject
from engine.folder import PolicyFile
from engine.proofs import PROOFS, prove
from engine.read import read_policies
from engine.resolve import resolve
from tests.language_page import FOLDER, HEAD, data, flow, with_more

DAY = date(2026, 9, 1)
MODULES = (
    always_outranked,
    contradictory_advice,
    implied_rule,
    needless_condition,
    not_monotonic,
    rule_always_holds,
    rule_never_holds,
    same_condition,
)
REST = {"title": "T", "tier": "guide", "cites": ["step-guide#target.low"]}
ADVICE = {"text": "T.", "category": "score-band", "severity": "important"}
PART = re.compile(r"^(Fails|Passes|And), in ([^:\n]+):\n\n((?: {4}.*\n|\n)+)", re.MULTILINE)


def examples(module: ModuleType) -> list[tuple[str, list[tuple[str, str]]]]:
    """Whether it fails or passes, and its parts: what they are and their text."""
    found: list[tuple[str, list[tuple[str, str]]]] = []
    for word, where, text in PART.findall(f"{module.__doc__}\n"):
        if word != "And":
            found.append((word, []))
        found[-1][1].append((where, re.sub(r"^ {4}", "", text, flags=re.MULTILINE)))
    return found


def codes_of(parts: list[tuple[str, str]]) -> set[str]:
    files = dict(FOLDER)
    for where, text in parts:
        if where == "vocabulary":
            files["vocabulary.yaml"] = with_more(files["vocabulary.yaml"], data(text))
        elif where == "policy":
            files["example.yaml"] = text + HEAD.format("example")
        else:
            assert where == "rule"
            rule: dict[str, Any] = {**REST, **data(text)}
            if "conclude" not in rule:
                rule.setdefault("advise", ADVICE)
            files["example.yaml"] = f"rules: {flow([rule])}{HEAD.format('example')}"
    read = tuple(PolicyFile(name, text.encode()) for name, text in files.items())
    policies = read_policies(read)
    proved = prove(Subject(read, policies, resolve(policies, DAY), DAY), seconds=60)
    assert not proved.unfinished
    return {found.code for found in proved.diagnostics}


def test_every_proof_is_here() -> None:
    assert {module.check for module in MODULES} == set(PROOFS)


@pytest.mark.parametrize("module", MODULES, ids=lambda module: module.CODE)
def test_examples(module: ModuleType) -> None:
    found = {word: codes_of(parts) for word, parts in examples(module)}
    assert module.CODE in found["Fails"]
    assert found["Passes"] == set()
