"""The fuzzer of `tests/support/fuzz.py`, a bounded run from a fixed seed, and one from a seed of the day."""

from __future__ import annotations

import subprocess
import sys
from random import SystemRandom

import pytest

from tests.support.process import ROOT, environment


@pytest.mark.slow
@pytest.mark.parametrize("begin", [0, None], ids=["the same seeds", "other seeds each time"])
def test_whatever_is_damaged_ends_well(begin: int | None) -> None:
    """What fails names its seeds: `python -m tests.support.fuzz --seed N` runs one again."""
    first = SystemRandom().randrange(10**9) if begin is None else begin
    command = [sys.executable, "-m", "tests.support.fuzz", "--begin", str(first), "--count", "100"]
    ended = subprocess.run(
        command, cwd=ROOT, env=environment(), capture_output=True, text=True, check=False, timeout=300
    )
    assert ended.returncode == 0, f"{' '.join(command[1:])}\n{ended.stdout}{ended.stderr}"
    assert "report on damaged facts" in ended.stdout
