"""Two rows of a decision table that both apply.

In a table with `hit: unique`, which is the usual one, no two rows may apply to one applicant; with `hit: any`
only where they give the same. Who meets two is refused, for nobody could say which of them is right. Rows
that overlap in what applicants give are found whenever the folder is read, others by `advise check`, with
the smallest applicant to whom both apply. Part the rows, or write `hit: first`: then the first that applies
counts.

Fails, in policy:

    advise_language: 2
    tables:
      study.plan:
        title: Hours of study
        inputs: [step2_ck.score]
        outputs: {study.hours: {title: Hours a week, type: integer}}
        rows:
          - {id: low, when: [<= 215], then: [20]}
          - {id: high, when: [">= 215"], then: [10]}

Passes, in policy:

    advise_language: 2
    tables:
      study.plan:
        title: Hours of study
        inputs: [step2_ck.score]
        outputs: {study.hours: {title: Hours a week, type: integer}}
        rows:
          - {id: low, when: [< 215], then: [20]}
          - {id: high, when: [">= 215"], then: [10]}
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from engine.base.diagnostic import Diagnostic, Related
from engine.checking.checks.subject import Subject
from engine.checking.table_questions import TableQuestions, questions_about, tables_of
from engine.solver.prover import Prover

CODE: Final = "rows-overlap"


def check(subject: Subject, prover: Prover) -> Iterator[Diagnostic]:
    """An error for each table of which two rows apply to somebody and may not."""
    for table in tables_of(subject.policy_set):
        if table.hit in ("unique", "any"):
            with prover.settling(table.name):
                asked = questions_about(table, prover)
                if asked is not None:
                    yield from _overlap(asked)


def _overlap(asked: TableQuestions) -> Iterator[Diagnostic]:
    for goal in asked.two_apply():
        applicant = asked.prover.smallest(goal)
        if applicant is None:
            continue
        first, *others = asked.applying(applicant)
        second = next(row for row in others if asked.table.hit == "unique" or row.then != first.then)
        message = f"Rows `{first.id}` and `{second.id}` of `{asked.table.name}` can both apply."
        help_text = "Part them, or write `hit: first`: then the first that applies counts."
        related = (Related(first.at, "the other row"),)
        shown = asked.prover.witness(applicant)
        yield Diagnostic(CODE, message, second.at, help_text, "error", related=related, witness=shown)
        return
