"""docs/editors.md: its commands run, its workflow and its hooks name what exists."""

from __future__ import annotations

import re
import shlex
from typing import Any

import pytest

from engine.base.read import read_yaml
from tests.support.pages import ROOT, fences, read_page
from tests.support.process import advise

BLOCKS = fences(read_page("docs/editors.md"))
HOOKS = read_yaml((ROOT / ".pre-commit-hooks.yaml").read_bytes(), "hooks").data


def block(kind: str) -> Any:
    (found,) = (block for block in BLOCKS if block.kind == kind)
    return read_yaml(found.text.encode(), kind).data


def typed() -> list[str]:
    """Every `advise …` of the page, of its workflow and of the hooks, without what the shell does with it."""
    lines = [line[2:] for each in BLOCKS if each.language == "console" for line in each.text.splitlines()]
    steps = block("workflow")["jobs"]["check"]["steps"]
    lines += [step["run"] for step in steps if "run" in step]
    lines += [hook["entry"] for hook in HOOKS]
    return [re.split(" (?:>>?|[|]+) ", line)[0] for line in lines if line.startswith("advise ")]


@pytest.mark.parametrize("line", sorted(set(typed())))
def test_options_exist(line: str) -> None:
    _, verb, *words = shlex.split(line)
    told = advise(verb, "--help").out
    for option in (word for word in words if word.startswith("--")):
        assert f"{option} " in told or f"{option}\n" in told, option


@pytest.mark.slow
def test_the_workflow_does_what_it_says() -> None:
    ended = advise("check", "policies", "--format", "sarif", "--no-prove", "--as-of", "2026-11-22", cwd=ROOT)
    assert ended.code == 0
    assert '"version": "2.1.0"' in ended.out
    workflow = block("workflow")
    assert workflow["permissions"]["security-events"] == "write"
    uploaded = next(
        step for step in workflow["jobs"]["check"]["steps"] if "upload-sarif" in step.get("uses", "")
    )
    assert f"> {uploaded['with']['sarif_file']}" in str(workflow)


def test_hooks() -> None:
    known = {hook["id"] for hook in HOOKS}
    (repo,) = block("hooks")["repos"]
    assert {hook["id"] for hook in repo["hooks"]} <= known
    assert all(hook["language"] == "python" and hook["pass_filenames"] is False for hook in HOOKS)
