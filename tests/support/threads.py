"""Threads that share one `Guidance` and ask everything that it offers, each on days and applicants in turn.

    python -m tests.support.threads --seconds 60

Each answer is held against that of one thread alone; garbage is collected in between.
"""

from __future__ import annotations

import argparse
import gc
import json
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import date
from typing import Any

from engine import Guidance
from engine.rendering import render_json
from tests.support.process import ROOT, WORKSHOP

THREADS = 8
DAYS = ("2026-05-31", "2026-11-22")
"""Before and after the workshop asks for more points."""

MEMBER = json.loads((ROOT / "tests/facts/member.json").read_text("utf-8"))
GOALS = ("machines/key", "machines/train", "saw.level=passed", "safety.doubt=true")


def applicants() -> Iterator[dict[str, Any]]:
    for day in DAYS:
        for score in (5.5, 7.0):
            yield {**MEMBER, "as_of": day, "saw": {"trained": True, "test_score": score}}


def everything(guidance: Guidance, facts: dict[str, Any]) -> str:
    """What a Guidance on the workshop's policies tells of an applicant."""
    case = guidance.case(facts)
    reached = [guidance.reach(case, goal, stop=stop) for goal in GOALS for stop in (False, True)]
    rows = guidance.along(case, "saw.test_score")
    little = guidance.case({"as_of": facts["as_of"], "member": {"role": "member"}})
    told = (
        render_json(case.report),
        guidance.explain(case),
        [guidance.explain(case, rule) for rule in guidance.policies_on(case.report.as_of).by_name],
        guidance.tree(case, "machines/key"),
        guidance.near(case),
        guidance.what_if(case, {"saw.test_score": 9}).difference,
        guidance.what_if(case, {"as_of": date(2026, 7, 1)}).difference,
        [(row.low, row.high, row.impossible, row.difference) for row in rows],
        [([(one.changes, one.cost) for one in each.answers], each.because) for each in reached],
        [each.in_doubt for each in reached],
        guidance.ask(little),
        sorted(guidance.certain(little).items()),
    )
    return repr(told)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--seconds", type=float, default=60)
    parser.add_argument("--threads", type=int, default=THREADS)
    options = parser.parse_args()
    asked = [*applicants()]
    expected = [everything(Guidance(WORKSHOP), facts) for facts in asked]
    begun, shared = time.monotonic(), Guidance(WORKSHOP)

    def work(thread: int) -> tuple[int, int]:
        same = rounds = 0
        while time.monotonic() - begun < options.seconds:
            number = (thread + rounds) % len(asked)
            same += everything(shared, asked[number]) == expected[number]
            rounds += 1
            if rounds % 3 == 0:
                gc.collect()
        return rounds, same

    with ThreadPoolExecutor(options.threads) as pool:
        rounds, same = (sum(counts) for counts in zip(*pool.map(work, range(options.threads)), strict=True))
    print(f"{options.threads} threads, {rounds} times everything, {rounds - same} answered otherwise")
    print(f"{rounds * 2 * len(GOALS)} questions to `reach`; {time.monotonic() - begun:.0f} seconds")
    sys.exit(rounds != same)


if __name__ == "__main__":
    main()
