"""Each schema works as it stands in its file, from any folder: with check-jsonschema, as a user has it."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path

import pytest

from engine.commands.schema import KINDS
from tests.support.process import ROOT, advise

pytestmark = pytest.mark.slow

FILES = {
    **{
        kind: [ROOT / "policies" / f"{kind}.yaml"]
        for kind in ("vocabulary", "sources", "ranking", "calendar")
    },
    "policy": [path for path in (ROOT / "policies").glob("*.yaml") if path.stem not in KINDS],
    "tests": [*(ROOT / "policies/tests").glob("*.yaml")],
    "facts": [*(ROOT / "examples").glob("*.json")],
}


def found_by(folder: Path, *arguments: str | Path) -> tuple[int, str]:
    command = [sys.executable, "-m", "check_jsonschema", *map(str, arguments)]
    process = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False, timeout=120)
    return process.returncode, process.stdout + process.stderr


def with_schema(kind: str) -> tuple[str, Path]:
    return "--schemafile", ROOT / "schemas" / f"{kind}.schema.json"


@pytest.mark.parametrize("kind", FILES)
def test_files_are_as_their_schema_says_and_another_is_not(kind: str, tmp_path: Path) -> None:
    assert FILES[kind]
    assert found_by(tmp_path, *with_schema(kind), *FILES[kind]) == (0, "ok -- validation done\n")
    other = FILES["tests" if kind == "policy" else "policy"][0]
    code, told = found_by(tmp_path, *with_schema(kind), other)
    assert code == 1
    assert "Schema validation errors were encountered." in told


@pytest.mark.parametrize("kind", ["report", "audit-export"])
def test_an_output_is_as_its_schema_says(kind: str, tmp_path: Path) -> None:
    record = ("--record", "--audit", tmp_path / "audit.db")
    recorded = advise(ROOT / "examples/case-b.json", "--format", "json", *record, cwd=ROOT)
    exported = advise("audit", "export", "--audit", tmp_path / "audit.db", cwd=ROOT)
    text = {"report": recorded, "audit-export": exported}[kind].out
    assert json.loads(text)
    (tmp_path / "found.json").write_text(text, "utf-8")
    assert found_by(tmp_path, *with_schema(kind), "found.json") == (0, "ok -- validation done\n")


def test_each_is_a_schema_that_refers_to_no_other_file(tmp_path: Path) -> None:
    """Nor has it an address of its own, from which an editor (yaml-language-server) would go elsewhere."""
    every = sorted((ROOT / "schemas").glob("*.json"))
    for path in every:
        text = path.read_text("utf-8")
        assert '"$id"' not in text, path
        assert set(re.findall(r'"\$ref": "([^"]*)', text)) <= {
            f"#/$defs/{name}" for name in json.loads(text).get("$defs", {})
        }, path
    assert found_by(tmp_path, "--check-metaschema", *every) == (0, "ok -- validation done\n")
