"""What differs between two policy sets, change by change; places, order and comments make none."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Literal

from engine.diagnostic import Location
from engine.diff.phrases import case_in_words, condition_in_words, value_in_words
from engine.diff.regions import Effect, changed_parts, compare_conditions
from engine.diff.sides import Side
from engine.history import formerly
from engine.model import (
    All,
    Condition,
    Fact,
    FactReference,
    Not,
    Test,
)
from engine.model import Any as AnyOf
from engine.policyset import PolicySet, ResolvedRule
from engine.record import record, replace

About = Literal[
    "file", "rule", "parameter", "band", "fact", "finding", "source", "ranking", "calendar", "check"
]


@record
class Change:
    """One difference: what it is about, in what respect (`what`), how it was and is, in words.

    `effect` tells of a condition whether it holds for more or fewer; `proved` that every case was tried.
    """

    about: About
    subject: str
    what: str
    old: str | None
    new: str | None
    at_old: Location | None
    at_new: Location | None
    effect: Effect | None = None
    detail: tuple[str, ...] = ()

    @property
    def at(self) -> Location | None:
        """Where it stands now; where it stood, when it is gone."""
        return self.at_new or self.at_old


def renames(old: Side, new: Side) -> dict[str, str]:
    """Former name -> present name, of rules that went on under another name."""
    gone = {rule.name for rule in old.policy_set.rules} - {rule.name for rule in new.policy_set.rules}
    found: dict[str, list[str]] = {}
    in_force = {rule.name for rule in new.policy_set.rules}
    for rule, names in formerly(new.policies).items():
        for name in names:
            if name in gone and rule in in_force:
                found.setdefault(name, []).append(rule)
    return {name: rules[0] for name, rules in found.items() if len(rules) == 1}


def rule_changes(old: Side, new: Side) -> Iterator[Change]:
    """Rules added, removed, renamed, and what changed in the others."""
    renamed = renames(old, new)
    before = {renamed.get(rule.name, rule.name): rule for rule in _rules(old)}
    after = {rule.name: rule for rule in _rules(new)}
    origins = formerly(new.policies)
    for name in sorted({*before, *after}):
        was, is_ = before.get(name), after.get(name)
        if was is None and is_ is not None:
            said = condition_in_words(is_.when, new.policy_set.facts)
            split = [former for former in origins.get(name, ()) if former not in after]
            detail = (f"split from {', '.join(split)}",) if split else ()
            yield Change("rule", name, "added", None, said, None, _at(is_), None, detail)
        elif is_ is None and was is not None:
            said = condition_in_words(was.when, old.policy_set.facts)
            heirs = [rule for rule, names in origins.items() if was.name in names]
            detail = (f"split into {', '.join(heirs)}",) if heirs else ()
            yield Change("rule", name, "removed", said, None, _at(was), None, None, detail)
        elif was is not None and is_ is not None:
            if was.name != name:
                yield Change("rule", name, "renamed", was.name, name, _at(was), _at(is_))
            yield from _in_rule(name, was, is_, old.policy_set, new.policy_set, renamed)


def _rules(side: Side) -> Iterator[ResolvedRule]:
    return (rule for rule in side.policy_set.rules if side.only in (None, rule.rule.policy))


def _at(rule: ResolvedRule) -> Location:
    return rule.rule.at


def _in_rule(
    name: str,
    was: ResolvedRule,
    is_: ResolvedRule,
    old: PolicySet,
    new: PolicySet,
    renamed: Mapping[str, str],
) -> Iterator[Change]:
    yield from _condition_change(name, was, is_, old, new)
    for what, before, after, at in _respects(was, is_, renamed):
        if before != after:
            yield Change("rule", name, what, _text(before), _text(after), _at(was), at or _at(is_))


def _respects(
    was: ResolvedRule, is_: ResolvedRule, renamed: Mapping[str, str]
) -> Iterator[tuple[str, Any, Any, Location | None]]:
    """Everything in which a rule may differ but its condition: what, before, after, where it stands now."""
    old, new = was.rule, is_.rule
    for what in ("title", "tier", "why"):
        yield what, getattr(old, what), getattr(new, what), getattr(new, f"{what}_at", None)
    for what in ("severity", "category", "due", "text", "steps"):
        at = getattr(new.advise, f"{what}_at", None) or (new.advise.at if new.advise else None)
        yield what, _advised(was, what), _advised(is_, what), at
    for what in ("conclude", "supersedes", "silences"):
        before, after = getattr(old, what), getattr(new, what)
        yield what, {renamed.get(entry, entry) for entry, _ in before}, {entry for entry, _ in after}, None
    cites = (
        [f"{cite.source}#{cite.anchor}" for cite in old.cites],
        [f"{c.source}#{c.anchor}" for c in new.cites],
    )
    yield "cites", *cites, new.cites[0].at if new.cites else None


def _advised(rule: ResolvedRule, what: str) -> Any:
    return getattr(rule.rule.advise, what) if rule.rule.advise else None


def _text(value: Any) -> str | None:
    if value is None or isinstance(value, str):
        return value
    if isinstance(value, set | frozenset):
        return ", ".join(sorted(value)) or "none"
    if isinstance(value, list | tuple):
        return "; ".join(map(str, value)) or "none"
    return value_in_words(value)


def _condition_change(
    name: str, was: ResolvedRule, is_: ResolvedRule, old: PolicySet, new: PolicySet
) -> Iterator[Change]:
    facts = joined(old.facts, new.facts)
    before, after = on_day(was.when, old), on_day(is_.when, new)
    gone, come = changed_parts(was.when, is_.when)
    if not gone and not come:
        return  # a parameter that moved is told by itself
    compared = compare_conditions(before, after, facts)
    if compared.effect == "same":
        return
    detail = []
    if compared.gained is not None:
        detail.append(f"now holds, and did not, with {case_in_words(compared.gained, compared.lost)}")
    if compared.lost is not None:
        detail.append(f"held, and does not now, with {case_in_words(compared.lost, compared.gained)}")
    if not detail:
        detail.append("too many cases to tell whether it is looser or stricter")
    said = [
        " and ".join(condition_in_words(part, facts) for part in parts) or "(no such test)"
        for parts in (gone, come)
    ]
    at = come[0].at if come else _at(is_)
    yield Change("rule", name, "condition", said[0], said[1], _at(was), at, compared.effect, tuple(detail))


def joined(old: Mapping[str, Fact], new: Mapping[str, Fact]) -> dict[str, Fact]:
    """The facts of both, each with all the values it can have in either."""
    found = {**old, **new}
    for name in old.keys() & new.keys():
        before, after = old[name], new[name]
        if before.type != after.type:
            continue
        values = tuple({**dict(before.values), **dict(after.values)}.items())
        low = (
            min(before.limits[0], after.limits[0])
            if before.low is not None and after.low is not None
            else None
        )
        high = (
            max(before.limits[1], after.limits[1])
            if before.high is not None and after.high is not None
            else None
        )
        found[name] = replace(after, values=values, low=low, high=high, step=min(before.step, after.step))
    return found


def on_day(condition: Condition, policies: PolicySet) -> Condition:
    """The condition with the values of its parameters that count on the day, where the day decides them."""
    match condition:
        case All(parts):
            return All(tuple(on_day(part, policies) for part in parts), condition.at)
        case AnyOf(parts):
            return AnyOf(tuple(on_day(part, policies) for part in parts), condition.at)
        case Not(part):
            return Not(on_day(part, policies), condition.at)
        case Test(operand=FactReference(other)) if other.endswith("@as_of"):
            value = policies.parameters[other.removesuffix("@as_of")].value_on(policies.as_of)
            return condition if value is None else replace(condition, operand=value)
    return condition


def table(
    about: About,
    what: str,
    old: Mapping[str, tuple[str, Location | None]],
    new: Mapping[str, tuple[str, Location | None]],
) -> Iterator[Change]:
    """Changes between two tables of name -> (value in words, place)."""
    for name in sorted({*old, *new}):
        (before, at_old), (after, at_new) = old.get(name, (None, None)), new.get(name, (None, None))
        if before != after:
            kind = "added" if before is None else "removed" if after is None else what
            yield Change(about, name, kind, before, after, at_old, at_new)


def in_use(names: Iterable[str], policies: PolicySet) -> tuple[str, ...]:
    """The rules in force that rest on any of these facts or parameters, themselves or through others."""
    from engine.catalogue import behind
    from engine.evaluate import facts_of

    wanted = set(names)
    found = []
    for rule in policies.rules:
        looked_at = {name for fact in facts_of(rule.when) for name in (fact, *behind(fact, policies))}
        if not wanted.isdisjoint(looked_at):
            found.append(rule.name)
    return tuple(sorted(found))
