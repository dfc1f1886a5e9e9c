"""The schemas of outputs: validation, and a walk over data along its schema."""

from __future__ import annotations

import json
from collections.abc import Iterator
from functools import cache
from typing import Any

from jsonschema import Draft202012Validator, FormatChecker
from jsonschema.protocols import Validator

from tests.support.process import ROOT

Key = tuple[str, str]
"""A key that a schema names: the schema's file, and the place of the key in it."""
Way = tuple[str | int, ...]
"""The way to a value in some data."""


@cache
def schema(name: str) -> Any:
    """A schema as it stands in its file."""
    return json.loads((ROOT / "schemas" / f"{name}.schema.json").read_text("utf-8"))


@cache
def validator(name: str) -> Validator:
    """Of a schema as it stands in its file."""
    return Draft202012Validator(schema(name), format_checker=FormatChecker())


def problems(name: str, data: Any) -> list[str]:
    """What is not as the schema says."""
    return [f"{error.json_path}: {error.message[:300]}" for error in validator(name).iter_errors(data)]


def keys_of(name: str) -> set[Key]:
    """Every key that a schema names, itself or in what it refers to."""
    found: dict[Key, None] = {}
    pending: list[Key] = [(name, "")]
    while pending:
        place = pending.pop()
        for kind, key in _parts(place):
            if key not in found:
                if kind == "key":
                    found[key] = None
                pending.append(key)
    return set(found)


def walk(name: str, data: Any) -> Iterator[tuple[Key, Way, Any]]:
    """Every key of an output that its schema names, with the way to it in the data, and its value."""
    pending: list[tuple[Key, Way, Any]] = [((name, ""), (), data)]
    while pending:
        place, way, value = pending.pop()
        part = _part(place)
        for kind, inner in _parts(place):
            last = inner[1].rpartition("/")[2]
            if kind == "same":
                pending.append((inner, way, value))
            elif kind == "key" and isinstance(value, dict) and last in value:
                yield inner, (*way, last), value[last]
                pending.append((inner, (*way, last), value[last]))
            elif kind == "name" and isinstance(value, dict):
                named = part.get("properties", {})
                pending += ((inner, (*way, key), value[key]) for key in value if key not in named)
            elif kind == "entry" and isinstance(value, list):
                pending += ((inner, (*way, index), entry) for index, entry in enumerate(value))


def _part(place: Key) -> Any:
    name, pointer = place
    part = schema(name)
    for step in pointer.split("/")[1:]:
        part = part[int(step) if isinstance(part, list) else step]
    return part


@cache
def _parts(place: Key) -> tuple[tuple[str, Key], ...]:
    """What a part of a schema is made of: keys, any entry, any name, and parts on the same value."""
    (name, pointer), part = place, _part(place)
    found = [("key", (name, f"{pointer}/properties/{key}")) for key in part.get("properties", {})]
    found += [("same", (name, f"{pointer}/anyOf/{index}")) for index in range(len(part.get("anyOf", ())))]
    if "items" in part:
        found.append(("entry", (name, f"{pointer}/items")))
    if isinstance(part.get("additionalProperties"), dict):
        found.append(("name", (name, f"{pointer}/additionalProperties")))
    if "$ref" in part:
        found.append(("same", _written(name, part["$ref"].removeprefix("#/$defs/"))))
    return tuple(found)


def _written(name: str, definition: str) -> Key:
    """Where a definition that a schema refers to is written, of which it may hold a copy."""
    if (name, definition) == ("audit-export", "report"):
        return "report", ""
    return "common" if definition in schema("common")["$defs"] else name, f"/$defs/{definition}"


def changed(data: Any, way: Way, how: str) -> Any:
    """The data with the key at the end of a way dropped or renamed, or with its value of another type."""
    step, *rest = way
    copy = data.copy()
    if rest:
        copy[step] = changed(data[step], tuple(rest), how)
    elif how == "mistyped":
        copy[step] = [["?"]]
    else:
        value = copy.pop(step)
        if how == "renamed":
            copy[f"{step}s"] = value
    return copy
