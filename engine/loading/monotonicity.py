"""What more knowledge can undo, told from the policies alone.

Strong Kleene logic is monotonic: what holds or fails stays so whatever comes to be known. Two things are
not: a test of whether a fact is known, and `first_known`, which passes over what is unknown. A rule that
rests on neither is decided for good; of any other, the given facts whose answers could undo it are listed.
"""

from __future__ import annotations

from engine.language.conditions import tests_of
from engine.language.policy_set import Computation, Computed, PolicySet, conditions_of


def reversed_by(policies: PolicySet) -> dict[str, tuple[str, ...]]:
    """For each rule that an answer could undo, the given facts whose answers could."""
    dependencies = policies.dependencies
    conditions = {step.fact: conditions_of(step) for step in policies.computations}
    conditions |= {name: tuple(rule.when for rule in rules) for name, rules in policies.concluding.items()}
    for name, applies in policies.applicability.items():
        conditions[name] = (*conditions[name], applies)
    chosen_from = {step.fact: choices(step) for step in policies.computations}
    undone = {}
    for rule in policies.rules:
        names = dependencies.behind(rule.tested)
        behind = [rule.when, *(each for name in names for each in conditions.get(name, ()))]
        skippable = {test.fact for each in behind for test in tests_of(each) if test.operator == "known"}
        skippable.update(item for name in names for item in chosen_from.get(name, ()))
        given = {each for name in skippable for each in dependencies.first_given(name)}
        if given:
            undone[rule.name] = tuple(sorted(given))
    return undone


def choices(step: Computation) -> tuple[str, ...]:
    """The facts among which `first_known` chooses; none for other steps, and where there is no choice."""
    if not isinstance(step, Computed) or step.call.function != "first_known" or len(step.call.items) < 2:
        return ()
    return tuple(item for item in step.call.items if isinstance(item, str))
