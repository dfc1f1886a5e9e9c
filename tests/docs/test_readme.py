"""README.md: its sample is what the command prints, its commands are those that are run elsewhere."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import pytest

from engine.commands.audit import command as audit
from tests.support.pages import ROOT, fences, read_page, refreshed, with_blocks
from tests.support.process import advise

README = read_page("README.md")
COMMANDS = [block.text.strip() for block in fences(README) if block.language == "sh"]


@pytest.mark.slow
def test_sample_is_what_the_command_prints(golden: Callable[[str, str], None]) -> None:
    (sample,) = (block for block in fences(README) if block.language == "text")
    ended = advise("examples/case-b.json", cwd=ROOT)
    assert ended.code == 0
    assert sum(line != "[…]" for line in sample.text.splitlines()) > 20
    golden(str(ROOT / "README.md"), with_blocks(README, {sample.line: refreshed(sample.text, ended.out)}))


def test_commands() -> None:
    run, check = COMMANDS
    assert run.endswith("advise examples/case-b.json")
    assert check in (ROOT / ".ci" / "run").read_text("utf-8").splitlines()


@pytest.mark.slow
def test_example_facts_are_accepted() -> None:
    (facts,) = (block.text for block in fences(README) if block.language == "json")
    ended = advise("-", stdin=facts.encode(), cwd=ROOT)
    assert ended.code == 0, ended.err


@pytest.mark.slow
def test_every_option_is_told_of() -> None:
    told = set(re.findall(r"--[a-z-]+", README))
    assert set(re.findall(r"--[a-z-]+", advise("report", "--help").out)) - {"--help"} <= told
    verbs = set(re.findall(r"`advise ([a-z-]+)", README))
    assert verbs
    assert all(f"\n  {verb} " in advise("--help").out for verb in verbs)


def test_the_verbs_of_audit_are_told_by_their_names() -> None:
    (row,) = (line for line in README.splitlines() if line.startswith("| `advise audit …`"))
    assert row.rpartition("recorded: ")[2].rstrip(" |").split(", ") == list(audit.commands)
    pages = [README, *(path.read_text("utf-8") for path in ROOT.glob("docs/*.md"))]
    assert {verb for page in pages for verb in re.findall("advise audit ([a-z]+)", page)} <= {*audit.commands}


@pytest.mark.parametrize(
    "page", ["README.md", "CHANGELOG.md", *sorted(path.name for path in ROOT.glob("docs/*.md"))]
)
def test_links_lead_somewhere(page: str) -> None:
    path = ROOT / page if (ROOT / page).exists() else ROOT / "docs" / page
    text = path.read_text("utf-8")
    for target in re.findall(r"\]\(([^)]+)\)", text):
        file, _, anchor = target.partition("#")
        if not file.startswith("https:"):
            there = path.parent / file if file else path
            assert there.exists(), target
            assert not anchor or anchor in anchors(there), target


def anchors(path: Path) -> set[str]:
    text = path.read_text("utf-8")
    titles = re.findall(r"^#+ (.*)$", text, flags=re.M)
    named = re.findall(r'<a id="([^"]+)">', text)
    return {*named, *(re.sub(r"[^\w -]", "", title.lower()).replace(" ", "-") for title in titles)}
