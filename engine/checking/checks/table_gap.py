"""A decision table without a row for somebody.

No row applies to this applicant, and nothing is said of what is given otherwise: the facts of the table have
no value then, and what looks at them never holds. Add a row, or `otherwise:`; where nothing is to be given,
write `otherwise: [absent]`.

Fails, in policy:

    advise_language: 2
    tables:
      study.plan:
        title: Hours of study
        inputs: [step2_ck.score]
        outputs: {study.hours: {title: Hours a week, type: integer}}
        rows:
          - {id: low, when: [< 215], then: [20]}
          - {id: high, when: ["> 215"], then: [10]}

Passes, in policy:

    advise_language: 2
    tables:
      study.plan:
        title: Hours of study
        inputs: [step2_ck.score]
        outputs: {study.hours: {title: Hours a week, type: integer}}
        rows:
          - {id: low, when: [< 215], then: [20]}
          - {id: high, when: ["> 215"], then: [10]}
        otherwise: [absent]
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from engine.base.diagnostic import Diagnostic
from engine.checking.checks.subject import Subject
from engine.checking.table_questions import questions_about, tables_of
from engine.solver.prover import Prover

CODE: Final = "table-gap"


def check(subject: Subject, prover: Prover) -> Iterator[Diagnostic]:
    """A warning for each table that gives nothing to somebody, and does not say so."""
    for table in tables_of(subject.policy_set):
        if table.complete or table.otherwise is not None or table.hit.startswith("collect"):
            continue
        with prover.settling(table.name):
            asked = questions_about(table, prover)
            applicant = None if asked is None else asked.prover.smallest(asked.no_row())
            if asked is not None and applicant is not None:
                message = f"No row of `{table.name}` applies to some."
                help_text = "Add a row, or `otherwise:` with what is given then (`absent` for nothing)."
                shown = asked.prover.witness(applicant)
                yield Diagnostic(CODE, message, table.at, help_text, "warning", witness=shown)
