"""`python -m benchmarks.run`: microseconds an applicant on generated policies, ours beside other engines."""

from __future__ import annotations

import os
import platform
import sys
import time
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from statistics import median

import click

from benchmarks import advise
from benchmarks.competitors import COMPETITORS, Competitor
from benchmarks.flat_policy import FlatPolicy, applicants, flat_policy, reference_function
from benchmarks.flat_report import as_in_a_file
from benchmarks.measure import Contestant, check, measure, measure_in_turns, ratio
from benchmarks.plain_policy import Fire, plain_applicant, plain_policy
from benchmarks.stock_durable import EngineFails, StockDurable

REFERENCE, FIRING, REPORT = "reference", "firing", "report"

NAMES: Mapping[str, str] = {
    REFERENCE: "one generated Python function",
    FIRING: "**Advise, firing (a)**",
    REPORT: "**Advise, whole report in process (b)**",
} | {competitor.key: competitor.name for competitor in COMPETITORS}

FIRING_LIMITS = {200: 13, 1000: 16, 5000: 20}
"""Rules -> how many times the generated function firing may take."""

REPORT_LIMIT, PROCESS_LIMIT = 5, 1.3

KEYS = ", ".join(competitor.key for competitor in COMPETITORS)

SIZES = "50,200,1000,5000"


@dataclass
class Column:
    """One size of policy: the times of those that ran, and what to say of those that did not."""

    rules: int
    times: dict[str, list[float]] = field(default_factory=dict)
    remarks: dict[str, str] = field(default_factory=dict)
    report_in_turns: list[float] = field(default_factory=list)

    def against(self, key: str, other: str) -> float | None:
        """How many times as long as `other` it takes; None when one of the two did not run."""
        if key not in self.times or other not in self.times:
            return None
        return ratio(self.times[key], self.times[other])

    def cell(self, key: str) -> str:
        """What the table shows: `microseconds (ratio)`, or the remark."""
        share = self.against(key, REFERENCE)
        if share is None:
            return self.remarks.get(key, "")
        return f"{_short(median(self.times[key]))} ({_short(share)})"


@click.command()
@click.option("--sizes", default=SIZES, show_default=True, help="Numbers of rules, with commas between.")
@click.option("--engines", default="", help=f"Only these, with commas: {KEYS}; or none.")
@click.option("--rounds", default=11, show_default=True, type=click.IntRange(3), help="Rounds of turns.")
@click.option("--quick", is_flag=True, help="200 rules, three short rounds: does it run?")
def main(sizes: str, engines: str, rounds: int, quick: bool) -> None:
    """Print a table of median microseconds an applicant, and the ratio to one generated Python function."""
    start = time.monotonic()
    chosen = _chosen(engines)
    counts = [200] if quick else _sizes(sizes)
    rounds, slice_ms, processes = (3, 20.0, 3) if quick else (rounds, 120.0, 15)
    columns = [_column(count, chosen, rounds, slice_ms) for count in counts]
    found = advise.whole_processes(processes)
    lines = [
        machine(),
        "",
        *table(columns, chosen),
        "",
        *advise.process_table(found),
        "",
        *promises(columns, found),
        "",
        f"{rounds} rounds; the run took {time.monotonic() - start:.0f} s; versions: {packages(chosen)}.",
    ]
    click.echo("\n".join(lines))


def _sizes(sizes: str) -> list[int]:
    if not all(size.isdecimal() and int(size) for size in sizes.split(",")):
        raise click.BadParameter("whole numbers from 1, with commas between", param_hint="--sizes")
    return [int(size) for size in sizes.split(",")]


def _chosen(engines: str) -> list[Competitor]:
    wanted = {key for key in engines.split(",") if key}
    unknown = wanted - {competitor.key for competitor in COMPETITORS} - {"none"}
    if unknown:
        raise click.BadParameter(f"unknown: {', '.join(sorted(unknown))}", param_hint="--engines")
    return [competitor for competitor in COMPETITORS if not wanted or competitor.key in wanted]


