"""How each fact of an applicant came about, in words: given, implied, worked out, looked up, concluded."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from functools import cache
from typing import Any as AnyType
from typing import Literal, NamedTuple

from engine.advising.advisor import Case
from engine.advising.decide import Decisions
from engine.analysis.explain.decision_table import told_of
from engine.analysis.explain.minimal_unmet import minimal_unmet
from engine.base.diagnostic import Place
from engine.base.record import record
from engine.language.condition_text import TestWords, test_in_words, test_text
from engine.language.conditions import (
    FAILS,
    HOLDS,
    UNKNOWN,
    CompiledReasons,
    compile_reasons,
    facts_of,
    undecided_facts,
    verdict_of,
)
from engine.language.field_words import PLAIN
from engine.language.functions import FUNCTIONS
from engine.language.model import Comparison, Condition, Fact, Value
from engine.language.policy_set import Banded, Computed, Implied, ParameterValue, PolicySet, Tabled, inputs_of
from engine.language.templates import Words, in_words

OriginKind = Literal[
    "given", "day", "implied", "derived", "parameter", "band", "calendar", "finding", "unknown", "absent"
]


@record
class Origin:
    """One fact of an applicant: its value, how that came about, and the facts it came from.

    `text` is the value, `how` the way to it, in words. `at` is where a given fact stands in the facts file,
    else where the policies say how to work it out. `rules` are those that made a finding what it is.
    """

    fact: str
    title: str
    kind: OriginKind
    value: Value | None
    text: str
    how: str
    inputs: tuple[str, ...]
    at: Place
    rules: tuple[str, ...] = ()


class Reason(NamedTuple):
    """A deciding test: its fact and value, itself in words, whether it holds, the fact it is held against."""

    fact: str
    title: str
    value: Value | None
    text: str
    test: str
    holds: bool
    against: str | None


Unmet = tuple[tuple[Reason, bool], ...]
"""Tests that would have to come out otherwise, each with whether it must hold."""


class Provenance:
    """The ways to every fact of a policy set."""

    def __init__(self, policies: PolicySet) -> None:
        self.policies = policies
        self.computed = {step.fact: step for step in policies.computations if not isinstance(step, Implied)}
        self.implied = {step.fact: step.by for step in policies.computations if isinstance(step, Implied)}
        self._compiled: dict[int, tuple[Condition, CompiledReasons[tuple[Comparison, TestWords, bool]]]] = {}

    def of(self, case: Case) -> CaseProvenance:
        """The facts of one applicant, each traced when it is first asked for."""
        return CaseProvenance(self, case)

    def compiled(self, condition: Condition) -> CompiledReasons[tuple[Comparison, TestWords, bool]]:
        """What tells the deciding tests of a condition of these policies."""
        if id(condition) not in self._compiled:  # the condition is kept, or its id might be given to another
            reasons = compile_reasons(
                condition, lambda test, held: (test, test_in_words(test, self.policies.facts), held)
            )
            self._compiled[id(condition)] = condition, reasons
        return self._compiled[id(condition)][1]


class CaseProvenance:
    """How one applicant's facts came about; `words` are their values in words."""

    def __init__(self, provenance: Provenance, case: Case) -> None:
        self._provenance, self._policies, self._case = provenance, provenance.policies, case
        self._values = case.decisions.values
        self.words = _ShortWords(case.decisions, self._policies.facts)
        self.origin = cache(self._origin)

    def behind(self, facts: Sequence[str]) -> tuple[str, ...]:
        """These facts and all they came from, each before what it came from."""
        seen: dict[str, None] = {}
        pending = list(reversed(facts))
        while pending:
            fact = pending.pop()
            if fact not in seen:
                seen[fact] = None
                pending.extend(reversed(self.origin(fact).inputs))
        return tuple(seen)

    def _origin(self, fact: str) -> Origin:
        """How one fact came about."""
        declared = self._policies.facts[fact]
        kind, how, inputs, at, rules = self._how(fact, declared)
        value = self._values.get(fact)
        if value is None:
            kind = "absent" if fact in self._case.decisions.absent else "unknown"
        text = self.words[fact]
        if value is not None:
            text += declared.unit_to_add
        return Origin(fact, declared.title, kind, value, text, how, inputs, at, rules)

    def _how(
        self, fact: str, declared: Fact
    ) -> tuple[OriginKind, str, tuple[str, ...], Place, tuple[str, ...]]:
        given = self._case.facts
        if fact == "as_of":
            how = "given" if given.values.get(fact) == self._values[fact] else "asked for"
            return "day", how, (), given.at(fact), ()
        if fact in given.values:
            return "given", "given", (), given.at(fact), ()
        match declared.origin:
            case "given":
                return "implied", *self._implication(fact, declared.at), ()
            case "calendar":
                key = self._policies.calendar.keyed_by if self._policies.calendar else "as_of"
                return "calendar", f"the calendar's date for {self._named(key)}", (key,), declared.at, ()
            case "finding":
                how, inputs, rules = self._conclusion(fact)
                return "finding", how, inputs, declared.at, rules
        match self._provenance.computed.get(fact):
            case Banded() as step:
                return "band", *self._range(step, declared.at), ()
            case ParameterValue() as step:
                return "parameter", *self._parameter(step), step.parameter.at, ()
            case Computed() as step:
                return "derived", *self._computation(step), declared.at, ()
            case Tabled() as step:
                decisions = self._case.decisions
                told = told_of(step, self._policies.facts, self._values, decisions.absent, self.words)
                return "derived", *told, ()
        return "unknown", "no file that is in force gives it a value", (), declared.at, ()

    # -- ways ------------------------------------------------------------------------------------

    def _implication(self, fact: str, at: Place) -> tuple[str, tuple[str, ...], Place]:
        for implication, _ in self._provenance.implied.get(fact, ()):
            if verdict_of(implication.when, self._values) == HOLDS:
                reasons = self.reasons(implication.when, True)
                why = f" ({implication.why.strip()})" if implication.why else ""
                how = f"follows, because {because_all(reasons)}{why}"
                return how, tuple(dict.fromkeys(each.fact for each in reasons)), implication.at
        return "not given", (), at

    def _range(self, step: Banded, at: Place) -> tuple[str, tuple[str, ...], Place]:
        if step.fact not in self._values:
            absent = step.fact in self._case.decisions.absent
            bounds = () if absent else self._policies.dependencies.inputs[step.fact]
            return f"the range of {self._named(step.of)}", tuple(dict.fromkeys((step.of, *bounds))), at
        condition = next(each for name, each in step.ranges if name == self._values[step.fact])
        tests = " and ".join(each.test for each in self.reasons(condition, True))
        inputs = tuple(dict.fromkeys((step.of, *facts_of(condition))))
        return f"{self._named(step.of)} {tests}", inputs, step.band.at

    def _parameter(self, step: ParameterValue) -> tuple[str, tuple[str, ...]]:
        parameter, day = step.parameter, self._values.get(step.on)
        dated, key, inputs = self._named(step.on), None, inputs_of(step)
        if parameter.by is not None:
            dated, key = f"{dated} for {self._named(parameter.by)}", self._values.get(parameter.by)
        if not isinstance(day, date) or (parameter.by is not None and key is None):
            return f"the value in force on {dated}", inputs
        since = max((first for first, _ in parameter.values if first <= day), default=None)
        if since is None:
            return f"no value is known before {parameter.values[0][0]}; asked for {dated}", inputs
        if step.fact not in self._values:
            return f"from {since} on it has no value for {self._named(str(parameter.by))}", inputs
        following = next((first for first, _ in parameter.values if first > day), None)
        fact = self._policies.facts[step.fact]
        then = ""
        if following is not None:
            next_value: AnyType = parameter.value_on(following, key)
            then = f"; from {following} it is {in_words(next_value, fact)}"
        cited = ", ".join(f"{each.source}#{each.anchor}" for each in parameter.cites)
        rests = f" [{cited}]" if cited else ""
        return f"in force since {since} on {dated}{then}{rests}", inputs

    def _computation(self, step: Computed) -> tuple[str, tuple[str, ...]]:
        guard, call, decisions = step.only_when, step.call, self._case.decisions
        if guard is not None and (verdict := verdict_of(guard, self._values)) != HOLDS:
            how, facts = self._decided(guard)
            return f"there is none, {how}" if verdict == FAILS else how, facts
        if call.condition is not None:
            return self._decided(call.condition)
        inputs = tuple(dict.fromkeys(item for item in call.items if isinstance(item, str)))
        arguments = (self._named(item) if isinstance(item, str) else str(item) for item in call.items)
        how = FUNCTIONS[call.function].words(*arguments, *(() if call.way is None else (call.way,)))
        if step.fact in self._values or step.fact in decisions.absent:
            return how, inputs
        missing = [name for name in inputs if name not in self._values and name not in decisions.absent]
        return f"{how}; not known, for want of {self._titles(missing)}", inputs

    def _decided(self, condition: Condition) -> tuple[str, tuple[str, ...]]:
        """Why a condition holds or fails, or what would decide it; and the facts that this names."""
        verdict = verdict_of(condition, self._values)
        if verdict == UNKNOWN:
            unknown = tuple(dict.fromkeys(undecided_facts(condition, self._values)))
            return f"not known, for want of {self._titles(unknown)}", unknown
        reasons = self.reasons(condition, verdict == HOLDS)
        return f"because {because_all(reasons)}", named_in(reasons)

    def _conclusion(self, fact: str) -> tuple[str, tuple[str, ...], tuple[str, ...]]:
        rules = self._policies.concluding.get(fact, ())
        verdicts = self._case.decisions.verdicts
        if holding := [rule for rule in rules if verdicts[rule.name] is HOLDS]:
            by_rule = {rule.name: self.reasons(rule.when, True) for rule in holding}
            concluded = "; ".join(
                f"{name}, because {because_all(reasons) or 'it always holds'}"
                for name, reasons in by_rule.items()
            )
            inputs = named_in([each for reasons in by_rule.values() for each in reasons])
            return f"concluded by {concluded}", inputs, tuple(by_rule)
        if undecided := [rule for rule in rules if verdicts[rule.name] is UNKNOWN]:
            names = tuple(rule.name for rule in undecided)
            unknown = dict.fromkeys(
                name for rule in undecided for name in undecided_facts(rule.when, self._values)
            )
            return f"not known while {', '.join(names)} cannot be decided", tuple(unknown), names
        if not rules:
            return "no rule in force concludes it", (), ()
        applies = self._policies.applicability.get(fact)
        if applies is not None and (verdict := verdict_of(applies, self._values)) != HOLDS:
            how, facts = self._decided(applies)
            none = "no policy with a rule that concludes it applies, "
            return (none + how) if verdict == FAILS else how, facts, tuple(rule.name for rule in rules)
        unmet = {rule.name: self.unmet(rule.when) for rule in rules}
        tested = dict.fromkeys(reason.fact for pairs in unmet.values() for reason, _ in pairs or ())
        lacks = "; ".join(f"{name} lacks: {unmet_in_words(pairs)}" for name, pairs in unmet.items())
        return f"no rule that concludes it holds ({lacks})", tuple(tested), tuple(unmet)

    # -- tests -----------------------------------------------------------------------------------

    def reasons(self, condition: Condition, holds: bool) -> list[Reason]:
        """The deciding tests of a condition, as an item of the report tells its own."""
        reasons = self._provenance.compiled(condition)(self._values, holds)
        return [self._reason(test, words, held) for test, words, held in reasons]

    def reason(self, test: Comparison) -> Reason:
        """One test with the value it met."""
        held = verdict_of(test, self._values) is HOLDS
        return self._reason(test, test_in_words(test, self._policies.facts), held)

    def _reason(self, test: Comparison, words: TestWords, held: bool) -> Reason:
        name = test.fact
        return Reason(
            name,
            self._policies.facts[name].title,
            self._values.get(name),
            self.words[name],
            test_text(words, self.words),
            held,
            test.against,
        )

    def unmet(self, condition: Condition) -> Unmet | None:
        """The smallest set of tests that keep a condition from holding (None: nothing could make it hold)."""
        outcomes = minimal_unmet(condition, self._values)
        if outcomes is None:
            return None
        return tuple((self.reason(each.test), each.holds) for each in outcomes)

    def _named(self, fact: str) -> str:
        return f"{self._policies.facts[fact].title} ({self.words[fact]})"

    def _titles(self, facts: Sequence[str]) -> str:
        return ", ".join(self._policies.facts[fact].title for fact in facts) or "an answer"


