"""A fact's range cut into stretches on which nothing that is tested changes: exact, never sampled.

A stretch is kept whole only when it is shown that no test can come out otherwise within it (`courses`). One
of which that cannot be shown is halved, down to single values.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date
from typing import Any as AnyType
from typing import Final

from engine.advising.advisor import Advisor
from engine.advising.derive import Contradicted, DerivedFacts, Part
from engine.analysis.certainty.trends import Trends
from engine.base.diagnostic import CommandLine, InvalidInput
from engine.base.record import record
from engine.language.conditions import tests_of, verdict_of
from engine.language.domain import Domain, domain_of
from engine.language.facts import Facts
from engine.language.model import Comparison, Condition, FactReference, Scalar
from engine.language.operators import ORDERED
from engine.language.policy_set import Implied, PolicySet, conditions_of

MOST_EVALUATIONS: Final = 100_000
"""A range that takes more evaluations is refused: it would take minutes."""


@record
class Interval:
    """Values of a fact from `low` to `high`, both included, between which no test changes.

    `first` and `last` are the derived facts at the two ends, or why such facts are refused. Of two stretches
    with the same `outcomes` the same comes (None: nothing of the kind is known).
    """

    low: Scalar
    high: Scalar
    count: int
    first: DerivedFacts | Contradicted
    last: DerivedFacts | Contradicted
    outcomes: tuple[int, ...] | None


class Intervals:
    """The stretches of one given fact, on one policy set."""

    def __init__(self, advisor: Advisor, fact: str) -> None:
        policies = advisor.policies
        self._fact = policies.facts[fact]
        self._advisor = advisor
        self._part: Part = advisor.part([fact])
        self._steps = [step for step in policies.computations if step.fact in self._part.affected]
        self._tests = tuple(self._tests_of(policies))
        self._right = [self._right_of(test) for test in self._tests]
        dues = {rule.due for rule in policies.rules if rule.due is not None}
        self._dues = sorted(str(due) for due in dues if isinstance(due, str) and due in self._part.affected)
        self.orders_dues = bool(self._dues)
        self._other_dues = sorted((due for due in dues if due not in self._dues), key=str)

    def _tests_of(self, policies: PolicySet) -> Iterator[Comparison]:
        """Every test that looks at something that can change, once."""
        conditions: list[Condition] = [rule.when for rule in policies.rules]
        conditions += [rule.when for rule in policies.consistency]
        for step in self._steps:
            conditions += conditions_of(step)
            if isinstance(step, Implied) and step.fact == self._fact.name:  # which contradicts other values
                conditions += [
                    Comparison(step.fact, "is", v, rule.at) for rule, v in step.by if v is not None
                ]
        seen = set()
        for condition in conditions:
            for test in tests_of(condition):
                right = self._right_of(test)
                key = (test.fact, test.operator, right, repr(test.operand) if right is None else None)
                if key not in seen and (test.fact in self._part.affected or right in self._part.affected):
                    seen.add(key)
                    yield test

    def _right_of(self, test: Comparison) -> AnyType:
        return test.operand.fact if isinstance(test.operand, FactReference) else None

    def between(
        self, facts: Facts, derived: DerivedFacts, low: Scalar | None, high: Scalar | None
    ) -> tuple[Interval, ...]:
        """The stretches from `low` to `high` for an applicant, all other facts being as given.

        Neighbouring stretches may turn out alike. Raises InvalidInput when there are too many values.
        """
        return tuple(self.one_by_one(facts, derived, low, high))

    def one_by_one(
        self, facts: Facts, derived: DerivedFacts, low: Scalar | None, high: Scalar | None
    ) -> Iterator[Interval]:
        """The same, each worked out when it is asked for."""
        domain = domain_of(self._fact)
        if domain.kind not in ORDERED:
            values = (True, False) if domain.kind == "boolean" else (name for name, _ in self._fact.values)
            return _Run(self, facts, derived, domain).one_each(values)
        assert low is not None
        assert high is not None
        return _Run(self, facts, derived, domain.between(low, high)).stretches()

    # -- what a stretch is proved with ---------------------------------------------------------------

    def derive(self, facts: Facts, derived: DerivedFacts, value: Scalar) -> DerivedFacts | Contradicted:
        """What follows with another value, or why it is refused."""
        name = self._fact.name
        as_of = value if name == "as_of" else derived.values["as_of"]
        assert isinstance(as_of, date)
        changed = Facts({**facts.values, name: value}, facts.digest, facts.path, facts.locate)
        try:
            return self._part.derive(changed, as_of, derived)
        except Contradicted as refused:
            return refused

    def outcomes(self, derived: DerivedFacts | Contradicted) -> tuple[int, ...] | None:
        """How every test comes out; None when values are out of range."""
        if isinstance(derived, Contradicted) and derived.out_of_range:
            return None
        values = _situation(derived).values
        return tuple([verdict_of(test, values) for test in self._tests])

    def cuts(self, derived: DerivedFacts) -> Iterator[AnyType]:
        """Values at which a test of the fact itself comes out otherwise."""
        name = self._fact.name
        for test, right in zip(self._tests, self._right, strict=True):
            if test.operator == "known":
                continue
            if test.fact == name:
                found = derived.values.get(right) if right else test.operand
                yield from found if isinstance(found, tuple) else (found,)
            elif right == name:
                yield derived.values.get(test.fact)

    def proves(self, first: DerivedFacts, last: DerivedFacts) -> bool:
        """Whether nothing tested can change between two values at which each test comes out alike."""
        courses = Trends(self._fact.name, self._part.affected, self._steps, first, last)
        for test, right in zip(self._tests, self._right, strict=True):
            if not courses.settled(test, right):
                return False
        others = (*self._dues, *self._other_dues, "as_of")
        return all(courses.same_side(due, other) for due in self._dues for other in others)


def _situation(found: DerivedFacts | Contradicted) -> DerivedFacts:
    return found.derived if isinstance(found, Contradicted) else found


class _Run:
    """One applicant's range while it is cut."""

    def __init__(self, stretches: Intervals, facts: Facts, derived: DerivedFacts, domain: Domain) -> None:
        self._stretches, self._facts, self._situation, self._domain = stretches, facts, derived, domain
        self._found: dict[int, tuple[DerivedFacts | Contradicted, tuple[int, ...] | None]] = {}

    def _at(self, number: int) -> tuple[DerivedFacts | Contradicted, tuple[int, ...] | None]:
        found = self._found.get(number)
        if found is None:
            if len(self._found) >= MOST_EVALUATIONS:
                message = f"On the range of `{self._stretches._fact.name}` too much changes."
                raise InvalidInput.error(
                    "range-too-long", message, CommandLine("--set"), "Write a narrower range."
                )
            value = self._domain.value(number)
            derived = self._stretches.derive(self._facts, self._situation, value)
            found = self._found[number] = derived, self._stretches.outcomes(derived)
        return found

    def one_each(self, values: Iterable[Scalar]) -> Iterator[Interval]:
        for number in (int(self._domain.number(value)) for value in values):
            yield self._stretch(number, number)

    def stretches(self) -> Iterator[Interval]:
        low, high = self._domain.ends
        compared = self._stretches.cuts(_situation(self._at(low)[0]))
        begins = self._domain.cuts(
            value for value in compared if value is not None and not isinstance(value, (str, bool))
        )
        for first, following in zip(begins, (*begins[1:], high + 1), strict=True):
            yield from self._cut(first, following - 1)

    def _cut(self, first: int, last: int) -> Iterator[Interval]:
        pending = [(first, last)]
        while pending:
            first, last = pending.pop()
            if first == last or self._is_one(first, last):
                yield self._stretch(first, last)
            else:
                middle = (first + last) // 2
                pending += [(middle + 1, last), (first, middle)]

    def _is_one(self, first: int, last: int) -> bool:
        (one, outcomes), (other, other_outcomes) = self._at(first), self._at(last)
        if outcomes is None or outcomes != other_outcomes:
            return False
        if isinstance(one, Contradicted) != isinstance(other, Contradicted):
            return False
        return self._stretches.proves(_situation(one), _situation(other))

    def _stretch(self, first: int, last: int) -> Interval:
        low, high = self._domain.value(first), self._domain.value(last)
        (one, outcomes), (other, _) = self._at(first), self._at(last)
        known = None if self._stretches.orders_dues else outcomes
        return Interval(low, high, last - first + 1, one, other, known)
