"""The JSON Schema of a facts file, made from the vocabulary's given facts."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import Any

from engine.language.field_words import FieldWords
from engine.language.model import Fact


def facts_schema(facts: Mapping[str, Fact], words: FieldWords) -> dict[str, Any]:
    """A JSON Schema (2020-12) that nests the facts by the dots of their names."""
    root: dict[str, Any] = {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": f"The facts of one {words.subject.one}",
        "description": "Every fact may be left out or null: it is then unknown. Made from vocabulary.yaml.",
        **_group(),
    }
    root["properties"]["$schema"] = {"type": "string", "description": "Where editors find this schema."}
    for name, fact in sorted(facts.items()):
        if fact.origin == "given":
            *groups, last = name.split(".")
            place = root
            for group in groups:
                place = place["properties"].setdefault(group, _group())
            place["properties"][last] = _fact_schema(fact)
    return root


def _group() -> dict[str, Any]:
    return {"type": "object", "properties": {}, "additionalProperties": False}


def _fact_schema(fact: Fact) -> dict[str, Any]:
    described = fact.title if fact.question is None else f"{fact.title}. {fact.question}"
    schema: dict[str, Any]
    if fact.type == "list":
        schema = {"type": ["array", "null"], "items": _value_schema(str(fact.item_type), fact)}
        if fact.distinct:
            schema["uniqueItems"] = True
    else:
        schema = _value_schema(fact.type, fact)
        if "enum" in schema:
            schema["enum"].append(None)
        else:
            schema["type"] = [schema["type"], "null"]
    return {"description": described, **schema}


def _value_schema(kind: str, fact: Fact) -> dict[str, Any]:
    match kind:
        case "enum":
            return {"enum": [name for name, _ in fact.values]}
        case "date":
            return {"type": "string", "format": "date", "pattern": r"^[0-9]{4}-[0-9]{2}-[0-9]{2}$(?!\n)"}
        case "text":
            return {"type": "string"}
        case "boolean":
            return {"type": "boolean"}
    schema: dict[str, Any] = {"type": kind}
    for key, bound in (("minimum", fact.low), ("maximum", fact.high)):
        if bound is not None and not isinstance(bound, date):
            schema[key] = _number(bound)
    if kind == "number" and fact.step != 1:
        schema["multipleOf"] = _number(fact.step)
    return schema


def _number(value: int | Decimal) -> int | float:
    return value if isinstance(value, int) else float(value)
