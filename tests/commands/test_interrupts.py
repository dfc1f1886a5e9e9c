"""Ctrl-C: the program ends within a second, with exit 130, whatever it is doing."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Self

import pytest

from tests.support.process import ROOT, advise, environment

pytestmark = pytest.mark.skipif(os.name != "posix", reason="signals of POSIX")

CASE = "examples/case-b.json"
AT_MOST = 3.0
"""Seconds: one, and what a busy machine adds."""


class Running:
    """`advise` at work, which says on standard error what it loads."""

    def __init__(self, *arguments: str | Path, stdin: int = subprocess.DEVNULL) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-X", "importtime", str(ROOT / "cli.py"), *arguments],
            cwd=ROOT,
            env=environment(),
            stdin=stdin,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),  # which a background job ignores
            start_new_session=True,
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.process.kill()
        self.process.communicate()

    def loads(self, module: str) -> None:
        assert self.process.stderr is not None
        assert any(line.split()[-1:] == [module.encode()] for line in self.process.stderr), module

    def says(self, words: bytes) -> None:
        assert self.process.stderr is not None
        said = b""
        while not said.endswith(words):
            said += (byte := self.process.stderr.read(1))
            assert byte, said

    def ends(self, *, as_a_terminal_does: bool = False) -> tuple[int, list[str], bool]:
        """Its exit code after Ctrl-C, what it then said, and whether that was at once."""
        begun = time.monotonic()
        if as_a_terminal_does:  # it tells all processes
            os.killpg(self.process.pid, signal.SIGINT)
        else:
            self.process.send_signal(signal.SIGINT)
        _, err = self.process.communicate(timeout=60)
        lines = [line for line in err.decode().splitlines() if not line.startswith("import time:")]
        return self.process.returncode, lines, time.monotonic() - begun < AT_MOST


AT_ONCE = (130, [], True)


@pytest.mark.parametrize("module", ["typing", "click", "engine.commands.main", "engine.loading.load"])
def test_while_it_loads(module: str) -> None:
    with Running(CASE) as running:
        running.loads(module)
        assert running.ends() == AT_ONCE


@pytest.mark.slow
@pytest.mark.parametrize(
    ("arguments", "module"),
    [
        (("--version",), "engine.advising.advisor"),
        ((CASE,), "engine.advising.durable.network"),
        (("explain", CASE, "score-bands/low"), "engine.advising.derive"),
        (("what-if", CASE, "--set", "step2_ck.score=250"), "engine.advising.derive"),
        (("ask", CASE), "engine.advising.derive"),
        (("reach", CASE, "step2_ck.band=competitive"), "engine.solver.encode"),
        (("rules",), "engine.loading.load"),
        (("test", "policies"), "engine.testing.run"),
        (("diff", "HEAD", "policies"), "engine.versioning.diff.difference"),
    ],
    ids=lambda value: value[0] if isinstance(value, tuple) else None,
)
def test_while_a_command_works(arguments: tuple[str, ...], module: str) -> None:
    with Running(*arguments) as running:
        running.loads(module)
        assert running.ends() == AT_ONCE


@pytest.mark.slow
@pytest.mark.parametrize("after", [0.0, 0.3, 0.8, 1.5, 2.5])
def test_while_the_solver_works(after: float) -> None:
    with Running("check", "policies") as running:
        running.loads("engine.solver.encode")
        time.sleep(after)
        assert running.ends() == AT_ONCE


@pytest.mark.slow
@pytest.mark.parametrize("as_a_terminal_does", [False, True])
@pytest.mark.parametrize("after", [0.0, 2.0])
def test_while_processes_work(after: float, as_a_terminal_does: bool) -> None:
    with Running("test", "policies", "--mutate") as running:
        running.loads("engine.testing.mutate")
        time.sleep(after)
        assert running.ends(as_a_terminal_does=as_a_terminal_does) == AT_ONCE
        time.sleep(1)
        with pytest.raises(ProcessLookupError):  # nobody is left of the group
            os.killpg(running.process.pid, 0)


def test_at_a_question(tmp_path: Path) -> None:
    audit = tmp_path / "audit.db"
    assert advise(CASE, "--record", "--audit", audit, cwd=ROOT).code == 0
    with Running("audit", "forget", "--id", "1", "--audit", audit, stdin=subprocess.PIPE) as running:
        running.says(b"[y/N]: ")
        assert running.ends() == AT_ONCE
        assert "emptied" not in advise("audit", "list", "--audit", audit).out


def test_an_end_of_the_answers_is_no_interruption(tmp_path: Path) -> None:
    audit = tmp_path / "audit.db"
    assert advise(CASE, "--record", "--audit", audit, cwd=ROOT).code == 0
    assert advise("audit", "forget", "--id", "1", "--audit", audit).code == 1
