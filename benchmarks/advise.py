"""What of Advise itself is measured: firing alone, a whole report in process, and the whole command."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from statistics import median
from typing import Any

from benchmarks.flat_policy import FlatPolicy
from benchmarks.flat_report import report_function
from engine.advising.durable.network import AVAILABLE, Network
from engine.language.model import Value

ROOT = Path(__file__).parent.parent

IMPORTS = "import click, ruamel.yaml, jsonschema" + (", durable.lang" if AVAILABLE else "")
"""What a program on these four packages pays at least (`durable.lang` loads the C module)."""


def firing(policy: FlatPolicy) -> Callable[[Mapping[str, Value]], object] | None:
    """(a) One applicant through durable-rules, from typed facts to the names of the rules that hold.

    None where durable-rules cannot be used.
    """
    if not AVAILABLE:
        return None
    return Network(policy.conditions, policy.facts).fire


def report_in_process(policy: FlatPolicy) -> Callable[[Mapping[str, Any]], object]:
    """(b) One applicant from facts as a file holds them to the finished report, JSON text excluded."""
    return report_function(policy)


def advise_command() -> list[str] | None:
    """(c) The command line whose whole process is timed, or None as long as there is none."""
    case = ROOT / "examples" / "case-b.json"
    return [sys.executable, "-c", "from cli import main; main()", str(case)] if case.exists() else None


def whole_processes(runs: int) -> dict[str, list[float]]:
    """Milliseconds of each process, run by run in turns, after one run of each that is not counted."""
    commands = {
        "bare Python": [sys.executable, "-c", "pass"],
        "imports only": [sys.executable, "-c", IMPORTS],
    }
    command = advise_command()
    if command is not None:
        try:
            _milliseconds(command)
        except RuntimeError as failure:  # the other tables are worth having all the same
            print(failure, file=sys.stderr)
        else:
            commands["advise FILE"] = command
    found: dict[str, list[float]] = {name: [] for name in commands}
    for number in range(runs + 1):
        for name, arguments in commands.items():
            milliseconds = _milliseconds(arguments)
            if number:
                found[name].append(milliseconds)
    return found


def _milliseconds(arguments: Sequence[str]) -> float:
    start = time.perf_counter_ns()
    # Installed programs run from bytecode, so no process here may be kept from writing and reading it.
    surroundings = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    done = subprocess.run(
        arguments, capture_output=True, stdin=subprocess.DEVNULL, cwd=ROOT, check=False, env=surroundings
    )
    taken = (time.perf_counter_ns() - start) / 1_000_000
    if done.returncode:
        raise RuntimeError(f"{' '.join(arguments)} exits {done.returncode}: {done.stderr.decode()}")
    return taken


def process_table(found: Mapping[str, Sequence[float]]) -> list[str]:
    """A markdown table of whole processes, each against the one that only imports."""
    base = found["imports only"]
    lines = ["| whole process | ms | times imports only |", "| --- | ---: | ---: |"]
    for name, times in found.items():
        share = median(one / other for one, other in zip(times, base, strict=True))
        lines.append(f"| {name} | {median(times):.0f} | {share:.2f} |")
    if "advise FILE" not in found:
        lines.append("| advise FILE | did not run | |")
    return lines
