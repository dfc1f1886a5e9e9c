"""What differs between two policy sets, change by change; places, order and comments make none."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, Any, Literal

from engine.base.diagnostic import Location
from engine.base.record import record
from engine.language.model import Condition, Fact, Step, Variant
from engine.language.policy_set import PlacedText, PolicySet, ResolvedRule
from engine.language.templates import as_written
from engine.loading.former_names import formerly
from engine.versioning.diff.canonical import canonical, changed_parts
from engine.versioning.diff.effects import Effect, Effects, RuleEffect
from engine.versioning.diff.phrases import condition_in_words, given_in_words, value_in_words
from engine.versioning.diff.revisions import Revision

if TYPE_CHECKING:
    from engine.solver.applicants import Given

About = Literal[
    "file",
    "rule",
    "parameter",
    "band",
    "table",
    "fact",
    "finding",
    "source",
    "ranking",
    "calendar",
    "check",
    "words",
]


@record
class IndirectImpact:
    """A rule that is written as before, and that a change reaches through what it tests: to what effect.

    `changed` that is not `proved` may be anything, `same` too. The effect is that of all changes together.
    """

    rule: str
    effect: Effect
    proved: bool


@record
class PolicyChange:
    """One difference: what it is about, in what respect (`what`), how it was and is, in words.

    `effect` tells of a condition whether it holds for more or fewer, `proved` whether that is certain: only
    `changed` may be otherwise. `through` are the rules that it reaches.
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
    proved: bool | None = None
    through: tuple[IndirectImpact, ...] = ()

    @property
    def at(self) -> Location | None:
        """Where it stands now; where it stood, when it is gone."""
        return self.at_new or self.at_old


def renames(old: Revision, new: Revision) -> dict[str, str]:
    """Former name -> present name, of rules that went on under another name."""
    in_force = new.policy_set.by_name
    gone = old.policy_set.by_name.keys() - in_force.keys()
    heirs: dict[str, list[str]] = {}
    for rule, names in formerly(new.policies).items():
        for name in gone.intersection(names) if rule in in_force else ():
            heirs.setdefault(name, []).append(rule)
    return {name: rules[0] for name, rules in heirs.items() if len(rules) == 1}


def rule_changes(old: Revision, new: Revision, effects: Effects) -> Iterator[PolicyChange]:
    """Rules added, removed, renamed, and what changed in the others."""
    renamed = renames(old, new)
    before = {renamed.get(rule.name, rule.name): rule for rule in _rules(old)}
    after = {rule.name: rule for rule in _rules(new)}
    origins = formerly(new.policies)
    for name in sorted({*before, *after}):
        was, is_ = before.get(name), after.get(name)
        if was is None and is_ is not None:
            condition = condition_in_words(is_.when, new.policy_set.facts)
            split = [former for former in origins.get(name, ()) if former not in after]
            detail = (f"split from {', '.join(split)}",) if split else ()
            yield PolicyChange("rule", name, "added", None, condition, None, is_.rule.at, None, detail)
        elif is_ is None and was is not None:
            condition = condition_in_words(was.when, old.policy_set.facts)
            heirs = [rule for rule, names in origins.items() if was.name in names]
            detail = (f"split into {', '.join(heirs)}",) if heirs else ()
            yield PolicyChange("rule", name, "removed", condition, None, was.rule.at, None, None, detail)
        elif was is not None and is_ is not None:
            if was.name != name:
                yield PolicyChange("rule", name, "renamed", was.name, name, was.rule.at, is_.rule.at)
            facts = {**old.policy_set.facts, **new.policy_set.facts}
            yield from _condition_change(name, was, is_, effects, facts)
            yield from _applies_change(name, was, is_, facts)
            for what, one, other, at in _respects(was, is_, renamed, (old, new)):
                if one != other:
                    places = was.rule.at, at or is_.rule.at
                    yield PolicyChange("rule", name, what, _text(one), _text(other), *places)


def _rules(side: Revision) -> Iterator[ResolvedRule]:
    return (rule for rule in side.policy_set.rules if side.only in (None, rule.rule.policy))


def _respects(
    was: ResolvedRule, is_: ResolvedRule, renamed: Mapping[str, str], sides: tuple[Revision, Revision]
) -> Iterator[tuple[str, Any, Any, Location | None]]:
    """Everything in which a rule may differ but its condition: what, before, after, where it stands now."""
    old, new = was.rule, is_.rule
    for what in ("title", "tier", "why"):
        yield what, getattr(old, what), getattr(new, what), getattr(new, f"{what}_at", None)
    for what in ("severity", "category"):
        at = getattr(new.advise, f"{what}_at", None)
        yield what, getattr(old.advise, what, None), getattr(new.advise, what, None), at
    before, after = (_said(rule, side) for rule, side in zip((was, is_), sides, strict=True))
    for what in ("due", "heading", "text", "steps"):
        at = new.advise.at if new.advise else None
        if what == "due" and new.advise and new.advise.due:
            at = new.advise.due[0].at
        yield what, before.get(what), after.get(what), at
    for what in ("conclude", "supersedes", "silences"):
        before, after = getattr(old, what), getattr(new, what)
        yield what, {renamed.get(entry, entry) for entry, _ in before}, {entry for entry, _ in after}, None
    cites = (
        [f"{cite.source}#{cite.anchor}" for cite in old.cites],
        [f"{c.source}#{c.anchor}" for c in new.cites],
    )
    yield "cites", *cites, new.cites[0].at if new.cites else None


