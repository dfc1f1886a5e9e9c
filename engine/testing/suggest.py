"""Tests of a rule made up: each of its conditions decides once for it and once against it, near its bound."""

from __future__ import annotations

import json
import math
import re
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from datetime import date
from typing import Any as AnyType

from engine.base.diagnostic import CommandLine
from engine.base.record import record
from engine.language.conditions import (
    FAILS,
    HOLDS,
    UNKNOWN,
    Values,
    Verdict,
    WantedVerdict,
    facts_of,
    verdict_of,
)
from engine.language.facts import Facts, grouped
from engine.language.model import AllOf, AnyOf, Comparison, Condition, Not, Value
from engine.language.policy_set import ResolvedRule
from engine.language.rule_names import rule_in_force
from engine.language.templates import in_words
from engine.solver.applicants import Applicant, Given
from engine.solver.goal import AllGoals, HasVerdict
from engine.solver.limits import Clock, Unsettled
from engine.solver.prover import Prover
from engine.testing.mutants import format_condition, format_value
from engine.testing.read import PolicyTest
from engine.testing.run import PolicyTests
from engine.testing.untested import untested


@record
class Suggestion:
    """A test made up: an applicant, and what becomes of the rule."""

    name: str
    given: Given
    verdict: Verdict


@record
class Suggestions:
    """A test file, ready to be kept in `tests/`, and how many tests it holds."""

    text: str
    tests: int


def suggest(
    tests: PolicyTests, rule: str | None, today: date, *, advance: Callable[[int, int], None] | None = None
) -> Suggestions | None:
    """Tests of a rule or, without one, of every rule that no test expects to fire; None where there is none.

    They are for the day that most tests are for, else today. Raises InvalidInput for a rule that is none.
    """
    days = Counter(sorted(test.as_of for test in tests.tests))
    policies = tests.policies(days.most_common(1)[0][0] if days else today)
    if rule is None:
        rules = untested(policies, tests.tests)
    else:
        rules = (policies.by_name[rule_in_force(rule, policies, CommandLine("--suggest"))],)
    if not rules:
        return None
    prover, taken = Prover(policies, policies.as_of, Clock(math.inf)), {test.name for test in tests.tests}
    lines = [
        "# Made up by `advise test --suggest`: it is what the policies say now. Keep what they ought to say.",
        "advise_language: 1",
        f"tests: {rules[0].rule.id if rule is not None else 'suggested'}",
        "cases:",
    ]
    count, whom = 0, policies.words.subject.one
    for number, resolved in enumerate(rules, 1):
        made = _Maker(resolved, prover, tests.tests, taken)
        lines += [line for suggestion in made.suggestions for line in _case_lines(suggestion, resolved.name)]
        of = "" if rule is not None else f"{resolved.name}: "
        lines += [f"  # {of}No {whom} was found for whom {each}." for each in made.missed]
        count += len(made.suggestions)
        if advance is not None:
            advance(number, len(rules))
    return Suggestions("".join(f"{line}\n" for line in lines), count)


def pivots(condition: Condition, verdict: Verdict) -> Iterator[tuple[tuple[WantedVerdict, ...], Comparison]]:
    """Each test of a condition with what must be so for it alone to decide.

    For the test to decide, everything else in an `all` must hold, and everything else in an `any` must fail.
    """
    match condition:
        case Comparison():
            yield (), condition
        case Not(part):
            yield from pivots(part, Verdict(2 - verdict))
        case AllOf(parts) | AnyOf(parts):
            others = HOLDS if isinstance(condition, AllOf) else FAILS
            for index, part in enumerate(parts):
                siblings = tuple((other, others) for other in (*parts[:index], *parts[index + 1 :]))
                for path, test in pivots(part, verdict):
                    yield (*siblings, *path), test


