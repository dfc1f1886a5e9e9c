"""Derived facts, implications and consistency rules: names and types checked, order computed."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date
from decimal import Decimal
from typing import Any as AnyType

from engine.base.diagnostic import Location
from engine.base.record import replace
from engine.base.toposort import Circle, order
from engine.language.conditions import facts_of
from engine.language.functions import FUNCTIONS, ArgumentKind
from engine.language.model import (
    Call,
    Condition,
    Consistency,
    Derived,
    Fact,
    Implication,
    Parameter,
    ParameterReference,
    Scalar,
    Value,
)
from engine.language.policy_set import (
    Banded,
    Computation,
    Computed,
    Implied,
    ResolvedConsistency,
    SeasonDates,
    Tabled,
    inputs_of,
)
from engine.language.tables import is_total
from engine.language.values import show, step_of, typed
from engine.loading.resolve_templates import resolve_text
from engine.loading.scope import Scope, known_when, resolve_condition

_NUMBERS = frozenset({"integer", "number"})
_KINDS: Mapping[ArgumentKind, tuple[str, frozenset[str]]] = {
    "date": ("a date", frozenset({"date"})),
    "number": ("a number", _NUMBERS),
    "year": ("a date or a year", frozenset({"date", "integer"})),
    "dates": ("a date or a list of dates", frozenset({"date", "list of date"})),
    "list": ("a list", frozenset()),
    "any": ("a fact", frozenset()),
    "months": ("a whole number", frozenset({"integer"})),
    "place": ("a whole number", frozenset({"integer"})),
    "step": ("a number", _NUMBERS),
}
"""What an argument may be, in words, and the types that are it; any list and any fact are checked apart."""


def resolve_derived(derived: Derived, names: Scope) -> Computed | None:
    """A derived fact with its function's arguments checked; None when a problem was found."""
    fact = names.facts[derived.fact]
    before = len(names.problems)
    only_when = _plain_condition(derived.only_when, names) if derived.only_when else None
    call = _resolve_call(derived.call, fact, names)
    if len(names.problems) > before or call is None:
        return None
    return Computed(derived.fact, call, only_when)


def _plain_condition(condition: Condition, names: Scope) -> Condition | None:
    """A condition that uses no finding: findings are known only after the rules have fired."""
    resolved = resolve_condition(condition, names)
    if resolved is None:
        return None
    for name in facts_of(resolved):
        if names.facts[name].origin == "finding":
            message = f"`{name}` is a finding: it is known only after the rules have fired."
            names.error("finding-too-early", message, resolved.at, "Use the facts that it rests on.")
            return None
    return resolved


def _resolve_call(call: Call, fact: Fact, names: Scope) -> Call | None:
    if call.function == "truth":
        assert call.condition is not None
        condition = _plain_condition(call.condition, names)
        _result_fits(call, "boolean", fact, names)
        return replace(call, condition=condition) if condition is not None else None
    if call.function == "parameter":
        return _resolve_parameter_call(call, fact, names)
    function, named = FUNCTIONS[call.function], dict(call.named)
    if function.rounds:  # what is not said is as declared
        named.setdefault("to", _whole(fact.step))
    written: tuple[AnyType, ...] = tuple(named[key] for key in function.names) if named else call.items
    kinds = function.kinds * len(written) if function.aggregate else function.kinds
    types = [
        _argument_type(argument, kind, call.at, names) for argument, kind in zip(written, kinds, strict=True)
    ]
    if None in types:
        return None
    arguments = tuple(_as_item(argument, names) for argument in written)
    result = _result_type(function.result, [kind for kind in types if kind is not None], call, names)
    if result is not None:
        _result_fits(call, result, fact, names)
        _values_fit(call, arguments, fact, names)
        _precision_fits(call, arguments, fact, names)
    return replace(call, items=arguments, named=())


def _whole(number: Decimal) -> int | Decimal:
    return int(number) if number == int(number) else number


