"""Many conditions decided at once, fact by fact instead of condition by condition.

Most conditions are conjunctions of tests against literals, and the verdict of such a test follows from the
value of its one fact. So for each value of a fact it is kept, as the bits of two whole numbers, which
conditions have a part that fails by it, and which one that is unknown. A conjunction fails when a part fails,
and is unknown when none fails and one is unknown: a handful of ORs decides a thousand conditions. Whatever
else a condition holds is decided as `compile_condition` does it. The meaning is that of
`engine.language.conditions`; property tests hold the two together.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from engine.language.conditions import FAILS, UNKNOWN, Evaluator, Values, compile_condition, verdict_of
from engine.language.model import AllOf, Comparison, Condition, FactReference, Value

KEPT_VALUES: Final = 256
"""For so many values of a fact it is kept what follows; then it begins anew. Memory stays flat."""

_ZEROS_AND_ONES: Final = bytes.maketrans(b"01", b"\0\1")


class ConditionMatrix:
    """Some conditions, compiled. The bit of a condition is the higher the earlier it stands."""

    def __init__(self, conditions: Sequence[Condition]) -> None:
        self._count = len(conditions)
        self._all = (1 << self._count) - 1
        tests: dict[str, list[tuple[Comparison, int]]] = {}
        rest: list[tuple[int, Evaluator]] = []
        for index, condition in enumerate(conditions):
            bit = 1 << (self._count - 1 - index)
            parts = condition.parts if isinstance(condition, AllOf) else (condition,)
            others = []
            for part in parts:
                if isinstance(part, Comparison) and not isinstance(part.operand, FactReference):
                    tests.setdefault(part.fact, []).append((part, bit))
                else:
                    others.append(part)
            if others:
                rest.append((bit, compile_condition(AllOf(tuple(others), condition.at))))
        self._columns = tuple(_Column(fact, tuple(fact_tests)) for fact, fact_tests in tests.items())
        self._rest = tuple(rest)

    def decide(self, values: Values) -> tuple[int, int, int]:
        """The conditions that hold, are unknown and fail, each as bits."""
        fails = unknown = 0
        get = values.get
        for column in self._columns:
            failing, undecided = column.of(get(column.fact))
            fails |= failing
            unknown |= undecided
        for bit, evaluate in self._rest:
            if not fails & bit:
                verdict = evaluate(values)
                if verdict == FAILS:
                    fails |= bit
                elif verdict == UNKNOWN:
                    unknown |= bit
        unknown &= ~fails
        return self._all & ~(fails | unknown), unknown, fails

    def selectors(self, bits: int) -> bytes:
        """A 1 for each condition whose bit is set, else a 0, in their order."""
        return format(bits, f"0{self._count}b").encode().translate(_ZEROS_AND_ONES) if self._count else b""


class _Column:
    """The tests of one fact, each with the bit of its condition."""

    def __init__(self, fact: str, tests: tuple[tuple[Comparison, int], ...]) -> None:
        self.fact = fact
        self._tests = tests
        self._kept: dict[Value | None, tuple[int, int]] = {}

    def of(self, value: Value | None) -> tuple[int, int]:
        """The conditions with a part that fails by this value (None: not known), and with an unknown one."""
        verdicts = self._kept.get(value)
        if verdicts is None:
            if len(self._kept) >= KEPT_VALUES:
                self._kept = {}
            verdicts = self._kept[value] = self._worked_out(value)
        return verdicts

    def _worked_out(self, value: Value | None) -> tuple[int, int]:
        values: Values = {} if value is None else {self.fact: value}
        fails = unknown = 0
        for test, bit in self._tests:
            verdict = verdict_of(test, values)
            if verdict == FAILS:
                fails |= bit
            elif verdict == UNKNOWN:
                unknown |= bit
        return fails, unknown
