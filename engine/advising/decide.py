"""Every rule decided, stratum by stratum: the evaluator decides, durable-rules fires, the two must agree."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import compress
from typing import Protocol

from engine.advising.condition_matrix import ConditionMatrix
from engine.advising.derive import DerivedFacts
from engine.base.diagnostic import InternalError
from engine.base.record import record
from engine.language.conditions import FAILS, HOLDS, UNKNOWN, Verdict, compile_condition
from engine.language.model import Condition, Fact, Not, Value
from engine.language.policy_set import PolicySet, ResolvedRule


class CompiledConditions(Protocol):
    """Compiled conditions: which of them are true, by name."""

    def fire(self, values: Mapping[str, Value]) -> frozenset[str] | set[str]:
        """The names of the conditions that are true."""
        ...


class Compiler(Protocol):
    """Makes a network from named conditions and the facts they look at."""

    def __call__(self, conditions: Mapping[str, Condition], facts: Mapping[str, Fact]) -> CompiledConditions:
        """Compiles."""
        ...


class Verdicts(Mapping[str, Verdict]):
    """Rule name -> verdict, for every rule in force."""

    def __init__(self, names: Mapping[str, None], holding: frozenset[str], unknown: frozenset[str]) -> None:
        self._names, self._holding, self._unknown = names, holding, unknown

    def __getitem__(self, name: str) -> Verdict:
        if name in self._holding:
            return HOLDS
        if name in self._unknown:
            return UNKNOWN
        self._names[name]
        return FAILS

    def __iter__(self) -> Iterator[str]:
        return iter(self._names)

    def __len__(self) -> int:
        return len(self._names)


@record
class Decisions:
    """The verdict of every rule in force, and everything known or absent, findings included."""

    verdicts: Mapping[str, Verdict]
    values: Mapping[str, Value]
    absent: frozenset[str]
    holding: frozenset[str]
    unknown: tuple[str, ...]


NEGATION = "not "
"""Before a concluding rule's name: its negative twin, which fires exactly when the rule fails."""


class Decider:
    """The rules of a policy set, compiled for both engines. `compiler` None leaves the evaluator alone."""

    def __init__(self, policies: PolicySet, compiler: Compiler | None) -> None:
        self._names = dict.fromkeys(rule.name for rule in policies.rules)
        self._applies = {name: compile_condition(each) for name, each in policies.applicability.items()}
        concluding = {
            finding: [rule.name for rule in rules] for finding, rules in policies.concluding.items()
        }
        level_of = {rule.name: level for level, rules in enumerate(policies.strata) for rule in rules}
        self._strata = tuple(
            _Stratum(
                stratum,
                {finding: rules for finding, rules in concluding.items() if level_of[rules[-1]] == level},
                policies,
                compiler,
            )
            for level, stratum in enumerate(policies.strata)
        )

    def decide(self, derived: DerivedFacts) -> Decisions:
        """Decides every rule. Raises InternalError when the engines disagree."""
        values, absent = dict(derived.values), derived.absent
        holding: set[str] = set()
        unknown: list[str] = []
        for stratum in self._strata:
            held, undecided = stratum.decide(values)
            holding.update(held)
            unknown.extend(undecided)
            for finding, rules in stratum.settles.items():
                if not holding.isdisjoint(rules):
                    values[finding] = True
                elif not set(unknown).intersection(rules):
                    applies = HOLDS if finding not in self._applies else self._applies[finding](values)
                    if applies == HOLDS:
                        values[finding] = False
                    elif applies == FAILS:  # it is not applicable
                        absent |= {finding}
        all_held = frozenset(holding)
        verdicts = Verdicts(self._names, all_held, frozenset(unknown))
        return Decisions(verdicts, values, absent, all_held, tuple(unknown))


class _Stratum:
    """Rules that look at no finding of each other.

    `settles` are the findings of which every concluding rule is decided with this stratum, with those rules:
    a finding has the greatest verdict among them.
    """

    def __init__(
        self,
        rules: tuple[ResolvedRule, ...],
        settles: Mapping[str, Sequence[str]],
        policies: PolicySet,
        compiler: Compiler | None,
    ) -> None:
        self.settles = settles
        self._names = tuple(rule.name for rule in rules)
        self._batch = ConditionMatrix([rule.when for rule in rules])
        self._negations = tuple(NEGATION + rule.name if rule.rule.conclude else "" for rule in rules)
        self._has_twins = any(self._negations)
        conditions: dict[str, Condition] = {rule.name: rule.when for rule in rules}
        conditions.update(
            {NEGATION + rule.name: Not(rule.when, rule.rule.at) for rule in rules if rule.rule.conclude}
        )
        self._network = compiler(conditions, policies.facts) if compiler is not None else None

    def decide(self, values: Mapping[str, Value]) -> tuple[set[str], Iterable[str]]:
        """The rules that hold, and those that are unknown. Raises InternalError when the engines disagree."""
        holds, unknown, fails = self._batch.decide(values)
        held = self._named(self._names, holds)
        if self._network is not None:
            self._compare(held, fails, self._network.fire(values))
        return held, compress(self._names, self._batch.selectors(unknown)) if unknown else ()

    def _named(self, names: Sequence[str], bits: int) -> set[str]:
        return set(compress(names, self._batch.selectors(bits)))

    def _compare(self, held: set[str], fails: int, fired: frozenset[str] | set[str]) -> None:
        expected = held
        if self._has_twins:
            expected = held | self._named(self._negations, fails)
            expected.discard("")
        if expected != fired:
            rules = sorted({name.removeprefix(NEGATION) for name in expected ^ fired})
            raise InternalError(f"The evaluator and durable-rules disagree about {', '.join(rules)}.")
