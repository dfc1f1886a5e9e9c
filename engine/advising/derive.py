"""What follows from an applicant's facts: implied, derived and banded values, and contradictions."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date

from engine.base.diagnostic import CommandLine, Diagnostic, InvalidInput, Location
from engine.base.diagnostics import Diagnostics
from engine.base.record import record
from engine.language.conditions import HOLDS, UNKNOWN, Evaluator, compile_condition, facts_of
from engine.language.dependencies import Dependencies
from engine.language.facts import Facts
from engine.language.functions import ABSENT, Argument, apply
from engine.language.model import DecisionRow, DecisionTable, Fact, Implication, Parameter, Value
from engine.language.policy_set import (
    Banded,
    Computation,
    Computed,
    Implied,
    ParameterValue,
    PolicySet,
    ResolvedConsistency,
    SeasonDates,
    Tabled,
)
from engine.language.tables import Matcher
from engine.language.templates import Words, fill, in_words, settled_in_words


@record
class DerivedFacts:
    """Everything known of an applicant on a day. `absent` facts have no answer; the rest is unknown."""

    values: Mapping[str, Value]
    absent: frozenset[str]
    season_published: bool


class Contradicted(InvalidInput):
    """Facts that cannot all be true; `derived` is what would follow from them.

    `out_of_range` tells that a derived fact comes to something impossible, and is left unknown there.
    """

    def __init__(self, diagnostics: Iterable[Diagnostic], derived: DerivedFacts) -> None:
        super().__init__(diagnostics)
        self.derived = derived
        self.out_of_range = any(problem.code == "out-of-range" for problem in self.diagnostics)


class DerivationState:
    """One applicant's values while they are worked out, step by step."""

    __slots__ = ("absent", "facts", "problems", "season_published", "values")

    def __init__(self, values: dict[str, Value], facts: Facts, absent: Iterable[str] = ()) -> None:
        self.values = values
        self.absent = set(absent)
        self.facts = facts
        self.problems = Diagnostics()
        self.season_published = True

    def argument(self, name: str) -> Argument:
        """A fact as functions take it."""
        return ABSENT if name in self.absent else self.values.get(name)

    def set(self, fact: str, result: Argument) -> None:
        """Gives a fact what it came to."""
        if result is ABSENT:
            self.absent.add(fact)
        elif result is not None:
            self.values[fact] = result

    def problem(self, code: str, message: str, facts: Sequence[str], help: str) -> None:
        """Notes what cannot be true, at the first place where one of the facts is given."""
        given = [self.facts.at(fact) for fact in facts if fact in self.facts.values]
        at = min(given, key=lambda place: place.order, default=Location(self.facts.path))
        self.problems.error(code, message, at, help)


DerivationStep = Callable[[DerivationState], None]
NamedStep = tuple[frozenset[str], DerivationStep]
"""A step, and the facts that it may give a value."""
Consistent = tuple[ResolvedConsistency, Evaluator]


class Derivation:
    """The computations and consistency rules of a policy set, compiled once for many applicants."""

    def __init__(self, policies: PolicySet, like: Derivation | None = None) -> None:
        """`like` is of policies that differ in little: what they share is not compiled anew."""
        self._policies = policies
        known: Mapping[int, DerivationStep] = {} if like is None else like._compiled
        self._compiled: Mapping[int, DerivationStep] = {
            id(step): known.get(id(step)) or _compile(step, policies) for step in policies.computations
        }
        self._steps = _steps(policies, self._compiled)
        self._consistency = tuple((rule, compile_condition(rule.when)) for rule in policies.consistency)

    def derive(self, facts: Facts, as_of: date) -> DerivedFacts:
        """Everything that follows from the facts. Raises InvalidInput where they contradict each other."""
        state = DerivationState({**facts.values, "as_of": as_of}, facts)
        return self._worked_out(state, self._steps, self._consistency)

    def _worked_out(
        self, state: DerivationState, steps: Sequence[NamedStep], consistency: Sequence[Consistent]
    ) -> DerivedFacts:
        for _, step in steps:
            step(state)
        values = state.values
        declared = self._policies.facts
        for rule, evaluator in consistency:
            if evaluator(values) == HOLDS:
                given = [name for name in rule.facts if name in values and "@" not in name]
                stated = "; ".join(f"{name} is {in_words(values[name], declared[name])}" for name in given)
                message = fill(rule.message, Words(values, declared))
                behind = self.dependencies.given_behind(given)
                state.problem("contradiction", message, behind, f"As it stands: {stated}.")
        derived = DerivedFacts(values, frozenset(state.absent), state.season_published)
        if state.problems:
            raise Contradicted(state.problems, derived)
        return derived

    def keeps(self, computation: Computation, derived: DerivedFacts, facts: Facts) -> bool:
        """Whether one of its computations, done once more on what is known in the end, changes nothing."""
        name = computation.fact
        state = DerivationState(dict(derived.values), facts, derived.absent)
        before = state.argument(name)
        if name not in facts.values:
            state.values.pop(name, None)
            state.absent.discard(name)
        self._compiled[id(computation)](state)
        return not state.problems and state.argument(name) == before

    @property
    def dependencies(self) -> Dependencies:
        """What each fact rests on."""
        return self._policies.dependencies


