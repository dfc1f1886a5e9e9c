"""`advise` as a process, as a user starts it."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parent.parent.parent
COMMAND = (sys.executable, str(ROOT / "cli.py"))
WORKSHOP = ROOT / "tests" / "fields" / "workshop"


@dataclass(frozen=True)
class Ended:
    """A process that has ended."""

    code: int
    stdout: bytes
    stderr: bytes

    @property
    def out(self) -> str:
        return self.stdout.decode()

    @property
    def err(self) -> str:
        return self.stderr.decode()


def environment(more: Mapping[str, str] | None = None) -> dict[str, str]:
    """This process's, without what changes the program's ways; nothing is kept unless `more` says where."""
    ours = {"ADVISE_CACHE", "ADVISE_POLICIES", "NO_COLOR", "COLUMNS", "FORCE_COLOR", "PYTHONIOENCODING"}
    plain = {name: value for name, value in os.environ.items() if name not in ours}
    return {**plain, "ADVISE_CACHE": "", "COLUMNS": "100", **(more or {})}


def advise(
    *arguments: str | bytes | Path,
    cwd: Path | None = None,
    env: Mapping[str, str] | None = None,
    stdin: bytes = b"",
    command: tuple[str, ...] = COMMAND,
) -> Ended:
    """Runs `advise` to its end."""
    process = subprocess.run(
        [*command, *arguments],
        cwd=cwd,
        env=environment(env),
        input=stdin,
        capture_output=True,
        check=False,
        timeout=60,
    )
    return Ended(process.returncode, process.stdout, process.stderr)
