"""The ways into the program, which are one; and what a shell is told to complete a command line with."""

from __future__ import annotations

import shutil
import sys
from pathlib import Path

import pytest

from tests.support.process import COMMAND, ROOT, advise

MODULE = (sys.executable, "-m", "engine")
INSTALLED = shutil.which("advise", path=str(Path(sys.executable).parent))


@pytest.mark.slow
@pytest.mark.skipif(INSTALLED is None, reason="not installed beside this Python")
@pytest.mark.parametrize(
    "arguments",
    [("--version",), ("--help",), ("examples/case-b.json",), ("none.json",), ("rules", "--x")],
)
def test_the_module_the_checkout_and_the_command_are_one_program(arguments: tuple[str, ...]) -> None:
    assert INSTALLED is not None
    ways = (COMMAND, MODULE, (INSTALLED,))
    first, *others = (advise(*arguments, cwd=ROOT, command=way) for way in ways)
    assert first.stdout or first.stderr
    assert others == [first, first]


@pytest.mark.parametrize(
    ("line", "items"),
    [
        ("advise exam", "file,exam"),
        ("advise --policies ", "dir,"),
        ("advise facts.json --policies ", "dir,"),
        ("advise facts.json --record --audit ", "file,"),
        ("advise facts.json --as", "plain,--as-of"),
        ("advise explain exam", "file,exam"),
        ("advise check ", "dir,"),
        ("advise audit list --audit ", "file,"),
        ("advise diff p", "file,p"),
        ("advise diff policies ne", "file,ne"),
        ("advise diff a b --cohort ", "file,"),
        ("advise audit verify --head ", "file,"),
        ("advise audit verify --public-key ", "file,"),
        ("advise audit ver", "plain,verify"),
        ("advise rep", "file,rep plain,report"),
        ("advise --vers", "plain,--version"),
        ("advise facts.json --format j", "plain,json"),
    ],
)
def test_completion(line: str, items: str) -> None:
    words = {"COMP_WORDS": line, "COMP_CWORD": str(len(line.split(" ")) - 1)}
    ended = advise(env={"_ADVISE_COMPLETE": "bash_complete", **words})
    assert (ended.code, ended.out.split(), ended.err) == (0, items.split(), "")


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_each_shell_is_given_its_script(shell: str) -> None:
    if shell == "bash" and shutil.which("bash") is None:
        pytest.skip("click asks bash for its version")
    script = advise(env={"_ADVISE_COMPLETE": f"{shell}_source"}).out
    assert f"_ADVISE_COMPLETE={shell}_complete" in script
    assert f"_ADVISE_COMPLETE={shell}_source" in (ROOT / "README.md").read_text("utf-8")
