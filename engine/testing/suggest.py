"""Tests of a rule made up: each of its conditions decides once for it and once against it, near its bound."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from datetime import date
from decimal import Decimal
from typing import Any as AnyType

from engine.base.diagnostic import Diagnostic, InvalidInput, Location, did_you_mean
from engine.base.record import record
from engine.language.conditions import FAILS, HOLDS, UNKNOWN, Values, Verdict, facts_of, verdict_of
from engine.language.facts import Facts, grouped
from engine.language.model import AllOf, AnyOf, Comparison, Condition, Not, Value
from engine.language.policy_set import PolicySet, ResolvedRule
from engine.language.templates import in_words
from engine.testing.applicant import Applicants, Given, Goal
from engine.testing.mutants import told
from engine.testing.read import PolicyTest
from engine.testing.run import PolicyTests

VERDICT_KEYS: Mapping[Verdict, str] = {HOLDS: "holds", FAILS: "fails", UNKNOWN: "unknown"}


@record
class Suggestion:
    """A test made up: an applicant, and what becomes of the rule."""

    name: str
    given: Given
    verdict: Verdict


def suggest(tests: PolicyTests, rule: str, today: date) -> str:
    """A test file for a rule, ready to be kept in `tests/`, for the day that most tests are for, else today.

    Raises InvalidInput for a rule that is not there.
    """
    days = Counter(sorted(test.as_of for test in tests.tests))
    day = days.most_common(1)[0][0] if days else today
    policies = tests.policies(day)
    resolved = next((each for each in policies.rules if each.name == rule), None)
    if resolved is None:
        known = [each.name for each in policies.rules]
        message = f"There is no rule `{rule}` in force on {day}."
        raise InvalidInput(
            [Diagnostic("unknown-rule", message, Location("--suggest"), did_you_mean(rule, known))]
        )
    applicants = Applicants(policies, starting_points(tests.tests, policies))
    taken = {test.name for test in tests.tests}
    found, missed = suggestions(resolved, applicants, policies, taken)
    return _written(resolved, found, missed)


def starting_points(tests: Iterable[PolicyTest], policies: PolicySet) -> Iterator[Given]:
    """Applicants to begin with: nobody in particular, and those of tests on the same files."""
    yield {"as_of": policies.as_of}
    for test in tests:
        if isinstance(test.facts, Facts) and "refused" not in test.expect:
            since, until = policies.since or date.min, policies.changes_on or date.max
            if since <= test.as_of < until:
                yield {**test.facts.values, "as_of": test.as_of}


def suggestions(
    rule: ResolvedRule, applicants: Applicants, policies: PolicySet, taken: set[str]
) -> tuple[tuple[Suggestion, ...], tuple[str, ...]]:
    """The tests that were found, and in words those that were not. `taken` are names that are in use."""
    maker = _Maker(rule, applicants, policies, taken)
    for path, test in pivots(rule.when, HOLDS):
        maker.both_sides(path, test)
    if not maker.found and not maker.missed:
        maker.add({"as_of": policies.as_of}, HOLDS, "always")
    return tuple(maker.found), tuple(maker.missed)


def pivots(condition: Condition, wanted: Verdict) -> Iterator[tuple[tuple[Goal, ...], Comparison]]:
    """Each test of a condition with what must be so for it alone to decide.

    For the test to decide, everything else in an `all` must hold, and everything else in an `any` must fail.
    """
    match condition:
        case Comparison():
            yield (), condition
        case Not(part):
            yield from pivots(part, Verdict(2 - wanted))
        case AllOf(parts) | AnyOf(parts):
            others = HOLDS if isinstance(condition, AllOf) else FAILS
            for index, part in enumerate(parts):
                beside = tuple((other, others) for other in (*parts[:index], *parts[index + 1 :]))
                for path, test in pivots(part, wanted):
                    yield (*beside, *path), test


class _Maker:
    def __init__(
        self, rule: ResolvedRule, applicants: Applicants, policies: PolicySet, taken: set[str]
    ) -> None:
        self._rule = rule
        self._applicants = applicants
        self._policies = policies
        self._taken = set(taken)
        self._seen: set[tuple[frozenset[tuple[str, Value]], Verdict]] = set()
        self.found: list[Suggestion] = []
        self.missed: list[str] = []

    def both_sides(self, path: tuple[Goal, ...], test: Comparison) -> None:
        """Applicants for whom this test alone decides, on each side, and one who leaves it open."""
        sides = self._sides(path, test)
        if len(sides) < 2 and any(wanted is FAILS for _, wanted in path):
            # Where the rest of an `any` cannot fail meanwhile, it may be unknown.
            open_path = tuple((other, UNKNOWN if wanted is FAILS else wanted) for other, wanted in path)
            more = self._sides(open_path, test)
            if len(more) > len(sides):
                path, sides = open_path, more
        for side in (HOLDS, FAILS):
            if side not in sides:
                words = "holds" if side is HOLDS else "fails"
                self.missed.append(f"{told(test)} {words}, and decides")
        if len(sides) == 2:
            sides[HOLDS], sides[FAILS] = self._nearest(path, test, sides[HOLDS], sides[FAILS])
        for given in sides.values():
            self._keep(given, test, path)
        start = sides.get(HOLDS)
        if start is None:
            return
        if isinstance(test.operand, tuple):
            self._every_value(path, test, sides.get(FAILS, start) if test.operator == "none_of" else start)
        if test.operator != "known":
            unknown = self._applicants.find((*path, (test, UNKNOWN)), start)
            if unknown is not None:
                self._keep(unknown, test, path)

    def _sides(self, path: tuple[Goal, ...], test: Comparison) -> dict[Verdict, Given]:
        found: dict[Verdict, Given] = {}
        for wanted in (HOLDS, FAILS):
            goals = (*path, (test, wanted))
            near = [self._applicants.find(goals, start) for start in found.values()]
            given = next(iter(near), None) or self._applicants.find(goals)
            if given is not None:
                found[wanted] = given
        return found

    def _nearest(
        self, path: tuple[Goal, ...], test: Comparison, holding: Given, failing: Given
    ) -> tuple[Given, Given]:
        def side(values: Values) -> bool | None:
            if any(verdict_of(condition, values) != wanted for condition, wanted in path):
                return None
            verdict = verdict_of(test, values)
            return None if verdict == UNKNOWN else verdict == HOLDS

        return self._applicants.edge(holding, failing, side)

    def _every_value(self, path: tuple[Goal, ...], test: Comparison, start: Given) -> None:
        """One applicant for each of the values that a list names."""
        assert isinstance(test.operand, tuple)
        for value in test.operand:
            only = Comparison(test.fact, "is", value, test.at)
            given = self._applicants.find((*path, (only, HOLDS)), start)
            if given is not None:
                self._keep(given, only, path)

    def _keep(self, given: Given, test: Comparison, path: tuple[Goal, ...]) -> None:
        """The applicant without what is not needed, as a test."""
        outcome = self._applicants.outcome(given)
        assert outcome is not None
        verdict, side = verdict_of(self._rule.when, outcome), verdict_of(test, outcome)
        shown = {name: outcome.get(name) for name in facts_of(test)}

        def keeps(values: Values) -> bool:
            return (
                verdict_of(self._rule.when, values) == verdict
                and verdict_of(test, values) == side
                and all(values.get(name) == value for name, value in shown.items())
                and all(verdict_of(condition, values) == wanted for condition, wanted in path)
            )

        self.add(self._applicants.least(given, keeps), verdict, self._in_words(test, outcome))

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
        name = f"{self._rule.rule.id}: {VERDICT_KEYS[verdict]} where {why}"
        numbered, number = name, 1
        while numbered in self._taken:
            number += 1
            numbered = f"{name} ({number})"
        self._taken.add(numbered)
        self.found.append(Suggestion(numbered, given, verdict))


def _short(value: Value | None, fact: AnyType) -> str:
    return value.isoformat() if isinstance(value, date) else in_words(value, fact)


def _written(rule: ResolvedRule, found: Iterable[Suggestion], missed: Iterable[str]) -> str:
    lines = [
        "# Made up by `advise test --suggest`: it is what the policies say now. Keep what they ought to say.",
        "advise_language: 1",
        f"tests: {rule.rule.id}",
        "cases:",
    ]
    lines += [
        line for suggestion in found for line in case_lines(suggestion, {rule.name: suggestion.verdict})
    ]
    lines += [f"  # No applicant was found for whom {each}." for each in missed]
    return "".join(f"{line}\n" for line in lines)


def case_lines(suggestion: Suggestion, verdicts: Mapping[str, Verdict]) -> Iterator[str]:
    """A case of a test file."""
    yield f"  - name: {json.dumps(suggestion.name, ensure_ascii=False)}"
    yield f"    as_of: {suggestion.given['as_of']}"
    nested = grouped({name: value for name, value in sorted(suggestion.given.items()) if name != "as_of"})
    yield f"    facts: {_flow(nested)}"
    expected = {VERDICT_KEYS[verdict]: f"[{name}]" for name, verdict in verdicts.items()}
    yield f"    expect: {{{', '.join(f'{key}: {names}' for key, names in expected.items())}}}"


def _flow(value: AnyType) -> str:
    if isinstance(value, dict):
        return f"{{{', '.join(f'{key}: {_flow(inner)}' for key, inner in value.items())}}}"
    if isinstance(value, tuple):
        return f"[{', '.join(map(_flow, value))}]"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str):
        return (
            value
            if value.replace("_", "").isalnum() and value.islower() and value[0].isalpha()
            else json.dumps(value)
        )
    return f"{value:f}" if isinstance(value, Decimal) else str(value)
