"""`python -m benchmarks.proofs`: `advise check` with proofs beside reading the YAML of the shipped policies.

Both in this process and in turns, by the time of the processor: other work on the machine counts for neither.
What is printed is their ratio, what each check took, and what was left open; then what proofs of 4,096
generated rules take beside the budget that they have.
"""

from __future__ import annotations

import gc
import sys
import time
from collections.abc import Callable
from datetime import date
from statistics import median

import click

from benchmarks.decision_table import decision_table
from engine.base.read import read_document
from engine.checking.check import check_folder
from engine.checking.checks.subject import Subject
from engine.checking.proofs import PROOFS, prove
from engine.loading.folder import list_files, list_tests, shipped_folder
from engine.loading.load import resolve_all
from engine.solver.limits import Clock
from engine.solver.prover import Prover

LIMIT = 30
"""So many times reading the YAML a check with proofs may take."""

BUDGET = 600

VALUES, SHORT = 8, 10
"""A decision table of so many values a fact, in a budget of so many seconds."""

OVER = 1.2
"""So many times the budget may be taken."""


def seconds(work: Callable[[], object]) -> float:
    """Seconds of the processor that it takes."""
    gc.collect()
    start = time.process_time()
    work()
    return time.process_time() - start


def read_all() -> None:
    for file in list_files(shipped_folder()):
        read_document(file.content, file.path)


@click.command()
@click.option("--rounds", default=3, show_default=True)
@click.option("--as-of", "day", default="2026-11-22", show_default=True, type=date.fromisoformat)
def main(rounds: int, day: date) -> None:
    import z3

    click.echo(f"z3 {z3.get_version_string()}, Python {sys.version.split()[0]}, policies on {day}")
    reading, checking, plain = [], [], []
    for _ in range(rounds):
        reading.append(seconds(read_all))
        plain.append(seconds(lambda: check_folder(shipped_folder(), day)))
        checking.append(seconds(lambda: check_folder(shipped_folder(), day, prove_for=BUDGET)))
    ratio = median(checking) / median(reading)
    click.echo(f"reading the YAML: {median(reading):.2f} s, checked without proofs: {median(plain):.2f} s")
    click.echo(
        f"checked with proofs: {median(checking):.2f} s, {ratio:.1f} times the reading (limit {LIMIT})"
    )
    files = list_files(shipped_folder())
    policy_set, policies = resolve_all(files, day)
    subject = Subject(files, policies, policy_set, day, day, list_tests(shipped_folder()))
    prover = Prover(policy_set, day, Clock(BUDGET))
    for proof in PROOFS:
        start = time.process_time()
        list(proof.check(subject, prover))
        click.echo(f"  {proof.CODE}: {time.process_time() - start:.2f} s")
    click.echo(f"{len(policy_set.rules)} rules, {len(prover.unsettled)} questions left open")
    files = decision_table(VALUES)
    policy_set, policies = resolve_all(files, day)
    begun = time.monotonic()
    proved = prove(Subject(files, policies, policy_set, day, day), SHORT)
    taken = (time.monotonic() - begun) / SHORT
    click.echo(f"{VALUES**4:,} rules, {len(proved.unfinished)} kinds of question left open:")
    click.echo(f"  proofs took {taken:.2f} times their budget of {SHORT} s (at most {OVER})")
    sys.exit(ratio > LIMIT or len(prover.unsettled) > 0 or taken > OVER)


if __name__ == "__main__":
    main()
