"""What is to be brought about, as somebody writes it: a rule that holds, a range, a finding."""

from __future__ import annotations

from collections.abc import Callable

from engine.base.diagnostic import CommandLine, InvalidInput, did_you_mean
from engine.base.record import record
from engine.language.model import Comparison, Condition
from engine.language.policy_set import PolicySet
from engine.solver.goal import NotGoal, ProofGoal, holds


@record
class Goal:
    """What is to be brought about: that a condition holds or, with `stop`, that it holds no longer."""

    words: str
    condition: Condition
    stop: bool = False

    @property
    def wanted(self) -> ProofGoal:
        """What an applicant shows of whom it is so. What cannot be told does not hold."""
        return NotGoal(holds(self.condition)) if self.stop else holds(self.condition)


def goal_of(text: str, policies: PolicySet, named: Callable[[str], str], *, stop: bool) -> Goal:
    """A goal as written: a rule, or `band=value`, `finding=true`; `stop`: that it be so no longer.

    `named` gives the full name of a rule. Raises InvalidInput.
    """
    name, equals, value = text.partition("=")
    if not equals:
        rule = policies.by_name[named(text)]
        words = f"“{rule.rule.title}” ({rule.name}) {'no longer holds' if stop else 'holds'}"
        condition: Condition = rule.when
    else:
        test = _test_of(name.strip(), value.strip(), policies)
        fact = policies.facts[test.fact]
        label = fact.labels.get(value) or ("yes" if test.operand is True else "no")
        words = f"{fact.title} is {'no longer ' if stop else ''}{label} ({test.fact})"
        condition = test
    return Goal(words, condition, stop)


def _test_of(name: str, value: str, policies: PolicySet) -> Comparison:
    at = CommandLine("GOAL")
    reachable = {n: f for n, f in policies.facts.items() if f.origin in ("band", "finding")}
    fact = reachable.get(name)
    if fact is None:
        message = f"There is no range and no finding `{name[:100]}`."
        raise InvalidInput.error("unknown-fact", message, at, did_you_mean(name, reachable))
    values = (
        {"true": True, "false": False} if fact.type == "boolean" else dict.fromkeys(fact.value_names, value)
    )
    if value not in values:
        message = f"`{name}` is never `{value[:60]}`."
        help_text = did_you_mean(value, values) or f"It is one of {', '.join(sorted(values))}."
        raise InvalidInput.error("wrong-value", message, at, help_text)
    return Comparison(name, "is", values[value], fact.at)