def _as_item(argument: Scalar | ParameterReference, names: Scope) -> Scalar:
    """An argument, where it is a parameter by the name of the fact that stands for its value."""
    if not isinstance(argument, ParameterReference):
        return argument
    fact = names.parameter_fact(argument.parameter, argument.on, argument.at)
    assert fact is not None  # it has a type
    return fact.name


def _resolve_parameter_call(call: Call, fact: Fact, names: Scope) -> Call | None:
    arguments = dict(call.named)
    name, on = str(arguments["name"]), arguments["on"]
    if not isinstance(on, str):
        names.error("type-mismatch", "`on` is the name of a fact that is a date.", call.at)
        return None
    value = names.parameter_fact(name, on, call.at)
    if value is None:
        return None
    kind = f"list of {value.item_type}" if value.type == "list" else value.type
    _result_fits(call, kind, fact, names)
    return Call("first_known", (value.name,), (), None, call.at)


def _argument_type(
    argument: Scalar | ParameterReference, kind: ArgumentKind, at: Location, names: Scope
) -> str | None:
    """The type of an argument (`list of …` for lists), or None with the problem noted."""
    possible: tuple[AnyType, ...] = (argument,)
    if isinstance(argument, ParameterReference):
        value = names.parameter_fact(argument.parameter, argument.on, argument.at)
        if value is None:
            return None
        possible, at = names.parameters[argument.parameter].every_value, argument.at
        actual = f"list of {value.item_type}" if value.type == "list" else value.type
    elif isinstance(argument, str):
        fact = names.fact(argument, at)
        if fact is None:
            return None
        if fact.origin == "finding":
            message = f"`{argument}` is a finding: it is known only after the rules."
            names.error("finding-too-early", message, at)
            return None
        actual = f"list of {fact.item_type}" if fact.type == "list" else fact.type
    else:
        actual = (
            "date" if isinstance(argument, date) else "integer" if isinstance(argument, int) else "number"
        )
    words, types = _KINDS[kind]
    of_any_type = isinstance(argument, str) if kind == "any" else kind == "list" and "list of" in actual
    if kind == "any" and not isinstance(argument, str):
        return actual if names.is_newest(at, "A number or a date in `first_known`") else None
    written_out = kind not in ("months", "place", "step") or not isinstance(argument, str)
    if not written_out or not (of_any_type or actual in types):
        shown = f"`{argument}`" if isinstance(argument, str) else show(argument)
        if isinstance(argument, ParameterReference):
            shown = f"`{argument.parameter}`"
        help_text = None if written_out else "Write the number, or a parameter: `{parameter: name}`."
        names.error("type-mismatch", f"{shown} is {actual}; {words} is needed here.", at, help_text)
        return None
    return actual if _is_possible(kind, possible, at, names) else None


def _is_possible(kind: ArgumentKind, values: Iterable[AnyType], at: Location, names: Scope) -> bool:
    """Whether an argument that is written out can be what it says, whichever of its values counts."""
    for value in values:
        match kind:
            case "place" if value == 0:
                names.error("type-mismatch", "There is no 0th entry.", at, "1 is the first, -1 the last.")
                return False
            case "months" if value < 1:
                names.error("type-mismatch", f"{show(value)} is no number of months.", at, "Write 1 or more.")
                return False
            case "step" if value <= 0:
                names.error("type-mismatch", f"{show(value)} is no step.", at, "Write a number above 0.")
                return False
    return True


def _result_type(result: str, types: list[str], call: Call, names: Scope) -> str | None:
    if result == "item":
        return types[0].removeprefix("list of ")
    if result == "step":
        return types[-1]
    if result == "number":
        return "integer" if set(types) == {"integer"} else "number"
    if result != "same":
        return result
    if len(set(types)) == 1:
        return types[0]
    if set(types) <= _NUMBERS:
        return "number"
    names.error("type-mismatch", f"`{call.function}` mixes {' and '.join(sorted(set(types)))}.", call.at)
    return None


def _result_fits(call: Call, result: str, fact: Fact, names: Scope) -> None:
    declared = f"list of {fact.item_type}" if fact.type == "list" else fact.type
    if declared == result or (declared, result) == ("number", "integer"):
        return
    message = f"`{call.function}` gives {result}; `{fact.name}` is declared as {declared}."
    names.error("type-mismatch", message, call.at)


