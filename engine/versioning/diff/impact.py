"""The rules that a change reaches though they are written as before: through a band, a finding, any fact."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Final

from engine.base.record import record, replace
from engine.language.policy_set import ResolvedRule
from engine.versioning.diff.canonical import changed_parts
from engine.versioning.diff.changes import PolicyChange, Through, in_use, renames
from engine.versioning.diff.effects import Effects
from engine.versioning.diff.revisions import Revision

_CONCLUDES: Final = ("added", "removed", "condition", "conclude")
"""In these respects a change of a rule changes the findings that it concludes."""


@record
class _Reached:
    through: Through
    behind: frozenset[str]


def with_reach(
    changes: Iterable[PolicyChange], old: Revision, new: Revision, effects: Effects
) -> tuple[PolicyChange, ...]:
    """The changes, each with the rules it reaches; of several of one subject the last has them.

    Conditions that mean the same by themselves and make no difference elsewhere are left out.
    """
    reached = _reached(old, new, effects)
    concluded = _concluded(old, new)
    found: list[PolicyChange] = []
    told: set[tuple[str, str]] = set()
    for change in reversed(tuple(changes)):
        plain = _names(change, concluded)
        names = {name for name in effects.definitions.differing if name.partition("@")[0] in plain}
        key = (change.about, change.subject)
        if key not in told and (names or change.about in ("parameter", "band", "fact")):
            told.add(key)
            through = tuple(each.through for each in reached if not names.isdisjoint(each.behind))
            change = replace(change, through=through)
            if not through and change.about != "rule":
                change = replace(change, detail=_users(plain, new))
        if change.effect != "same" or change.detail or any(each.effect != "same" for each in change.through):
            found.append(change)
    return tuple(reversed(found))


def _reached(old: Revision, new: Revision, effects: Effects) -> list[_Reached]:
    """Every rule that is written as before and rests on what is not, with what it comes to."""
    renamed = renames(old, new)
    before = {renamed.get(rule.name, rule.name): rule for rule in old.policy_set.rules}
    dependencies = effects.definitions.dependencies
    found = []
    for is_ in sorted(new.policy_set.rules, key=lambda rule: rule.name):
        was = before.get(is_.name)
        if was is None or any(changed_parts(was.when, is_.when)) or not effects.concerns(was.when, is_.when):
            continue
        outcome = effects.of(was.when, is_.when, smallest=False)
        through = Through(is_.name, outcome.effect, outcome.proved)
        found.append(_Reached(through, frozenset(dependencies.behind((*was.tested, *is_.tested)))))
    return found


def _concluded(old: Revision, new: Revision) -> Mapping[str, frozenset[str]]:
    """The findings that a rule concludes on either side, by its name."""
    renamed = renames(old, new)
    found: dict[str, frozenset[str]] = {}

    def add(name: str, rule: ResolvedRule) -> None:
        own = frozenset(finding for finding, _ in rule.rule.conclude)
        found[name] = found.get(name, frozenset()) | own

    for rule in old.policy_set.rules:
        add(renamed.get(rule.name, rule.name), rule)
    for rule in new.policy_set.rules:
        add(rule.name, rule)
    return found


def _names(change: PolicyChange, concluded: Mapping[str, frozenset[str]]) -> frozenset[str]:
    """The facts that a change may give another meaning; of a parameter with what dates it left out."""
    match change.about:
        case "rule":
            return concluded[change.subject] if change.what in _CONCLUDES else frozenset()
        case "calendar":
            return frozenset({change.subject.rpartition(" ")[2]})
        case "parameter" | "band" | "fact":
            return frozenset({change.subject})
    return frozenset()


def _users(names: frozenset[str], new: Revision) -> tuple[str, ...]:
    policies = new.policy_set
    users = in_use([name for name in policies.facts if name.partition("@")[0] in names], policies)
    more = f" and {len(users) - 8} more" if len(users) > 8 else ""
    return (f"used by {', '.join(users[:8])}{more}",) if users else ()
