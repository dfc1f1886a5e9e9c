"""`advise` as a process, with the memory and the time that it takes."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

from tests.support.process import COMMAND, WORKSHOP, environment

MEASURED = """
import json, os, subprocess, sys
process = subprocess.Popen(sys.argv[2:], stdin=subprocess.DEVNULL)
_, status, usage = os.wait4(process.pid, 0)
code, seconds = os.waitstatus_to_exitcode(status), usage.ru_utime + usage.ru_stime
with open(sys.argv[1], "w") as stream:
    json.dump([code, usage.ru_maxrss / 1_000, seconds], stream)
"""
"""From a small process: the memory of who starts another counts as that one's until it runs its program."""


def measured(tmp_path: Path, *words: str | Path) -> tuple[int, str, float, float]:
    """Exit code, what was said, megabytes and seconds of processor time."""
    with (tmp_path / "said").open("wb") as said:
        subprocess.run(
            [sys.executable, "-c", MEASURED, tmp_path / "usage", *COMMAND, *map(str, words)],
            stdout=said,
            stderr=said,
            env=environment({"ADVISE_POLICIES": str(WORKSHOP)}),
            check=True,
        )
    code, megabytes, seconds = json.loads((tmp_path / "usage").read_text("utf-8"))
    return code, (tmp_path / "said").read_text("utf-8"), megabytes, seconds
