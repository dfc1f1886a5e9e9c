"""Every rule decided, stratum by stratum: the evaluator decides, durable-rules fires, the two must agree."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import compress
from typing import Protocol

from engine.derive import Situation
from engine.diagnostic import EngineDefect
from engine.evaluate import FAILS, HOLDS, UNKNOWN, Verdict, compile_condition
from engine.model import Condition, Fact, Not, Value
from engine.policyset import PolicySet, ResolvedRule
from engine.record import record


class Network(Protocol):
    """Compiled conditions: which of them are true, by name."""

    def fire(self, values: Mapping[str, Value]) -> frozenset[str] | set[str]:
        """The names of the conditions that are true."""
        ...


class Compiler(Protocol):
    """Makes a network from named conditions and the facts they look at."""

    def __call__(self, conditions: Mapping[str, Condition], facts: Mapping[str, Fact]) -> Network:
        """Compiles."""
        ...


@record
class Decisions:
    """The verdict of every rule in force, and everything known, findings included."""

    verdicts: Mapping[str, Verdict]
    values: Mapping[str, Value]
    absent: frozenset[str]
    holding: frozenset[str]
    unknown: tuple[str, ...]


TWIN = "not "
"""Before a concluding rule's name: its negative twin, which fires exactly when the rule fails."""


class Decider:
    """The rules of a policy set, compiled for both engines. `compiler` None leaves the evaluator alone."""

    def __init__(self, policies: PolicySet, compiler: Compiler | None) -> None:
        self._strata = tuple(_Stratum(stratum, policies, compiler) for stratum in policies.strata)
        self._concluding: dict[str, list[str]] = {}
        for rule in policies.rules:
            for finding, _ in rule.rule.conclude:
                self._concluding.setdefault(finding, []).append(rule.name)

    def decide(self, situation: Situation) -> Decisions:
        """Decides every rule. Raises EngineDefect when the engines disagree."""
        values = dict(situation.values)
        verdicts: dict[str, Verdict] = {}
        holding: set[str] = set()
        unknown: list[str] = []
        for stratum in self._strata:
            found = stratum.decide(values)
            verdicts.update(zip(stratum.names, map(_VERDICTS.__getitem__, found), strict=True))
            holding.update(compress(stratum.names, map(_HOLDS, found)))
            unknown.extend(compress(stratum.names, map(_UNKNOWN, found)))
            for finding in stratum.settles:
                self._conclude(finding, verdicts, values)
        return Decisions(verdicts, values, situation.absent, frozenset(holding), tuple(unknown))

    def _conclude(self, finding: str, verdicts: Mapping[str, Verdict], values: dict[str, Value]) -> None:
        """A finding has the greatest verdict of its rules, once all of them are decided."""
        found = [verdicts.get(name) for name in self._concluding[finding]]
        if None in found:
            return
        verdict = max(verdict for verdict in found if verdict is not None)
        if verdict != UNKNOWN:
            values[finding] = verdict == HOLDS


class _Stratum:
    """Rules that look at no finding of each other."""

    def __init__(
        self, rules: tuple[ResolvedRule, ...], policies: PolicySet, compiler: Compiler | None
    ) -> None:
        self.names = tuple(rule.name for rule in rules)
        self._evaluators = tuple(compile_condition(rule.when) for rule in rules)
        self.settles = tuple(dict.fromkeys(finding for rule in rules for finding, _ in rule.rule.conclude))
        self._twins = (
            [TWIN + rule.name if rule.rule.conclude else "" for rule in rules] if self.settles else []
        )
        conditions: dict[str, Condition] = {rule.name: rule.when for rule in rules}
        conditions.update(
            {TWIN + rule.name: Not(rule.when, rule.rule.at) for rule in rules if rule.rule.conclude}
        )
        self._network = compiler(conditions, policies.facts) if compiler is not None else None

    def decide(self, values: Mapping[str, Value]) -> list[int]:
        """The verdict of each rule, in order, as a number. Raises EngineDefect when the engines disagree."""
        found = [evaluator(values) for evaluator in self._evaluators]
        if self._network is not None:
            self._compare(found, self._network.fire(values))
        return found

    def _compare(self, found: list[int], fired: frozenset[str] | set[str]) -> None:
        expected = set(compress(self.names, map(_HOLDS, found)))
        if self._twins:
            failing = map(_FAILS, found)
            expected.update(twin for twin, fails in zip(self._twins, failing, strict=True) if twin and fails)
        if expected != fired:
            rules = sorted({name.removeprefix(TWIN) for name in expected ^ fired})
            raise EngineDefect(f"The evaluator and durable-rules disagree about {', '.join(rules)}.")


_VERDICTS = (FAILS, UNKNOWN, HOLDS)
_FAILS, _UNKNOWN, _HOLDS = (0).__eq__, (1).__eq__, (2).__eq__
