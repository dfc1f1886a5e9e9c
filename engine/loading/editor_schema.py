"""The JSON Schema of a policy file in the words of a folder: what an editor completes and explains.

It is the schema of the language with the names of the day's vocabulary, sources and ranking in it. An editor
then knows every fact with its question, every value with its label, every passage with its title. It is
stricter than the language nowhere but in names, and `advise check` stays the judge.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterable, Mapping
from typing import Any, Final

from engine.language.field_words import FieldWords
from engine.language.model import Fact, Parameter
from engine.language.operators import OPERATORS, ORDERED
from engine.language.policy_set import PolicySet
from engine.language.values import dated_value_in_words, show
from engine.loading.shape import inlined_schema

Schema = dict[str, Any]

_DAY: Final = {
    "type": "string",
    "pattern": "^[0-9]{4}-[0-9]{2}-[0-9]{2}$",
    "description": "a date, such as 2026-09-23",
}


def _new_rule(words: FieldWords) -> Schema:
    return {
        "label": "a new rule",
        "description": "A rule with all that it must have",
        "body": {
            "id": "${1:name-with-hyphens}",
            "title": "${2:One line that names the advice}",
            "when": {"$3": None},
            "advise": {
                "text": f"${{4:What the {_in_snippet(words.subject.one)} reads.}}",
                "category": "$5",
                "severity": "$6",
            },
            "tier": "$7",
            "cites": ["$8"],
        },
    }


def _in_snippet(word: str) -> str:
    return re.sub(r"[$}\\]", "", word)  # what an editor would take for a part of the snippet


def policy_schema(policies: PolicySet) -> Schema:
    """The schema of a policy file, with the names in force."""
    facts = {
        name: fact for name, fact in sorted(policies.facts.items()) if "@" not in name and not fact.private
    }
    schema: Schema = inlined_schema("policy")
    definitions, top = schema["$defs"], schema["properties"]
    schema["description"] = f"A policy in the words of its folder on {policies.as_of}, from `advise schema`."
    definitions["date_fact"] = _named(_of_type(facts, {"date"}), describe)
    parameters = _named(policies.parameters, _about_parameter)
    definitions["parameter"] = {"anyOf": [parameters, {"type": "string"}]}  # one may be new in this file
    definitions["citation"] = _citations(policies)
    words = _Words(facts, definitions)
    definitions["condition"] = _condition(definitions["condition"], facts, policies.parameters, words)
    top["applies_to"] = {"$ref": "#/$defs/condition", "description": top["applies_to"]["description"]}
    parameter = top["parameters"]["additionalProperties"]["properties"]
    parameter |= {"dated_by": {"$ref": "#/$defs/date_fact"}, "tier": _labels(policies.ranking.tiers)}
    parameter["by"] = _named(_of_type(facts, {"enum"}), describe)
    parameter["cites"]["items"] = {"$ref": "#/$defs/citation"}
    band = top["bands"]["additionalProperties"]["properties"]
    band["of"] = _named(_of_type(facts, ORDERED), describe)
    _name_in_table(top["tables"]["additionalProperties"]["properties"], policies, facts)
    rule = top["rules"]["items"]
    _name_in_rule(rule["properties"], policies, facts)
    rule["defaultSnippets"] = [_new_rule(policies.words)]
    return schema


def _name_in_rule(rule: Schema, policies: PolicySet, facts: Mapping[str, Fact]) -> None:
    """Puts the names in force into the schema of a rule."""
    ranking = policies.ranking
    findings = {name: fact for name, fact in facts.items() if fact.origin == "finding"}
    titles = {name: policies.by_name[name].rule.title for name in sorted(policies.by_name)}
    rule["when"] = {"$ref": "#/$defs/condition", "description": rule["when"]["description"]}
    rule["conclude"]["items"] = _named(findings, describe)
    advise = rule["advise"]["properties"]
    advise |= {"category": _labels(ranking.categories), "severity": _labels(ranking.severities)}
    day = {"anyOf": [{"$ref": "#/$defs/date_fact"}, _DAY, {"const": "none"}]}
    phrase = _named({phrase.name: phrase.text for phrase in policies.phrases}, str)
    _name_in_said(advise, day, phrase if policies.phrases else {})
    rule["supersedes"]["items"] = {"anyOf": [_named(titles, str), rule["supersedes"]["items"]]}
    rule["silences"]["properties"]["categories"]["items"] = _labels(ranking.categories)
    rule["tier"] = _labels(ranking.tiers)
    rule["cites"]["items"] = {"$ref": "#/$defs/citation"}


def _name_in_table(table: Schema, policies: PolicySet, facts: Mapping[str, Fact]) -> None:
    """Puts the names in force into the schema of a decision table; an input may be new in this file."""
    tested = {name: fact for name, fact in facts.items() if fact.origin != "finding"}
    findings = {name: fact for name, fact in facts.items() if fact.origin == "finding"}
    table["inputs"]["items"] = {"anyOf": [_named(tested, describe), table["inputs"]["items"]]}
    table["conclusions"]["items"] = _named(findings, describe)
    table["tier"] = _labels(policies.ranking.tiers)
    for citing in (table, table["rows"]["items"]["properties"]):
        citing["cites"]["items"] = {"$ref": "#/$defs/citation"}


def _name_in_said(said: Any, day: Schema, phrase: Schema, *, due: bool = False) -> None:
    """Puts the names in force into what a rule says: conditions of variants, days, phrases."""
    if isinstance(said, list):
        for part in said:
            _name_in_said(part, day, phrase, due=due)
    for key, part in said.items() if isinstance(said, dict) else ():
        dated = due or key == "due"
        if key == "when":
            said[key] = {"$ref": "#/$defs/condition", "description": part["description"]}
        elif key == "phrase":
            said[key] = {**part, **phrase}
        elif dated and isinstance(part, dict) and part.get("type") == "string":
            said[key] = {**day, "description": part["description"]}
        else:
            _name_in_said(part, day, phrase, due=dated)
    if due and isinstance(said, list):
        plain = [part.get("type") == "string" for part in said]
        said[:] = [day if is_plain else part for is_plain, part in zip(plain, said, strict=True)]


def _condition(
    condition: Schema, facts: Mapping[str, Fact], parameters: Mapping[str, Parameter], words: _Words
) -> Schema:
    known = {"known": {"type": "boolean", "description": OPERATORS["known"].description}}
    tests: Schema = {
        name: {**_object(known), "description": _about_parameter(each)} for name, each in parameters.items()
    }
    tests |= {name: {"$ref": words.test(fact), "description": describe(fact)} for name, fact in facts.items()}
    schema = {**condition, "properties": {**condition["properties"], **tests}, "additionalProperties": False}
    schema.pop("propertyNames")
    return schema


class _Words:
    """The tests that facts take: one definition for all facts of a type, and of the same values."""

    def __init__(self, facts: Mapping[str, Fact], definitions: Schema) -> None:
        self._facts = facts
        self._definitions = definitions
        self._names: dict[Any, str] = {}

    def test(self, fact: Fact) -> str:
        """Where the tests of a fact are defined."""
        which = fact.type, fact.value_type, fact.values
        if which not in self._names:
            name = "_".join(dict.fromkeys(("test", fact.type, fact.value_type)))
            known = f"{name}_{len(self._names)}" if fact.values else name
            self._names[which] = f"#/$defs/{known}"
            self._definitions[known] = self._test(fact)
        return self._names[which]

    def _test(self, fact: Fact) -> Schema:
        """A value, several values, or operators."""
        value = _value(fact)
        operand = {"anyOf": [value, *self._references(fact)]}
        values = {"type": "array", "minItems": 1, "items": {"anyOf": [value, _PARAMETER]}}
        forms: dict[str, Schema] = {
            "one": operand,
            "range": {"type": "array", "minItems": 2, "maxItems": 2, "items": operand},
            "many": {"anyOf": [values, _PARAMETER]},
            "truth": {"type": "boolean"},
        }
        taken = [(name, spec) for name, spec in OPERATORS.items() if spec.takes(fact.type)]
        taken.sort(key=lambda operator: list(forms).index(operator[1].operand))
        operators = _object(
            {name: {**forms[spec.operand], "description": spec.description} for name, spec in taken}
        )
        return operators if fact.type == "list" else {"anyOf": [value, values, operators]}

    def _references(self, fact: Fact) -> list[Schema]:
        """The other facts, and the parameters, that a fact can be compared with."""
        kind = fact.value_type
        kinds = {"integer", "number"} if kind in ("integer", "number") else {kind}
        others = {
            name: other
            for name, other in _of_type(self._facts, kinds).items()
            if kind != "enum" or other.value_names == fact.value_names
        }
        name = f"facts_{'_'.join(sorted(kinds))}" if kind != "enum" else f"facts_like_{fact.name}"
        self._definitions[name] = _named(others, describe)
        references = [_object({"fact": {"$ref": f"#/$defs/{name}"}}, ["fact"])] if others else []
        if kind in ORDERED:
            references.append(_PARAMETER)
        return references


def _object(properties: Schema, required: Iterable[str] = ()) -> Schema:
    schema = {"type": "object", "properties": properties, "additionalProperties": False, "minProperties": 1}
    return {**schema, "required": list(required)} if required else schema


_PARAMETER: Final = _object(
    {"parameter": {"$ref": "#/$defs/parameter"}, "on": {"$ref": "#/$defs/date_fact"}}, ["parameter"]
)


def _value(fact: Fact) -> Schema:
    """One value of a fact, or of a list's items."""
    match fact.value_type:
        case "enum":
            return _named(fact.labels, str)
        case "date":
            return _DAY
        case "text":
            return {"type": "string"}
    return {"type": fact.value_type}