def _said(rule: ResolvedRule, side: Revision) -> Mapping[str, Any]:
    """What a rule may say, each part with its variants in words; a part that it has not is left out."""
    advice, facts = rule.advice, side.policy_set.facts
    if advice is None:
        return {}

    def when(condition: Condition | None) -> str:
        return f"when {condition_in_words(condition, facts)}" if condition else "otherwise"

    def variants(said: tuple[Variant[Any], ...]) -> Any:
        """What is said where it is one thing, else each with when it is said."""
        plain = [as_written(each.say) if isinstance(each.say, PlacedText) else each.say for each in said]
        if len(said) == 1:
            return plain[0]
        return [f"{when(each.when)}: {_text(say) or 'none'}" for each, say in zip(said, plain, strict=True)]

    def step(said: Step[PlacedText]) -> str:
        only = f"[{when(said.when)}] " if said.when else ""
        due = f" [due: {_text(variants(said.due))}]" if said.due else ""
        return f"{only}{_text(variants(said.say))}{due}"

    parts: Mapping[str, tuple[Variant[Any], ...]]
    parts = {"due": advice.due, "heading": advice.heading, "text": advice.text}
    said = {what: variants(part) for what, part in parts.items() if part}
    return {**said, "steps": tuple(map(step, advice.steps))}


def _text(value: Any) -> str | None:
    if value is None or isinstance(value, str):
        return value
    if isinstance(value, set | frozenset):
        return ", ".join(sorted(value)) or "none"
    if isinstance(value, list | tuple):
        return "; ".join(map(str, value)) or "none"
    return value_in_words(value)


def _condition_change(
    name: str, was: ResolvedRule, is_: ResolvedRule, effects: Effects, facts: Mapping[str, Fact]
) -> Iterator[PolicyChange]:
    """How the condition of a rule changed; one that means the same by itself comes without detail."""
    gone, come = changed_parts(was.when, is_.when)
    if not gone and not come:
        return  # what it rests on is a change by itself
    outcome = effects.of(was.when, is_.when, smallest=True)
    before, after = (
        " and ".join(condition_in_words(part, facts) for part in parts) or "(no such test)"
        for parts in (gone, come)
    )
    at = come[0].at if come else is_.rule.at
    detail = tuple(_examples(outcome, effects))
    whom = effects.new_words.subject.one
    if outcome.effect == "same" and not effects.same_by_itself(was.when, is_.when):
        detail = (f"no {whom} can show the difference: what else is so of them rules it out",)
    yield PolicyChange(
        "rule", name, "condition", before, after, was.rule.at, at, outcome.effect, detail, outcome.proved
    )


def _applies_change(
    name: str, was: ResolvedRule, is_: ResolvedRule, facts: Mapping[str, Fact]
) -> Iterator[PolicyChange]:
    """Where the findings of a rule are applicable, if that is another where its condition is the same."""
    one, other = was.rule.applies_to, is_.rule.applies_to
    same = one is other or (one is not None and other is not None and canonical(one) == canonical(other))
    if not same and not any(changed_parts(was.when, is_.when)):
        before, after = (
            "everybody" if each is None else condition_in_words(each, facts) for each in (one, other)
        )
        yield PolicyChange("rule", name, "applies to", before, after, was.rule.at, is_.rule.at)


def _examples(outcome: RuleEffect, effects: Effects) -> Iterator[str]:
    def words(given: Given) -> str:
        return given_in_words(given, effects.new_day)

    if outcome.gained is not None:
        yield f"now also: {words(outcome.gained)}"
    if outcome.lost is not None:
        yield f"no longer: {words(outcome.lost)}"
    if not outcome.proved:
        yield "whether it is looser or stricter is not proved"


def table(
    about: About,
    what: str,
    old: Mapping[str, tuple[str, Location | None]],
    new: Mapping[str, tuple[str, Location | None]],
) -> Iterator[PolicyChange]:
    """Changes between two tables of name -> (value in words, place)."""
    for name in sorted({*old, *new}):
        (before, at_old), (after, at_new) = old.get(name, (None, None)), new.get(name, (None, None))
        if before != after:
            kind = "added" if before is None else "removed" if after is None else what
            yield PolicyChange(about, name, kind, before, after, at_old, at_new)


def in_use(names: Iterable[str], policies: PolicySet) -> tuple[str, ...]:
    """The rules in force that rest on any of these facts or parameters, themselves or through others.

    By their conditions, or with their texts or due dates alone.
    """
    resting = policies.dependencies.resting_on(names)
    rules = (rule for rule in policies.rules if not resting.isdisjoint((*rule.tested, *rule.shown)))
    return tuple(sorted(rule.name for rule in rules))
