"""`python -m benchmarks.policy_tests`: how many policy tests run while the policies' YAML is read five times.

Of the shipped policies. All that `advise test` does is timed: reading the policies and the tests, resolving,
running; once with nothing kept from an earlier run, once with the policies kept, as it is when only a test
file was edited. The runs take turns with the reading, and a ratio is the median of those within a round.
"""

from __future__ import annotations

import gc
import tempfile
import time
from collections.abc import Callable
from datetime import date
from functools import partial
from pathlib import Path
from statistics import median

import click

from engine.base.read import read_yaml
from engine.loading.folder import list_files
from engine.testing import PolicyTests

POLICIES = Path(__file__).parent.parent / "policies"
READINGS, LEAST = 5, 500
TODAY = date(2026, 9, 1)


def seconds(work: Callable[[], object]) -> float:
    gc.collect()
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


def read() -> None:
    for file in list_files(POLICIES):
        read_yaml(file.content, file.path)


def run(keep_in: Path | None) -> int:
    tests = PolicyTests(POLICIES, TODAY, keep_in=keep_in)
    outcomes = tests.run_all(tests.tests)
    assert not any(outcome.failures for outcome in outcomes)
    return len(outcomes)


@click.command()
@click.option("--rounds", default=5, show_default=True, help="How often each is timed.")
def main(rounds: int) -> None:
    """Prints the ratios; exit 1 when fewer tests run than should."""
    with tempfile.TemporaryDirectory() as name:
        kept = Path(name)
        count = run(kept)
        ways: dict[str, Path | None] = {"nothing kept": None, "policies kept": kept}
        ratios: dict[str, list[float]] = {way: [] for way in ways}
        for _ in range(rounds):
            reading = seconds(read)
            for way, keep_in in ways.items():
                ratios[way].append(seconds(partial(run, keep_in)) / reading)
    worst = 0.0
    for way, found in ratios.items():
        ratio = median(found)
        in_five = int(READINGS / ratio * count)
        worst = max(worst, LEAST / in_five)
        click.echo(
            f"{way}: {count} tests take {ratio:.2f} times as long as reading the policies; "
            f"{in_five} run while they are read {READINGS} times (at least {LEAST})"
        )
    if worst > 1:
        raise SystemExit(1)


if __name__ == "__main__":
    main()
