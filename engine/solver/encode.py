"""A policy set as formulas: what is known of each fact, and when each condition holds or fails.

The unknowns are the given facts: whether each is known, and its value. Everything else is worked out from
them as `derive` and `decide` do, step for step. What refuses an applicant (a contradiction, a
value that is not possible) is kept apart, each with its name and place.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from functools import cache
from itertools import combinations

import z3

from engine.base.diagnostic import Location
from engine.base.record import record
from engine.language.conditions import FAILS, HOLDS
from engine.language.domain import domain_of
from engine.language.model import (
    EARLIEST_DATE,
    LATEST_DATE,
    AllOf,
    AnyOf,
    Comparison,
    Condition,
    Fact,
    FactReference,
    Not,
    Scalar,
    Value,
)
from engine.language.policy_set import (
    Banded,
    Computation,
    Computed,
    Implied,
    ParameterValue,
    PolicySet,
    Tabled,
)
from engine.solver.apply import Functions, chosen
from engine.solver.decision_tables import TableFormulas
from engine.solver.given import GivenFacts
from engine.solver.goal import AllGoals, AnyGoal, HasVerdict, NotGoal, ProofGoal
from engine.solver.limits import ENDLESS, Clock
from engine.solver.parameters import DatedValues, term_of
from engine.solver.shared_vocabulary import View, recoded
from engine.solver.terms import (
    UNKNOWN_STATE,
    FactState,
    ListTerm,
    Number,
    Term,
    Truth,
    both,
    choose,
    compared,
    either,
    every,
    follows,
    opposite,
    some,
)
from engine.solver.texts import number_of


@record
class Refusal:
    """What no applicant may show: the formula that must hold of all, what says so, and where."""

    must: Truth
    about: str
    at: Location


class Encoder:
    """A policy set on a day, or (None) on any of the days on which the same files are in force.

    `given` are the unknowns. Beside a `base`, another encoder, only the facts that are `touched` are worked
    out here; every other is what it is there. With `opened`, what stands elsewhere than in a rule
    (parameters, the dates of the calendar, what other rules conclude) is unknown too: what never holds then,
    never holds whatever will be written there. With `disputed`, implications may disagree with each other,
    and the first settles the fact; and findings that exclude each other may be true together. Where the
    `clock` is up, what makes formulas raises Unsettled.
    """

    def __init__(
        self,
        policies: PolicySet,
        given: GivenFacts | View,
        *,
        base: Encoder | None = None,
        touched: frozenset[str] = frozenset(),
        opened: bool = False,
        disputed: bool = False,
        clock: Clock = ENDLESS,
    ) -> None:
        self.policies = policies
        self._clock = clock
        self._opened = opened
        self._disputed = disputed
        self.given = given
        self.texts = given.texts
        self.certain = given.certain
        other = base.functions if base is not None and base.policies is not policies else None
        self.functions: Functions = Functions(f"{given.mark} " if given.mark else "", self.certain, other)
        self.refusals: list[Refusal] = []
        self._base = base
        self._touched = touched
        self.domain = cache(lambda name: domain_of(policies.facts[name]))
        """The domain of a fact, by its name."""
        self._computations = policies.steps
        self._states: dict[str, FactState] = {}
        self._rounded: dict[str, FactState] = {}
        """The facts that a function rounds, by the names of its results."""
        self._tables: dict[str, TableFormulas] = {}
        self._verdicts: dict[int, tuple[Condition, tuple[Truth, Truth]]] = {}

    def refuse_everything_refused(self) -> None:
        """Collects the refusals of the whole policy set; beside another, those that it may not have."""
        unsaid = self._resting_on_lists()
        for name, fact in self.policies.facts.items():
            if not fact.private and (self._base is None or name in self._touched) and name not in unsaid:
                self.state(name)
        self._refuse_exclusive()
        same_rules = self._base is not None and self._base.policies is self.policies
        for rule in self.policies.consistency:
            if (not same_rules or not self._touched.isdisjoint(rule.facts)) and unsaid.isdisjoint(rule.facts):
                holds, _ = self.verdict(rule.when)
                self.refusals.append(
                    Refusal(opposite(holds), f"consistency rule `{rule.rule.id}`", rule.rule.at)
                )

    def _refuse_exclusive(self) -> None:
        """Collects that findings which exclude each other are not both true."""
        for group in self.policies.exclusive if not (self._disputed or self._opened) else ():
            for one, other in combinations((name for name, _ in group.findings), 2):
                if self._base is None or not self._touched.isdisjoint((one, other)):
                    both_true = both(self.has(one, True), self.has(other, True))
                    self._must(opposite(both_true), f"exclusive findings `{group.id}`", group.at)

    def _resting_on_lists(self) -> frozenset[str]:
        """The facts that rest on a list which a table gives: nothing is said of them."""
        lists = [
            step.fact
            for step in self.policies.computations
            if isinstance(step, Tabled) and self.policies.facts[step.fact].type == "list"
        ]
        return self.policies.dependencies.resting_on(lists) if lists else frozenset()

    # -- conditions ------------------------------------------------------------------------------

    def formula(self, goal: ProofGoal) -> Truth:
        """A goal as a formula."""
        match goal:
            case HasVerdict(condition, to):
                holds, fails = self.verdict(condition)
                if to == HOLDS:
                    return holds
                return fails if to == FAILS else both(opposite(holds), opposite(fails))
            case AllGoals(goals):
                return every(self.formula(part) for part in goals)
            case AnyGoal(goals):
                return some(self.formula(part) for part in goals)
            case NotGoal(part):
                return opposite(self.formula(part))

    def verdict(self, condition: Condition) -> tuple[Truth, Truth]:
        """When a condition holds, and when it fails."""
        if id(condition) not in self._verdicts:  # the condition is kept, or its id might be given to another
            self._clock.check()
            self._verdicts[id(condition)] = condition, self._verdict(condition)
        return self._verdicts[id(condition)][1]

    def _verdict(self, condition: Condition) -> tuple[Truth, Truth]:
        match condition:
            case Comparison():
                return self._test(condition)
            case Not(part):
                holds, fails = self.verdict(part)
                return fails, holds
            case AllOf(parts):
                verdicts = [self.verdict(part) for part in parts]
                return every(holds for holds, _ in verdicts), some(fails for _, fails in verdicts)
            case AnyOf(parts):
                verdicts = [self.verdict(part) for part in parts]
                return some(holds for holds, _ in verdicts), every(fails for _, fails in verdicts)

    def _test(self, test: Comparison) -> tuple[Truth, Truth]:
        state = self.state(test.fact)
        if test.operator == "known":
            known = state.known if test.operand else opposite(state.known)
            return known, opposite(known)
        fact = self.policies.facts[test.fact]
        if test.operator in ("one_of", "none_of") and isinstance(test.operand, FactReference):
            step = self.policies.steps.get(test.operand.fact)
            listed = self._listed(step, state, fact) if isinstance(step, ParameterValue) else False
            known = both(state.known, self.state(test.operand.fact).known)
            return self._decided(known, listed if test.operator == "one_of" else opposite(listed))
        if test.operator in ("one_of", "none_of"):
            assert isinstance(test.operand, tuple)
            right = [self._met(value, fact) for value in test.operand]  # type: ignore[arg-type]  # typed when resolved
            among = some(compared(state.value, "is", term) for term in right)  # type: ignore[arg-type]  # no list
            return self._decided(state.known, among if test.operator == "one_of" else opposite(among))
        if isinstance(test.operand, FactReference):
            other = self.state(test.operand.fact)
            known, operand = both(state.known, other.known), other.value
        else:
            known, operand = state.known, self._met(test.operand, fact)  # type: ignore[arg-type]  # typed when resolved
        assert isinstance(operand, Term)
        if test.operator == "includes":
            assert isinstance(state.value, ListTerm)
            return self._decided(known, self.given.includes(state.value, operand))
        assert isinstance(state.value, Term)
        return self._decided(known, compared(state.value, test.operator, operand))

    @staticmethod
    def _decided(known: Truth, true: Truth) -> tuple[Truth, Truth]:
        return both(known, true), both(known, opposite(true))

    def _met(self, value: Scalar, fact: Fact) -> Term:
        """A value that is written down, and that a fact is compared with."""
        term = self.literal(value, fact)
        if fact.name in self._rounded:
            known, _, result = self._rounded[fact.name]
            assert isinstance(result, Term)
            self.certain += [follows(known, truth) for truth in self.functions.met(result, term)]
        return term

    def literal(self, value: Scalar, fact: Fact) -> Term:
        """A value that is written down, to be compared with a fact (or a list fact's item)."""
        return term_of(number_of(value, self.domain(fact.name), self.texts), self.domain(fact.name).factor)

    # -- facts -----------------------------------------------------------------------------------

    def state(self, name: str) -> FactState:
        """What is known of a fact."""
        if self._base is not None and name not in self._touched:
            return self._base.state(name)
        if name not in self._states:
            self._states[name] = self._named(name, self._state(name))
        return self._states[name]

    def _state(self, name: str) -> FactState:
        fact = self.policies.facts[name]
        match self._computations.get(name):
            case Implied() as implied:
                return self._implied(implied, self.given.state(name))
            case Computed() as computed:
                return self._computed(computed, fact)
            case Banded() as banded:
                return self._banded(banded, fact)
            case ParameterValue() as parameter:
                return self._parameter(parameter)
            case Tabled() as tabled:
                return self._tabled(tabled, fact)
        if fact.origin == "given":
            return self.given.state(name)
        if fact.origin == "finding":
            return self._finding(name)
        if fact.origin == "calendar":
            return self._season_date(name)
        return UNKNOWN_STATE  # declared by a file that is not in force

    def _named(self, name: str, state: FactState) -> FactState:
        """The same, each part under a name of its own: formulas stay small."""
        if name in self.given.facts and name not in self._computations:
            return state
        label = f"{name}{self.given.mark}"
        certain = self.certain

        def truth(value: Truth, about: str) -> Truth:
            if isinstance(value, bool):
                return value
            named = z3.Bool(f"{label} {about}")
            certain.append(named == value)
            return named

        def number(value: Number, about: str) -> Number:
            if isinstance(value, int) or z3.is_const(value):
                return value
            named = z3.Int(f"{label} {about}")
            certain.append(named == value)
            return named

        known, absent = truth(state.known, "known"), truth(state.absent, "absent")
        if isinstance(state.value, Term):
            return FactState(known, absent, Term(number(state.value.number, "value"), state.value.factor))
        return FactState(known, absent, state.value)

    def has(self, name: str, value: Value) -> Truth:
        """That a fact has a value."""
        state = self.state(name)
        settled = self._settled(value, self.policies.facts[name], state.value)
        return both(state.known, self._equal(state.value, settled))

    def _implied(self, implied: Implied, given: FactState) -> FactState:
        """A given fact that implications may settle, each where its condition holds."""
        fact = self.policies.facts[implied.fact]
        known, absent, value = given
        for implication, settled in implied.by:
            holds, _ = self.verdict(implication.when)
            about = f"implication `{implication.id}`"
            against = given if self._disputed else FactState(known, absent, value)
            if settled is None:
                self._must(follows(holds, opposite(against.known)), about, implication.at)
                absent = either(absent, both(holds, opposite(known)))
                continue
            implied_value = self._settled(settled, fact, value)
            agrees = follows(against.known, self._equal(against.value, implied_value))
            self._must(follows(holds, both(opposite(against.absent), agrees)), about, implication.at)
            value = chosen(known, value, implied_value) if holds is not False else value
            known = either(known, both(holds, opposite(absent)))
        return FactState(known, absent, value)

    def _settled(self, settled: Value, fact: Fact, like: Term | ListTerm) -> Term | ListTerm:
        if isinstance(settled, tuple):
            assert isinstance(like, ListTerm)
            numbers = sorted(int(number_of(item, self.domain(fact.name), self.texts)) for item in settled)
            first = [*numbers, *[numbers[-1] if numbers else 0] * len(like.first)][: len(like.first)]
            last = [*reversed(numbers), *[numbers[0] if numbers else 0] * len(like.last)][: len(like.last)]
            return ListTerm(len(numbers), tuple(first), tuple(last), like.factor)
        return self.literal(settled, fact)

    @staticmethod
    def _equal(one: Term | ListTerm, other: Term | ListTerm) -> Truth:
        if isinstance(one, Term):
            assert isinstance(other, Term)
            return compared(one, "is", other)
        assert isinstance(other, ListTerm)
        assert isinstance(other.length, int)
        pairs = zip(one.places, other.places, strict=True)
        same = (mine == its for (place, mine), (_, its) in pairs if place <= other.length)
        return both(one.length == other.length, *same)

    def _must(self, must: Truth, about: str, at: Location) -> None:
        if must is not True:
            self.refusals.append(Refusal(must, about, at))

    def _computed(self, computed: Computed, fact: Fact) -> FactState:
        call = computed.call
        if call.condition is not None:
            holds, fails = self.verdict(call.condition)
            result = FactState(either(holds, fails), False, Term(choose(holds, 1, 0)))
        else:
            result = self._applied(computed, fact)
        if computed.only_when is not None:
            allowed, refused = self.verdict(computed.only_when)
            result = FactState(
                both(allowed, result.known), either(refused, both(allowed, result.absent)), result.value
            )
        self._must_be_possible(result, fact)
        return result

    def _must_be_possible(self, result: FactState, fact: Fact) -> None:
        if fact.type in ("integer", "number", "date") and isinstance(result.value, Term) and not self._opened:
            low, high = fact.limits
            ends = (("at_least", self.literal(low, fact)), ("at_most", self.literal(high, fact)))
            inside = every(compared(result.value, operator, end) for operator, end in ends)
            self._must(follows(result.known, inside), f"`{fact.name}` must be possible", fact.at)

    def _tabled(self, tabled: Tabled, fact: Fact) -> FactState:
        table = tabled.table
        formulas = self._tables.get(table.name)
        if formulas is None:
            formulas = TableFormulas(self, table, f"{table.name}{self.given.mark}")
            self._tables[table.name] = formulas
            self._must(opposite(formulas.conflict()), f"table `{table.name}`", table.at)
        result = formulas.state(tabled, fact)
        self._must_be_possible(result, fact)
        return result

    def _applied(self, computed: Computed, fact: Fact) -> FactState:
        call = computed.call
        arguments = [self._argument(item, fact) for item in call.items]
        if call.function == "years_between":
            dates = [self._is_date(item) for item in call.items]
            if not all(dates):
                return self.functions.calendar_years(arguments, dates)
        if call.function == "nth" and isinstance(call.items[1], str):
            return self._nth(arguments, self.policies.steps[call.items[1]])
        result = self.functions.apply(call.function, arguments, call.way)
        if call.way is not None:
            self._rounded[computed.fact] = result
        return result

    def _nth(self, arguments: Sequence[FactState], place: Computation) -> FactState:
        """The item of a list at a place that a parameter names: one of its values."""
        assert isinstance(place, ParameterValue)
        values, (known, absent, number) = arguments[0], arguments[1]
        result = UNKNOWN_STATE
        for each in dict.fromkeys(place.parameter.every_value):
            there = both(known, number.number == each)  # type: ignore[union-attr]  # no list
            found = self.functions.apply("nth", (values, FactState(True, False, Term(each))))
            value = found.value if result is UNKNOWN_STATE else chosen(there, found.value, result.value)
            result = FactState(
                either(both(there, found.known), result.known),
                either(both(there, found.absent), result.absent),
                value,
            )
        return result._replace(absent=either(absent, result.absent))

    def _argument(self, item: Scalar, result: Fact) -> FactState:
        if not isinstance(item, str):
            return FactState(True, False, term_of(item))
        state, names = self.state(item), self.domain(result.name).names
        value = recoded(state.value, self.domain(item).names, names) if names else state.value
        return state._replace(value=value)

    def _is_date(self, item: Scalar) -> bool:
        return self.policies.facts[item].type == "date" if isinstance(item, str) else isinstance(item, date)

    def _banded(self, banded: Banded, fact: Fact) -> FactState:
        of = self.state(banded.of)
        known: Truth = False
        number: Number = 0
        for name, condition in reversed(banded.ranges):
            holds, _ = self.verdict(condition)
            number = choose(holds, self.domain(fact.name).names.index(name), number)
            known = either(known, holds)
        return FactState(known, of.absent, Term(number))

    def _parameter(self, step: ParameterValue) -> FactState:
        by = step.parameter.by
        on, key, dated = self._dated(step)
        assert isinstance(on.value, Term)
        known, absent = both(on.known, key.known), either(on.absent, key.absent)
        if self._opened:
            first = step.parameter.values[0][0].toordinal()
            there = True if by is None else z3.Bool(f"{step.fact} said")
            value = Term(z3.Int(f"{step.fact} open"), dated.factor)
            return FactState(both(known, on.value.number >= first, there), absent, value)
        return FactState(both(known, dated.known), absent, dated.value)

    def _dated(self, step: ParameterValue) -> tuple[FactState, FactState, DatedValues]:
        """The day that a parameter is asked for, the key (always known where it has none), its values."""
        on, by = self.state(step.on), step.parameter.by
        key = FactState(True, False, Term(0)) if by is None else self.state(by)
        assert isinstance(on.value, Term)
        assert isinstance(key.value, Term)
        names = None if by is None else self.domain(by).names
        return on, key, DatedValues(step.parameter, names, on.value.number, key.value.number)

    def _listed(self, step: ParameterValue, state: FactState, fact: Fact) -> Truth:
        """Whether a fact has a value that a parameter lists, where both are known."""
        if self._opened:
            return z3.Bool(f"{fact.name} among {step.fact}")
        _, _, dated = self._dated(step)
        return dated.listed(lambda value: compared(state.value, "is", self.literal(value, fact)))  # type: ignore[arg-type]  # no list

    def _season_date(self, name: str) -> FactState:
        calendar = self.policies.calendar
        if calendar is None or name not in calendar.facts:
            return UNKNOWN_STATE
        key = self.state(calendar.keyed_by)
        if self._opened:
            day = z3.Int(f"{name} open")
            self.certain += [day >= EARLIEST_DATE.toordinal(), day <= LATEST_DATE.toordinal()]
            return FactState(both(key.known, z3.Bool(f"{name} published")), False, Term(day))
        known: Truth = False
        number: Number = 0
        for season, dates in calendar.seasons.items():
            if name in dates:
                assert isinstance(key.value, Term)
                here = compared(key.value, "is", self.literal(season, self.policies.facts[calendar.keyed_by]))
                known = either(known, here)
                number = choose(here, dates[name].toordinal(), number)
        return FactState(both(key.known, known), False, Term(number))

    def _finding(self, name: str) -> FactState:
        rules = self.policies.concluding.get(name)
        if not rules:
            return UNKNOWN_STATE
        if self._opened:
            return FactState(
                z3.Bool(f"{name} decided"),
                False,
                Term(z3.If(z3.Bool(f"{name} open"), z3.IntVal(1), z3.IntVal(0))),
            )
        verdicts = [self.verdict(rule.when) for rule in rules]
        true, false = some(holds for holds, _ in verdicts), every(fails for _, fails in verdicts)
        absent: Truth = False
        if name in self.policies.applicability:
            applies, absent = self.verdict(self.policies.applicability[name])
            false = both(false, applies)
        return FactState(either(true, false), absent, Term(choose(true, 1, 0)))
