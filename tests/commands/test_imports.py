"""What is loaded when: a package that costs a start-up its time stays out until it is needed."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

import pytest

from tests.support.process import ROOT, WORKSHOP, environment

HEAVY = {"click", "rich", "jsonschema", "referencing", "ruamel", "hypothesis", "pytest", "z3"}
OPTIONAL = {"z3", "questionary", "prompt_toolkit", "cryptography", "hypothesis", "pytest"}
PRINTS = "\nimport sys, json; print(json.dumps(sorted({name.partition('.')[0] for name in sys.modules})))"


def loaded_by(code: str, env: Mapping[str, str] | None = None) -> set[str]:
    """The top-level modules that a fresh interpreter has loaded after this code."""
    process = subprocess.run(
        [sys.executable, "-c", code + PRINTS], capture_output=True, check=True, cwd=ROOT, env=environment(env)
    )
    return set(json.loads(process.stdout))


def test_import_engine_loads_nothing_else() -> None:
    assert not loaded_by("import engine") & {*HEAVY, "durable_rules_engine", "dateutil", "decimal"}


def test_a_run_on_kept_policies_reads_no_yaml_and_checks_no_schema(tmp_path: Path) -> None:
    facts = tmp_path / "facts.json"
    facts.write_text('{"member": {"role": "member"}, "saw": {"trained": false}}', "utf-8")
    run = f"""
from engine.analysis.session import Options, Session
from engine.rendering import render_json
assert "machines/train" in render_json(Session.open({str(facts)!r}, Options({str(WORKSHOP)!r})).report)
"""
    env = {"ADVISE_CACHE": str(tmp_path / "cache")}
    assert loaded_by(run, env) & HEAVY == {"jsonschema", "referencing", "ruamel"}
    assert loaded_by(run, env) & HEAVY == set()


@pytest.mark.slow
@pytest.mark.parametrize("asked", ["examples/case-b.json", "rules", "sources", "versions"])
def test_a_command_that_proves_nothing_loads_neither_the_solver_nor_what_is_optional(asked: str) -> None:
    run = f"""
import contextlib, io
from engine.commands.main import main
with contextlib.redirect_stdout(io.TextIOWrapper(io.BytesIO())):
    main([{asked!r}], standalone_mode=False)
"""
    assert not loaded_by(run) & OPTIONAL


@pytest.mark.slow
def test_completing_a_report_to_which_no_answer_matters_loads_no_cases() -> None:
    loaded = """
import sys
from engine.analysis.session import Options, Session
for name, tries in (("case-b", False), ("not-taken", True)):
    report = Session.open(f"examples/{name}.json", Options()).report
    assert all(item.standing for item in report.advice)
    assert ("engine.analysis.certainty.case_split" in sys.modules) == tries, name
"""
    loaded_by(loaded)


def test_reading_policies_needs_no_command_line() -> None:
    code = f"""
from datetime import date
from pathlib import Path
from engine.loading.load import load
load(Path({str(WORKSHOP)!r}), date(2026, 11, 22))
"""
    assert not loaded_by(code) & {"click", "click_default_group", "rich"}


def test_the_python_interface_needs_no_command_line_and_no_optional_package() -> None:
    loaded = loaded_by("from engine import Guidance, InvalidInput")
    assert not loaded & {"click", "click_default_group", "questionary", "prompt_toolkit", "rich"}