def _column(rules: int, chosen: Iterable[Competitor], rounds: int, slice_ms: float) -> Column:
    """Build, check and time everything on a policy of so many rules."""
    policy = flat_policy(rules)
    people = applicants(policy, 40)
    reference = reference_function(policy)
    expected = [reference(person) for person in people]
    column = Column(rules)
    contestants = [Contestant(REFERENCE, reference, people)]
    fire = advise.firing(policy)
    if fire is None:
        column.remarks[FIRING] = "no durable-rules here"
    else:
        contestants.append(Contestant(FIRING, fire, people))
        check(contestants[-1], expected)
    file_people = [as_in_a_file(person) for person in people]
    contestants.append(Contestant(REPORT, advise.report_in_process(policy), file_people))
    plain_people = [plain_applicant(person) for person in people]
    for competitor in chosen:
        _say(f"{rules} rules: {competitor.name}")
        try:
            contestant = Contestant(competitor.key, _build(competitor, policy), plain_people)
            check(contestant, expected)
        except EngineFails as failure:
            column.remarks[competitor.key] = str(failure)
        else:
            contestants.append(contestant)
    _say(f"{rules} rules: timing {len(contestants)} in {rounds} rounds")
    measured = measure(contestants, rounds, slice_ms)
    column.times = measured.times
    column.remarks |= measured.failures
    by_key = {contestant.key: contestant for contestant in contestants}
    if FIRING in by_key:
        column.report_in_turns = measure_in_turns(by_key[FIRING], by_key[REPORT], rounds, slice_ms)
    for contestant in contestants:
        if isinstance(contestant.fire, StockDurable):
            contestant.fire.close()
    return column


def _build(competitor: Competitor, policy: FlatPolicy) -> Fire:
    try:
        version(competitor.distribution)
    except PackageNotFoundError:
        raise EngineFails("not installed") from None
    try:
        return competitor.build(plain_policy(policy))
    except ImportError:
        raise EngineFails("cannot be imported") from None


def table(columns: Sequence[Column], chosen: Sequence[Competitor]) -> list[str]:
    """The markdown table, a row an engine."""
    keys = [REFERENCE, FIRING, REPORT, *(competitor.key for competitor in chosen)]
    lines = [
        f"| µs an applicant (ratio) | {' | '.join(f'{column.rules} rules' for column in columns)} |",
        f"| --- |{' ---: |' * len(columns)}",
    ]
    lines += [f"| {NAMES[key]} | {' | '.join(column.cell(key) for column in columns)} |" for key in keys]
    return lines


def promises(columns: Sequence[Column], processes: Mapping[str, Sequence[float]]) -> list[str]:
    """What this run says about each promise, a line each; what was not measured is left out."""
    lines = []
    for column in columns:
        fired = column.against(FIRING, REFERENCE)
        limit = FIRING_LIMITS.get(column.rules)
        if fired is not None and limit is not None:
            lines.append(_promise(f"(a) {column.rules} rules: firing, times the function", fired, limit))
        if column.report_in_turns and column.rules in (200, 1000):
            reported = median(column.report_in_turns)
            what = f"(b) {column.rules} rules: report, times firing beside it"
            lines.append(_promise(what, reported, REPORT_LIMIT))
        if column.rules >= min(FIRING_LIMITS):
            lines += _ahead(column)
    if "advise FILE" in processes:
        share = ratio(processes["advise FILE"], processes["imports only"])
        lines.append(_promise("(c) whole process, times imports only", share, PROCESS_LIMIT))
    return lines


def _ahead(column: Column) -> list[str]:
    """(d): which of the others that could do this policy take no longer than firing."""
    shares = {
        competitor.name: share
        for competitor in COMPETITORS
        if (share := column.against(competitor.key, FIRING)) is not None
    }
    if not shares:
        return []
    faster = [f"{name} ({share:.2f} of firing)" for name, share in shares.items() if share <= 1]
    return [
        f"- (d) {column.rules} rules: of {len(shares)}, faster than firing: {'; '.join(faster) or 'none'}"
    ]


def _promise(what: str, found: float, limit: float) -> str:
    return f"- {what}: {found:.2f}, at most {limit}: {'kept' if found <= limit else '**MISSED**'}"


def machine() -> str:
    """Where this was measured."""
    model = platform.processor() or platform.machine()
    cpuinfo = Path("/proc/cpuinfo")
    if cpuinfo.exists():
        lines = (line.partition(":") for line in cpuinfo.read_text().splitlines())
        model = next((name.strip() for what, _, name in lines if what.strip() == "model name"), model)
    return (
        f"Python {platform.python_version()}, {platform.system()}, {os.cpu_count()} cores of {model}, "
        f"{time.strftime('%Y-%m-%d')}."
    )


def packages(chosen: Iterable[Competitor]) -> str:
    """The versions of the engines' packages."""
    found = []
    for name in dict.fromkeys(competitor.distribution for competitor in chosen):
        try:
            found.append(f"{name} {version(name)}")
        except PackageNotFoundError:
            found.append(f"{name} not installed")
    return ", ".join(found) or "none"


def _short(number: float) -> str:
    return f"{number:.1f}" if number < 20 else f"{number:.0f}"


def _say(text: str) -> None:
    print(text, file=sys.stderr, flush=True)


if __name__ == "__main__":
    main()
