"""What is written from the shipped vocabulary, and from the tables of functions and operators."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from datetime import date
from itertools import groupby
from pathlib import Path
from typing import Any, get_args

from engine.language.functions import FUNCTIONS, ArgumentKind, Function
from engine.language.model import Fact, Rounding
from engine.language.operators import OPERATORS
from engine.language.policy_set import PolicySet
from engine.loading.facts_schema import facts_schema
from engine.loading.folder import list_files, shipped_folder
from engine.loading.read_folder import read_policies
from engine.loading.resolve import resolve
from tests.support.process import ROOT

BEGINNING = """\
# The facts

What may stand in a facts file of the shipped policies, in the words of `policies/vocabulary.yaml`, from which
this page is written (`nox -s docs`). A fact's name is the way to it: `step2_ck.score` is written

```json
{"step2_ck": {"score": 231}}
```

Leave out what you do not know, or write `null`: it is then unknown, and the report says which answers would
decide something. **Unknown is not "no"**: write `false`, `0` or `[]` only where you know it. Dates are
written `"2026-09-23"`. `advise` refuses names that are not listed here, values that are not possible, and
facts that contradict each other, each with its place. What follows from the facts (years since graduation,
the earliest day of a retake …) is worked out, and cannot be given. The label in `applicant.id` heads the
report; never give a name.
"""


def shipped_policies() -> PolicySet:
    """The shipped policies on the day from which all of them are in force."""
    policies = read_policies(list_files(shipped_folder()))
    current = (
        entry.file_version
        for entry in policies.documents
        if not entry.file_version.path.startswith("archive/")
    )
    return resolve(policies, max(file_version.effective_from for file_version in current))


def facts_page(policies: PolicySet) -> str:
    """`docs/facts.md`: a table for each group of given facts, in the order of the vocabulary."""
    given = [fact for fact in policies.facts.values() if fact.origin == "given"]
    parts = [BEGINNING]
    for group, facts in groupby(given, key=lambda fact: fact.name.partition(".")[0]):
        parts.append(f"\n## {group}\n\n| fact | question | answer |\n|---|---|---|\n")
        parts.extend(_row(fact) for fact in facts)
    return "".join(parts)


def _row(fact: Fact) -> str:
    question = str(fact.question).replace("|", "\\|")
    return f"| `{fact.name}` | {question} | {_answer(fact)} |\n"


def _answer(fact: Fact) -> str:
    if fact.type == "list":
        return f"a list of {_each(str(fact.item_type), fact, many=True)}{_bounds(fact)}"
    return _each(fact.type, fact) + _bounds(fact)


def _each(kind: str, fact: Fact, *, many: bool = False) -> str:
    if kind == "enum":
        return ("these: " if many else "") + _one_of(fact.values)
    words = {
        "boolean": ("true or false", "true or false"),
        "integer": ("a whole number", "whole numbers"),
        "number": (f"a number, to {fact.step}", f"numbers, to {fact.step}"),
        "date": ("a date", "dates"),
        "text": ("text", "texts"),
    }
    return words[kind][many]


def _one_of(values: Iterable[tuple[str, str]]) -> str:
    return ", ".join(
        f"`{value}`" if label == value.replace("_", " ") else f"`{value}` ({label})"
        for value, label in values
    )


def _bounds(fact: Fact) -> str:
    unit = f" {fact.unit}" if fact.unit else ""
    if fact.low is None and fact.high is None:
        return f", in {fact.unit}" if unit else ""
    low, high = (_written(bound) for bound in fact.limits)
    if fact.low is not None and fact.high is not None:
        return f", {low} to {high}{unit}"
    return f", {low} or more{unit}" if fact.high is None else f", at most {high}{unit}"


def _written(bound: object) -> str:
    return bound.isoformat() if isinstance(bound, date) else str(bound)


def facts_schema_text(policies: PolicySet) -> str:
    """`schemas/facts.schema.json`, as `advise facts-schema` prints it."""
    return json.dumps(facts_schema(policies.facts, policies.words), indent=2, ensure_ascii=False) + "\n"


def schema_texts() -> Mapping[Path, str]:
    """Every schema that is not made from the vocabulary, each with a copy of what it shares with others.

    That is written once: in the common one, and of a whole report in the report's.
    """
    paths = {path: json.loads(path.read_text("utf-8")) for path in sorted((ROOT / "schemas").glob("*.json"))}
    schemas = {path.name.partition(".")[0]: schema for path, schema in paths.items()}
    _put_operators(schemas["common"])
    _put_functions(schemas["vocabulary"])
    shared = schemas["common"]["$defs"]
    of_reports = {name: part for name, part in schemas["report"]["$defs"].items() if name not in shared}
    report = {key: part for key, part in schemas["report"].items() if key not in ("$schema", "$defs")}
    for name in set(schemas) - {"common", "facts"}:
        theirs = shared | of_reports | {"report": report} if name == "audit-export" else shared
        own = {key: part for key, part in schemas[name].pop("$defs", {}).items() if key not in theirs}
        if copies := own | _shared_by([schemas[name], *own.values()], theirs):
            schemas[name]["$defs"] = copies
    return {
        path: json.dumps(schema, indent=2, ensure_ascii=False) + "\n"
        for path, schema in paths.items()
        if path.name != "facts.schema.json"
    }


def _shared_by(parts: list[Any], shared: Mapping[str, Any]) -> dict[str, Any]:
    """The shared definitions that parts of a schema refer to, by whatever way."""
    names: set[str] = set()
    while parts:
        for name in re.findall(r'"\$ref": "#/\$defs/(\w+)"', json.dumps(parts.pop())):
            if name in shared and name not in names:
                names.add(name)
                parts.append(shared[name])
    return {name: part for name, part in shared.items() if name in names}


FACT_NAME = {"$ref": "#/$defs/fact_name"}
ARGUMENT = {"$ref": "#/$defs/argument"}
PARAMETER = {"$ref": "#/$defs/parameter_reference", "since": 2}


def _or_parameter(schema: Any) -> Any:
    """A number that is written out or, since version 2 of the language, a parameter."""
    return {"anyOf": [schema, PARAMETER]}


KINDS: Mapping[ArgumentKind, Any] = {
    "list": FACT_NAME,
    "dates": FACT_NAME,
    "months": _or_parameter({"type": "integer", "minimum": 1, "description": "a whole number"}),
    "place": _or_parameter({"type": "integer", "description": "1 is the first, -1 the last"}),
    "step": _or_parameter({"type": "number", "exclusiveMinimum": 0, "description": "a step: 1, 0.5, 0.25 …"}),
}
WAY = {"enum": list(get_args(Rounding)), "description": "up, down or half-even"}


def _put_functions(schema: Any) -> None:
    """Puts every function of derived facts into the vocabulary's; `truth` and `parameter` stay."""
    compute = schema["properties"]["derived"]["additionalProperties"]["properties"]["compute"]
    others = {name: compute["properties"][name] for name in ("truth", "parameter")}
    compute["properties"] = {name: _since(function) for name, function in FUNCTIONS.items()} | others


