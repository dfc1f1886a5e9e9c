"""A fact's range cut into intervals on which nothing that is tested changes: exact, never sampled.

An interval is kept whole only when it is shown that no test can come out otherwise within it (`trends`). One
of which that cannot be shown is halved, down to single values.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date
from typing import Any as AnyType
from typing import Final

from engine.advising.advisor import Advisor
from engine.advising.derive import Contradicted, DerivedFacts
from engine.analysis.certainty.trends import Trends
from engine.base.diagnostic import CommandLine, InvalidInput
from engine.base.record import record, replace
from engine.language.conditions import tests_of, verdict_of
from engine.language.domain import Domain, domain_of
from engine.language.facts import Facts
from engine.language.model import Comparison, Condition, Scalar
from engine.language.operators import ORDERED
from engine.language.policy_set import Implied, PolicySet, conditions_of

MOST_EVALUATIONS: Final = 100_000
"""A range that takes more evaluations is refused: it would take minutes."""


@record
class Interval:
    """Values of a fact from `low` to `high`, both included, between which no test changes.

    `first` and `last` are the derived facts at the two ends, or why such facts are refused. Of two intervals
    with the same `outcomes` the same comes (None: nothing of the kind is known).
    """

    low: Scalar
    high: Scalar
    count: int
    first: DerivedFacts | Contradicted
    last: DerivedFacts | Contradicted
    outcomes: tuple[int, ...] | None


class Intervals:
    """The intervals of one given fact, on one policy set."""

    def __init__(self, advisor: Advisor, fact: str) -> None:
        policies = advisor.policies
        self.fact = policies.facts[fact]
        self._advisor = advisor
        self._rederivation = advisor.rederivation([fact])
        self._steps = [step for step in policies.computations if step.fact in self._rederivation.affected]
        self._tests = tuple(self._tests_of(policies))
        days = (rule.advice.due for rule in policies.rules if rule.advice)
        dues = {day.say for due in days for day in due if day.say is not None}
        self._dues = sorted(
            str(due) for due in dues if isinstance(due, str) and due in self._rederivation.affected
        )
        self.orders_dues = bool(self._dues)
        self._other_dues = sorted((due for due in dues if due not in self._dues), key=str)

    def _tests_of(self, policies: PolicySet) -> Iterator[Comparison]:
        """Every test that looks at something that can change, once."""
        conditions: list[Condition] = [rule.when for rule in policies.rules]
        conditions += [choice for rule in policies.rules if rule.advice for choice in rule.advice.choices]
        conditions += [rule.when for rule in policies.consistency]
        for step in self._steps:
            conditions += conditions_of(step)
            if isinstance(step, Implied) and step.fact == self.fact.name:  # which contradicts other values
                conditions += [
                    Comparison(step.fact, "is", v, rule.at) for rule, v in step.by if v is not None
                ]
        seen = set()
        for condition in conditions:
            for test in tests_of(condition):
                right = test.against
                key = (test.fact, test.operator, right, repr(test.operand) if right is None else None)
                if key not in seen and not self._rederivation.affected.isdisjoint((test.fact, right)):
                    seen.add(key)
                    yield test

    def one_by_one(
        self, facts: Facts, derived: DerivedFacts, low: Scalar | None, high: Scalar | None
    ) -> Iterator[Interval]:
        """The intervals from `low` to `high` for an applicant, all other facts being as given.

        Each is worked out when it is asked for. Neighbouring ones may turn out alike. Raises InvalidInput
        when there are too many values.
        """
        domain = domain_of(self.fact)
        if domain.kind not in ORDERED:
            values = (True, False) if domain.kind == "boolean" else tuple(self.fact.labels)
            return _Run(self, facts, derived, domain).one_each(values)
        assert low is not None
        assert high is not None
        return _Run(self, facts, derived, domain.between(low, high)).intervals()

    # -- what an interval is proved with ---------------------------------------------------------------

    def derive(self, facts: Facts, derived: DerivedFacts, value: Scalar) -> DerivedFacts | Contradicted:
        """What follows with another value, or why it is refused."""
        name = self.fact.name
        as_of = value if name == "as_of" else derived.values["as_of"]
        assert isinstance(as_of, date)
        changed = replace(facts, values={**facts.values, name: value})
        try:
            result = self._rederivation.derive(changed, as_of, derived)
            self._advisor.exclusive.refuse(result, changed)
            return result
        except Contradicted as contradicted:
            return contradicted

    def outcomes(self, derived: DerivedFacts | Contradicted) -> tuple[int, ...] | None:
        """How every test comes out; None when values are out of range."""
        if isinstance(derived, Contradicted) and derived.out_of_range:
            return None
        values = _derived(derived).values
        return tuple([verdict_of(test, values) for test in self._tests])

    def cuts(self, derived: DerivedFacts) -> Iterator[AnyType]:
        """Values at which a test of the fact itself comes out otherwise."""
        name = self.fact.name
        for test in self._tests:
            if test.operator == "known":
                continue
            if test.fact == name:
                right = derived.values.get(test.against) if test.against else test.operand
                yield from right if isinstance(right, tuple) else (right,)
            elif test.against == name:
                yield derived.values.get(test.fact)

    def proves(self, first: DerivedFacts, last: DerivedFacts) -> bool:
        """Whether nothing tested can change between two values at which each test comes out alike."""
        trends = Trends(self.fact.name, self._rederivation.affected, self._steps, first, last)
        others = (*self._dues, *self._other_dues, "as_of")
        return all(map(trends.settled, self._tests)) and all(
            trends.same_side(due, other) for due in self._dues for other in others
        )


def _derived(result: DerivedFacts | Contradicted) -> DerivedFacts:
    return result.derived if isinstance(result, Contradicted) else result


class _Run:
    """One applicant's range while it is cut."""

    def __init__(self, of: Intervals, facts: Facts, derived: DerivedFacts, domain: Domain) -> None:
        self._of, self._facts, self._derived, self._domain = of, facts, derived, domain
        self._results: dict[int, tuple[DerivedFacts | Contradicted, tuple[int, ...] | None]] = {}

    def _at(self, number: int) -> tuple[DerivedFacts | Contradicted, tuple[int, ...] | None]:
        """What follows from a value, and how every test comes out."""
        result = self._results.get(number)
        if result is None:
            if len(self._results) >= MOST_EVALUATIONS:
                message = f"On the range of `{self._of.fact.name}` too much changes."
                raise InvalidInput.error(
                    "range-too-long", message, CommandLine("--set"), "Write a narrower range."
                )
            derived = self._of.derive(self._facts, self._derived, self._domain.value(number))
            result = self._results[number] = derived, self._of.outcomes(derived)
        return result

    def one_each(self, values: Iterable[Scalar]) -> Iterator[Interval]:
        for number in (int(self._domain.number(value)) for value in values):
            yield self._interval(number, number)

    def intervals(self) -> Iterator[Interval]:
        low, high = self._domain.ends
        compared = self._of.cuts(_derived(self._at(low)[0]))
        begins = self._domain.cuts(
            value for value in compared if value is not None and not isinstance(value, (str, bool))
        )
        pending = list(zip(begins, (begin - 1 for begin in (*begins[1:], high + 1)), strict=True))[::-1]
        while pending:
            first, last = pending.pop()
            if first == last or self._is_one(first, last):
                yield self._interval(first, last)
            else:
                middle = (first + last) // 2
                pending += [(middle + 1, last), (first, middle)]

    def _is_one(self, first: int, last: int) -> bool:
        (one, outcomes), (other, other_outcomes) = self._at(first), self._at(last)
        if outcomes is None or outcomes != other_outcomes:
            return False
        if isinstance(one, Contradicted) != isinstance(other, Contradicted):
            return False
        return self._of.proves(_derived(one), _derived(other))

    def _interval(self, first: int, last: int) -> Interval:
        low, high = self._domain.value(first), self._domain.value(last)
        (one, outcomes), (other, _) = self._at(first), self._at(last)
        known = None if self._of.orders_dues else outcomes
        return Interval(low, high, last - first + 1, one, other, known)
