"""`python -m benchmarks.tables`: a table of 5,000 rows beside 5,000 rules that say the same, in turns."""

from __future__ import annotations

import json
import random
import time
from collections.abc import Callable, Mapping
from datetime import date
from functools import partial
from statistics import median
from typing import Any, Final

import click

from engine.advising.advisor import Advisor
from engine.base.read import PolicyFile
from engine.language.facts import nested, read_facts
from engine.loading.load import resolve_files

DAY: Final = date(2026, 9, 15)
IN_A_FILE: Final = 1_000
"""So many rules stand in one file, which holds 20,000 values at most; the rows stand in one CSV file."""
HEAD: Final = {"title": "T", "version": "1.0.0", "status": "active", "effective": {"from": str(DAY)}}
KINDS: Final = 50


@click.command()
@click.option("--rows", default=5_000, show_default=True, type=click.IntRange(100))
@click.option("--rounds", default=5, show_default=True, type=click.IntRange(1))
def main(rows: int, rounds: int) -> None:
    """Print how long a table takes for each second that as many rules take, median of rounds in turns."""
    sides = {"rules": files_of(rows, as_tables=False), "table": files_of(rows, as_tables=True)}
    loading = in_turns({name: partial(resolve_files, files, DAY) for name, files in sides.items()}, rounds)
    advisors = {name: Advisor(resolve_files(files, DAY)) for name, files in sides.items()}
    firing = in_turns({name: firing_of(advisor, rows) for name, advisor in advisors.items()}, rounds)
    for what, times in (("loaded", loading), ("fired for 20 applicants", firing)):
        ratio = median(table / rule for table, rule in zip(times["table"], times["rules"], strict=True))
        shown = ", ".join(f"{name} {median(each):.3f} s" for name, each in times.items())
        click.echo(f"{rows} {what}: {shown}; the table takes {ratio:.2f} of the time of rules")


def in_turns(contestants: Mapping[str, Callable[[], Any]], rounds: int) -> dict[str, list[float]]:
    """The seconds of each, round by round."""
    times: dict[str, list[float]] = {name: [] for name in contestants}
    for _ in range(rounds):
        for name, run in contestants.items():
            start = time.perf_counter()
            run()
            times[name].append(time.perf_counter() - start)
    return times


def cells(row: int) -> tuple[str, int, int]:
    """The kind, and the range of numbers, for which a row is."""
    kind, place = row % KINDS, row // KINDS
    return f"k{kind}", place * 10, place * 10 + 9


def files_of(rows: int, *, as_tables: bool) -> tuple[PolicyFile, ...]:
    """A folder with cases that exclude each other, in a table or in rules."""
    facts = {
        "as_of": {"title": "D", "type": "date", "question": "?"},
        "a.kind": {"title": "K", "type": "enum", "question": "?", "values": [f"k{n}" for n in range(KINDS)]},
        "a.number": {
            "title": "N",
            "type": "integer",
            "question": "?",
            "range": {"at_least": 0, "at_most": 10**6},
        },
    }
    files: dict[str, Any] = {
        "vocabulary.yaml": {
            "advise_language": 2, "vocabulary": "v", **HEAD, "facts": facts,
            "findings": {f"f.n{n}": {"title": "F", "polarity": "neutral"} for n in range(10)},
        },
        "sources.yaml": {
            "advise_language": 1, "sources": "s", **HEAD,
            "entries": {"s": {"title": "S", "publisher": "P", "kind": "k", "retrieved": str(DAY),
                              "checked_on": str(DAY), "anchors": {"a": {"title": "A"}}}},
        },
        "ranking.yaml": {
            "advise_language": 1, "ranking": "r", **HEAD,
            "severities": {"s": "S"}, "tiers": {"t": "T"}, "categories": {"c": "C"},
        },
    }  # fmt: skip
    if as_tables:
        tables = {"t.table": table_of("rows.csv")}
        files["p.yaml"] = {"advise_language": 2, "policy": "p", **HEAD, "tables": tables}
    for first in range(0, 0 if as_tables else rows, IN_A_FILE):
        part = range(first, min(first + IN_A_FILE, rows))
        made = {"policy": f"p{first}", **HEAD, "rules": rules_of(part)}
        files[f"p{first}.yaml"] = {"advise_language": 2, **made}
    read = [PolicyFile(path, json.dumps(data).encode()) for path, data in sorted(files.items())]
    return (*read, PolicyFile("rows.csv", rows_as_csv(rows))) if as_tables else tuple(read)


def table_of(rows: str) -> dict[str, Any]:
    """A table, the rows of which stand in a file."""
    outputs = {"t.out": {"title": "O", "type": "integer"}}
    return {"title": "T", "inputs": ["a.kind", "a.number"], "outputs": outputs, "rows": rows}


def rows_as_csv(rows: int) -> bytes:
    """The rows as a file."""
    lines = ["id,a.kind,a.number,t.out"]
    for row in range(rows):
        kind, low, high = cells(row)
        lines.append(f"r{row},{kind},{low}..{high},{row}")
    return "\n".join([*lines, ""]).encode()


def rules_of(part: range) -> list[dict[str, Any]]:
    """The rows as rules."""
    rules = []
    for row in part:
        kind, low, high = cells(row)
        when = {"a.kind": kind, "a.number": {"between": [low, high]}}
        rule = {"id": f"r{row}", "title": "T", "when": when, "tier": "t", "cites": ["s#a"]}
        rules.append({**rule, "conclude": [f"f.n{row % 10}"]})
    return rules


def firing_of(advisor: Advisor, rows: int) -> Callable[[], None]:
    """Deciding some applicants."""
    draw = random.Random(1)
    people = [
        read_facts(
            nested(
                {"as_of": DAY, "a.kind": f"k{draw.randrange(KINDS)}", "a.number": draw.randrange(rows // 5)}
            ),
            advisor.policies.facts,
        )
        for _ in range(20)
    ]

    def fire() -> None:
        for facts in people:
            advisor.decide(advisor.derive(facts))

    return fire


if __name__ == "__main__":
    main()
