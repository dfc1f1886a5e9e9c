"""Conditions against the declared facts: names exist, types fit, literals get their type.

A resolved condition has typed literals, its parameters turned into facts named `parameter@fact`, and
`between` written as its two bounds.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from engine.base.diagnostic import Location
from engine.base.diagnostics import Diagnostics
from engine.base.quick_fixes import name_fix
from engine.base.record import replace
from engine.language.conditions import facts_of
from engine.language.model import (
    AllOf,
    AnyOf,
    Comparison,
    Condition,
    Fact,
    FactReference,
    Not,
    Operand,
    Parameter,
    ParameterReference,
    Phrase,
)
from engine.language.new_names import Declared, given_facts, help_with
from engine.language.operators import OPERATORS, Operator
from engine.language.values import TYPE_WORDS, show, typed, value_fix
from engine.loading.parameter_facts import parameter_as_fact, strange_keys
from engine.loading.shape import LANGUAGE, needs_newer


class Scope:
    """The facts and parameters that conditions may use, and the problems found in using them.

    `dormant` are names declared by a file of which no version is in force: they never have a value.
    `broken` are names whose declaration has a problem of its own ("*": any name may be meant): to use
    one is not a second problem. Parameters that conditions use are collected in `used_parameters`.
    `languages` are the versions of the policy language that files are written in, by their paths.
    """

    def __init__(
        self,
        facts: Mapping[str, Fact],
        parameters: Mapping[str, Parameter],
        broken: Iterable[str],
        dormant: Iterable[str],
        problems: Diagnostics,
        languages: Mapping[str, int],
        phrases: Mapping[str, Phrase],
    ) -> None:
        self.facts = dict(facts)
        self._languages = languages
        self.parameters = parameters
        self.broken = frozenset(broken)
        self.dormant = frozenset(dormant)
        self.problems, self.error = problems, problems.error
        self.phrases = phrases
        self.used_parameters: dict[str, tuple[Parameter, str]] = {}

    def is_newest(self, at: Location, what: str) -> bool:
        """Whether a file is written in the newest version of the language, as it must be; noted if not."""
        if self._languages[at.path] >= LANGUAGE:
            return True
        needs_newer(what, at, self.problems)
        return False

    def unknown(
        self, kind: str, name: str, known: Iterable[str], at: Location, declared: Iterable[Declared] = ()
    ) -> None:
        """Notes a name that nothing declares, unless its declaration is broken.

        `declared` stand where a new one would.
        """
        if "*" in self.broken or name in self.broken:
            return
        candidates = list(self.problems.near(known))
        message = f"There is no {kind} `{name}`."
        help_text = help_with(kind, name, candidates, declared)
        self.error(f"unknown-{kind}", message, at, help_text, fix=name_fix(name, candidates))

    def fact(self, name: str, at: Location) -> Fact | None:
        """A declared fact that may be tested; None, with the problem noted, when there is none."""
        fact = self.facts.get(name)
        if fact is None or "@" in name:
            if name in self.parameters:
                help_text = (
                    f"`{name}` is a parameter: write `{{parameter: {name}}}` where its value is meant."
                )
                self.error("unknown-fact", f"There is no fact `{name}`.", at, help_text, fix=(name, None))
                return None
            candidates = (known for known in self.facts if "@" not in known)
            self.unknown("fact", name, candidates, at, given_facts(self.facts))
            return None
        if fact.private:
            message = f"`{name}` is private: no condition and no text may use it."
            self.error("private-fact", message, at, fix=(name, None))
            return None
        return fact

    def parameter_date(self, parameter: Parameter, on: str | None, at: Location) -> str | None:
        """The fact by which a parameter is dated; None, with the problem noted, when it is no date."""
        dated_by = on or parameter.dated_by
        dating = self.fact(dated_by, at if on else parameter.at)
        if dating is not None and dating.type != "date":
            message = f"`{dated_by}` cannot date a parameter: it is not a date."
            self.error("type-mismatch", message, at if on else parameter.at, fix=(dated_by, None))
            return None
        return dated_by if dating is not None else None

    def parameter_fact(self, name: str, on: str | None, at: Location) -> Fact | None:
        """The fact that stands for a parameter's value on the day a fact names."""
        parameter = self.parameters.get(name)
        if parameter is None:
            self.unknown("parameter", name, self.parameters, at)
            return None
        dated_by = self.parameter_date(parameter, on, at)
        if dated_by is None or not self.has_key(parameter):
            return None
        key = f"{name}@{dated_by}"
        if key not in self.facts:
            self.used_parameters[key] = (parameter, dated_by)
            self.facts[key] = parameter_as_fact(parameter, key)
        return self.facts[key]

    def has_key(self, parameter: Parameter) -> bool:
        """Whether what a parameter is keyed by, if anything, is an enum with its keys; noted where not."""
        if parameter.by is None:
            return True
        key = self.fact(parameter.by, parameter.at)
        if key is None:
            return False
        if key.type != "enum":
            message = f"`{key.name}` cannot key a parameter: it is {TYPE_WORDS[key.type]}."
            self.error("type-mismatch", message, parameter.at, "Name a fact of the type enum, or a band.")
            return False
        strange = tuple(strange_keys(parameter, key))
        self.problems.extend(strange)
        return not strange


