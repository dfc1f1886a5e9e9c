"""Changes that bring a goal about, searched without a solver, from the cheapest combination on.

A combination of changes is carried further only at a part of the goal that does not hold yet: one of the
facts behind that part must change in every answer that contains the combination. A fact's candidates are the
nearest values of its stretches, the other facts being as changed so far. So an answer in which each test is
brought about by one fact is found, and the cheapest first; where a sum of several facts has to pass a bound,
an answer is found that need not be the cheapest. Neither is shown.
"""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from heapq import heappop, heappush
from itertools import count
from typing import Final

from engine.advising.decide import Decisions
from engine.advising.derive import Contradicted, DerivedFacts
from engine.analysis.recourse.goal_dependencies import GoalDependencies
from engine.analysis.recourse.verified_answer import Answer, VerifiedAnswers, day_of
from engine.analysis.what_if.changeable import Changes, Choices, cost_of
from engine.analysis.what_if.what_if import Explorer
from engine.language.conditions import FAILS, HOLDS, Verdict, tests_of, verdict_of
from engine.language.model import AllOf, AnyOf, Comparison, Condition, Not, Scalar, Value

MOST_CHANGES: Final = 4
MOST_COMBINATIONS: Final = 150
"""So many combinations are looked at before giving up."""


class Search:
    """One search: combinations of changes in a queue, by what they cost. `looked_at` counts them."""

    def __init__(
        self, fired: VerifiedAnswers, choices: Choices, rests: GoalDependencies, explorer: Explorer
    ) -> None:
        self._fired = fired
        self._choices, self._rests, self._explorer = choices, rests, explorer
        self._policies = explorer.advisor.policies
        self.looked_at = 0

    def answers(self) -> Iterator[Answer]:
        """Answers; none has all the changes of one before it."""
        order = count()
        queue: list[tuple[Decimal, int, Changes]] = [(Decimal(0), next(order), {})]
        seen: set[frozenset[tuple[str, Value]]] = set()
        found: list[frozenset[str]] = []
        while queue and self.looked_at < MOST_COMBINATIONS:
            cost, _, changes = heappop(queue)
            if any(known <= changes.keys() for known in found):
                continue  # an answer with something more
            self.looked_at += 1
            decisions, contradicted = self._decide(changes)
            if contradicted is None and self._holds(decisions, changes):
                answer = self._fired.answer(changes, least=False)
                if answer is not None and self._needs_all(changes):
                    found.append(frozenset(changes))
                    yield answer
                continue
            if len(changes) >= MOST_CHANGES:
                continue
            for fact, value in self._candidates(decisions, contradicted, changes):
                following = {**changes, fact: value}
                key = frozenset(following.items())
                if key not in seen:
                    seen.add(key)
                    choice = self._choices[fact]
                    following_cost = cost + cost_of(choice.fact, choice.now, value)
                    heappush(queue, (following_cost, next(order), following))

    def _holds(self, decisions: Decisions, changes: Changes) -> bool:
        return verdict_of(self._fired.wanted(changes), decisions.values) is HOLDS

    def _decide(self, changes: Changes) -> tuple[Decisions, Contradicted | None]:
        advisor = self._explorer.advisor
        day = day_of(changes, self._policies)
        try:
            situation = advisor.situation(self._fired.changed(changes), day)
        except Contradicted as contradicted:
            return advisor.decide(contradicted.situation), contradicted
        return advisor.decide(situation), None

    def _candidates(
        self, decisions: Decisions, contradicted: Contradicted | None, changes: Changes
    ) -> Iterator[tuple[str, Scalar]]:
        """Changes of one more fact, of those behind what stands in the way."""
        facts, day = self._fired.changed(changes), day_of(changes, self._policies)
        situation = contradicted.situation if contradicted else self._explorer.advisor.situation(facts, day)
        tests = self._in_the_way(decisions, contradicted, changes)
        now_at = [verdict_of(test, situation.values) for test in tests]
        for name in dict.fromkeys(name for test in tests for name in self._rests.given_behind(test)):
            choice = self._choices.get(name)
            if choice is None or name in changes:
                continue
            if name == "as_of" and changes:
                continue  # waiting comes first, or not at all: days are many to look through
            now = decisions.values.get(name)
            low, high = choice.bounds(day)
            for stretch in self._explorer.stretches(name).between(facts, situation, low, high):
                there = _situation_of(stretch.first).values
                if now_at == [verdict_of(test, there) for test in tests]:
                    continue
                for value in _nearest(stretch.low, stretch.high, now):
                    if value != now and value in (choice.among or (value,)):
                        yield name, value

    def _in_the_way(
        self, decisions: Decisions, contradicted: Contradicted | None, changes: Changes
    ) -> list[Comparison]:
        """The tests of one part that has to come out otherwise, or of a contradiction, down to facts."""
        if contradicted is not None:
            for rule in self._policies.consistency:
                if verdict_of(rule.when, contradicted.situation.values) is HOLDS:
                    return list(self._rests.plain(tests_of(rule.when)))
        return list(self._rests.plain(_standing_in_the_way(self._fired.wanted(changes), True, decisions)))

    def _needs_all(self, changes: Changes) -> bool:
        """Whether no change can be left out."""
        for left_out in changes if len(changes) > 1 else ():
            rest = {fact: value for fact, value in changes.items() if fact != left_out}
            decisions, contradicted = self._decide(rest)
            if contradicted is None and self._holds(decisions, rest):
                return False
        return True


def _situation_of(found: DerivedFacts | Contradicted) -> DerivedFacts:
    return found.situation if isinstance(found, Contradicted) else found


def _nearest(low: Scalar, high: Scalar, now: Value | None) -> Iterator[Scalar]:
    """The value of a stretch that is nearest to the present one."""
    if now is None or isinstance(now, (bool, str, tuple)):
        yield low
    elif high < now:  # type: ignore[operator]  # values of one ordered type
        yield high
    elif low > now:  # type: ignore[operator]  # likewise
        yield low


def _standing_in_the_way(condition: Condition, wanted: bool, decisions: Decisions) -> list[Comparison]:
    """The tests of one part that has to come out otherwise."""
    aim: Verdict = HOLDS if wanted else FAILS
    match condition:
        case Not(part):
            return _standing_in_the_way(part, not wanted, decisions)
        case AllOf(parts) | AnyOf(parts) if isinstance(condition, AllOf) == wanted:
            undone = (part for part in parts if verdict_of(part, decisions.values) is not aim)
            return next((_standing_in_the_way(part, wanted, decisions) for part in undone), [])
    return list(tests_of(condition))
