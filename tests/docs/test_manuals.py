"""docs/audit.md and docs/versions.md: everything they say is done, in their order, and comes out so."""

from __future__ import annotations

import gc
import re
import shlex
import shutil
from pathlib import Path

import pytest
from click.testing import CliRunner

import cli
from engine.commands import release, sources
from tests.docs.test_docs import Golden
from tests.support.edited import edit, read_once
from tests.support.pages import ROOT, Day, fences, read_page, refreshed, with_blocks

pytestmark = pytest.mark.slow


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    read_once(monkeypatch)
    for module in (release, sources):
        monkeypatch.setattr(module, "date", Day)
    for name in ("recording", "outcomes"):
        monkeypatch.setattr(f"engine.audit.{name}.now", lambda: "2026-11-27T09:00:00Z")
    monkeypatch.setattr("engine.audit.file.user_name", lambda: "ann")
    monkeypatch.setattr("engine.base.os_user.user_name", lambda: "ann")
    monkeypatch.setenv("ADVISE_CACHE", str(tmp_path / "cache"))
    for part in ("policies", "examples"):
        shutil.copytree(ROOT / part, tmp_path / part)
    for path in (tmp_path / "policies" / "tests").iterdir():  # run elsewhere; a release runs them each time
        if path.name != "baseline.yaml":
            path.unlink()
    return tmp_path


@pytest.mark.parametrize("page", ["audit", "versions"])
def test_manual(page: str, folder: Path, golden: Golden) -> None:
    text = read_page(f"docs/{page}.md")
    seen = {}
    for block in fences(text):
        if block.language == "console":
            typed = re.split(r"^(?=\$ )", block.text, flags=re.MULTILINE)[1:]
            seen[block.line] = "".join(answered(each) for each in typed)
        elif block.kind == "file":
            lines = block.text.splitlines()
            old, new = ("".join(f"{line[1:]}\n" for line in lines if line[0] == sign) for sign in "-+")
            edit(folder, (block.name, old, new))
    assert len(seen) > 4
    golden(str(ROOT / f"docs/{page}.md"), with_blocks(text, seen))


def answered(typed: str) -> str:
    """A command and what it prints, in excerpts where the page shows excerpts."""
    command, _, shown = typed.partition("\n")
    program, *arguments = shlex.split(command.removeprefix("$ "))
    assert program == "advise"
    day = ["--as-of", "2026-11-27"] if arguments[0] in ("check", "sources", "versions") else []
    day += ["--no-prove"] if arguments[0] == "check" else []  # see test_proofs
    plain = {
        "COLUMNS": "100",
        "ADVISE_POLICIES": None,
        "ADVISE_AUDIT": None,
        "NO_COLOR": "1",
    }
    ended = CliRunner(env=plain).invoke(cli.main, [*arguments, *day])
    gc.enable()
    assert ended.exception is None or isinstance(ended.exception, SystemExit), ended.exception
    found = re.sub("[0-9a-f]{64}", "…", ended.output)
    return f"{command}\n{refreshed(shown, found) if '[…]' in shown else found}"
