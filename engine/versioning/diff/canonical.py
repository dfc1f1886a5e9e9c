"""A condition in a form that is the same for conditions that say the same in the same tests."""

from __future__ import annotations

from typing import Any

from engine.language.model import AllOf, AnyOf, Comparison, Condition, FactReference, Not


def canonical(condition: Condition) -> Any:
    """The same for conditions that differ in places, order, repetition and nesting only."""
    match condition:
        case AllOf(parts) | AnyOf(parts):
            kind = type(condition).__name__
            members: dict[str, Any] = {}
            for part in parts:
                made = canonical(part)
                nested = made[1:] if made[0] == kind else (made,)
                members.update({repr(member): member for member in nested})
            ordered = tuple(members[key] for key in sorted(members))
            return ordered[0] if len(ordered) == 1 else (kind, *ordered)
        case Not(Not(part)):
            return canonical(part)
        case Not(part):
            return ("Not", canonical(part))
        case Comparison(fact, operator, operand):
            return ("Test", fact, *_canonical_operand(operator, operand))


def _canonical_operand(operator: str, operand: Any) -> tuple[Any, ...]:
    if isinstance(operand, FactReference):
        return operator, ("fact", operand.fact)
    if isinstance(operand, tuple):
        values = sorted({repr(value) for value in operand})
        return ("is" if len(values) == 1 and operator == "one_of" else operator, *values)
    return operator, repr(operand)


def _conjuncts(condition: Condition) -> dict[Any, Condition]:
    """The parts that must all hold, by their canonical form."""
    parts = condition.parts if isinstance(condition, AllOf) else (condition,)
    conjuncts: dict[Any, Condition] = {}
    for part in parts:
        conjuncts.update(_conjuncts(part) if isinstance(part, AllOf) else {canonical(part): part})
    return conjuncts


def changed_parts(old: Condition, new: Condition) -> tuple[tuple[Condition, ...], tuple[Condition, ...]]:
    """The parts of a conjunction that went, and those that came."""
    before, after = _conjuncts(old), _conjuncts(new)
    gone = tuple(part for key, part in before.items() if key not in after)
    come = tuple(part for key, part in after.items() if key not in before)
    return gone, come
