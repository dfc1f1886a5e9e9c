"""The least change of facts that brings something about: searched from the cheapest on, verified by firing.

A combination of changes is carried further only at a part of the goal that does not hold yet: one of the
facts behind that part must change in every answer that contains the combination. A fact's candidates are the
nearest values of its stretches, the other facts being as changed so far. So an answer in which each test is
brought about by one fact is found, and the cheapest first; where a sum of several facts has to pass a bound,
an answer is found that need not be the cheapest. That nothing can be done is said only when it is shown.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import date
from decimal import Decimal
from heapq import heappop, heappush
from itertools import count
from typing import Final

from engine.advisor import Advisor, Case
from engine.catalogue import behind
from engine.decide import Decisions
from engine.derive import Contradicted, Situation
from engine.diagnostic import Diagnostic, Location, Refused, did_you_mean
from engine.evaluate import FAILS, HOLDS, Values, Verdict, tests_of, verdict_of
from engine.explain.origins import Origins, wanted_in_words
from engine.facts import Facts, with_changes
from engine.model import All, Any, Condition, FactReference, Not, Scalar, Test, Value
from engine.policyset import Computed, PolicySet
from engine.record import record, replace
from engine.whatif.changeable import cannot_in_words, cost_of, may_change
from engine.whatif.whatif import Explorer

MOST_ANSWERS: Final = 3
MOST_CHANGES: Final = 4
MOST_COMBINATIONS: Final = 150
"""So many combinations are looked at before giving up."""

Changes = Mapping[str, Scalar]


@record
class Goal:
    """What is to be brought about: a condition, in words, and the place it was written at."""

    words: str
    condition: Condition


@record
class Answer:
    """Changes that bring the goal about, each with the value before, and what they cost together."""

    changes: tuple[tuple[str, Value | None, Scalar], ...]
    cost: Decimal
    case: Case


@record
class Reached:
    """The answers, the cheapest first; without one, why (or, where that is not shown, what was looked at)."""

    case: Case
    goal: Goal
    already: bool
    answers: tuple[Answer, ...]
    because: tuple[str, ...]
    combinations: int


def goal_of(text: str, policies: PolicySet, named: Callable[[str], str], *, stop: bool) -> Goal:
    """A goal as written: a rule, or `band=value`, `finding=true`; `stop`: that it no longer be so.

    `named` gives the full name of a rule. Raises Refused.
    """
    name, equals, value = text.partition("=")
    if not equals:
        rule = next(rule for rule in policies.rules if rule.name == named(text))
        words = f"“{rule.rule.title}” ({rule.name}) {'no longer holds' if stop else 'holds'}"
        condition: Condition = rule.when
    else:
        test = _test_of(name.strip(), value.strip(), policies)
        fact = policies.facts[test.fact]
        label = fact.labels.get(value) or ("yes" if test.operand is True else "no")
        words = f"{fact.title} is {'no longer ' if stop else ''}{label} ({test.fact})"
        condition = test
    return Goal(words, Not(condition, condition.at) if stop else condition)


def _test_of(name: str, value: str, policies: PolicySet) -> Test:
    at = Location("GOAL")
    reachable = {n: f for n, f in policies.facts.items() if f.origin in ("band", "finding")}
    fact = reachable.get(name)
    if fact is None:
        message = f"There is no range and no finding `{name[:100]}`."
        raise Refused([Diagnostic("unknown-fact", message, at, did_you_mean(name, reachable))])
    values = (
        {"true": True, "false": False} if fact.type == "boolean" else dict.fromkeys(fact.value_names, value)
    )
    if value not in values:
        message = f"`{name}` is never `{value[:60]}`."
        help_text = did_you_mean(value, values) or f"It is one of {', '.join(sorted(values))}."
        raise Refused([Diagnostic("wrong-value", message, at, help_text)])
    return Test(name, "is", values[value], at)


class Reach:
    """Searches on one policy set; `advisor` fires the rules that verify an answer."""

    def __init__(self, advisor: Advisor) -> None:
        self._advisor, self._explorer = advisor, Explorer(advisor)
        self._policies = advisor.policies
        self._behind: dict[str, frozenset[str]] = {}
        self._conditions: dict[str, list[Condition]] = {}
        for rule in self._policies.rules:
            for finding, _ in rule.rule.conclude:
                self._conditions.setdefault(finding, []).append(rule.when)
        for step in self._policies.computations:
            if isinstance(step, Computed):
                found = [each for each in (step.call.condition, step.only_when) if each is not None]
                self._conditions.setdefault(step.fact, []).extend(found)

    def reach(self, case: Case, goal: Goal) -> Reached:
        """The cheapest changes that bring the goal about, three different ones at most."""
        if verdict_of(goal.condition, case.decisions.values) is HOLDS:
            return Reached(case, goal, True, (), (), 0)
        because = tuple(self._blocked(goal.condition, True, case))
        if because:
            return Reached(case, goal, False, (), because, 0)
        search = _Search(self, case, goal)
        answers = tuple(search.answers())
        return Reached(case, goal, False, answers, (), search.looked_at)

    # -- what cannot be --------------------------------------------------------------------------

    def _blocked(self, condition: Condition, wanted: bool, case: Case) -> Iterator[str]:
        """Why a condition cannot come out as wanted, where that is shown; nothing where it is not."""
        values = case.decisions.values
        if verdict_of(condition, values) is (HOLDS if wanted else FAILS):
            return
        match condition:
            case Not(part):
                yield from self._blocked(part, not wanted, case)
            case All(parts) | Any(parts):
                each = [list(self._blocked(part, wanted, case)) for part in parts]
                if isinstance(condition, All) == wanted or all(each):
                    yield from (why for found in each for why in found)
            case Test():
                yield from self._blocked_test(condition, wanted, case)

    def _blocked_test(self, test: Test, wanted: bool, case: Case) -> Iterator[str]:
        values, facts = case.decisions.values, self._policies.facts
        given = self.given_behind(test)
        free = [name for name in given if self._might_change(name, values)]
        if len(free) > 1 or (free and not self._alone_in_vain(test, wanted, free[0], case)):
            return
        origins = Origins(self._policies)
        words = origins.of(case).words
        told = wanted_in_words(origins.reason(test, verdict_of(test, values) is HOLDS, values, words), wanted)
        fixed = [name for name in given if name not in free and (name in values or not free)]
        reasons = [f"{facts[name].title} {cannot_in_words(facts[name], values)}" for name in fixed]
        reasons += [f"{facts[name].title} alone, at any value it may have, is not enough" for name in free]
        yield f"{told}: {'; '.join(reasons) or 'nothing could change it'}"

    def _might_change(self, name: str, values: Values) -> bool:
        """Whether a fact may be changed, at once or once something else has been."""
        fact = self._policies.facts[name]
        if may_change(fact, values, self._policies) is not None:
            return True
        unless = fact.changeable.unless if fact.changeable else None
        if unless is None or fact.mutability != "improvable":
            return False
        others = {each for test in tests_of(unless) for each in self.given_behind(test)} - {name}
        return any(may_change(self._policies.facts[each], values, self._policies) for each in others)

    def _alone_in_vain(self, test: Test, wanted: bool, fact: str, case: Case) -> bool:
        """Whether no value that a fact may have makes a test come out as wanted, all others as they are."""
        declared = self._policies.facts[fact]
        allowed = may_change(declared, case.decisions.values, self._policies)
        if allowed is None:
            return False
        to = declared.changeable.to if declared.changeable else ()
        for stretch in self._explorer.stretches(fact).between(case.facts, case.situation, *allowed):
            situation = _situation_of(stretch.first)
            if to and stretch.low not in to:
                continue
            values = self._explorer.advisor.decide(situation).values
            if verdict_of(test, values) is (HOLDS if wanted else FAILS):
                return False
        return True

    def plain(self, tests: Iterable[Test]) -> Iterator[Test]:
        """The tests; in place of those of findings, and beside those of conditions, what these rest on."""
        pending, seen = list(tests), set()
        while pending:
            test = pending.pop(0)
            if (test.fact, test.operator, repr(test.operand)) in seen:
                continue
            seen.add((test.fact, test.operator, repr(test.operand)))
            conditions = self._conditions.get(test.fact, ())
            if self._policies.facts[test.fact].origin != "finding":
                yield test
            pending += [inner for condition in conditions for inner in tests_of(condition)]

    def given_behind(self, test: Test) -> list[str]:
        """The given facts on which a test rests, and `as_of` where it does."""
        names = [test.fact, *([test.operand.fact] if isinstance(test.operand, FactReference) else [])]
        found: dict[str, None] = {}
        for name in names:
            cone = self._behind.get(name)
            if cone is None:
                cone = self._behind[name] = behind(name, self._policies) | {name}
                calendar = self._policies.calendar
                if calendar is not None and not cone.isdisjoint(calendar.facts):
                    key = calendar.keyed_by
                    cone = self._behind[name] = cone | behind(key, self._policies) | {key}
            found.update((each, None) for each in self._policies.facts if each in cone)
        return [name for name in found if self._policies.facts[name].origin == "given"]


def _situation_of(found: Situation | Contradicted) -> Situation:
    return found.situation if isinstance(found, Contradicted) else found


class _Search:
    """One search: combinations of changes in a queue, by what they cost."""

    def __init__(self, reach: Reach, case: Case, goal: Goal) -> None:
        self._reach, self._case, self._goal = reach, case, goal
        self._explorer, self._policies = reach._explorer, reach._policies
        self._fixed = {
            name
            for name, fact in self._policies.facts.items()
            if fact.origin == "given"
            and fact.mutability in ("immutable", "time")
            and name != "as_of"
            and name in case.decisions.values
        }
        self.looked_at = 0

    def answers(self) -> Iterator[Answer]:
        order = count()
        queue: list[tuple[Decimal, int, Changes]] = [(Decimal(0), next(order), {})]
        seen: set[frozenset[tuple[str, Scalar]]] = set()
        found: list[frozenset[str]] = []
        while queue and self.looked_at < MOST_COMBINATIONS and len(found) < MOST_ANSWERS:
            cost, _, changes = heappop(queue)
            if any(known <= changes.keys() for known in found):
                continue  # an answer with something more
            self.looked_at += 1
            facts = self._facts(changes)
            decisions, contradicted = self._decide(facts, changes)
            if contradicted is None and verdict_of(self._goal.condition, decisions.values) is HOLDS:
                answer = self._verified(changes, cost)
                if answer is not None and self._needs_all(changes):
                    found.append(frozenset(changes))
                    yield answer
                continue
            if len(changes) >= MOST_CHANGES:
                continue
            for fact, value in self._candidates(facts, decisions, contradicted, changes):
                following = {**changes, fact: value}
                key = frozenset(following.items())
                if key not in seen:
                    seen.add(key)
                    step = cost_of(self._policies.facts[fact], self._case.decisions.values.get(fact), value)
                    heappush(queue, (cost + step, next(order), following))

    def _facts(self, changes: Changes) -> Facts:
        return with_changes(self._case.facts, changes, lambda fact: f"the change of {fact}")

    def _day(self, changes: Changes) -> date:
        day = changes.get("as_of", self._policies.as_of)
        assert isinstance(day, date)
        return day

    def _decide(self, facts: Facts, changes: Changes) -> tuple[Decisions, Contradicted | None]:
        advisor = self._explorer.advisor
        try:
            situation = advisor.situation(facts, self._day(changes))
        except Contradicted as contradicted:
            return advisor.decide(contradicted.situation), contradicted
        return advisor.decide(situation), None

    def _candidates(
        self, facts: Facts, decisions: Decisions, contradicted: Contradicted | None, changes: Changes
    ) -> Iterator[tuple[str, Scalar]]:
        """Changes of one more fact, of those behind what stands in the way."""
        values = decisions.values
        situation = contradicted.situation if contradicted else self._situation(facts, changes)
        tests = self._in_the_way(decisions, contradicted)
        now_at = [verdict_of(test, situation.values) for test in tests]
        for name in dict.fromkeys(name for test in tests for name in self._reach.given_behind(test)):
            fact = self._policies.facts[name]
            if name in changes or (allowed := may_change(fact, values, self._policies)) is None:
                continue
            if name == "as_of" and changes:
                continue  # waiting comes first, or not at all: days are many to look through
            now = values.get(name)
            to = fact.changeable.to if fact.changeable else ()
            for stretch in self._explorer.stretches(name).between(facts, situation, *allowed):
                there = _situation_of(stretch.first).values
                if now_at == [verdict_of(test, there) for test in tests]:
                    continue
                for value in _nearest(stretch.low, stretch.high, now):
                    if value != now and (not to or value in to):
                        yield name, value

    def _situation(self, facts: Facts, changes: Changes) -> Situation:
        return self._explorer.advisor.situation(facts, self._day(changes))

    def _in_the_way(self, decisions: Decisions, contradicted: Contradicted | None) -> list[Test]:
        """The tests of one part that has to come out otherwise, or of a contradiction, down to facts."""
        if contradicted is not None:
            for rule in self._policies.consistency:
                if verdict_of(rule.when, contradicted.situation.values) is HOLDS:
                    return list(self._reach.plain(tests_of(rule.when)))
        return list(self._reach.plain(_standing_in_the_way(self._goal.condition, True, decisions)))

    def _needs_all(self, changes: Changes) -> bool:
        """Whether no change can be left out."""
        for left_out in changes if len(changes) > 1 else ():
            rest = {fact: value for fact, value in changes.items() if fact != left_out}
            decisions, contradicted = self._decide(self._facts(rest), rest)
            if contradicted is None and verdict_of(self._goal.condition, decisions.values) is HOLDS:
                return False
        return True

    def _verified(self, changes: Changes, cost: Decimal) -> Answer | None:
        """The answer, when both engines say that the goal holds with it."""
        advisor = self._reach._advisor
        if "as_of" in changes:
            advisor = Advisor(replace(self._policies, as_of=self._day(changes)))
        try:
            case = advisor.case(self._facts(changes))
        except Refused:
            return None
        if verdict_of(self._goal.condition, case.decisions.values) is not HOLDS:
            return None
        before = self._case.decisions.values
        if any(case.decisions.values.get(name) != before[name] for name in self._fixed - changes.keys()):
            return None  # the past would have been another
        return Answer(tuple((fact, before.get(fact), value) for fact, value in changes.items()), cost, case)


def _nearest(low: Scalar, high: Scalar, now: Value | None) -> Iterator[Scalar]:
    """The value of a stretch that is nearest to the present one."""
    if now is None or isinstance(now, (bool, str, tuple)):
        yield low
    elif high < now:  # type: ignore[operator]  # values of one ordered type
        yield high
    elif low > now:  # type: ignore[operator]  # likewise
        yield low


def _standing_in_the_way(condition: Condition, wanted: bool, decisions: Decisions) -> list[Test]:
    """The tests of one part that has to come out otherwise."""
    aim: Verdict = HOLDS if wanted else FAILS
    match condition:
        case Not(part):
            return _standing_in_the_way(part, not wanted, decisions)
        case All(parts) | Any(parts) if isinstance(condition, All) == wanted:
            part = next(part for part in parts if verdict_of(part, decisions.values) is not aim)
            return _standing_in_the_way(part, wanted, decisions)
    return list(tests_of(condition))
