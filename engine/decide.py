"""Every rule decided, stratum by stratum: the evaluator decides, durable-rules fires, the two must agree."""

from __future__ import annotations

from collections.abc import Mapping
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
        for stratum in self._strata:
            stratum.decide(values, verdicts)
            for finding in stratum.settles:
                self._conclude(finding, verdicts, values)
        return Decisions(verdicts, values, situation.absent)

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
        self._evaluators = tuple((rule.name, compile_condition(rule.when)) for rule in rules)
        self.settles = tuple(dict.fromkeys(finding for rule in rules for finding, _ in rule.rule.conclude))
        self._concluding = frozenset(rule.name for rule in rules if rule.rule.conclude)
        conditions: dict[str, Condition] = {rule.name: rule.when for rule in rules}
        conditions.update(
            {TWIN + rule.name: Not(rule.when, rule.rule.at) for rule in rules if rule.rule.conclude}
        )
        self._network = compiler(conditions, policies.facts) if compiler is not None else None

    def decide(self, values: Mapping[str, Value], verdicts: dict[str, Verdict]) -> None:
        decided = {name: _VERDICTS[evaluator(values)] for name, evaluator in self._evaluators}
        if self._network is not None:
            self._compare(decided, self._network.fire(values))
        verdicts.update(decided)

    def _compare(self, decided: Mapping[str, Verdict], fired: frozenset[str] | set[str]) -> None:
        expected = {name for name, verdict in decided.items() if verdict is HOLDS}
        expected.update(TWIN + name for name in self._concluding if decided[name] is FAILS)
        if expected != fired:
            rules = sorted({name.removeprefix(TWIN) for name in expected ^ fired})
            raise EngineDefect(f"The evaluator and durable-rules disagree about {', '.join(rules)}.")


_VERDICTS = (FAILS, UNKNOWN, HOLDS)