class Rederivation:
    """What of a derivation rests on given facts, to be worked out again and again as they change.

    `affected` are all facts that can change with them.
    """

    def __init__(self, derivation: Derivation, facts: Iterable[str]) -> None:
        self._derivation = derivation
        facts = frozenset(facts)
        resting = derivation.dependencies.resting_on(facts)
        self._steps = tuple(step for step in derivation._steps if not resting.isdisjoint(step[0]))
        self.affected = facts.union(*(gives for gives, _ in self._steps))  # which leaves out findings
        self._consistency = tuple(
            pair for pair in derivation._consistency if not resting.isdisjoint(pair[0].facts)
        )

    def derive(self, facts: Facts, as_of: date, before: DerivedFacts) -> DerivedFacts:
        """As `Derivation.derive`, given that of facts that differ in nothing but those of this part."""
        affected = self.affected
        values = {name: value for name, value in before.values.items() if name not in affected}
        values.update(facts.values)
        values["as_of"] = as_of
        state = DerivationState(values, facts, before.absent - affected)
        state.season_published = before.season_published
        return self._derivation._worked_out(state, self._steps, self._consistency)


def _steps(policies: PolicySet, compiled: Mapping[int, DerivationStep]) -> tuple[NamedStep, ...]:
    """The computations in order; the calendar's dates come as soon as the season can be known."""
    steps: list[NamedStep] = [
        (frozenset({computation.fact}), compiled[id(computation)]) for computation in policies.computations
    ]
    if policies.calendar is not None:
        settled = [computation.fact for computation in policies.computations]
        key = policies.calendar.keyed_by
        dates = frozenset(policies.calendar.facts)
        steps.insert(settled.index(key) + 1 if key in settled else 0, (dates, _season(policies.calendar)))
    return tuple(steps)


def _season(calendar: SeasonDates) -> DerivationStep:
    """Adds the calendar's dates of the applicant's season."""

    def step(state: DerivationState) -> None:
        key = state.values.get(calendar.keyed_by)
        if key is not None:
            dates = calendar.seasons.get(key, {}) if not isinstance(key, tuple) else {}
            state.values.update(dates)
            state.season_published = bool(dates)

    return step


def _compile(computation: Computation, policies: PolicySet) -> DerivationStep:
    match computation:
        case Implied():
            return _implied(computation, policies.facts)
        case Computed():
            return _computed(computation, policies)
        case Banded(fact, of, ranges):
            tests = tuple((name, compile_condition(condition)) for name, condition in ranges)
            return lambda state: _band(state, fact, of, tests)
        case ParameterValue(fact, parameter, on):
            return _parameter_value(fact, parameter, on)
        case Tabled():
            return _tabled(computation, policies)


def _parameter_value(fact: str, parameter: Parameter, on: str) -> DerivationStep:
    by = parameter.by

    def step(state: DerivationState) -> None:
        day, key = state.argument(on), None if by is None else state.argument(by)
        if day is ABSENT or key is ABSENT:
            state.absent.add(fact)
        elif isinstance(day, date) and (by is None or key is not None):
            state.set(fact, parameter.value_on(day, key))  # type: ignore[arg-type]  # of one key

    return step


def _tabled(tabled: Tabled, policies: PolicySet) -> DerivationStep:
    fact, table = policies.facts[tabled.fact], tabled.table
    matcher, output = Matcher(table), tabled.output

    def step(state: DerivationState) -> None:
        holds, could = matcher.match(state.values, state.absent)
        conflict = matcher.conflict(holds)
        if conflict is not None:
            if output == 0:  # which is told once
                _rows_disagree(state, table, conflict, policies)
            return
        value = matcher.outcome(output, holds, could, state.argument)
        if value is not None and value is not ABSENT and _is_outside(value, fact):
            _out_of_range(state, fact, in_words(value, fact), table.columns, policies)
            return
        state.set(fact.name, value)

    return step


def _rows_disagree(
    state: DerivationState, table: DecisionTable, rows: tuple[DecisionRow, DecisionRow], policies: PolicySet
) -> None:
    """Notes two rows of a table that both apply, and may not."""
    known = [name for name in table.columns if name in state.values]
    stated = "; ".join(f"{name} is {in_words(state.values[name], policies.facts[name])}" for name in known)
    gives = "" if table.hit == "unique" else ", and give otherwise"
    first, second = rows
    message = f"Rows `{first.id}` and `{second.id}` of table `{table.name}` both apply{gives}."
    behind = policies.dependencies.given_behind(known)
    help_text = f"As it stands: {stated}. If that is right, the table is wrong: {first.at} and {second.at}."
    state.problem("rows-disagree", message, behind, help_text)


def _band(state: DerivationState, fact: str, of: str, tests: Sequence[tuple[str, Evaluator]]) -> None:
    if of in state.absent:
        state.absent.add(fact)
        return
    for name, evaluator in tests:
        if evaluator(state.values) == HOLDS:
            state.values[fact] = name
            return


