"""The vocabulary into the model: facts, how some follow from others, and what contradicts."""

from __future__ import annotations

from decimal import Decimal
from typing import Any, Literal

from engine.base.dates import parse_date
from engine.base.diagnostic import Location
from engine.base.numbers import plain
from engine.language import model
from engine.loading.node import Node
from engine.loading.parse_condition import condition, operand, optional_condition
from engine.loading.parse_field_words import field_words


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
        field_words(file),
        file["exclusive"].each(_exclusive),
    )


def parameter(node: Node) -> model.Parameter:
    """A number, a date or a list with a history; policies have them too. Raises UnusableEntry."""
    values = [(entry.day_of_key(), _dated_value(entry.value)) for entry in node["values"]]
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
        in_order=days == sorted(days),
        by=node["by"].value,
    )


def _dated_value(value: Any) -> model.Value | model.KeyedValues:
    if isinstance(value, dict):
        return {key: _value(each) for key, each in value.items()}
    return _value(value)


def _value(value: Any) -> model.Value:
    return tuple(map(scalar, value)) if isinstance(value, list) else scalar(value)


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
    near, near_from = _number_or_parameter(node["near"])
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
        near=near,
        private=bool(node["private"].value),
        distinct=bool(node["distinct"].value),
        changeable=_changeable(node["changeable"]) if node["changeable"].present else None,
        near_from=near_from,
    )


def _number_or_parameter(node: Node) -> tuple[Decimal | None, model.ParameterReference | None]:
    written = operand(node)
    if isinstance(written, model.ParameterReference):
        return None, written
    return (None if written is None else Decimal(str(written))), None


def _changeable(node: Node) -> model.Changeable:
    cost, cost_from = _number_or_parameter(node["cost"])
    return model.Changeable(
        tuple(node["to"].value or ()),
        Decimal(1) if cost is None else cost,
        optional_condition(node["unless"]),
        optional_condition(node["requires"]),
        tuple(node["adds_to"].value or ()),
        node.key_at,
        cost_from,
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
        named = tuple((each.name, _argument(each)) for each in node if each.name != "way")
        return model.Call(function, (), named, None, node.key_at, node["way"].value)
    items = node if isinstance(arguments, list) else [node]
    return model.Call(function, tuple(map(_argument, items)), (), None, node.key_at)


def _argument(node: Node) -> Any:
    return operand(node) if isinstance(node.value, dict) else scalar(node.value)


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


def _exclusive(node: Node) -> model.Exclusive:
    return model.Exclusive(node["id"].value, node["findings"].names(), node["why"].value, node.at)