def _named(table: Mapping[str, Any], about: Callable[[Any], str]) -> Schema:
    """One of these names, each with what it is."""
    return {"enum": list(table), "enumDescriptions": [about(entry) for entry in table.values()]}


def _labels(labels: Iterable[tuple[str, str]]) -> Schema:
    return {**_named(dict(labels), str), "description": "one of ranking.yaml, the first first"}


def _of_type(facts: Mapping[str, Fact], kinds: Collection[str]) -> dict[str, Fact]:
    return {name: fact for name, fact in facts.items() if fact.type in kinds}


def _citations(policies: PolicySet) -> Schema:
    passages = {
        f"{source.id}#{anchor}": f"{source.short}: {title}" + (f" ({section})" if section else "")
        for source in policies.sources.values()
        for anchor, (title, section) in source.anchors.items()
    }
    return {**_named(passages, str), "description": "a passage of sources.yaml"}


def describe(fact: Fact) -> str:
    """A fact in a sentence or two: what it is, how it is asked for, where it lies, where it comes from."""
    parts = [fact.title if fact.title.endswith((".", "?")) else f"{fact.title}."]
    if fact.question:
        parts.append(fact.question)
    bounds = [bound for bound in (fact.low, fact.high) if bound is not None]
    if len(bounds) == 2:
        parts.append(f"{show(bounds[0])} to {show(bounds[1])}{f' {fact.unit}' if fact.unit else ''}.")
    elif fact.unit:
        parts.append(f"In {fact.unit}.")
    parts += {
        "derived": ["Worked out from other facts."],
        "band": ["A band."],
        "finding": ["A finding."],
        "calendar": ["From the calendar."],
    }.get(fact.origin, [])
    return " ".join(parts)


def _about_parameter(parameter: Parameter) -> str:
    day, value = parameter.values[-1]
    shown = dated_value_in_words(value)
    unit = f" {parameter.unit}" if parameter.unit else ""
    return f"{parameter.title or parameter.name.replace('_', ' ')}: {shown}{unit} from {day}."
