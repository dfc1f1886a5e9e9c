"""Rows of a decision table that may not both apply and surely can: told when the folder is read.

They surely can where somebody may give just what a case says: the facts of its columns are given ones, or
bands of such, and nothing that the vocabulary says of them holds then. All other overlaps are left to
`advise check`.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from engine.base.toposort import reachable
from engine.language.conditions import HOLDS, facts_of, tests_of, verdict_of
from engine.language.functions import ABSENT
from engine.language.model import Condition, DecisionRow, DecisionTable, Value
from engine.language.policy_set import Banded, Computation, Implied, ResolvedConsistency, inputs_of
from engine.loading.scope import Scope
from engine.loading.table_cases import NOT_KNOWN, Overlap, TableCases


class SureOverlaps:
    """Tells which overlaps are sure, from the computations and consistency rules of a policy set."""

    def __init__(
        self, computations: Iterable[Computation], consistency: Iterable[ResolvedConsistency], names: Scope
    ) -> None:
        self._names = names
        self._inputs: Mapping[str, tuple[str, ...]] = {step.fact: inputs_of(step) for step in computations}
        self._bands = {step.fact: step.of for step in computations if isinstance(step, Banded)}
        implied = (step for step in computations if isinstance(step, Implied))
        self._conditions: tuple[Condition, ...] = (
            *(implication.when for step in implied for implication, _ in step.by),
            *(rule.when for rule in consistency),
        )

    def check(self, table: DecisionTable, cases: TableCases) -> None:
        """Notes the sure overlaps of a table."""
        if table.hit not in ("unique", "any"):
            return
        for overlap in cases.overlaps():
            first, second = overlap.first, overlap.second
            if self._is_sure(overlap, table) or _same_cells(first, second):
                gives = "" if table.hit == "unique" else ", and give otherwise"
                message = f"Rows `{first.id}` and `{second.id}` of `{table.name}` both apply{gives}: "
                help_text = "Part them, or write `hit: first`: then the first that applies counts."
                shown = cases.in_words(overlap.case)
                self._names.error("rows-overlap", f"{message}{shown}.", second.at, help_text)

    def _is_sure(self, overlap: Overlap, table: DecisionTable) -> bool:
        given: dict[str, Value] = {}
        banded: list[str] = []
        cells = zip(table.columns, overlap.first.when, overlap.second.when, overlap.case, strict=True)
        for name, one, other, value in cells:
            if (one, other) == ("any", "any") or value == NOT_KNOWN:
                continue
            of = self._bands.get(name, name)
            is_given = self._names.facts[of].origin == "given" and of != "as_of"
            if not is_given or of in (*given, *banded) or value in (ABSENT, None):
                return False
            if of == name:
                given[name] = value
            else:
                banded.append(of)
        return all(self._passes(condition, given, banded) for condition in self._conditions)

    def _passes(self, condition: Condition, given: Mapping[str, Value], banded: Iterable[str]) -> bool:
        """Whether a condition does not hold of somebody who gives just this, as far as that can be told."""
        known = (*given, *banded)
        concerned = [name for name in facts_of(condition) if not self._behind(name).isdisjoint(known)]
        if not concerned:
            return True
        return all(name in given for name in concerned) and verdict_of(condition, given) != HOLDS

    def _behind(self, name: str) -> frozenset[str]:
        return frozenset(reachable([name], lambda each: self._inputs.get(each, ())))


def _same_cells(first: DecisionRow, second: DecisionRow) -> bool:
    return list(_cells(first)) == list(_cells(second))


def _cells(row: DecisionRow) -> Iterator[Any]:
    for cell in row.when:
        yield cell if isinstance(cell, str) else [(test.operator, test.operand) for test in tests_of(cell)]
