"""Conditions as they are written, into the model: a mapping is a conjunction of its lines."""

from __future__ import annotations

from collections.abc import Iterator

from engine.language import model
from engine.language.model import AllOf, Comparison, Condition, Not, Operand
from engine.loading.node import Node


def condition(node: Node) -> Condition:
    """A mapping as a conjunction of its lines. Raises UnusableEntry."""
    parts = tuple(part for line in node for part in _line(line))
    return parts[0] if len(parts) == 1 else AllOf(parts, node.at)


def optional_condition(node: Node) -> Condition | None:
    """The same; None where there is none. Raises UnusableEntry."""
    return condition(node) if node.present else None


def _line(node: Node) -> Iterator[Condition]:
    if node.name == "all":
        yield AllOf(tuple(map(condition, node)), node.key_at)
    elif node.name == "any":
        yield model.AnyOf(tuple(map(condition, node)), node.key_at)
    elif node.name == "not":
        yield Not(condition(node), node.key_at)
    else:
        yield from _tests(node)


def _tests(node: Node) -> Iterator[Comparison]:
    """The tests of one fact: a scalar (is), a list (one of), or operators."""
    if isinstance(node.value, list):
        yield Comparison(node.name, "one_of", operand(node), node.key_at)
    elif isinstance(node.value, dict):
        for right in node:
            yield Comparison(node.name, right.name, operand(right), right.key_at)
    else:
        yield Comparison(node.name, "is", node.value, node.key_at)


def operand(node: Node) -> Operand:
    """The right side of a test: a value, a list of them, a fact or a parameter. Raises UnusableEntry."""
    value = node.value
    if isinstance(value, list):
        return tuple(map(operand, node))
    if not isinstance(value, dict):
        literal: Operand = value
        return literal
    if value.keys() == {"fact"}:
        return model.FactReference(value["fact"], node.at)
    if value.keys() in ({"parameter"}, {"parameter", "on"}):
        return model.ParameterReference(value["parameter"], value.get("on"), node.at)
    message = "The right side names neither one fact nor one parameter."
    help_text = "Write `{fact: name}`, `{parameter: name}` or `{parameter: name, on: fact}`."
    raise node.error("malformed-operand", message, help_text)