def _values_fit(call: Call, arguments: tuple[Scalar, ...], fact: Fact, names: Scope) -> None:
    """An enum must not come out with a value that it does not declare."""
    if "enum" not in (fact.type, fact.item_type):
        return
    for argument in arguments:
        other = names.facts.get(argument) if isinstance(argument, str) else None
        strange = sorted(other.value_names - fact.value_names) if other is not None else ()
        if strange:
            message = f"`{fact.name}` can come out as `{strange[0]}`, which is none of its values."
            names.error("type-mismatch", message, call.at, f"Declare the values of `{argument}`.")


def _precision_fits(call: Call, arguments: tuple[Scalar, ...], fact: Fact, names: Scope) -> None:
    """A number must not come out finer than its declared precision."""
    if fact.type != "number":
        return
    steps = [
        names.facts[argument].step if isinstance(argument, str) else step_of(argument)
        for argument in arguments
        if not isinstance(argument, date)
    ]
    finest = FUNCTIONS[call.function].step((Decimal(1), *steps))
    if finest < fact.step:
        message = f"`{fact.name}` can come out as fine as {finest}; its precision is {fact.step}."
        names.error("precision", message, call.at, f"Declare `precision: {finest}`.")


def resolve_implications(implications: Iterable[Implication], names: Scope) -> tuple[Implied, ...]:
    """For each given fact the implications that may settle it."""
    by_fact: dict[str, list[tuple[Implication, Value | None]]] = {}
    for implication in implications:
        when = _plain_condition(implication.when, names)
        for name, value, at in implication.then:
            fact = names.fact(name, at)
            if fact is None:
                continue
            if fact.origin != "given":
                message = f"`{name}` is worked out, not given: nothing can imply it."
                names.error("implied-not-given", message, at)
                continue
            settled, problem = (None, None) if value is None else typed(value, fact)
            if problem is not None:
                names.error("type-mismatch", problem[0], at, problem[1])
            elif when is not None:
                by_fact.setdefault(name, []).append((replace(implication, when=when), settled))
    return tuple(Implied(fact, tuple(by)) for fact, by in sorted(by_fact.items()))


def resolve_consistency(rules: Iterable[Consistency], names: Scope) -> tuple[ResolvedConsistency, ...]:
    """Consistency rules with their conditions and messages resolved."""
    resolved = []
    for rule in rules:
        when = _plain_condition(rule.when, names)
        if when is None:
            continue
        known = known_when(when) | {"as_of"}
        message = resolve_text(rule.message, rule.at, known, names, what="message")
        facts = tuple(dict.fromkeys(facts_of(when)))
        resolved.append(ResolvedConsistency(rule, when, message, facts))
    return tuple(resolved)


def resolve_changeable(names: Scope) -> None:
    """Gives the facts that say how they may be changed their values and conditions, resolved."""
    for fact in tuple(names.facts.values()):
        changeable = fact.changeable
        if fact.near_from is not None:
            fact = replace(fact, near_from=_positive(fact.near_from, names))
            names.facts[fact.name] = fact
        if changeable is None:
            continue
        if fact.mutability != "improvable":
            message = f"`{fact.name}` says how it may be changed, but not that it is improvable."
            names.error("not-improvable", message, changeable.at, "Write `mutability: improvable`.")
        values = []
        for written in changeable.to:
            value, problem = typed(written, fact)
            if problem is not None or fact.type not in ("boolean", "enum"):
                no_values = f"`{fact.name}` has no list of values to bring about.", "Leave out `to`."
                problem = problem or no_values
                names.error("type-mismatch", problem[0], changeable.at, problem[1])
            elif value is not None and not isinstance(value, tuple):
                values.append(value)
        unless, requires = (
            None if condition is None else _plain_condition(condition, names)
            for condition in (changeable.unless, changeable.requires)
        )
        for name in changeable.adds_to:
            listed = names.fact(name, changeable.at)
            if listed is not None and (listed.type, listed.origin) != ("list", "given"):
                message = f"`adds_to` names `{name}`, which is no list that is given."
                names.error("type-mismatch", message, changeable.at, "Name given facts of the type list.")
        cost_from = _positive(changeable.cost_from, names)
        resolved = replace(
            changeable, to=tuple(values), unless=unless, requires=requires, cost_from=cost_from
        )
        names.facts[fact.name] = replace(fact, changeable=resolved)


