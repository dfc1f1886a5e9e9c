"""A generated policy folder: a decision table of a rule for each combination of four facts of some values."""

from __future__ import annotations

from itertools import product

from benchmarks.check import HEAD
from engine.base.read import PolicyFile

FACTS = range(4)


def decision_table(values: int) -> tuple[PolicyFile, ...]:
    """So many values to the power of four rules, which advise the same; a policy for each value of a fact."""
    named = ", ".join(f"v{value}: Value {value}" for value in range(values))
    facts = "".join(
        f'  cell.fact{n}: {{title: Fact {n}, type: enum, values: {{{named}}}, question: "Which {n}?"}}\n'
        for n in FACTS
    )
    files = {
        "vocabulary": f'facts:\n  as_of: {{title: Day, type: date, question: "Which day?"}}\n{facts}',
        "ranking": "severities: {soon: Soon}\ntiers: {guide: Guide}\ncategories: {all: All}\n",
        "sources": "entries:\n  book:\n    title: Book\n    publisher: Us\n    kind: guide\n"
        "    retrieved: 2026-11-01\n    checked_on: 2026-11-01\n    anchors: {place: {title: Place}}\n",
    }
    texts = {f"{kind}.yaml": HEAD.format(kind=kind) + body for kind, body in files.items()}
    for first in range(values):
        rules = "".join(_rule((first, *rest)) for rest in product(range(values), repeat=len(FACTS) - 1))
        head = HEAD.format(kind="policy").replace("policy: generated", f"policy: p{first}")
        texts[f"p{first}.yaml"] = f"{head}rules:\n{rules}"
    return tuple(PolicyFile(name, text.encode()) for name, text in sorted(texts.items()))


def _rule(cell: tuple[int, ...]) -> str:
    when = ", ".join(f"cell.fact{n}: v{value}" for n, value in zip(FACTS, cell, strict=True))
    return (
        f"  - {{id: cell-{'-'.join(map(str, cell))}, title: Cell, when: {{{when}}}, tier: guide,\n"
        "     cites: [book#place], advise: {text: Do it., category: all, severity: soon}}\n"
    )
