"""The vocabulary into the model: facts, how some follow from others, and what contradicts."""

from __future__ import annotations

from decimal import Decimal
from typing import Any, Literal

from engine.base.dates import parse_date
from engine.base.diagnostic import Location
from engine.base.numbers import plain
from engine.language import model
from engine.loading.node import Node
from engine.loading.parse_condition import condition, optional_condition


def vocabulary(file: Node, file_version: model.FileVersion) -> model.Vocabulary:
    """All of a vocabulary file."""
    derived = file["derived"].each(_derived)
    return model.Vocabulary(
        file_version,
        (*file["facts"].each(lambda node: declared_fact(node, "given")), *(fact for fact, _ in derived)),
        tuple(how for _, how in derived),
        file["parameters"].each(parameter),
        file["implications"].each(_implication),
        file["consistency"].each(_consistency),
        file["findings"].each(_finding),
    )


def parameter(node: Node) -> model.Parameter:
    """A number with a history; policies have them too. Raises UnusableEntry."""
    values = [(entry.day_of_key(), scalar(entry.value)) for entry in node["values"]]
    days = [day for day, _ in values]
    return model.Parameter(
        name=node.name,
        dated_by=node["dated_by"].value or "as_of",
        values=tuple(sorted(values, key=lambda pair: pair[0])),
        unit=node["unit"].value,
        title=node["title"].value,
        tier=node["tier"].value,
        cites=citations(node["cites"]),
        checked_on=node["checked_on"].optional_day(),
        at=node.key_at,
        in_order=days in (sorted(days), sorted(days, reverse=True)),
    )


def scalar(value: Any) -> model.Scalar:
    """A value outside a condition: what reads as a date is one."""
    return parse_date(value) or plain(value)


def citations(node: Node) -> tuple[model.Citation, ...]:
    """A list of `source#anchor`."""

    def read(text: str, at: Location) -> model.Citation:
        source, _, anchor = text.partition("#")
        return model.Citation(source, anchor, at)

    return tuple(read(text, at) for text, at in node.names())


def declared_fact(node: Node, origin: Literal["given", "derived"]) -> model.Fact:
    """A fact as it is declared, under its name. Raises UnusableEntry."""
    kind = node["of"].value if node["type"].value == "list" else node["type"].value
    near = node["near"].value
    return model.Fact(
        name=node.name,
        title=node["title"].value,
        type=node["type"].value,
        origin=origin,
        at=node.key_at,
        low=_bound(node["range"]["at_least"], kind),
        high=_bound(node["range"]["at_most"], kind),
        step=Decimal(str(node["precision"].value or 1)) if kind == "number" else Decimal(1),
        unit=node["unit"].value,
        values=_labelled(node["values"].value),
        item_type=node["of"].value,
        question=node["question"].value,
        mutability=node["mutability"].value,
        better=node["better"].value,
        near=Decimal(str(near)) if near is not None else None,
        private=bool(node["private"].value),
        distinct=bool(node["distinct"].value),
        changeable=_changeable(node["changeable"]) if node["changeable"].present else None,
    )


def _changeable(node: Node) -> model.Changeable:
    return model.Changeable(
        tuple(node["to"].value or ()),
        Decimal(str(node["cost"].value or 1)),
        optional_condition(node["unless"]),
        optional_condition(node["requires"]),
        tuple(node["adds_to"].value or ()),
        node.key_at,
    )


def _bound(node: Node, kind: str) -> Any:
    if not node.present or kind == "date":
        return node.optional_day()
    if kind not in ("integer", "number"):
        raise node.error("wrong-type", "Only numbers and dates have a range.")
    if isinstance(node.value, str):
        raise node.error("wrong-type", f"`{node.name}` must be a number, as the fact is.")
    return plain(node.value)


def _labelled(values: Any) -> tuple[tuple[str, str], ...]:
    if isinstance(values, list):
        return tuple((value, value.replace("_", " ")) for value in values)
    return tuple((values or {}).items())


def _derived(node: Node) -> tuple[model.Fact, model.Derived]:
    call = _call(next(iter(node["compute"])))
    only_when = optional_condition(node["only_when"])
    return declared_fact(node, "derived"), model.Derived(node.name, call, only_when, node.key_at)


def _call(node: Node) -> model.Call:
    """A function's name with its arguments: one, a list, pairs, or for `truth` a condition."""
    function, arguments = node.name, node.value
    if function == "truth":
        return model.Call(function, (), (), condition(node), node.key_at)
    if isinstance(arguments, dict):
        named = tuple((key, scalar(value)) for key, value in arguments.items())
        return model.Call(function, (), named, None, node.key_at)
    items = arguments if isinstance(arguments, list) else [arguments]
    return model.Call(function, tuple(map(scalar, items)), (), None, node.key_at)


def _implication(node: Node) -> model.Implication:
    then = tuple((fact.name, _implied(fact.value), fact.key_at) for fact in node["then"])
    return model.Implication(node["id"].value, condition(node["when"]), then, node["why"].value, node.at)


def _implied(value: Any) -> Any:
    if isinstance(value, dict):
        return None
    return tuple(value) if isinstance(value, list) else value


def _consistency(node: Node) -> model.Consistency:
    return model.Consistency(node["id"].value, condition(node["when"]), node["message"].value, node.at)


def _finding(node: Node) -> model.Finding:
    return model.Finding(node.name, node["title"].value, node["polarity"].value, node.key_at)