def _since(function: Function) -> Any:
    """The arguments of a function, with the version of the language that brought it where that is not 1."""
    return _arguments(function) | ({"since": function.since} if function.since > 1 else {})


def _put_operators(schema: Any) -> None:
    """Puts every operator into the common schema."""
    operand = {"$ref": "#/$defs/operand"}
    values = {"$ref": "#/$defs/listed"}
    listed = {"type": "array", "minItems": 1, "items": values, "description": "a list of values"}
    forms: dict[str, Any] = {
        "one": operand,
        "many": _or_parameter(listed),
        "range": {"type": "array", "minItems": 2, "maxItems": 2, "items": operand},
        "truth": {"type": "boolean", "description": "true or false"},
    }
    tests = {name: dict(forms[spec.operand]) for name, spec in OPERATORS.items()}
    for name, spec in OPERATORS.items():
        if spec.operand == "range":
            tests[name]["description"] = spec.description
    schema["$defs"]["test"]["properties"] = tests


def _arguments(function: Function) -> Any:
    if function.names:
        kinds = dict(zip(function.names, function.kinds, strict=True))
        properties = {name: KINDS.get(kind, ARGUMENT) for name, kind in kinds.items()}
        required = list(kinds)
        if function.rounds:  # to the declared precision, where no step is said
            properties, required = {**properties, "way": WAY}, [*required[:-1], "way"]
        return {
            "type": "object",
            "properties": properties,
            "required": required,
            "additionalProperties": False,
        }
    count = len(function.kinds)
    if count == 1 and not function.aggregate:
        return KINDS.get(function.kinds[0], ARGUMENT)
    listed = {
        "type": "array",
        "items": ARGUMENT,
        "minItems": count,
        "description": "a list of facts, numbers or dates",
    }
    return listed if function.aggregate else {**listed, "maxItems": count}
