"""The commands, as they are typed."""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path

import pytest

from engine.audit.sign import make_key
from engine.base.diagnostic import InvalidInput
from engine.base.diagnostic_text import format_diagnostics
from tests.support.audit_files import advise, altered
from tests.support.process import WORKSHOP


@pytest.mark.slow
@pytest.mark.skipif(os.name != "posix", reason="modes as POSIX has them")
def test_an_empty_file_becomes_its_owners_only(facts: Path, path: Path) -> None:
    """As `touch` leaves it; one that holds something has the mode that somebody gave it."""
    path.touch(0o644)
    path.chmod(0o644)
    for mode in (0o600, 0o640):
        assert advise(facts, "--policies", WORKSHOP, "--record", "--audit", path).code == 0
        assert path.stat().st_mode & 0o777 == mode
        path.chmod(0o640)


def test_only_record_records(facts: Path, path: Path) -> None:
    env = {"ADVISE_AUDIT": str(path)}
    plain = advise(facts, "--policies", WORKSHOP, env=env)
    assert plain.code == 0
    assert not path.exists()
    recorded = advise(facts, "--policies", WORKSHOP, "--record", env=env)
    assert (recorded.code, recorded.stdout) == (0, plain.stdout)
    assert recorded.err.endswith(f"Recorded as 1 in {path}.\n")
    if os.name == "posix":
        assert path.stat().st_mode & 0o777 == 0o600
    assert advise("audit", "show", "1", "--part", "report", env=env).stdout == (
        advise(facts, "--policies", WORKSHOP, "--format", "json").stdout
    )
    without = advise(facts, "--policies", WORKSHOP, "--record", env={"ADVISE_AUDIT": ""})
    assert (without.code, without.stdout) == (2, b"")
    assert "Which audit file?" in without.err
    assert "Only --record records" in advise(facts, "--policies", WORKSHOP, "--audit", path).err


@pytest.mark.slow
def test_the_verbs(facts: Path, path: Path, tmp_path: Path) -> None:
    env = {"ADVISE_AUDIT": str(path), "ADVISE_POLICIES": str(WORKSHOP)}

    def said(*arguments: str, code: int = 0) -> str:
        ended = advise("audit", *arguments, env=env)
        assert ended.code == code, ended.err
        assert "Traceback" not in ended.err
        return ended.out + ended.err

    assert f"{path}: There is no such audit file. [audit-file]" in said(
        "outcome", "1", "1", "--accepted", code=2
    )
    assert f"{path}: The audit file cannot be used: there is no such file. [audit-file]" in said(
        "list", code=2
    )
    assert advise(facts, "--record", env=env).code == 0
    assert "report on Ada Zwölf" in said("list")
    assert "machines/saw-free" in said("show", "1")
    misspelt = said("rule", "machines/saw-fre", code=2)
    assert f"{path}: No recorded report shows an item of `machines/saw-fre`. [audit-record]" in misspelt
    assert "Did you mean `machines/saw-free`?" in misspelt
    assert "Ada Zwölf" in said("rule", "machines/saw-free")
    assert said("rule", "saw-free") == said("rule", "machines/saw-free")
    assert said("list", "--rule", "saw-free") == said("list", "--rule", "machines/saw-free") != ""
    assert "Say why" in said("outcome", "1", "1", "--overridden", code=2)
    assert "Recorded as 2" in said("outcome", "1", "saw-free", "--overridden", "--reason", "No wood")
    assert "“No wood”" in said("overrides")
    (tmp_path / "head").write_text(said("head"), "utf-8")
    assert "2 records: nothing was altered." in said("verify", "--head", str(tmp_path / "head"))
    assert "byte for byte" in said("replay", "1")
    assert f"{path}: There is no record 7. [audit-record]\n  → The last one is 2.\n" in said(
        "replay", "7", code=2
    )
    assert [json.loads(line)["id"] for line in said("export").splitlines()] == [1, 2]
    assert "Aborted" in said("forget", "Ada Zwölf", code=1)
    assert "2 records emptied; recorded as 3." in said("forget", "Ada Zwölf", "--yes")
    assert "3 records, 2 of them emptied on request" in said("verify")
    assert "audit.db: Nothing is kept of record 1. [audit-record]" in said(
        "forget", "--id", "1", "--yes", code=2
    )
    assert "audit.db: The content of record 1 was removed, as was asked for. [audit-record]" in said(
        "replay", "1", code=2
    )
    altered(path, "UPDATE entry SET made_by = 'x' WHERE id = 2")
    assert "Record 2 was altered" in said("verify", code=1)
    assert "--head: This is no head, nor a file with one. [audit-head]" in said(
        "verify", "--head", "abc", code=2
    )
    missing = str(tmp_path / "key.pem")
    assert f"{missing}: The key cannot be read: No such file or directory. [signing-key]" in said(
        "sign", "--key", missing, code=2
    )
    assert len(said("key", missing).strip()) == 64
    assert "[signing-key]" in said("key", missing, code=2)  # an existing key is never overwritten
    assert "Record 3 and all before it are signed" in said("sign", "--key", missing)


def test_signing_without_the_library(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "cryptography.hazmat.primitives", None)
    with pytest.raises(InvalidInput) as refused:
        make_key(tmp_path / "key.pem")
    assert format_diagnostics(refused.value.diagnostics) == (
        "--key: Signing needs the library cryptography. [signing-key]\n  → Run: pip install 'advise[sign]'"
    )
