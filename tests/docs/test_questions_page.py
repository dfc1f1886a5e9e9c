"""docs/questions.md: what its commands print is what they print now."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.support.pages import ROOT, fences, read_page, refreshed, with_blocks
from tests.support.process import advise


@pytest.mark.slow
def test_every_command_of_the_page(golden: Callable[[str, str], None], tmp_path: Path) -> None:
    page, shown = read_page("docs/questions.md"), {}
    for block in fences(page):
        assert block.language == "console"
        command, _, said = block.text.partition("\n")
        verb, *arguments = command.removeprefix("$ advise ").split()
        ended = advise(verb, *arguments, cwd=ROOT, env={"ADVISE_CACHE": str(tmp_path)})
        assert ended.code == 0, ended.err
        shown[block.line] = f"{command}\n{refreshed(said, ended.out)}"
    assert len(shown) > 6
    golden(str(ROOT / "docs/questions.md"), with_blocks(page, shown))
