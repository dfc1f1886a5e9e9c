"""The schemas in the real yaml-language-server, which editors ask: as they stand, from anywhere.

`nox -s editors` installs it; elsewhere these tests are passed over, with a word.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest

from engine.language.model import KINDS
from engine.loading.folder import list_files, list_tests, schema_folder, shipped_folder
from tests.support.pages import ROOT

MODULES = os.environ.get("YAML_LANGUAGE_SERVER")
SCRIPT = ROOT / "tests" / "support" / "yaml_language_server.js"

pytestmark = pytest.mark.skipif(MODULES is None, reason="nox -s editors installs the language server")


def asked(folder: Path, jobs: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """What the language server says of texts, each with a schema that lies in a folder of its own."""
    for kind in (*KINDS, "tests"):
        shutil.copy(schema_folder() / f"{kind}.schema.json", folder)
    for job in jobs:
        job["schema"] = str(folder / f"{job['schema']}.schema.json")
    (folder / "jobs.json").write_text(json.dumps(jobs), "utf-8")
    ended = subprocess.run(
        ["node", SCRIPT, folder / "jobs.json"],
        capture_output=True,
        text=True,
        check=True,
        env={**os.environ, "NODE_PATH": str(MODULES)},
    )
    answers: list[dict[str, Any]] = json.loads(ended.stdout)
    return answers


def test_the_shipped_files_are_in_order(tmp_path: Path) -> None:
    jobs = []
    for file in (*list_files(shipped_folder()), *list_tests(shipped_folder())):
        text = file.content.decode()
        kind = next(kind for kind in (*KINDS, "tests") if f"\n{kind}:" in f"\n{text}")
        jobs.append({"schema": kind, "name": f"{kind}-{Path(file.path).name}", "text": text})
    assert {job["schema"] for job in jobs} == {*KINDS, "tests"}
    for job, answer in zip(jobs, asked(tmp_path, jobs), strict=True):
        assert (answer["found"], answer["others"]) == ([], []), job["name"]


@pytest.mark.parametrize("kind", [*KINDS, "tests"])
def test_a_mistake_is_told_at_its_line_and_keys_are_offered(kind: str, tmp_path: Path) -> None:
    head = f"advise_language: 1\n{kind}: x\n"
    wrong = {"schema": kind, "name": "wrong.yaml", "text": f"{head}nonsense: 2\n"}
    begun = {"schema": kind, "name": "begun.yaml", "text": f"{head}ti", "complete": True}
    told, completed = asked(tmp_path, [wrong, begun])
    assert any(line == 3 and "nonsense" in message for line, message in told["found"]), told
    assert "title" in completed["offered"]
    assert told["others"] == completed["others"] == []
