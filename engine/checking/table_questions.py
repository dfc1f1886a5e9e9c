"""Questions about the rows of decision tables, asked of every applicant: which row applies first, which last.

The policies are taken with facts added that tell this, and without refusals of rows that may not both apply.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Final

from engine.base.record import record, replace
from engine.language.model import Comparison, DecisionRow, DecisionTable, Fact, FactReference
from engine.language.policy_set import Computation, PolicySet, Tabled
from engine.language.tables import Matcher, rows_in
from engine.solver.applicants import Applicant
from engine.solver.goal import AllGoals, ProofGoal, holds
from engine.solver.prover import Prover

MOST_ROWS: Final = 200
"""Of tables with more rows nothing is proved: it would take too long."""
_NO_ROW: Final = -1


def tables_of(policies: PolicySet) -> list[DecisionTable]:
    """The tables in force."""
    return list(
        {step.table.name: step.table for step in policies.computations if isinstance(step, Tabled)}.values()
    )


@record
class TableQuestions:
    """One table, and a prover of policies in which it is told which of its rows apply."""

    table: DecisionTable
    prover: Prover
    groups: tuple[tuple[int, ...], ...]

    def no_row(self) -> ProofGoal:
        """That no row applies."""
        return self._is(self._told("first"), _NO_ROW)

    def two_apply(self) -> Iterator[ProofGoal]:
        """That two rows apply which may not both."""
        if self.table.hit == "unique":
            first, last = self._told("first"), self._told("last")
            some_row = Comparison(first, "at_least", 0, self.table.at)
            other = Comparison(first, "is_not", FactReference(last, self.table.at), self.table.at)
            yield AllGoals((holds(some_row), holds(other)))
        elif self.table.hit == "any":
            for group in range(len(self.groups)):
                inside, outside = self._told(f"in {group}"), self._told(f"not in {group}")
                some_rows = [Comparison(name, "at_least", 0, self.table.at) for name in (inside, outside)]
                yield AllGoals(tuple(map(holds, some_rows)))

    def counts(self, place: int) -> ProofGoal:
        """That a row applies; of `first`, before all others."""
        if self.table.hit == "first":
            return self._is(self._told("first"), place)
        return self._is(self._told(f"row {place}"), place)

    def applying(self, applicant: Applicant) -> list[DecisionRow]:
        """The rows that apply to somebody."""
        bits, _ = Matcher(self.table).match(applicant.values, applicant.decisions.absent)
        return [self.table.rows[place] for place in rows_in(bits)]

    def _told(self, which: str) -> str:
        return f"{self.table.name} {which}@table"

    def _is(self, name: str, place: int) -> ProofGoal:
        return holds(Comparison(name, "is", place, self.table.at))


def questions_about(table: DecisionTable, prover: Prover) -> TableQuestions | None:
    """What can be asked of a table; None, which the prover keeps, of one that has too many rows."""
    if len(table.rows) > MOST_ROWS:
        prover.unsettled.append((table.name, f"it has more than {MOST_ROWS} rows"))
        return None
    groups: dict[object, list[int]] = {}
    for place, row in enumerate(table.rows):
        groups.setdefault(row.then, []).append(place)
    asked = TableQuestions(table, prover, tuple(map(tuple, groups.values())))
    policies = _told_of(asked, prover.policies)
    return replace(asked, prover=Prover(policies, prover.day, prover.clock, prover.days))


def _told_of(asked: TableQuestions, policies: PolicySet) -> PolicySet:
    table, every = asked.table, range(len(asked.table.rows))
    told: dict[str, Sequence[int]] = {"first": every, "last": every[::-1]}
    if table.hit == "any":
        for number, group in enumerate(asked.groups):
            told[f"in {number}"] = group
            told[f"not in {number}"] = [place for place in every if place not in group]
    elif table.hit.startswith("collect"):
        told.update({f"row {place}": [place] for place in every})
    if table.hit in ("unique", "any"):
        told.update({f"row {place}": [place] for place in every})
    facts = dict(policies.facts)
    added: list[Computation] = []
    for which, places in told.items():
        fact = Fact(asked._told(which), which, "integer", "derived", table.at, _NO_ROW, len(every))
        facts[fact.name] = fact
        added.append(Tabled(fact.name, _telling(table, fact, places), 0))
    computations = (*map(_lenient, policies.computations), *added)
    return replace(policies, facts=facts, computations=computations)


def _telling(table: DecisionTable, fact: Fact, places: Iterable[int]) -> DecisionTable:
    """A table of some of the rows that gives the place of the first that applies."""
    rows = tuple(replace(table.rows[place], then=(place,)) for place in places)
    name = fact.name
    return replace(
        table, name=name, hit="first", outputs=(fact,), conclusions=(), rows=rows, otherwise=(_NO_ROW,),
        complete=False,
    )  # fmt: skip


def _lenient(step: Computation) -> Computation:
    """The same, of a table whose rows exclude each other without a refusal."""
    if isinstance(step, Tabled) and step.table.hit in ("unique", "any"):
        return replace(step, table=replace(step.table, hit="first"))
    return step
