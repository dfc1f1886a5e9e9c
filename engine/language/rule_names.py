"""The name of a rule as somebody writes it: in full, `policy/rule`, or its id alone where only one has it."""

from __future__ import annotations

from collections.abc import Collection


def rules_named(name: str, known: Collection[str]) -> tuple[str, ...]:
    """The full names that it may mean: itself, or else all that end in it."""
    if name in known:
        return (name,)
    return tuple(sorted(each for each in known if each.endswith(f"/{name}")))


def full_name(name: str, known: Collection[str]) -> str:
    """The one full name that it means; the name as it is written where there is none, or more than one."""
    meant = rules_named(name, known)
    return meant[0] if len(meant) == 1 else name