def resolve_condition(condition: Condition, names: Scope) -> Condition | None:
    """The condition with typed operands; None when a problem was found (and noted)."""
    match condition:
        case AllOf(parts, at) | AnyOf(parts, at):
            resolved = [resolve_condition(part, names) for part in parts]
            usable = tuple(part for part in resolved if part is not None)
            return type(condition)(usable, at) if len(usable) == len(parts) else None
        case Not(part, at):
            inner = resolve_condition(part, names)
            return Not(inner, at) if inner is not None else None
        case Comparison():
            return _resolve_test(condition, names)


def _resolve_test(test: Comparison, names: Scope) -> Condition | None:
    if test.fact in names.parameters and test.fact not in names.facts:
        return _resolve_known_parameter(test, names)
    fact = names.fact(test.fact, test.at)
    if fact is None:
        return None
    if not _operator_fits(test, fact, names):
        return None
    spec = OPERATORS[test.operator]
    if spec.operand == "truth":
        return test
    if spec.operand == "many":
        return _resolve_among(test, fact, names)
    if spec.written_as is not None:
        return _resolve_range(test, spec.written_as, fact, names)
    operand = resolve_operand(test.operand, fact, test.at, names)
    return None if operand is None else Comparison(test.fact, test.operator, operand, test.at)


def _resolve_known_parameter(test: Comparison, names: Scope) -> Condition | None:
    """A test of whether a parameter has a value; nothing else can be tested of one."""
    if not names.is_newest(test.at, f"A test of the parameter `{test.fact}`"):
        return None
    if test.operator != "known":
        message = f"`{test.fact}` is a parameter: of one, only `known` can be tested."
        help_text = f"Test a fact against it, such as `{{at_least: {{parameter: {test.fact}}}}}`."
        names.error("operator-mismatch", message, test.at, help_text)
        return None
    fact = names.parameter_fact(test.fact, None, test.at)
    return None if fact is None else Comparison(fact.name, "known", test.operand, test.at)


def _resolve_among(test: Comparison, fact: Fact, names: Scope) -> Condition | None:
    """`one_of` or `none_of`: values, parameters, or a parameter that is a list of them."""
    operands = test.operand if isinstance(test.operand, tuple) else (test.operand,)
    resolved = [_resolve_listed(operand, fact, test.at, names) for operand in operands]
    if None in resolved:
        return None
    usable = [each for each in resolved if each is not None]
    literals = tuple(each for each in usable if not isinstance(each, FactReference))
    among = Comparison(test.fact, test.operator, literals, test.at)
    parts = [among] if literals else []
    alone: Operator = "is" if test.operator == "one_of" else "is_not"
    for each in usable:
        if isinstance(each, FactReference):
            operator = test.operator if names.facts[each.fact].type == "list" else alone
            parts.append(Comparison(test.fact, operator, each, test.at))
    if len(parts) == 1:
        return parts[0]
    return (AnyOf if test.operator == "one_of" else AllOf)(tuple(parts), test.at)


