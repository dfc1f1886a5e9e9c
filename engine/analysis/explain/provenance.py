"""How each fact of an applicant came about, in words: given, implied, worked out, looked up, concluded."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from typing import Literal, NamedTuple

from engine.advising.advisor import Case
from engine.advising.decide import Decisions
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
from engine.language.functions import FUNCTIONS
from engine.language.model import Call, Comparison, Condition, Fact, FactReference, Scalar, Value
from engine.language.policy_set import Banded, Computed, Implied, ParameterValue, PolicySet
from engine.language.templates import Words, in_words

Kind = Literal[
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
    kind: Kind
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


class Provenance:
    """The ways to every fact of a policy set."""

    def __init__(self, policies: PolicySet) -> None:
        self._policies = policies
        self._computed = {step.fact: step for step in policies.computations if not isinstance(step, Implied)}
        self._implied = {step.fact: step for step in policies.computations if isinstance(step, Implied)}
        self._reasons: dict[int, CompiledReasons[tuple[Comparison, TestWords, bool]]] = {}

    def of(self, case: Case) -> Traced:
        """The facts of one applicant, each worked out when it is first asked for."""
        return Traced(self, case)

    def trace(self, fact: str, case: Case, words: Words) -> Origin:
        """How one fact came about."""
        declared = self._policies.facts[fact]
        kind, how, inputs, at, rules = self._how(fact, case, words)
        value = case.decisions.values.get(fact)
        if value is None and kind != "absent":
            kind = "unknown"
        text = words[fact]
        if declared.unit and value is not None:
            text = f"{text} {declared.unit}"
        return Origin(fact, declared.title, kind, value, text, how, inputs, at, rules)

    def _how(
        self, fact: str, case: Case, words: Words
    ) -> tuple[Kind, str, tuple[str, ...], Place, tuple[str, ...]]:
        declared = self._policies.facts[fact]
        absent = fact in case.decisions.absent
        if fact == "as_of":
            given = case.facts.values.get(fact) == case.decisions.values[fact]
            return "day", "given" if given else "asked for", (), case.facts.at(fact), ()
        if fact in case.facts.values:
            return "given", "given", (), case.facts.at(fact), ()
        match declared.origin:
            case "given":
                how, inputs, at = self._implication(fact, case, words)
                return ("absent" if absent else "implied"), how, inputs, at, ()
            case "calendar":
                key = self._policies.calendar.keyed_by if self._policies.calendar else "as_of"
                return (
                    "calendar",
                    f"the calendar's date for {self._named(key, words)}",
                    (key,),
                    declared.at,
                    (),
                )
            case "finding":
                how, inputs, rules = self._conclusion(fact, case, words)
                return "finding", how, inputs, declared.at, rules
        step = self._computed.get(fact)
        match step:
            case Banded(_, of, ranges):
                if absent or fact not in case.decisions.values:
                    return (
                        ("absent" if absent else "band"),
                        f"the range of {self._named(of, words)}",
                        (of,) if absent else (of, *self._others(fact, of)),
                        declared.at,
                        (),
                    )
                condition = next(c for name, c in ranges if name == case.decisions.values[fact])
                told = self.told(condition, True, case, words)
                bounds = " and ".join(each.test for each in told)
                how = f"{self._named(of, words)} {bounds}"
                return "band", how, tuple(dict.fromkeys((of, *facts_of(condition)))), step.band.at, ()
            case ParameterValue():
                return ("absent" if absent else "parameter"), *self._parameter(step, case, words), ()
            case Computed():
                how, inputs = self._computation(step, absent, case, words)
                return ("absent" if absent else "derived"), how, inputs, declared.at, ()
        return "unknown", "no file that is in force gives it a value", (), declared.at, ()

    def _others(self, fact: str, of: str) -> Iterator[str]:
        """What a band looks at besides the fact that it sorts: its bounds."""
        return (name for name in self._policies.dependencies.inputs[fact] if name != of)

    # -- ways ------------------------------------------------------------------------------------

    def _implication(self, fact: str, case: Case, words: Words) -> tuple[str, tuple[str, ...], Place]:
        declared = self._policies.facts[fact]
        step = self._implied.get(fact)
        for implication, _ in step.by if step is not None else ():
            if verdict_of(implication.when, case.decisions.values) == HOLDS:
                told = self.told(implication.when, True, case, words)
                why = f" ({implication.why.strip()})" if implication.why else ""
                how = f"follows, because {', '.join(map(because, told))}{why}"
                return how, tuple(dict.fromkeys(each.fact for each in told)), implication.at
        return "not given", (), case.facts.at(fact) if fact in case.facts.values else declared.at

    def _parameter(
        self, step: ParameterValue, case: Case, words: Words
    ) -> tuple[str, tuple[str, ...], Place]:
        parameter, day = step.parameter, case.decisions.values.get(step.on)
        asked = self._named(step.on, words)
        if not isinstance(day, date):
            return f"the value in force on {asked}", (step.on,), parameter.at
        since = max((first for first, _ in parameter.values if first <= day), default=None)
        if since is None:
            first = parameter.values[0][0]
            return f"no value is known before {first}; asked for {asked}", (step.on,), parameter.at
        following = next(((first, value) for first, value in parameter.values if first > day), None)
        fact = self._policies.facts[step.fact]
        then = f"; from {following[0]} it is {in_words(following[1], fact)}" if following else ""
        cited = ", ".join(f"{each.source}#{each.anchor}" for each in parameter.cites)
        rests = f" [{cited}]" if cited else ""
        return f"in force since {since} on {asked}{then}{rests}", (step.on,), parameter.at

    def _computation(
        self, step: Computed, absent: bool, case: Case, words: Words
    ) -> tuple[str, tuple[str, ...]]:
        values = case.decisions.values
        guard = step.only_when
        if guard is not None and (verdict := verdict_of(guard, values)) != HOLDS:
            if verdict == FAILS:
                told = self.told(guard, False, case, words)
                return f"there is none, because {', '.join(map(because, told))}", named_in(told)
            unknown = tuple(dict.fromkeys(undecided_facts(guard, values)))
            return f"not known, for want of {self._titles(unknown)}", unknown
        if step.call.condition is not None:
            verdict = verdict_of(step.call.condition, values)
            if verdict == UNKNOWN:
                unknown = tuple(dict.fromkeys(undecided_facts(step.call.condition, values)))
                return f"not known, for want of {self._titles(unknown)}", unknown
            told = self.told(step.call.condition, verdict == HOLDS, case, words)
            return f"because {', '.join(map(because, told))}", named_in(told)
        inputs = tuple(dict.fromkeys(item for item in step.call.items if isinstance(item, str)))
        how = self._called(step.call, words)
        if step.fact not in values and not absent:
            missing = tuple(
                name for name in inputs if name not in values and name not in case.decisions.absent
            )
            return f"{how}; not known, for want of {self._titles(missing)}", inputs
        return how, inputs

    def _called(self, call: Call, words: Words) -> str:
        return FUNCTIONS[call.function].words(*(self._argument(item, words) for item in call.items))

    def _argument(self, item: Scalar, words: Words) -> str:
        return self._named(item, words) if isinstance(item, str) else str(item)

    def _conclusion(
        self, fact: str, case: Case, words: Words
    ) -> tuple[str, tuple[str, ...], tuple[str, ...]]:
        rules = self._policies.concluding.get(fact, ())
        verdicts, values = case.decisions.verdicts, case.decisions.values
        for verdict in (HOLDS, UNKNOWN):
            found = [rule for rule in rules if verdicts[rule.name] is verdict]
            if found and verdict is HOLDS:
                by_rule = [(rule.name, self.told(rule.when, True, case, words)) for rule in found]
                said_by = "; ".join(
                    f"{name}, because {', '.join(map(because, told)) or 'it always holds'}"
                    for name, told in by_rule
                )
                inputs = named_in([each for _, told in by_rule for each in told])
                return f"concluded by {said_by}", inputs, tuple(name for name, _ in by_rule)
            if found:
                names = tuple(rule.name for rule in found)
                unknown = dict.fromkeys(name for rule in found for name in undecided_facts(rule.when, values))
                return f"not known while {', '.join(names)} cannot be decided", tuple(unknown), names
        if not rules:
            return "no rule in force concludes it", (), ()
        wanted = [each for rule in rules for each in minimal_unmet(rule.when, values) or ()]
        tested = tuple(dict.fromkeys(each.test.fact for each in wanted))
        lacks = "; ".join(f"{rule.name} lacks: {self.wanting(rule.when, case, words)}" for rule in rules)
        return f"no rule that concludes it holds ({lacks})", tested, tuple(rule.name for rule in rules)

    # -- words -----------------------------------------------------------------------------------

    def told(self, condition: Condition, holds: bool, case: Case, words: Words) -> list[Reason]:
        """The deciding tests of a condition, as an item of the report tells its own."""
        reasons = self._reasons.get(id(condition))
        if reasons is None:  # conditions live as long as their policies do, and so does this
            reasons = self._reasons[id(condition)] = compile_reasons(
                condition, lambda test, held: (test, test_in_words(test, self._policies.facts), held)
            )
        values = case.decisions.values
        return [self._reason(test, told, held, values, words) for test, told, held in reasons(values, holds)]

    def reason(self, test: Comparison, held: bool, values: Mapping[str, Value], words: Words) -> Reason:
        """One test with the value it met."""
        return self._reason(test, test_in_words(test, self._policies.facts), held, values, words)

    def _reason(
        self, test: Comparison, told: TestWords, held: bool, values: Mapping[str, Value], words: Words
    ) -> Reason:
        name, operand = test.fact, test.operand
        return Reason(
            name,
            self._policies.facts[name].title,
            values.get(name),
            words[name],
            test_text(told, words),
            held,
            operand.fact if isinstance(operand, FactReference) else None,
        )

    def wanting(self, condition: Condition, case: Case, words: Words) -> str:
        """The smallest set of tests that keep a condition from holding, in words."""
        wanted = minimal_unmet(condition, case.decisions.values)
        if wanted is None:
            return "nothing could make it hold"
        return ", ".join(
            wanted_in_words(self.reason(each.test, False, case.decisions.values, words), each.holds)
            for each in wanted
        )

    def _named(self, fact: str, words: Words) -> str:
        return f"{declared_title(fact, self._policies)} ({words[fact]})"

    def _titles(self, facts: Sequence[str]) -> str:
        return ", ".join(declared_title(fact, self._policies) for fact in facts) or "an answer"


class _ShortWords(Words):
    """Values in words, dates without their second form: an explanation is full of them."""

    def __init__(self, decisions: Decisions, facts: Mapping[str, Fact]) -> None:
        super().__init__(decisions.values, facts)
        self._absent = decisions.absent

    def __missing__(self, name: str) -> str:
        value = self._values.get(name)
        if isinstance(value, date):
            found = value.isoformat()
        elif value is None and name in self._absent:
            found = "without an answer"
        else:
            return super().__missing__(name)
        self[name] = found
        return found


class Traced:
    """One applicant's facts by name, each traced when it is first asked for."""

    def __init__(self, origins: Provenance, case: Case) -> None:
        self._origins, self._case = origins, case
        self.words = _ShortWords(case.decisions, origins._policies.facts)
        self._found: dict[str, Origin] = {}

    def __getitem__(self, fact: str) -> Origin:
        found = self._found.get(fact)
        if found is None:
            found = self._found[fact] = self._origins.trace(fact, self._case, self.words)
        return found

    def behind(self, facts: Sequence[str]) -> tuple[str, ...]:
        """These facts and all they came from, each before what it came from."""
        found: dict[str, None] = {}
        pending = list(reversed(facts))
        while pending:
            fact = pending.pop()
            if fact in found:
                continue
            found[fact] = None
            pending.extend(reversed(self[fact].inputs))
        return tuple(found)


def because(reason: Reason) -> str:
    """`Practice score is below 228 (it is 221)`."""
    return f"{reason.title} {reason.test}" + ("" if reason.holds else " does not hold") + _as_it_is(reason)


def wanted_in_words(reason: Reason, holds: bool) -> str:
    """What a test would have to come to: `Practice score must be below 228 (it is 221)`."""
    must = f"{reason.title} {reason.test}"
    return (must if holds else f"not: {must}") + _as_it_is(reason)


def _as_it_is(reason: Reason) -> str:
    return "" if reason.test == f"is {reason.text}" and reason.holds else f" (it is {reason.text})"


def declared_title(fact: str, policies: PolicySet) -> str:
    """A fact's title."""
    return policies.facts[fact].title


def named_in(told: Sequence[Reason]) -> tuple[str, ...]:
    """The facts that these tests look at."""
    return tuple(
        dict.fromkeys(name for each in told for name in (each.fact, each.against) if name is not None)
    )
