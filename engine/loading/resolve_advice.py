"""What a rule says: variants of which one is always known to be said, texts that show what is then known."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from engine.base.record import record
from engine.language.conditions import facts_of
from engine.language.model import Advice, AllOf, AnyOf, Comparison, Condition, Not, Step, Variant
from engine.language.policy_set import PlacedText
from engine.loading.resolve_derivations import KnownClosure
from engine.loading.resolve_templates import refuse_unguarded, split_text
from engine.loading.scope import Scope, known_when, resolve_condition


def resolve_advice(
    advice: Advice[str], known: frozenset[str], closure: KnownClosure, names: Scope
) -> Advice[PlacedText]:
    """The advice with its conditions resolved and its texts split.

    `known` are the facts known where the rule holds. Each condition must then be decided where those before
    it fail, and each placeholder be known where its variant is said.
    """
    resolved = Advice(
        _placed(advice.heading, "heading", names),
        _placed(advice.text, "text", names),
        tuple(_step(step, names) for step in advice.steps),
        advice.category,
        advice.severity,
        _chosen(advice.due, names),
        advice.at,
        advice.category_at,
        advice.severity_at,
    )
    for each in untold(resolved, known, closure):
        if isinstance(each.where, Variant):
            refuse_unguarded(each.fact, each.where.at, names, each.part)
            continue
        shown = each.fact.partition("@")[0]
        message = f"What is said here cannot always be told: `{shown}` may be unknown where the rule holds."
        guard = f"Add `{shown}: {{known: true}}` to it"
        help_text = f"{guard}, or put a variant for `{shown}: {{known: false}}` before it."
        names.error("undecided-variant", message, each.where.at, help_text)
    return resolved


def _step(step: Step[str], names: Scope) -> Step[PlacedText]:
    when = resolve_condition(step.when, names) if step.when is not None else None
    return Step(_placed(step.say, "step", names), when, _chosen(step.due, names), step.at)


def _placed(variants: tuple[Variant[str], ...], what: str, names: Scope) -> tuple[Variant[PlacedText], ...]:
    chosen = _chosen(variants, names)
    return tuple(Variant(each.when, split_text(each.say, each.at, names, what), each.at) for each in chosen)


def _chosen(variants: tuple[Variant[Any], ...], names: Scope) -> tuple[Variant[Any], ...]:
    """The variants with their conditions resolved; without those whose condition cannot be used."""
    resolved = []
    for each in variants:
        when = resolve_condition(each.when, names) if each.when is not None else None
        if when is not None or each.when is None:
            resolved.append(Variant(when, each.say, each.at))
    return tuple(resolved)


# -- what can always be told -----------------------------------------------------------------------


@record
class Untold:
    """A fact that may be unknown where a condition chooses by it, or a variant shows it."""

    fact: str
    where: Condition | Variant[PlacedText]
    part: str


def untold(advice: Advice[PlacedText], known: frozenset[str], closure: KnownClosure) -> Iterator[Untold]:
    """What cannot always be told where some facts are known: of each condition and text once a fact."""

    def variants(said: tuple[Variant[Any], ...], part: str, known: frozenset[str]) -> Iterator[Untold]:
        for each in said:
            here = known
            if each.when is not None:
                yield from condition(each.when, part, known)
                here = closure.known_with(known | known_when(each.when))
            if isinstance(each.say, PlacedText):
                shown = dict.fromkeys(each.say.parts[1::2])
                yield from (Untold(name, each, part) for name in shown if name not in here)
            if each.when is not None:
                known = closure.known_with(known | known_when(each.when, holds=False))

    def condition(when: Condition, part: str, known: frozenset[str]) -> Iterator[Untold]:
        facts = dict.fromkeys(undecided(when, known, closure))
        yield from (Untold(name, when, part) for name in facts)

    for part, said in (("heading", advice.heading), ("text", advice.text), ("due", advice.due)):
        yield from variants(said, part, known)
    for step in advice.steps:
        here = known
        if step.when is not None:
            yield from condition(step.when, "step", known)
            here = closure.known_with(known | known_when(step.when))
        yield from variants(step.say, "step", here)
        yield from variants(step.due, "step", here)


def undecided(condition: Condition, known: frozenset[str], closure: KnownClosure) -> Iterator[str]:
    """The facts of which the lack can leave a resolved condition UNKNOWN, where some facts are known.

    Where a part of a conjunction fails the rest does not matter, so each part may rest on what the others
    make known where they hold; in a disjunction, where they fail.
    """
    match condition:
        case Comparison(_, "known"):
            return
        case Comparison():
            yield from (name for name in facts_of(condition) if name not in known)
        case Not(part):
            yield from undecided(part, known, closure)
        case AllOf(parts) | AnyOf(parts):
            every, waiting = isinstance(condition, AllOf), list(parts)
            while decided := [part for part in waiting if not any(undecided(part, known, closure))]:
                waiting = [part for part in waiting if part not in decided]
                made = (known_when(part, holds=every) for part in decided)
                known = closure.known_with(known.union(*made))
            for part in waiting:
                yield from undecided(part, known, closure)