class _ShortWords(Words):
    """Values in words, dates without their second form: an explanation is full of them."""

    def __init__(self, decisions: Decisions, facts: Mapping[str, Fact]) -> None:
        super().__init__(decisions.values, facts)
        self._absent = decisions.absent

    def __missing__(self, name: str) -> str:
        value = self._values.get(name)
        if isinstance(value, date):
            self[name] = (self._facts[name].formats or PLAIN).short_day(value)
        elif value is None and name in self._absent:
            finding = self._facts[name].origin == "finding"
            self[name] = "not applicable" if finding else "without an answer"
        else:
            return super().__missing__(name)
        return self[name]


def because(reason: Reason) -> str:
    """`Practice score is below 228 (it is 221)`."""
    return f"{reason.title} {reason.test}" + ("" if reason.holds else " does not hold") + _as_it_is(reason)


def because_all(reasons: Iterable[Reason]) -> str:
    """Several tests in a row, as `because` tells each."""
    return ", ".join(map(because, reasons))


def wanted_in_words(reason: Reason, holds: bool) -> str:
    """What a test would have to come to: `Practice score must be below 228 (it is 221)`."""
    must = f"{reason.title} {reason.test}"
    return (must if holds else f"not: {must}") + _as_it_is(reason)


def _as_it_is(reason: Reason) -> str:
    return "" if reason.test == f"is {reason.text}" and reason.holds else f" (it is {reason.text})"


def unmet_in_words(unmet: Unmet | None) -> str:
    """What would have to come out otherwise, each test with the value it met."""
    if unmet is None:
        return "nothing could make it hold"
    return ", ".join(wanted_in_words(reason._replace(holds=False), holds) for reason, holds in unmet)


def named_in(reasons: Iterable[Reason]) -> tuple[str, ...]:
    """The facts that these tests look at."""
    names = (name for each in reasons for name in (each.fact, each.against))
    return tuple(dict.fromkeys(name for name in names if name is not None))
