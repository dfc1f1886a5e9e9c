"""What recording, finding, verifying and comparing cost, each in the time of whole reports of the same run.

    python -m benchmarks.audit [--records 100000] [--cohort 10000] [--rounds 7]

A report is what `advise FACTS --format json` makes in process: facts read, rules fired by both engines, JSON
written. All on the shipped policies and the example applicants, whose labels are made distinct. In the large
file each of them has three reports.
"""

from __future__ import annotations

import gc
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import date
from itertools import count
from pathlib import Path
from statistics import median
from typing import Any

import click

from engine.advising.advisor import Advisor
from engine.audit.file import AuditFile
from engine.audit.recipients import given_to, recipients_of
from engine.audit.recipients_view import given_json, recipients_csv, recipients_text
from engine.audit.recording import content_of, now, record_report
from engine.audit.search import RecordQuery, list_records
from engine.audit.verify import verify
from engine.base.record import replace
from engine.language.facts import Facts, read_facts
from engine.language.report import Report
from engine.loading.folder import list_files, shipped_folder
from engine.loading.load import load
from engine.rendering import render_json
from engine.versioning.diff.cohort import compare_cohort, read_cohort
from engine.versioning.diff.difference import difference
from engine.versioning.diff.revisions import Revision, revision

DAY = date(2026, 9, 10)
EXAMPLES = Path(__file__).parent.parent / "examples"