def _implied(implied: Implied, facts: Mapping[str, Fact]) -> DerivationStep:
    fact = facts[implied.fact]
    compiled = tuple((rule, value, compile_condition(rule.when)) for rule, value in implied.by)

    def step(state: DerivationState) -> None:
        holding = [(rule, value) for rule, value, evaluator in compiled if evaluator(state.values) == HOLDS]
        if not holding:
            return
        first = holding[0]
        differing = [other for other in holding if other[1] != first[1]]
        for other in differing:
            _disagree(state, fact, first, other, facts)
        given = state.argument(fact.name)
        if given is None:
            state.set(fact.name, ABSENT if first[1] is None else first[1])
        elif not differing:  # else what is given may be right
            for rule, value in holding:
                if given != (ABSENT if value is None else value):
                    _contradict(state, fact, given, (rule, value), facts)

    return step


def _contradict(
    state: DerivationState,
    fact: Fact,
    given: Argument,
    implied: tuple[Implication, Value | None],
    facts: Mapping[str, Fact],
) -> None:
    rule, value = implied
    names, because = _reasons(state, rule, facts)
    expected = "cannot have a value" if value is None else f"must be {in_words(value, fact)}"
    actual = "has none" if given is ABSENT else f"is {in_words(given, fact)}"
    message = f"`{fact.name}` {expected}{because}; it {actual}."
    set_now = [name for name in names if isinstance(state.facts.at(name), CommandLine)]
    at = set_now or ([fact.name] if fact.name in state.facts.values else names)
    state.problem("contradiction", message, at, "Correct whichever is wrong.")


def _disagree(
    state: DerivationState,
    fact: Fact,
    first: tuple[Implication, Value | None],
    second: tuple[Implication, Value | None],
    facts: Mapping[str, Fact],
) -> None:
    """Notes two implications that hold and give a fact different values: nobody gave one of them."""
    said, concerned = [], []
    for rule, value in (first, second):
        names, because = _reasons(state, rule, facts)
        said.append(f"`{rule.id}` {settled_in_words(value, fact)}{because}")
        concerned += names
    message = f"Two implications disagree on `{fact.name}`: {'; '.join(said)}."
    places = f"{first[0].at} and {second[0].at}"
    help_text = f"If the facts are right, one of the implications is wrong: {places}."
    state.problem("contradictory-implications", message, concerned, help_text)


def _reasons(state: DerivationState, rule: Implication, facts: Mapping[str, Fact]) -> tuple[list[str], str]:
    """The known facts by which an implication holds, and the words that say so."""
    tested = dict.fromkeys(facts_of(rule.when))
    names = [name for name in tested if "@" not in name and name in state.values]
    stated = " and ".join(f"`{name}` is {in_words(state.values[name], facts[name])}" for name in names)
    return names, f", because {stated}" if names else ""


def _computed(computed: Computed, policies: PolicySet) -> DerivationStep:
    fact = policies.facts[computed.fact]
    guard = compile_condition(computed.only_when) if computed.only_when is not None else None
    work_out = _function(computed, fact, policies)

    def step(state: DerivationState) -> None:
        if guard is not None:
            allowed = guard(state.values)
            if allowed != HOLDS:
                if allowed != UNKNOWN:
                    state.absent.add(fact.name)
                return
        state.set(fact.name, work_out(state))

    return step


def _function(computed: Computed, fact: Fact, policies: PolicySet) -> Callable[[DerivationState], Argument]:
    call = computed.call
    if call.condition is not None:
        truth = compile_condition(call.condition)

        def truth_value(state: DerivationState) -> Argument:
            verdict = truth(state.values)
            return None if verdict == UNKNOWN else verdict == HOLDS

        return truth_value
    name, items, way = call.function, call.items, call.way
    inputs = [item for item in items if isinstance(item, str)]

    def result(state: DerivationState) -> Argument:
        arguments = [state.argument(item) if isinstance(item, str) else item for item in items]
        try:
            value = apply(name, arguments, way)
        except (OverflowError, ValueError):
            _out_of_range(state, fact, "no date of the calendar", inputs, policies)
            return None
        if value is not None and value is not ABSENT and _is_outside(value, fact):
            _out_of_range(state, fact, in_words(value, fact), inputs, policies)
            return None
        return value

    return result


def _is_outside(value: Value, fact: Fact) -> bool:
    if isinstance(value, (bool, str, tuple)):
        return False
    low, high = fact.limits
    return not low <= value <= high


def _out_of_range(
    state: DerivationState, fact: Fact, result: str, inputs: Sequence[str], policies: PolicySet
) -> None:
    stated = "; ".join(
        f"{name} is {in_words(state.values[name], policies.facts[name])}"
        for name in inputs
        if name in state.values
    )
    low, high = fact.limits
    message = f"{fact.title} (`{fact.name}`) comes to {result}, which is not possible."
    help_text = f"Check: {stated}. It must lie between {in_words(low, fact)} and {in_words(high, fact)}."
    state.problem("out-of-range", message, inputs, help_text)
