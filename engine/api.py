"""Everything that the command prints, as values, for scripts and notebooks (`docs/python.md`)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date
from functools import cached_property
from pathlib import Path
from typing import Any

from engine.advising.advisor import Advisor, Case, EngineChoice
from engine.analysis.ask.order import Asked, ask_order
from engine.analysis.certainty.report_certainty import ReportCertainty, certainty_of
from engine.analysis.explain.explainer import Branch, Explained, Explainer
from engine.analysis.recourse.goal import goal_of
from engine.analysis.recourse.recourse import Recourse, RecourseResult
from engine.analysis.session import read_facts_file
from engine.analysis.what_if.change import FactChanges, Range, read_changes
from engine.analysis.what_if.sensitivity import Threshold, sensitivity
from engine.analysis.what_if.what_if import Explorer, Row, WhatIf, what_if
from engine.base.dates import parse_date
from engine.base.diagnostic import CommandLine, InvalidInput
from engine.language.facts import facts_from_source, read_facts
from engine.language.model import Scalar, Value
from engine.language.operators import ORDERED
from engine.language.policy_set import PolicySet
from engine.language.report import Certainty
from engine.language.values import typed
from engine.loading.folder import find_folder
from engine.loading.load import load


class Guidance:
    """The policies in force on a day, and all that can be asked of them about one applicant at a time.

    `folder` is a policy folder (None: as the command finds it), `day` a date or its text (None: today). Every
    method raises InvalidInput, with all problems as `diagnostics`, for facts and names that cannot be used.
    """

    def __init__(
        self,
        folder: str | Path | None = None,
        day: date | str | None = None,
        *,
        engine: EngineChoice = "durable-rules",
    ) -> None:
        as_of = parse_date(day) if isinstance(day, str) else day or date.today()
        if as_of is None:
            message = f"`{day}` is no date of the calendar."
            raise InvalidInput.error("not-a-date", message, CommandLine("--as-of"))
        self.advisor = Advisor(load(find_folder(str(folder) if folder else None), as_of), engine=engine)

    @property
    def policies(self) -> PolicySet:
        """What is in force."""
        return self.advisor.policies

    def case(self, facts: Mapping[str, Any] | str | Path) -> Case:
        """One applicant: nested facts, or the path of a facts file. `case.report` is complete."""
        if isinstance(facts, Mapping):
            given = read_facts(dict(facts), self.policies.facts)
        else:
            given = facts_from_source(read_facts_file(str(facts)), self.policies.facts)
        return self._certainty.case(given)

    def explain(self, case: Case, rule: str | None = None) -> Explained:
        """Why each shown item is there; or why one rule holds, or what it lacks."""
        return self._explainer.items(case) if rule is None else self._explainer.rule(rule, case)

    def tree(self, case: Case, rule: str) -> Branch:
        """A rule's condition, each part with its verdict."""
        return self._explainer.tree(rule, case)

    def near(self, case: Case) -> tuple[Threshold, ...]:
        """What a small change of one fact would flip."""
        return sensitivity(case, self._explorer)

    def what_if(self, case: Case, sets: Mapping[str, Any], unset: Iterable[str] = ()) -> WhatIf:
        """The report with other facts (`{"group.fact": 236}`), against the case."""
        names = read_changes([], [*sets, *unset], self.policies)  # which refuses names that cannot be set
        values = {**names.values, **{name: self._typed(name, value) for name, value in sets.items()}}
        return what_if(case, FactChanges(values, names.written, None), self.advisor)

    def along(
        self, case: Case, fact: str, low: Scalar | None = None, high: Scalar | None = None
    ) -> tuple[Row, ...]:
        """What is said along a range of one fact, both ends included (None: as far as it goes). Exact."""
        read_changes([], [fact], self.policies)
        declared = self.policies.facts[fact]
        limits = declared.limits if declared.type in ORDERED else (None, None)
        first, last = (limits[0] if low is None else low), (limits[1] if high is None else high)
        return self._explorer.along(case.facts, case.derived, Range(fact, first, last, fact))

    def reach(self, case: Case, goal: str, *, stop: bool = False) -> RecourseResult:
        """The least changes that bring a goal about: a rule, `band=value` or `finding=true`."""
        return self._recourse.reach(case, goal_of(goal, self.policies, self._explainer.named, stop=stop))

    def ask(self, case: Case) -> tuple[Asked, ...]:
        """The unknown facts to ask for, the most worthwhile first."""
        return ask_order(case, self.policies)

    def certain(self, case: Case) -> Mapping[str, Certainty]:
        """Shown and undecided rules: which hold whatever the missing answers are."""
        return certainty_of(self._certainty.completed(case).report)

    def _typed(self, name: str, given: Any) -> Value:
        value, problem = typed(given, self.policies.facts[name])
        if problem is not None or value is None:
            message, help_text = problem or (f"`{name}` is given nothing.", "Name it in `unset`.")
            raise InvalidInput.error("wrong-value", message, CommandLine(f"--set {name}"), help_text)
        return value

    @cached_property
    def _explainer(self) -> Explainer:
        return Explainer(self.policies)

    @cached_property
    def _explorer(self) -> Explorer:
        return Explorer(self.advisor)

    @cached_property
    def _recourse(self) -> Recourse:
        return Recourse(self.advisor)

    @cached_property
    def _certainty(self) -> ReportCertainty:
        return ReportCertainty(self.advisor)
