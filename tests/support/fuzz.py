"""Damaged policy folders and facts files by the thousand: each ends in a report, or in problems with places.

    python -m tests.support.fuzz --count 20000

Every other seed damages a folder, which is then checked (in every format), mended and reported on; the others
damage a facts file. A seed gives the same files on every machine. Seeds that ended otherwise, or took longer
than LIMIT seconds, are printed with the trace; `--seed N` runs one again. What was found stands in the cases.
"""

from __future__ import annotations

import argparse
import signal
import sys
import time
import traceback
from collections import Counter
from collections.abc import Callable
from random import Random
from typing import Any

import pytest

from engine.advising.advisor import Advisor
from engine.base.diagnostic import InvalidInput
from engine.base.read import read_document
from engine.checking.check import check_files
from engine.checking.fix import fix_files
from engine.checking.formats import FORMATS
from engine.checking.formats import render as render_checked
from engine.language.facts import facts_from_source
from engine.loading.load import resolve_files
from engine.rendering import render_json, render_text
from tests.loading.test_robust import (
    ADVISOR,
    ASKED,
    DAY,
    FACTS,
    WORKSHOP,
    assert_told,
    damaged,
    damaged_folder,
)
from tests.support.edited import read_once

LIMIT = 20
"""Seconds that one damaged folder may take."""


def folder_ends_well(random: Random) -> str:
    files = damaged_folder(random)
    contents = {file.path: file.content for file in files} | {"facts.json": FACTS[0].encode()}
    checked = check_files(files, (), DAY)
    for form in FORMATS:
        assert render_checked(checked, form)
    mended = fix_files(files, (), DAY)
    assert not fix_files(mended.files, mended.tests, DAY).fixes
    try:
        policies = resolve_files(files, DAY)
    except InvalidInput as refused:
        assert checked.count("error")
        assert_told(refused, contents)
        return "folder refused and mended in part" if mended.fixes else "folder refused"
    assert not checked.count("error")
    try:
        report = Advisor(policies).report(facts_from_source(ASKED, policies.facts))
    except InvalidInput as refused:
        assert_told(refused, contents)
        return "facts refused by a damaged folder"
    assert render_json(report)
    assert render_text(report, top=None, all_items=True, width=80, colour=False)
    return "report of a damaged folder"


def facts_end_well(random: Random) -> str:
    content = damaged(random.choice(FACTS), random)
    name = random.choice(("facts.json", "facts.yaml", "facts"))
    try:
        report = ADVISOR.report(facts_from_source(read_document(content, name), WORKSHOP.facts))
    except InvalidInput as refused:
        assert_told(refused, {name: content})
        return "facts refused"
    assert render_json(report)
    return "report on damaged facts"


def run(seed: int) -> str:
    """How a seed ended. Raises whatever it should not have."""
    ends: Callable[[Random], str] = folder_ends_well if seed % 2 == 0 else facts_end_well
    signal.alarm(LIMIT)
    try:
        return ends(Random(seed))
    finally:
        signal.alarm(0)


def too_long(_signal: int, _frame: Any) -> None:
    raise TimeoutError(f"longer than {LIMIT} seconds")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--count", type=int, default=20_000)
    parser.add_argument("--begin", type=int, default=0)
    parser.add_argument("--seed", type=int)
    options = parser.parse_args()
    signal.signal(signal.SIGALRM, too_long)
    read_once(pytest.MonkeyPatch())
    seeds = range(options.begin, options.begin + options.count)
    ended: Counter[str] = Counter()
    failed: list[int] = []
    begun = time.perf_counter()
    for seed in [options.seed] if options.seed is not None else seeds:
        try:
            ended[run(seed)] += 1
        except Exception:
            failed.append(seed)
            print(f"seed {seed}:\n{traceback.format_exc()}", file=sys.stderr, flush=True)
    for outcome, count in sorted(ended.items()):
        print(f"{count:>8}  {outcome}")
    print(f"{len(failed):>8}  otherwise{': ' if failed else ''}{', '.join(map(str, failed))}")
    print(f"{time.perf_counter() - begun:.0f} seconds")
    sys.exit(bool(failed))


if __name__ == "__main__":
    main()
