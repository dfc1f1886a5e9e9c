"""Parameters: of which kind their values are, and the facts that stand for them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date
from decimal import Decimal
from typing import Any, Literal

from engine.base.diagnostic import Diagnostic, correction, did_you_mean
from engine.language.model import Fact, Parameter, Value
from engine.language.values import step_of

Kind = Literal["boolean", "integer", "number", "enum", "date", "text"]


def misshapen_values(parameter: Parameter) -> str | None:
    """What is wrong with the values of a parameter, each by itself right; None where nothing is."""
    keyed = [isinstance(value, Mapping) for _, value in parameter.values]
    if parameter.by is None and any(keyed):
        return f"`{parameter.name}` has a value for each of several names, but no `by`, a fact that has them."
    if parameter.by is not None and not all(keyed):
        return f"Each entry of `{parameter.name}` must hold a value for each of those of `{parameter.by}`."
    values = parameter.every_value
    listed = {isinstance(value, tuple) for value in values}
    items = list(_items(parameter))
    kinds = {type(item) is date or (isinstance(item, str) and "text") for item in items}
    if len(listed) > 1 or len(kinds) > 1 or ("text" in kinds and True not in listed):
        forms = "all be dates, or all be lists of the same kind" if any(listed) else "or all be dates"
        return f"The values of `{parameter.name}` must all be numbers, {forms}."
    return None


def strange_keys(parameter: Parameter, key: Fact) -> Iterator[Diagnostic]:
    """An error for each name that a keyed parameter has a value for, and that its key cannot be."""
    for _, values in parameter.values:
        for name in values if isinstance(values, Mapping) else ():
            if name not in key.value_names:
                message = f"`{key.name}` cannot be `{name}`: that keys a value of `{parameter.name}`."
                words = ", ".join(known for known, _ in key.values)
                help_text = did_you_mean(name, key.value_names) or f"It is one of {words}."
                fix = name, correction(name, key.value_names)
                yield Diagnostic(
                    "wrong-value", message, parameter.at, help_text, "error", None, (), None, *fix
                )


def parameter_as_fact(parameter: Parameter, name: str) -> Fact:
    """A fact with the type and range of a parameter's values."""
    items: list[Any] = list(_items(parameter))
    kind = _kind(items)
    listed = isinstance(parameter.every_value[0], tuple) if parameter.every_value else False
    numbers = kind in ("integer", "number")
    ordered = items if numbers or kind == "date" else []
    return Fact(
        name=name,
        title=parameter.title or parameter.name.replace("_", " "),
        type="list" if listed else kind,
        origin="derived",
        at=parameter.at,
        low=min(ordered, default=None),
        high=max(ordered, default=None),
        step=min((step_of(item) for item in items), default=Decimal(1)) if numbers else Decimal(1),
        unit=parameter.unit,
        item_type=kind if listed else None,
    )


def _items(parameter: Parameter) -> Iterator[Any]:
    for value in parameter.every_value:
        yield from value if isinstance(value, tuple) else (value,)


def _kind(items: list[Value]) -> Kind:
    if items and all(isinstance(item, date) for item in items):
        return "date"
    if any(isinstance(item, str) for item in items):
        return "text"
    return "integer" if all(isinstance(item, int) for item in items) else "number"