class Applicants:
    """The example applicants in turn, each time under another label."""

    def __init__(self, folder: Path) -> None:
        self.advisor = Advisor(load(folder, DAY))
        self._plain = [json.loads(path.read_text("utf-8")) for path in sorted(EXAMPLES.glob("*.json"))]
        self._numbers = count()

    def next(self) -> dict[str, Any]:
        """Facts as a facts file holds them."""
        number = next(self._numbers)
        plain = self._plain[number % len(self._plain)]
        made = {**plain, "applicant": {**plain["applicant"], "id": f"applicant-{number}"}}
        if "score" in made.get("step2_ck", {}) and made["step2_ck"].get("status") == "passed":
            made["step2_ck"] = {**made["step2_ck"], "score": 218 + number // 6 % 40}
        return made

    def facts(self) -> Facts:
        """Facts, read."""
        return read_facts(self.next(), self.advisor.policies.facts)

    def report(self) -> tuple[Report, Facts, str]:
        """A report, the facts it is on, and the report written as JSON."""
        facts = self.facts()
        report = self.advisor.report(facts)
        return report, facts, render_json(report)


def seconds(step: Callable[[], object], rounds: int) -> float:
    """The median time of a step; the collector rests."""
    times = []
    gc.disable()
    for _ in range(rounds):
        begun = time.perf_counter()
        step()
        times.append(time.perf_counter() - begun)
    gc.enable()
    return median(times)


TOGETHER = 150
"""So many reports a round, recorded one by one and within one transaction: enough that each round pays for
working the log into the database, which comes about every 130 records."""
SYNCED = 32 * 1024
"""About so many bytes go to the disk with a record."""


@dataclass
class Recording:
    """Seconds of a report; in reports: one recorded within a transaction of many, by itself, by itself and
    synced to the disk before the next; a bare write of its size."""

    report: float
    together: float
    alone: float
    synced: float
    bare: float


def recording(folder: Path, alone: Path, together: Path, synced: Path, rounds: int) -> Recording:
    """What recording costs in audit files, new or not; the kinds take turns, each in a file of its own."""
    applicants = Applicants(folder)
    with ExitStack() as stack:
        one, many, sure = (
            stack.enter_context(AuditFile(path, writable=True)) for path in (alone, together, synced)
        )
        bare = stack.enter_context(alone.with_suffix(".bare").open("wb"))
        files = lambda: list_files(folder)  # noqa: E731  # asked once

        def record(audit: AuditFile) -> None:
            for _ in range(TOGETHER):
                report, facts, written = applicants.report()
                record_report(audit, report, facts, files, written=written)

        def record_together() -> None:
            with many.transaction():
                record(many)

        def record_and_sync() -> None:
            for _ in range(TOGETHER):
                report, facts, written = applicants.report()
                record_report(sure, report, facts, files, written=written)
                sure.sync()

        def write() -> None:
            for _ in range(TOGETHER):
                os.pwrite(bare.fileno(), bytes(SYNCED), 0)
                os.fsync(bare.fileno())

        def report() -> None:
            for _ in range(TOGETHER):
                applicants.report()

        steps = (report, record_together, lambda: record(one), record_and_sync, write)
        times = [[seconds(step, 1) for step in steps] for _ in range(rounds + 1)][1:]
    shares = [median(each[place] / each[0] for each in times) for place in (1, 2, 3, 4)]
    return Recording(median(each[0] for each in times) / TOGETHER, *shares)


def processes(folder: Path, path: Path, rounds: int) -> float:
    """How many times as long `advise FACTS` takes with `--record`, from beginning to end."""
    command = [sys.executable, "-m", "cli", str(EXAMPLES / "case-a.json"), "--policies", str(folder)]
    env = {**os.environ, "ADVISE_CACHE": str(path.parent / "cache")}

    def ended(*more: str) -> Callable[[], object]:
        return lambda: subprocess.run([*command, *more], env=env, check=True, capture_output=True)

    steps = (ended(), ended("--record", "--audit", str(path)))
    times = [[seconds(step, 1) for step in steps] for _ in range(rounds + 1)][1:]
    return median(recorded / plain for plain, recorded in times)


def filled(folder: Path, path: Path, records: int) -> None:
    """An audit file with so many records, written many at a time."""
    applicants = Applicants(folder)
    contents = []
    for _ in range(600):
        report, facts, written = applicants.report()
        contents.append((report, content_of(report, facts, written)))
    with AuditFile(path, writable=True) as audit:
        report, facts, _ = applicants.report()
        first = record_report(audit, report, facts, lambda: list_files(folder))
        (basis,) = audit.rows("SELECT id, digest FROM basis")
        done = 1
        while done < records:
            with audit.transaction() as db:
                for _ in range(min(5000, records - done)):
                    report, content = contents[done % len(contents)]
                    content = replace(content, applicant=f"applicant-{done * 7919 % (records // 3 or 1)}")
                    open_part = (
                        now(),
                        first.made_by,
                        report.as_of.isoformat(),
                        report.tool,
                        report.engine,
                        "3",
                    )
                    audit.append(db, "report", open_part, (basis[0], basis[1]), (), content)
                    done += 1


def queries(path: Path) -> Iterator[tuple[str, Callable[[], object]]]:
    """What advisors ask of an audit file, each opening it anew."""

    def asked(query: Callable[[AuditFile], object]) -> Callable[[], object]:
        def ask() -> object:
            with AuditFile(path) as audit:
                return query(audit)

        return ask

    with AuditFile(path) as audit:
        shown_by = _reports_by_rule(audit)
    rarest = min(shown_by, key=lambda name: shown_by[name])
    commonest = max(shown_by, key=lambda name: shown_by[name])
    yield "the newest 50", asked(lambda audit: list_records(audit, RecordQuery(), 50))
    yield "by applicant", asked(lambda audit: list_records(audit, RecordQuery(applicant="applicant-7"), 50))
    yield "by a rare rule", asked(lambda audit: list_records(audit, RecordQuery(rules=(rarest,)), 50))
    yield "by a common rule", asked(lambda audit: list_records(audit, RecordQuery(rules=(commonest,)), 50))
    yield (
        "by policy version",
        asked(lambda audit: list_records(audit, RecordQuery(policy="visa", version="1.0.0"), 50)),
    )
    yield "by passage", asked(lambda audit: list_records(audit, RecordQuery(cites="step-guide#case.b"), 50))
    yield "by day", asked(lambda audit: list_records(audit, RecordQuery(since=DAY, until=DAY), 50))
    for name, rule in (("the rarest rule", rarest), ("the commonest rule", commonest)):
        yield f"{name}, in {shown_by[rule]:,} reports: whom to call, 200 lines", asked(_whom(rule, 200))


def streams(path: Path) -> Iterator[tuple[str, Callable[[], int]]]:
    """All of the commonest rule, written line by line; each tells how many reports it covers."""
    with AuditFile(path) as audit:
        shown_by = _reports_by_rule(audit)
    rule = max(shown_by, key=lambda name: shown_by[name])

    def told(lines: Callable[[AuditFile], Iterator[str]]) -> Callable[[], int]:
        def tell() -> int:
            with AuditFile(path) as audit, Path(os.devnull).open("w", encoding="utf-8") as sink:
                sink.writelines(lines(audit))
            return shown_by[rule]

        return tell

    yield "--all", told(lambda audit: recipients_text(audit, recipients_of(audit, [rule]), (rule,), None))
    yield "--format csv", told(lambda audit: recipients_csv(audit, recipients_of(audit, [rule]), (rule,)))
    yield "--format json", told(lambda audit: given_json(given_to(audit, [rule]), (rule,)))


def _reports_by_rule(audit: AuditFile) -> dict[str, int]:
    names = [name for (name,) in audit.rows("SELECT DISTINCT name FROM rule")]
    return {name: recipients_of(audit, [name]).reports for name in names}


def _whom(rule: str, limit: int) -> Callable[[AuditFile], object]:
    return lambda audit: list(recipients_text(audit, recipients_of(audit, [rule]), (rule,), limit))


def cohort_file(place: Path, size: int) -> Path:
    """So many applicants as JSON lines."""
    applicants = Applicants(shipped_folder())
    place.write_text("".join(f"{json.dumps(applicants.next())}\n" for _ in range(size)), "utf-8")
    return place


def comparing(old: Revision, new: Revision, cohort: Path) -> tuple[float, float, int]:
    """Seconds of plain evaluation on both sides, of the comparison, and how many people it reaches."""
    rows = read_cohort(cohort, old.policy_set.facts)
    before, after = Advisor(old.policy_set), Advisor(new.policy_set)

    def evaluate(row: Any) -> None:
        for advisor in (before, after):
            advisor.report(read_facts(row.data, advisor.policies.facts))

    begun = time.perf_counter()
    for row in rows:
        evaluate(row)
    plain = time.perf_counter() - begun
    changes = difference(old, new)
    begun = time.perf_counter()
    affected = compare_cohort(old, new, rows, changes, str(cohort), lambda: None)
    return plain, time.perf_counter() - begun, len(affected.people)


def edited(folder: Path) -> Path:
    """The shipped policies with a band moved and a severity raised: what a proposal looks like."""
    place = folder / "new"
    shutil.copytree(shipped_folder(), place)
    for name, old, new in (
        ("score-bands.yaml", "at_least: 225, below: 235}", "at_least: 228, below: 235}"),
        ("score-bands.yaml", "at_least: 215, below: 225}", "at_least: 215, below: 228}"),
        ("season.yaml", "severity: important", "severity: critical"),
    ):
        text = (place / name).read_text("utf-8")
        assert old in text
        (place / name).write_text(text.replace(old, new, 1), "utf-8")
    return place


@click.command()
@click.option("--records", default=100_000, show_default=True)
@click.option("--cohort", default=10_000, show_default=True)
@click.option("--rounds", default=7, show_default=True)
def main(records: int, cohort: int, rounds: int) -> None:
    """Prints what the audit and the comparison cost."""
    with tempfile.TemporaryDirectory() as temporary:
        place = Path(temporary)
        folder = shipped_folder()
        path = place / "large.db"
        alone, together, synced = (place / f"{kind}.db" for kind in ("alone", "together", "synced"))
        found = recording(folder, alone, together, synced, rounds)
        report = found.report
        print(f"a report, JSON included: {report * 1e3:.2f} ms")
        _print_recording("a new file", found)
        filled(folder, path, records)
        print(f"{records:,} records, {path.stat().st_size / 1e6:,.0f} MB")
        _print_recording("that file", recording(folder, path, path, path, rounds))
        share = processes(folder, place / "process.db", 2 * rounds)
        print(f"- `advise FACTS --record`, times `advise FACTS`, as processes: {share:.2f}")
        for name, ask in queries(path):
            share = seconds(ask, rounds) / report
            print(f"- {name}: {share:.1f} reports, at most 10: {_kept(share <= 10)}")
        for name, tell in streams(path):
            begun = time.perf_counter()
            told = tell()
            taken = (time.perf_counter() - begun) / report
            print(f"- {name}: {taken:,.0f} reports for all {told:,}, {told / taken:,.0f} in a report's time")
        with AuditFile(path) as audit:
            begun = time.perf_counter()
            verified = verify(audit)
            taken = time.perf_counter() - begun
        assert not verified.problems, verified.problems[:3]
        rate = verified.records / (taken / report) * 1000
        print(f"- verify: {rate:,.0f} records in 1,000 reports, at least 20,000: {_kept(rate >= 20_000)}")
        old, new = revision(str(folder), None, DAY), revision(str(edited(place)), None, DAY)
        plain, compared, reached = comparing(old, new, cohort_file(place / "cohort.jsonl", cohort))
        share = plain / compared
        print(f"a cohort of {cohort:,}, {reached:,} of them reached: {compared:.1f} s")
        print(
            f"- {share:.2f} of the plain rate of two evaluations each, at least 0.50: {_kept(share >= 0.5)}"
        )


def _print_recording(where: str, found: Recording) -> None:
    print(f"recording into {where}, in reports (the report included):")
    print(
        f"- {TOGETHER} in one transaction: {found.together:.2f}, at most 1.30: {_kept(found.together <= 1.3)}"
    )
    print(f"- each by itself: {found.alone:.2f}, at most 1.30: {_kept(found.alone <= 1.3)}")
    print(f"- each by itself, on the disk before the next: {found.synced:.2f}")
    print(f"  (a bare write of {SYNCED // 1024} kB to this disk, synced: {found.bare:.2f})")


def _kept(kept: bool) -> str:
    return "kept" if kept else "**MISSED**"


if __name__ == "__main__":
    main()
