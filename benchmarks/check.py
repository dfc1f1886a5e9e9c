"""`python -m benchmarks.check`: what checking costs, without proofs, beside reading the YAML.

(e) `advise check` on the shipped policies takes at most 1.5 times as long as reading their YAML. The folder's
policy tests are left out on both sides: a check looks them through, and reads them as no YAML.
(f) It grows with the rules and no faster: each of 1,500 generated rules costs at most 1.3 times what each
of 300 costs.

Times are processor times in turns within one run; the figures are medians of the ratios of the rounds.
"""

from __future__ import annotations

import gc
import random
import sys
import time
from collections.abc import Callable
from datetime import date
from statistics import median

from engine.base.read import PolicyFile, read_yaml
from engine.checking.check import check_files
from engine.loading.folder import list_files, list_tests, shipped_folder

DAY = date(2026, 11, 22)
ROUNDS = 7
FEW, MANY = 300, 1500
AT_MOST = {"e": 1.5, "f": 1.3}
A_FILE = 75
"""Rules a file: about as many as in the longest of the shipped policies."""

HEAD = """\
advise_language: 1
{kind}: generated
title: Generated
version: "1.0.0"
status: active
effective: {{from: 2026-01-01}}
"""


def generated(count: int) -> tuple[PolicyFile, ...]:
    """A folder of so many rules on forty facts, each with a text, steps and citations."""
    chance = random.Random(count)
    facts = "".join(
        f"  group{n % 8}.number{n}: {{title: Number {n}, type: integer, "
        f'range: {{at_least: 0, at_most: 300}}, question: "Which number {n}?"}}\n'
        for n in range(40)
    )
    anchors = "".join(f'      place{n}: {{title: "Place {n}"}}\n' for n in range(50))
    files = {
        "vocabulary": f'facts:\n  as_of: {{title: Day, type: date, question: "Which day?"}}\n{facts}',
        "ranking": "severities: {soon: Soon}\ntiers: {guide: Guide}\ncategories: {all: All}\n",
        "sources": "entries:\n  book:\n    title: Book\n    publisher: Us\n    kind: guide\n"
        f"    retrieved: 2026-11-01\n    checked_on: 2026-11-01\n    anchors:\n{anchors}",
    }
    texts = {f"{kind}.yaml": HEAD.format(kind=kind) + body for kind, body in files.items()}
    for first in range(0, count, A_FILE):
        rules = "".join(_rule(number, chance) for number in range(first, min(first + A_FILE, count)))
        head = HEAD.format(kind="policy").replace("policy: generated", f"policy: p{first}")
        texts[f"p{first}.yaml"] = f"{head}rules:\n{rules}"
    return tuple(PolicyFile(name, text.encode()) for name, text in sorted(texts.items()))


def _rule(number: int, chance: random.Random) -> str:
    used = chance.sample(range(40), 3)
    when = "".join(f"      group{n % 8}.number{n}: {{at_least: {chance.randint(0, 300)}}}\n" for n in used)
    return (
        f"  - id: rule-{number}\n    title: Rule {number}\n    when:\n{when}    advise:\n      text: >-\n"
        f"        Your number is {{group{used[0] % 8}.number{used[0]}}}; so rule {number} says.\n"
        "      steps:\n        - Do the first thing.\n        - Do the second thing.\n"
        "      category: all\n      severity: soon\n    tier: guide\n"
        f"    cites: [book#place{number % 50}]\n"
    )


def seconds(run: Callable[[], object]) -> float:
    """Processor time of one run; the collector rests."""
    gc.collect()
    gc.disable()
    try:
        begun = time.process_time()
        run()
        return time.process_time() - begun
    finally:
        gc.enable()


def main() -> None:
    """Prints both figures; exits with 1 when one is missed."""
    folder = shipped_folder()
    files, tests = list_files(folder), list_tests(folder)
    few, many = generated(FEW), generated(MANY)
    named = "".join(f"      - p{n // A_FILE * A_FILE}/rule-{n}\n" for n in range(MANY))
    fired = (PolicyFile("tests/a.yaml", f"cases:\n  - expect:\n    holds:\n{named}".encode()),)
    for generated_files in (few, many):
        assert not check_files(generated_files, fired, DAY).count("error")
    read, check, growth = [], [], []
    for _ in range(ROUNDS):
        read.append(seconds(lambda: [read_yaml(file.content, file.path) for file in files]))
        check.append(seconds(lambda: check_files(files, tests, DAY)))
        a_few = seconds(lambda: check_files(few, fired, DAY))
        a_many = seconds(lambda: check_files(many, fired, DAY))
        growth.append((a_many / MANY) / (a_few / FEW))
    figures = {"e": median(map(lambda c, r: c / r, check, read)), "f": median(growth)}
    print(f"reading the YAML of the shipped policies: {median(read) * 1000:.0f} ms")
    print(f"checking them: {median(check) * 1000:.0f} ms")
    for key, words in (("e", "times reading"), ("f", f"each of {MANY:,} rules, times each of {FEW}")):
        kept = "kept" if figures[key] <= AT_MOST[key] else "MISSED"
        print(f"({key}) {words}: {figures[key]:.2f}, at most {AT_MOST[key]}: {kept}")
    sys.exit(any(figures[key] > AT_MOST[key] for key in figures))


if __name__ == "__main__":
    main()
