"""Which changes need a second name: to rules of the first tier, and to rules that silence others."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from engine.base.diagnostic import Location
from engine.base.record import values_of
from engine.language.model import Band, Parameter, ParameterReference, Policy, PolicyDocument, Ranking, Rule


def rules_to_approve(old: PolicyDocument | None, new: PolicyDocument, ranking: Ranking) -> tuple[str, ...]:
    """The rules of the first tier, and those that silence, that a new version adds, changes or drops.

    A rule also changes with a parameter or a band of its policy that it looks at.
    """
    if not isinstance(new, Policy):
        return ()
    former = old if isinstance(old, Policy) else None
    first = ranking.tiers[0][0] if ranking.tiers else None
    before = {rule.id: rule for rule in former.rules} if former else {}
    after = {rule.id: rule for rule in new.rules}
    moved = _moved(former, new)
    to_approve = []
    for id_ in dict.fromkeys((*before, *after)):
        was, is_ = before.get(id_), after.get(id_)
        weighty = any(rule is not None and (rule.tier == first or rule.silences) for rule in (was, is_))
        if weighty and (
            was is None or is_ is None or _meaning(was) != _meaning(is_) or not moved.isdisjoint(_names(is_))
        ):
            to_approve.append(f"{new.file_version.id}/{id_}")
    return tuple(to_approve)


def _moved(old: Policy | None, new: Policy) -> set[str]:
    """Parameters and bands that are not what they were."""
    before, after = _by_name(old) if old else {}, _by_name(new)
    return {name for name in (*before, *after) if _meaning(before.get(name)) != _meaning(after.get(name))}


def _by_name(policy: Policy) -> dict[str, Parameter | Band]:
    named: tuple[Parameter | Band, ...] = (*policy.parameters, *policy.bands)
    return {each.name: each for each in named}


def _names(value: Any) -> Iterator[str]:
    """Every text in a rule that may name a parameter or a band, placeholders of its texts included."""
    if isinstance(value, ParameterReference):
        yield value.parameter
    elif isinstance(value, str):
        yield value
        yield from (part.partition("}")[0] for part in value.split("{")[1:])
    elif isinstance(value, tuple):
        for part in value:
            yield from _names(part)
    elif hasattr(value, "_names") and not isinstance(value, Location):
        for part in values_of(value):
            yield from _names(part)


def _meaning(value: Any) -> Any:
    """A node without the places it stands at."""
    if isinstance(value, Location):
        return None
    if isinstance(value, tuple):
        return tuple(_meaning(part) for part in value)
    if isinstance(value, Rule | Band | Parameter) or hasattr(value, "_names"):
        return (type(value).__name__, *(_meaning(part) for part in values_of(value)))
    return value
