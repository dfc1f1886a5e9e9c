"""Which facts to ask for, so that an undecided rule can be decided."""

from __future__ import annotations

from collections.abc import Iterator

from engine.decide import Decisions
from engine.evaluate import UNKNOWN, undecided_facts, verdict_of
from engine.policyset import Computed, PolicySet


class Needs:
    """Traces unknown facts of a policy set back to the given facts behind them."""

    def __init__(self, policies: PolicySet) -> None:
        self._policies = policies
        self._computed = {step.fact: step for step in policies.computations if isinstance(step, Computed)}
        self._rules = {rule.name: rule for rule in policies.rules}
        self._concluding: dict[str, list[str]] = {}
        for rule in policies.rules:
            for finding, _ in rule.rule.conclude:
                self._concluding.setdefault(finding, []).append(rule.name)

    def of_rule(self, name: str, decisions: Decisions) -> tuple[str, ...]:
        """The given facts, unknown and not absent, because of which a rule is UNKNOWN."""
        seen: set[str] = set()
        unknown = undecided_facts(self._rules[name].when, decisions.values)
        return tuple(dict.fromkeys(need for fact in unknown for need in self._behind(fact, decisions, seen)))

    def _behind(self, fact: str, decisions: Decisions, seen: set[str]) -> Iterator[str]:
        if fact in seen or fact in decisions.absent or fact in decisions.values:
            return
        seen.add(fact)
        origin = self._policies.facts[fact].origin
        if origin == "given":
            yield fact
        elif origin == "finding":
            for rule in self._concluding.get(fact, ()):
                if decisions.verdicts[rule] is UNKNOWN:
                    for name in undecided_facts(self._rules[rule].when, decisions.values):
                        yield from self._behind(name, decisions, seen)
        elif origin == "calendar":
            calendar = self._policies.calendar
            if calendar is not None:
                yield from self._behind(calendar.keyed_by, decisions, seen)
        else:
            for name in self._inputs(fact, decisions):
                yield from self._behind(name, decisions, seen)

    def _inputs(self, fact: str, decisions: Decisions) -> Iterator[str]:
        step = self._computed.get(fact)
        if step is None:
            yield from self._policies.inputs.get(fact, ())
            return
        for condition in (step.only_when, step.call.condition):
            if condition is not None and verdict_of(condition, decisions.values) == UNKNOWN:
                yield from undecided_facts(condition, decisions.values)
                return
        yield from (item for item in step.call.items if isinstance(item, str))
