"""The rules that a change reaches though they are written as before: through a band, a finding, any fact."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Final

from engine.base.record import replace
from engine.language.policy_set import Tabled
from engine.versioning.diff.canonical import changed_parts
from engine.versioning.diff.changes import IndirectImpact, PolicyChange, in_use, renames
from engine.versioning.diff.effects import Effects
from engine.versioning.diff.revisions import Revision

_CONCLUDES: Final = ("added", "removed", "condition", "conclude", "applies to")
"""In these respects a change of a rule changes the findings that it concludes."""


def with_reach(
    changes: Iterable[PolicyChange], old: Revision, new: Revision, effects: Effects
) -> tuple[PolicyChange, ...]:
    """The changes, each with the rules it reaches; of several of one subject the last has them.

    Conditions that mean the same by themselves and make no difference elsewhere are left out.
    """
    reached = _reached(old, new, effects)
    concluded, given = _concluded(old, new), _given_by_tables(old, new)
    with_rules: list[PolicyChange] = []
    done: set[tuple[str, str]] = set()
    for change in reversed(tuple(changes)):
        plain = _names(change, concluded, given)
        names = {name for name in effects.definitions.differing if name.partition("@")[0] in plain}
        key = (change.about, change.subject)
        if key not in done and (names or change.about in ("parameter", "band", "table", "fact")):
            done.add(key)
            through = tuple(rule for rule, behind in reached if not names.isdisjoint(behind))
            change = replace(change, through=through)
            if not through and change.about != "rule":
                change = replace(change, detail=_users(plain, new))
        if change.effect != "same" or change.detail or any(each.effect != "same" for each in change.through):
            with_rules.append(change)
    return tuple(reversed(with_rules))


def _reached(old: Revision, new: Revision, effects: Effects) -> list[tuple[IndirectImpact, frozenset[str]]]:
    """Every rule that is written as before and rests on what is not; with each, all that it rests on."""
    renamed = renames(old, new)
    before = {renamed.get(rule.name, rule.name): rule for rule in old.policy_set.rules}
    dependencies = effects.definitions.dependencies
    reached = []
    for new_rule in sorted(new.policy_set.rules, key=lambda rule: rule.name):
        old_rule = before.get(new_rule.name)
        if (
            old_rule is None
            or any(changed_parts(old_rule.when, new_rule.when))
            or not effects.concerns(old_rule.when, new_rule.when)
        ):
            continue
        outcome = effects.of(old_rule.when, new_rule.when, smallest=False)
        through = IndirectImpact(new_rule.name, outcome.effect, outcome.proved)
        reached.append((through, frozenset(dependencies.behind((*old_rule.tested, *new_rule.tested)))))
    return reached


def _concluded(old: Revision, new: Revision) -> Mapping[str, frozenset[str]]:
    """The findings that a rule concludes on either side, by its name."""
    renamed = renames(old, new)
    concluded: dict[str, frozenset[str]] = {}
    for rule in (*old.policy_set.rules, *new.policy_set.rules):
        name = renamed.get(rule.name, rule.name)
        findings = (finding for finding, _ in rule.rule.conclude)
        concluded[name] = concluded.get(name, frozenset()).union(findings)
    return concluded


def _given_by_tables(old: Revision, new: Revision) -> Mapping[str, frozenset[str]]:
    """The facts that a decision table gives on either side, by its name."""
    given: dict[str, frozenset[str]] = {}
    for step in (*old.policy_set.computations, *new.policy_set.computations):
        if isinstance(step, Tabled):
            given[step.table.name] = given.get(step.table.name, frozenset()) | {step.fact}
    return given


def _names(
    change: PolicyChange, concluded: Mapping[str, frozenset[str]], given: Mapping[str, frozenset[str]]
) -> frozenset[str]:
    """The facts that a change may give another meaning; of a parameter with what dates it left out."""
    match change.about:
        case "rule":
            return concluded[change.subject] if change.what in _CONCLUDES else frozenset()
        case "calendar":
            return frozenset({change.subject.rpartition(" ")[2]})
        case "table":
            return given[change.subject]
        case "parameter" | "band" | "fact":
            return frozenset({change.subject})
    return frozenset()


def _users(names: frozenset[str], new: Revision) -> tuple[str, ...]:
    policies = new.policy_set
    users = in_use([name for name in policies.facts if name.partition("@")[0] in names], policies)
    more = f" and {len(users) - 8} more" if len(users) > 8 else ""
    return (f"used by {', '.join(users[:8])}{more}",) if users else ()