def _resolve_listed(operand: Operand, fact: Fact, at: Location, names: Scope) -> Operand | None:
    """What stands in a list of values, or in its place."""
    if not isinstance(operand, ParameterReference):
        return resolve_operand(operand, fact, at, names)
    listed = names.parameter_fact(operand.parameter, operand.on, operand.at)
    if listed is None or listed.type != "list":
        return resolve_operand(operand, fact, at, names)
    for value in (each for values in names.parameters[operand.parameter].every_value for each in values):  # type: ignore[union-attr]  # all are lists
        _, problem = typed(value, fact)
        if problem is not None:
            message = f"`{operand.parameter}` lists what `{fact.name}` cannot be: {problem[0]}"
            names.error("type-mismatch", message, operand.at, problem[1])
            return None
    if fact.type == "enum":  # so that it reads as the fact does
        names.facts[listed.name] = replace(listed, item_type="enum", values=fact.values)
    return FactReference(listed.name, operand.at)


def _operator_fits(test: Comparison, fact: Fact, names: Scope) -> bool:
    spec = OPERATORS[test.operator]
    if spec.takes(fact.type):
        return True
    if fact.type == "list":
        help_text = "Write `{includes: value}` or `{known: true}`."
        message = f"`{fact.name}` is a list: `{test.operator}` does not fit."
    elif spec.fits == "lists":
        message, help_text = f"`{fact.name}` is no list: `{test.operator}` does not fit.", "Use `is`."
    else:
        message = f"`{fact.name}` has no order: `{test.operator}` does not fit."
        help_text = "Use `is` or `one_of`."
    names.error("operator-mismatch", message, test.at, help_text)
    return False


def _resolve_range(
    test: Comparison, written_as: tuple[str, Operator, Operator], fact: Fact, names: Scope
) -> Condition | None:
    assert isinstance(test.operand, tuple)
    low, high = (resolve_operand(end, fact, test.at, names) for end in test.operand)
    if low is None or high is None:
        return None
    if not isinstance(low, FactReference) and not isinstance(high, FactReference) and low > high:  # type: ignore[operator]  # both have the fact's ordered type
        message = f"Nothing lies between {show(low)} and {show(high)}."
        names.error("bounds-reversed", message, test.at, "Write the lower end first.")
        return None
    join, lower, upper = written_as
    ends = Comparison(test.fact, lower, low, test.at), Comparison(test.fact, upper, high, test.at)
    return AllOf(ends, test.at) if join == "all" else AnyOf(ends, test.at)


def resolve_operand(operand: Operand, fact: Fact, at: Location, names: Scope) -> Operand | None:
    """A right side with the type of the fact it meets; None when a problem was found."""
    match operand:
        case FactReference(name, place):
            other = names.fact(name, place)
        case ParameterReference(name, on, place):
            other = names.parameter_fact(name, on, place)
        case tuple():
            message = f"A list cannot be compared with `{fact.name}`."
            names.error("type-mismatch", message, at, "Use `one_of`.")
            return None
        case _:
            value, problem = typed(operand, fact, item=fact.type == "list")
            if problem is not None:
                fix = value_fix(operand, fact)
                names.error("type-mismatch", problem[0], at, problem[1], fix=fix)
            return value
    if other is None or not _comparable(fact, other, place, names):
        return None
    return FactReference(other.name, place)


def _comparable(fact: Fact, other: Fact, at: Location, names: Scope) -> bool:
    mine = fact.value_type
    numbers = {"integer", "number"}
    if (mine == other.type and mine != "enum") or {mine, other.type} <= numbers:
        return True
    if mine == "enum" == other.type and fact.values and fact.value_names == other.value_names:
        return True
    described = "their values differ" if mine == "enum" == other.type else f"it is {TYPE_WORDS[other.type]}"
    shown = other.name.partition("@")[0]
    names.error("type-mismatch", f"`{shown}` cannot be compared with `{fact.name}`: {described}.", at)
    return False


def known_when(condition: Condition, *, holds: bool = True) -> frozenset[str]:
    """Facts that must be known for a resolved condition to hold (or, with `holds=False`, to fail)."""
    match condition:
        case Not(part):
            return known_when(part, holds=not holds)
        case Comparison(fact, "known", operand):
            return frozenset({fact}) if operand == holds else frozenset()
        case Comparison():
            return frozenset(facts_of(condition))
        case AllOf(parts) | AnyOf(parts):
            sets = [known_when(part, holds=holds) for part in parts]
            if not sets:
                return frozenset()
            if isinstance(condition, AllOf) == holds:
                return frozenset().union(*sets)
            return sets[0].intersection(*sets[1:])
