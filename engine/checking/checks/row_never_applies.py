"""A row of a decision table that never applies.

Its cells exclude each other by what the vocabulary says, or, with `hit: first`, rows above take everything
that it could. Whoever reads the table believes that it says something. Mend its cells, move it up, or remove
it.

Fails, in policy:

    advise_language: 2
    tables:
      study.plan:
        title: Hours of study
        hit: first
        inputs: [step2_ck.score]
        outputs: {study.hours: {title: Hours a week, type: integer}}
        rows:
          - {id: low, when: [< 225], then: [20]}
          - {id: lowest, when: [< 215], then: [30]}
          - {id: high, when: ["-"], then: [10]}

Passes, in policy:

    advise_language: 2
    tables:
      study.plan:
        title: Hours of study
        hit: first
        inputs: [step2_ck.score]
        outputs: {study.hours: {title: Hours a week, type: integer}}
        rows:
          - {id: lowest, when: [< 215], then: [30]}
          - {id: low, when: [< 225], then: [20]}
          - {id: high, when: ["-"], then: [10]}
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from engine.base.diagnostic import Diagnostic
from engine.checking.checks.subject import Subject
from engine.checking.table_questions import questions_about, tables_of
from engine.solver.prover import Prover

CODE: Final = "row-never-applies"


def check(subject: Subject, prover: Prover) -> Iterator[Diagnostic]:
    """A warning for each row that applies to nobody, or to nobody first."""
    for table in tables_of(subject.policy_set):
        with prover.settling(table.name):
            asked = questions_about(table, prover)
            for place, row in enumerate(table.rows) if asked is not None else ():
                assert asked is not None
                if asked.prover.find(asked.counts(place)) is None:
                    first = " first" if table.hit == "first" else ""
                    message = f"Row `{row.id}` of `{table.name}` never applies{first}."
                    help_text = "Mend its cells, or remove it."
                    if first:
                        help_text = "Rows above take all that it could: mend its cells, or move it up."
                    yield Diagnostic(CODE, message, row.at, help_text, "warning")
