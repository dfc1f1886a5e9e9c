"""Policy sets as plain JSON and back: data only, so that what was read once can be kept safely."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import Any

from engine.base.diagnostic import Location
from engine.language import field_words, model, policy_set

# The place of a class in this tuple is its tag in the encoded form. The tool's version and the schemas
# are part of a cached file's name, so the order may change from one version to the next.
_CLASSES: tuple[type[Any], ...] = tuple(
    dict.fromkeys(
        each
        for module in (model, policy_set, field_words)
        for each in vars(module).values()
        if isinstance(each, type) and dataclasses.is_dataclass(each)
    )
)
_TAGS = {cls: tag for tag, cls in enumerate(_CLASSES)}
_PLACE = _TAGS[Location]
_new = object.__new__
_FIELDS = tuple(tuple(field.name for field in dataclasses.fields(cls)) for cls in _CLASSES)
_COMPOUND = frozenset({list, dict})


def encode(value: Any) -> Any:
    """Model values to JSON values: a dataclass is `[tag, field, …]`, a tuple `[null, item, …]`."""
    kind = type(value)
    if kind in _TAGS:
        tag = _TAGS[kind]
        return [tag, *(encode(getattr(value, name)) for name in _FIELDS[tag])]
    if kind is tuple:
        return [None, *map(encode, value)]
    if kind is date:
        return {"date": value.isoformat()}
    if isinstance(value, Decimal):  # or one that knows how it was written
        return {"number": str(value)}
    if isinstance(value, Mapping):
        return {"mapping": [[encode(key), encode(item)] for key, item in value.items()]}
    return value


def decode(value: Any) -> Any:
    """JSON values back to model values. Raises ValueError, TypeError, KeyError or IndexError."""
    kind = type(value)
    if kind is list:
        tag = value[0]
        if tag == _PLACE:
            _, path, line, column = value
            place = _new(Location)
            place.__dict__.update(path=path, line=line, column=column)  # every second record is one
            return place
        # Most items are plain: they are told apart here, without a call for each.
        made = [decode(item) if type(item) in _COMPOUND else item for item in value]
        del made[0]
        if tag is None:
            return tuple(made)
        decoded = _new(_CLASSES[tag])
        decoded.__dict__.update(zip(_FIELDS[tag], made, strict=True))
        return decoded
    if kind is dict:
        ((form, content),) = value.items()
        if form == "date":
            return date.fromisoformat(content)
        if form == "number":
            return Decimal(content)
        if form == "mapping":
            return {decode(key): decode(item) for key, item in content}
        raise ValueError(form)
    return value
