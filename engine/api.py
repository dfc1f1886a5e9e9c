"""Everything that the command prints, as values, for scripts and notebooks (`docs/python.md`)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date
from functools import cached_property
from pathlib import Path
from threading import RLock
from typing import Any

from engine.advising.advisor import Advisor, Case, EngineChoice
from engine.analysis.ask.order import Asked, ask_order
from engine.analysis.certainty.report_certainty import ReportCertainty, certainty_of
from engine.analysis.explain.explainer import Branch, Explained, Explainer
from engine.analysis.recourse.goal import goal_of
from engine.analysis.recourse.recourse import Recourse, RecourseResult
from engine.analysis.session import facts_on_their_day
from engine.analysis.what_if.change import FactChanges, Range, read_changes
from engine.analysis.what_if.days import along_any, what_if_any
from engine.analysis.what_if.sensitivity import Threshold, sensitivity
from engine.analysis.what_if.what_if import Explorer, Row, WhatIf
from engine.base.dates import parse_date
from engine.base.diagnostic import CommandLine, InvalidInput
from engine.language.facts import taken_in
from engine.language.model import Fact, Scalar, Value
from engine.language.operators import ORDERED
from engine.language.policy_set import PolicySet
from engine.language.report import Certainty
from engine.language.values import typed
from engine.loading.folder import find_folder
from engine.loading.load import load


class Guidance:
    """The policies in force on a day, and all that can be asked of them about one applicant at a time.

    `folder` is a policy folder (None: as the command finds it), `day` a date or its text. Without a day each
    case is of the day that its facts name as their `as_of`, else of today, as with the command. Any number of
    threads may ask at once. Every method raises InvalidInput, with all problems as `diagnostics`, for facts
    and names that cannot be used.
    """

    def __init__(
        self,
        folder: str | Path | None = None,
        day: date | str | None = None,
        *,
        engine: EngineChoice = "durable-rules",
    ) -> None:
        self._day = parse_date(day) if isinstance(day, str) else day
        if day is not None and self._day is None:
            message = f"`{day}` is no date of the calendar."
            raise InvalidInput.error("not-a-date", message, CommandLine("--as-of"))
        self._folder = find_folder(str(folder) if folder else None)
        self._engine: EngineChoice = engine
        self._days: dict[date, _Day] = {}
        self._loading = RLock()
        if self._day is not None:
            self._on(self._day)

    @property
    def policies(self) -> PolicySet:
        """What is in force on the day, or today."""
        return self.policies_on(self._day or date.today())

    def policies_on(self, day: date) -> PolicySet:
        """What is in force on another day."""
        return self._on(day).advisor.policies

    def case(self, facts: Mapping[str, Any] | str | Path) -> Case:
        """One applicant: nested facts, or the path of a facts file. `case.report` is complete."""
        given = facts if isinstance(facts, Mapping) else str(facts)
        typed_facts, policies = facts_on_their_day(given, self._day, self.policies_on)
        return self._on(policies.as_of).certainty.case(typed_facts)

    def explain(self, case: Case, rule: str | None = None) -> Explained:
        """Why each shown item is there; or why one rule holds, or what it lacks."""
        explainer = self._of(case).explainer
        return explainer.items(case) if rule is None else explainer.rule(rule, case)

    def tree(self, case: Case, rule: str) -> Branch:
        """A rule's condition, each part with its verdict."""
        return self._of(case).explainer.tree(rule, case)

    def near(self, case: Case) -> tuple[Threshold, ...]:
        """What a small change of one fact would flip."""
        return sensitivity(case, self._of(case).explorer)

    def what_if(self, case: Case, sets: Mapping[str, Any], unset: Iterable[str] = ()) -> WhatIf:
        """The report with other facts (`{"group.fact": 236}`), against the case."""
        policies = self._of(case).advisor.policies
        names = read_changes([], [*sets, *unset], policies)  # which refuses names that cannot be set
        values = {
            **names.values,
            **{name: _typed(value, policies.facts[name]) for name, value in sets.items()},
        }
        return what_if_any(case, FactChanges(values, names.written, None), self._advisor_on)

    def along(
        self, case: Case, fact: str, low: Scalar | None = None, high: Scalar | None = None
    ) -> tuple[Row, ...]:
        """What is said along a range of one fact, both ends included (None: as far as it goes). Exact."""
        policies = self._of(case).advisor.policies
        read_changes([], [fact], policies)
        declared = policies.facts[fact]
        limits = declared.limits if declared.type in ORDERED else (None, None)
        first, last = (limits[0] if low is None else low), (limits[1] if high is None else high)
        over = FactChanges({}, {}, Range(fact, first, last, fact))
        return along_any(case, over, self._advisor_on).rows

    def reach(self, case: Case, goal: str, *, stop: bool = False) -> RecourseResult:
        """The least changes that bring a goal about: a rule, `band=value` or `finding=true`."""
        of_day = self._of(case)
        wanted = goal_of(goal, of_day.advisor.policies, of_day.explainer.named, stop=stop)
        return of_day.recourse.reach(case, wanted)

    def ask(self, case: Case) -> tuple[Asked, ...]:
        """The unknown facts to ask for, the most worthwhile first."""
        return ask_order(case, self._of(case).advisor.policies)

    def certain(self, case: Case) -> Mapping[str, Certainty]:
        """Shown and undecided rules: which hold whatever the missing answers are."""
        return certainty_of(self._of(case).certainty.completed(case).report)

    def _of(self, case: Case) -> _Day:
        return self._on(case.report.as_of)

    def _advisor_on(self, day: date) -> Advisor:
        return self._on(day).advisor

    def _on(self, day: date) -> _Day:
        with self._loading:
            if day not in self._days:
                known = (held.advisor.policies.on(day) for held in self._days.values())
                policies = next((each for each in known if each is not None), None)
                self._days[day] = _Day(Advisor(policies or load(self._folder, day), engine=self._engine))
            return self._days[day]


class _Day:
    """What is asked of the policies of one day."""

    def __init__(self, advisor: Advisor) -> None:
        self.advisor = advisor

    @cached_property
    def explainer(self) -> Explainer:
        return Explainer(self.advisor.policies)

    @cached_property
    def explorer(self) -> Explorer:
        return Explorer(self.advisor)

    @cached_property
    def recourse(self) -> Recourse:
        return Recourse(self.advisor)

    @cached_property
    def certainty(self) -> ReportCertainty:
        return ReportCertainty(self.advisor)


def _typed(given: Any, fact: Fact) -> Value:
    at = CommandLine(f"--set {fact.name}")
    value, problem = typed(taken_in(given, at), fact)
    if problem is not None or value is None:
        message, help_text = problem or (f"`{fact.name}` is given nothing.", "Name it in `unset`.")
        raise InvalidInput.error("wrong-value", message, at, help_text)
    return value