class _Maker:
    """Makes up the tests of a rule, under names that are not `taken`."""

    def __init__(
        self, rule: ResolvedRule, prover: Prover, tests: Sequence[PolicyTest], taken: set[str]
    ) -> None:
        self._rule = rule
        self._prover = prover
        self._policies = prover.policies
        self._taken = taken
        holding = (
            test for test in tests if "holds" in test.expect and rule.name in test.expect["holds"].names
        )
        self._near = next((test.facts.values for test in holding if isinstance(test.facts, Facts)), {})
        self._seen: set[tuple[frozenset[tuple[str, Value]], Verdict]] = set()
        self.suggestions: list[Suggestion] = []
        self.missed: list[str] = []
        deciding = [*pivots(rule.when, HOLDS)]
        for path, test in deciding:
            self.go_near(path, test)
        for path, test in deciding:
            self.both_sides(path, test)
        if not self.suggestions and not self.missed:
            self.add({"as_of": self._policies.as_of}, HOLDS, "always")

    def go_near(self, path: Sequence[WantedVerdict], test: Comparison) -> None:
        """Lets the applicants that are made up be near a bound that stands in a test."""
        if test.operator in ("at_least", "at_most", "above", "below"):
            sides, _ = self._sides(path, test)
            self._near = sides[HOLDS].given if HOLDS in sides else self._near

    def both_sides(self, path: Sequence[WantedVerdict], test: Comparison) -> None:
        """Applicants for whom this test alone decides, on each side, and one who leaves it open."""
        sides, open_questions = self._sides(path, test)
        if len(sides) < 2 and any(verdict is FAILS for _, verdict in path):
            # Where the rest of an `any` cannot fail meanwhile, it may be unknown.
            open_path = [(other, UNKNOWN if verdict is FAILS else verdict) for other, verdict in path]
            more, still_open = self._sides(open_path, test)
            if len(more) > len(sides):
                path, sides, open_questions = open_path, more, still_open
        for side, words in ((HOLDS, "holds"), (FAILS, "fails")):
            if side not in sides:
                left_open = f" ({open_questions[side]})" if side in open_questions else ""
                self.missed.append(f"{format_condition(test)} {words}, and decides{left_open}")
        for applicant in sides.values():
            self._keep(applicant, test)
        if HOLDS not in sides:
            return
        self._near = sides[HOLDS].given
        if isinstance(test.operand, tuple):
            for value in test.operand:
                only = Comparison(test.fact, "is", value, test.at)
                self._keep_one(path, only, HOLDS)
        if test.operator != "known":
            self._keep_one(path, test, UNKNOWN)

    def _sides(
        self, path: Sequence[WantedVerdict], test: Comparison
    ) -> tuple[dict[Verdict, Applicant], dict[Verdict, str]]:
        """An applicant on each side, as near to each other as can be; of a side that is left open, why."""
        sides: dict[Verdict, Applicant] = {}
        left_open: dict[Verdict, str] = {}
        near = self._near
        for verdict in (HOLDS, FAILS, HOLDS):
            try:
                applicant = self._find(path, test, verdict, near)
            except Unsettled as unsettled:
                left_open[verdict] = unsettled.reason
                continue
            if applicant is not None:
                sides[verdict] = applicant
                near = applicant.given
        return sides, left_open

    def _find(
        self, path: Sequence[WantedVerdict], test: Comparison, verdict: Verdict, near: Given
    ) -> Applicant | None:
        parts = (*path, (test, verdict))
        return self._prover.smallest(
            AllGoals(tuple(HasVerdict(condition, to) for condition, to in parts)), near
        )

    def _keep_one(self, path: Sequence[WantedVerdict], test: Comparison, verdict: Verdict) -> None:
        with suppress(Unsettled):
            applicant = self._find(path, test, verdict, self._near)
            if applicant is not None:
                self._keep(applicant, test)

    def _keep(self, applicant: Applicant, test: Comparison) -> None:
        """The applicant as a test."""
        verdict = verdict_of(self._rule.when, applicant.values)
        self.add(applicant.given, verdict, self._in_words(test, applicant.values))

    def _in_words(self, test: Comparison, values: Values) -> str:
        names = [name for name in facts_of(test) if "@" not in name]
        facts = self._policies.facts
        return " and ".join(
            f"{name} is {_short(values.get(name), facts[name])}" for name in dict.fromkeys(names)
        )

    def add(self, given: Given, verdict: Verdict, why: str) -> None:
        """Notes a test, once, under a name of its own."""
        key = (frozenset(given.items()), verdict)
        if key in self._seen:
            return
        self._seen.add(key)
        name = f"{self._rule.rule.id}: {verdict.name.lower()} where {why}"
        numbered, number = name, 1
        while numbered in self._taken:
            number += 1
            numbered = f"{name} ({number})"
        self._taken.add(numbered)
        self.suggestions.append(Suggestion(numbered, given, verdict))


def _short(value: Value | None, fact: AnyType) -> str:
    return value.isoformat() if isinstance(value, date) else in_words(value, fact)


def _case_lines(suggestion: Suggestion, rule: str) -> Iterator[str]:
    """A case of a test file."""
    yield f"  - name: {json.dumps(suggestion.name, ensure_ascii=False)}"
    yield f"    as_of: {suggestion.given['as_of']}"
    nested = grouped({name: value for name, value in sorted(suggestion.given.items()) if name != "as_of"})
    yield f"    facts: {_flow(nested)}"
    yield f"    expect: {{{suggestion.verdict.name.lower()}: [{rule}]}}"


def _flow(value: AnyType) -> str:
    if isinstance(value, dict):
        return f"{{{', '.join(f'{key}: {_flow(inner)}' for key, inner in value.items())}}}"
    if isinstance(value, tuple):
        return f"[{', '.join(map(_flow, value))}]"
    if isinstance(value, str):
        plain = re.fullmatch("[a-z][a-z0-9_]*", value) and value not in ("true", "false", "null")
        return value if plain else json.dumps(value, ensure_ascii=False)
    return format_value(value)
