"""The name of a rule as somebody writes it: in full, `policy/rule`, or its id alone where only one has it."""

from __future__ import annotations

from collections.abc import Collection

from engine.base.diagnostic import CommandLine, InvalidInput, did_you_mean
from engine.language.policy_set import PolicySet


def rules_named(name: str, known: Collection[str]) -> tuple[str, ...]:
    """The full names that it may mean: itself, or else all that end in it."""
    if name in known:
        return (name,)
    return tuple(sorted(each for each in known if each.endswith(f"/{name}")))


def full_name(name: str, known: Collection[str]) -> str:
    """The one full name that it means; the name as it is written where there is none, or more than one."""
    meant = rules_named(name, known)
    return meant[0] if len(meant) == 1 else name


def rule_in_force(name: str, policies: PolicySet, at: CommandLine) -> str:
    """The full name of the rule in force that it means. Raises InvalidInput, with a suggestion, for none."""
    known = policies.by_name
    meant = rules_named(name, known)
    if len(meant) == 1:
        return meant[0]
    if meant:
        message = f"More than one rule is called `{name}`."
        help_text: str | None = f"Write one of {', '.join(meant)}."
    else:
        message = f"There is no rule `{name[:100]}` in force on {policies.as_of}."
        ids = [full.partition("/")[2] for full in known]
        help_text = did_you_mean(name, [*known, *ids]) or "`advise rules` lists the rules."
    raise InvalidInput.error("unknown-rule", message, at, help_text)
