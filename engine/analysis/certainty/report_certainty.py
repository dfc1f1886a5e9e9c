"""A report with how certain each of its items is: which hold whatever the missing answers are.

Of most items that follows from the policies alone, and costs next to nothing; only what an answer could undo
and what is undecided is tried case by case (`case_split`, loaded when it is first needed).
"""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING

from engine.advising.advisor import Advisor, Case
from engine.advising.decide import Decisions
from engine.base.record import replace
from engine.language.facts import Facts
from engine.language.report import Certainty, Item, Report, Undetermined

if TYPE_CHECKING:
    from engine.analysis.certainty.case_split import CaseSplit


class ReportCertainty:
    """Completes the reports of one advisor."""

    def __init__(self, advisor: Advisor) -> None:
        self._advisor = advisor
        policies = advisor.policies
        self._given = [name for name, fact in policies.facts.items() if fact.origin == "given"]
        self._advising = {rule.name for rule in policies.rules if rule.rule.advise is not None}

    def case(self, facts: Facts) -> Case:
        """The complete case of an applicant. Raises as `Advisor.report` does."""
        return self.completed(self._advisor.case(facts))

    def completed(self, case: Case) -> Case:
        """The case with the certainty of every shown item, and of every undecided rule that advises."""
        report, decisions, reversed_by = case.report, case.decisions, self._advisor.policies.reversed_by
        certainty: dict[str, Certainty] = {item.rule: "certain" for item in report.advice}
        still_open = {
            name for name in self._given if name not in decisions.values and name not in decisions.absent
        }
        in_doubt = [rule for rule in certainty if not still_open.isdisjoint(reversed_by.get(rule, ()))]
        in_doubt += [entry.rule for entry in report.undetermined if entry.rule in self._advising]
        if in_doubt:
            certainty |= self._cases.of_rules(in_doubt, case)
        for item in report.advice:
            if certainty[item.rule] == "certain" and _says_what_may_change(item, decisions):
                certainty[item.rule] = "missing"
        return replace(case, report=_with(report, certainty))

    @cached_property
    def _cases(self) -> CaseSplit:
        from engine.analysis.certainty.case_split import CaseSplit

        return CaseSplit(self._advisor)


def _says_what_may_change(item: Item, decisions: Decisions) -> bool:
    """Whether a variant is said because something is not known that may come to be known."""
    reasons = (reason for each in item.chosen for reason in each.because)
    return any(reason.value is None and reason.fact not in decisions.absent for reason in reasons)


def _with(report: Report, certainty: dict[str, Certainty]) -> Report:
    return replace(
        report,
        advice=tuple([item._replace(standing=certainty[item.rule]) for item in report.advice]),
        undetermined=tuple(
            [replace(entry, standing=certainty.get(entry.rule)) for entry in report.undetermined]
        ),
    )


def certainty_of(report: Report) -> dict[str, Certainty]:
    """Rule -> how certain it is, as far as the report is complete."""
    entries: tuple[Item | Undetermined, ...] = (*report.advice, *report.undetermined)
    return {entry.rule: entry.standing for entry in entries if entry.standing is not None}
