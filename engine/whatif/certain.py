"""What holds whatever the missing answers are: shown by cases, never guessed.

A completion gives every unknown fact that somebody could give (absent ones have no answer) some value, so
that nothing contradicts. A rule is *certain* when it holds in every consistent completion. Where the logic
of unknowns cannot tell, the facts in doubt are tried value by value (true or false, each value of an enum;
and of one ordered fact at a time its stretches, on which no test changes), until each case is decided. What
is not shown within `MOST_CASES` is *possible*, never certain.

More knowledge can undo what holds only through a test of whether something is known, or a `first_known` that
had to pass over an unknown fact; a case in which one of these is still in doubt counts as undecided. A rule
whose own condition tests `known: false` speaks about what is missing: it is left out, and labelled `missing`.
"""

from __future__ import annotations

from datetime import date
from typing import Final, Literal

from engine.advisor import Case
from engine.catalogue import behind
from engine.decide import Decisions
from engine.derive import Contradicted
from engine.evaluate import FAILS, HOLDS, UNKNOWN, facts_of, possible, tests_of
from engine.facts import Facts, with_changes
from engine.model import Condition, Scalar
from engine.policyset import Computed, ResolvedRule
from engine.values import ORDERED
from engine.whatif.stretches import Stretch
from engine.whatif.whatif import Explorer

MOST_CASES: Final = 60
"""So many cases are tried for a rule."""

Standing = Literal["certain", "possible", "impossible", "missing"]


class Certainty:
    """Judges the rules of one policy set."""

    def __init__(self, explorer: Explorer) -> None:
        self._explorer = explorer
        policies = explorer.advisor.policies
        self._policies = policies
        self._rules = {rule.name: rule for rule in policies.rules}
        self._computed = {step.fact: step for step in policies.computations if isinstance(step, Computed)}
        self._concluding: dict[str, list[ResolvedRule]] = {}
        for rule in policies.rules:
            for finding, _ in rule.rule.conclude:
                self._concluding.setdefault(finding, []).append(rule)
        self._cones: dict[str, tuple[str, ...]] = {}

    def of_case(self, case: Case) -> dict[str, Standing]:
        """Every shown item's rule and every undecided one that advises and matters, with where it stands."""
        names = [item.rule for item in case.report.advice]
        names += [
            entry.rule
            for entry in case.report.undetermined
            if entry.matters and self._rules[entry.rule].rule.advise is not None
        ]
        return {name: self.of_rule(name, case) for name in names}

    def of_rule(self, name: str, case: Case) -> Standing:
        """Where one rule stands."""
        rule = self._rules[name]
        if any(test.operator == "known" and not test.operand for test in tests_of(rule.when)):
            return "missing"
        decisions = case.decisions
        if not possible(rule.when, decisions.values, decisions.absent) and not self._doubts(rule, decisions):
            return "impossible"
        return "certain" if _Cases(self, rule, case).all_hold(case.facts) else "possible"

    def cone(self, rule: ResolvedRule) -> tuple[str, ...]:
        """Every fact that a rule rests on."""
        found = self._cones.get(rule.name)
        if found is None:
            names = dict.fromkeys(facts_of(rule.when))
            below = {each for name in names for each in behind(name, self._policies)}
            calendar = self._policies.calendar
            if calendar is not None and not (below | names.keys()).isdisjoint(calendar.facts):
                below |= {calendar.keyed_by, *behind(calendar.keyed_by, self._policies)}
            found = self._cones[rule.name] = tuple(dict.fromkeys((*names, *sorted(below))))
        return found

    def _doubts(self, rule: ResolvedRule, decisions: Decisions) -> list[str]:
        """Unknown facts whose becoming known could undo a verdict of this rule."""
        values, absent = decisions.values, decisions.absent
        found: dict[str, None] = {}
        conditions: list[Condition] = [rule.when]
        for name in self.cone(rule):
            conditions += [each.when for each in self._concluding.get(name, ())]
            step = self._computed.get(name)
            if step is None:
                continue
            conditions += [each for each in (step.call.condition, step.only_when) if each is not None]
            if step.call.function == "first_known" and len(step.call.items) > 1:
                for item in step.call.items:
                    if not isinstance(item, str) or item in values:
                        break
                    if item not in absent:
                        found[item] = None
        for condition in conditions:
            for test in tests_of(condition):
                if test.operator == "known" and test.fact not in values and test.fact not in absent:
                    found[test.fact] = None
        return list(found)


class _Cases:
    """One rule's proof by cases."""

    def __init__(self, certainty: Certainty, rule: ResolvedRule, case: Case) -> None:
        self._certainty, self._rule, self._case = certainty, rule, case
        self._explorer, self._policies = certainty._explorer, certainty._policies
        self._left = MOST_CASES

    def all_hold(self, facts: Facts) -> bool:
        """Whether the rule holds in every consistent completion of these facts; False where not shown."""
        if self._left <= 0:
            return False
        self._left -= 1
        advisor = self._explorer.advisor
        try:
            situation = advisor.situation(facts, _day(self._case))
        except Contradicted:
            return True  # no completion has these values
        decisions = advisor.decide(situation)
        verdict = decisions.verdicts[self._rule.name]
        doubts = self._certainty._doubts(self._rule, decisions)
        if verdict is HOLDS and not doubts:
            return True
        if verdict is FAILS and not doubts:
            return False
        split = self._next(decisions, doubts)
        if split is None:
            return False
        fact = self._policies.facts[split]
        if fact.type not in ORDERED:
            choices: tuple[Scalar, ...] = (
                (True, False) if fact.type == "boolean" else tuple(n for n, _ in fact.values)
            )
            return all(self.all_hold(with_changes(facts, {split: value}, str)) for value in choices)
        return all(
            self._holds_on(stretch)
            for stretch in self._explorer.stretches(split).between(facts, situation, *fact.limits)
        )

    def _holds_on(self, stretch: Stretch) -> bool:
        if isinstance(stretch.first, Contradicted):
            return True
        self._left -= 1
        decisions = self._explorer.advisor.decide(stretch.first)
        holds = decisions.verdicts[self._rule.name] is HOLDS
        return holds and not self._certainty._doubts(self._rule, decisions)

    def _next(self, decisions: Decisions, doubts: list[str]) -> str | None:
        """The given fact to try next: one with few values, else an ordered one."""
        values, absent = decisions.values, decisions.absent
        names = [
            name
            for name in self._certainty.cone(self._rule)
            if name not in values
            and name not in absent
            and (fact := self._policies.facts[name]).origin == "given"
            and fact.type not in ("text", "list")
        ]
        wanted = set(doubts)
        if decisions.verdicts[self._rule.name] is UNKNOWN or not wanted:
            behind_doubts = set(names)
        else:
            behind_doubts = {each for name in wanted for each in behind(name, self._policies)} | wanted
        names = [name for name in names if name in behind_doubts]
        few = [name for name in names if self._policies.facts[name].type not in ORDERED]
        return next(iter(few or names), None)


def _day(case: Case) -> date:
    day = case.decisions.values["as_of"]
    assert isinstance(day, date)
    return day