def _positive(reference: ParameterReference | str | None, names: Scope) -> str | None:
    """The fact that stands for a parameter, all the values of which are numbers above 0."""
    if not isinstance(reference, ParameterReference):
        return reference
    value = names.parameter_fact(reference.parameter, reference.on, reference.at)
    if value is None:
        return None
    values: AnyType = names.parameters[reference.parameter].every_value
    if value.type not in _NUMBERS or min(values) <= 0:
        message = f"`{reference.parameter}` must be a number above 0 here, on every day."
        names.error("type-mismatch", message, reference.at)
    return value.name


def in_order(
    computations: Iterable[Computation], calendar: SeasonDates | None, names: Scope
) -> tuple[Computation, ...]:
    """The computations, each after those it needs; a circle is noted as a problem."""
    by_fact = {computation.fact: computation for computation in computations}
    needs = {fact: inputs_of(computation) for fact, computation in by_fact.items()}
    if calendar is not None:
        needs.update((fact, (calendar.keyed_by,)) for fact in calendar.facts)
    try:
        return tuple(by_fact[name] for name in order(needs) if name in by_fact)
    except Circle as circle:
        at = names.facts[circle.path[0]].at
        message = f"These facts need each other: {circle}."
        names.error("circle", message, at, "Break the circle at one of them.")
        return ()


def _is_total(call: Call) -> bool:
    """Whether a call has a result exactly when all its arguments have a value."""
    return call.condition is None and not FUNCTIONS[call.function].partial


class KnownClosure:
    """What is known whenever something else is: results tell of their inputs, and inputs of results."""

    def __init__(self, computations: Iterable[Computation], parameters: Mapping[str, Parameter]) -> None:
        self._keys = {name: each.by for name, each in parameters.items() if each.by is not None}
        self._inputs: dict[str, frozenset[str]] = {}  # of a fact that is known only if these are
        self._total: set[str] = set()  # and known if these are
        self._used_by: dict[str, list[str]] = {}
        self._given_by: list[tuple[str, frozenset[str]]] = []  # known if these are, and perhaps without
        for step in computations:
            match step:
                case Computed(fact, call, only_when) if _is_total(call):
                    self._inputs[fact] = frozenset(item for item in call.items if isinstance(item, str))
                    if only_when is None:
                        self._total.add(fact)
                        for item in self._inputs[fact]:
                            self._used_by.setdefault(item, []).append(fact)
                case Computed(fact, Call("divide") as call, _):
                    self._inputs[fact] = frozenset(item for item in call.items if isinstance(item, str))
                case Tabled(fact, table, output) if is_total(table, output):
                    self._given_by.append((fact, frozenset(table.columns)))
                case Computed(fact, Call("first_known", (str(only),)), _) | Banded(fact, only, _):
                    self._inputs[fact] = frozenset({only})
        self._from_nothing = {fact for fact in self._total if not self._inputs[fact]}

    def known_with(self, known: Iterable[str]) -> frozenset[str]:
        """The facts that are known whenever these are."""
        facts = {*known, "as_of", *self._from_nothing}
        pending = list(facts)
        while pending:
            name = pending.pop()
            more = set(self._inputs.get(name, ()))
            if "@" in name:
                parameter, _, on = name.partition("@")
                more.update((on, *([self._keys[parameter]] if parameter in self._keys else ())))
            more.update(fact for fact in self._used_by.get(name, ()) if self._inputs[fact] <= facts)
            pending += more - facts
            facts |= more
            if not pending:
                pending += [fact for fact, needs in self._given_by if needs <= facts and fact not in facts]
                facts.update(pending)
        return frozenset(facts)
