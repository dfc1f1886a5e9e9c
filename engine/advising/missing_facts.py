"""Which facts to ask for, so that an undecided rule can be decided."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from engine.advising.decide import Decisions
from engine.language.conditions import UNKNOWN, undecided_facts, verdict_of
from engine.language.policy_set import Computed, PolicySet, Tabled
from engine.language.tables import Matcher, references_in


class MissingFacts:
    """Traces unknown facts of a policy set back to the given facts behind them."""

    def __init__(self, policies: PolicySet) -> None:
        self._policies = policies

    def of_rule(self, name: str, decisions: Decisions) -> tuple[str, ...]:
        """The given facts, unknown and not absent, because of which a rule is UNKNOWN."""
        return tuple(self._trace(name, decisions, set()))

    def concluding_rules(self, names: Iterable[str], decisions: Decisions) -> frozenset[str]:
        """The UNKNOWN rules whose findings keep one of these rules undecided."""
        seen: set[str] = set()
        for name in names:
            list(self._trace(name, decisions, seen))
        rules = (rule.name for fact in seen for rule in self._policies.concluding.get(fact, ()))
        return frozenset(name for name in rules if decisions.verdicts[name] is UNKNOWN)

    def _trace(self, name: str, decisions: Decisions, seen: set[str]) -> Iterator[str]:
        """The given facts behind a rule's unknown ones, depth first. Not recursive: chains may be long."""
        pending = [undecided_facts(self._policies.by_name[name].when, decisions.values)]
        while pending:
            fact = next(pending[-1], None)
            if fact is None:
                pending.pop()
            elif fact not in seen and fact not in decisions.absent and fact not in decisions.values:
                seen.add(fact)
                if self._policies.facts[fact].origin == "given":
                    yield fact
                else:
                    pending.append(self._behind(fact, decisions))

    def _behind(self, fact: str, decisions: Decisions) -> Iterator[str]:
        """What an unknown fact that is not given comes from."""
        if fact in self._policies.concluding:
            for rule in self._policies.concluding[fact]:
                if decisions.verdicts[rule.name] is UNKNOWN:
                    yield from undecided_facts(rule.when, decisions.values)
            if fact in self._policies.applicability:
                yield from undecided_facts(self._policies.applicability[fact], decisions.values)
            return
        step = self._policies.steps.get(fact)
        if isinstance(step, Tabled):
            yield from Matcher(step.table).undecided(decisions.values, decisions.absent)
            yield from references_in(step.table, step.output)
            return
        if not isinstance(step, Computed):
            yield from self._policies.dependencies.inputs.get(fact, ())
            return
        for condition in (step.only_when, step.call.condition):
            if condition is not None and verdict_of(condition, decisions.values) == UNKNOWN:
                yield from undecided_facts(condition, decisions.values)
                return
        yield from (item for item in step.call.items if isinstance(item, str))
