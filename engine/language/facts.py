"""One applicant's facts: read, named and typed as the vocabulary says, or refused with every problem."""

from __future__ import annotations

import hashlib
import json
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import date
from decimal import Decimal
from typing import Any

from engine.base.dates import parse_date
from engine.base.diagnostic import CommandLine, InvalidInput, Location, Place
from engine.base.diagnostics import Diagnostics
from engine.base.plain_text import composed, unfit
from engine.base.read import Document, Pointer
from engine.base.record import record
from engine.language.model import Fact, Value
from engine.language.new_names import given_facts, help_with
from engine.language.values import typed

Locate = Callable[[Pointer, bool], Place]
"""Where the value at a pointer stands or, with True, its name."""


@record
class Facts:
    """What is given about one applicant: typed values of given facts, and where each stands."""

    values: Mapping[str, Value]
    digest: str
    path: str
    locate: Locate

    def at(self, fact: str) -> Place:
        """Where a fact is given; the file itself for one that is not."""
        return self.locate(tuple(fact.split(".")), False) if fact in self.values else Location(self.path)


def as_of_in(data: Any) -> date | None:
    """The day that facts name as their `as_of`, if they name one; its check comes with the others."""
    named = data.get("as_of") if isinstance(data, Mapping) else None
    return named if type(named) is date else parse_date(named)


def facts_from_source(source: Document, declared: Mapping[str, Fact]) -> Facts:
    """The facts of a file that was read. Raises InvalidInput."""
    locate: Locate = lambda pointer, name: source.at(pointer, key=name)  # noqa: E731  # typed this way
    with Diagnostics(contents={source.path: source.text.encode()}):
        return _typed_facts(source.data, declared, source.path, locate, Diagnostics())


# Most facts come as they are to be: no more than their type and their range is looked at.
_AS_IT_IS: Mapping[str, type[Any]] = {"boolean": bool, "integer": int, "enum": str}


def _fits(given: Any, fact: Fact) -> bool:
    return type(given) is _AS_IT_IS.get(fact.type) and fact.takes(given)


def read_facts(
    data: Any, declared: Mapping[str, Fact], *, path: str = "facts", locate: Locate | None = None
) -> Facts:
    """The facts of one applicant from nested mappings. Raises InvalidInput with every problem.

    `locate` tells where things stand; without it, problems name the path alone.
    """
    at = locate or (lambda _pointer, _name: Location(path))
    problems = Diagnostics()
    return _typed_facts(_taken_in(data, (), at, problems), declared, path, at, problems)


def taken_in(given: Any, at: Place) -> Any:
    """A value from a program, its texts as a reader of files would give them. Raises InvalidInput."""
    with Diagnostics() as problems:
        return _taken_in(given, (), lambda _pointer, _name: at, problems)


def _taken_in(given: Any, pointer: Pointer, at: Locate, problems: Diagnostics) -> Any:
    """Values from a program, their texts and names as a reader of files would give them."""
    if isinstance(given, str):
        return _text(given, at(pointer, False), problems)
    if isinstance(given, Mapping):
        taken: dict[str, Any] = {}
        for key, value in given.items():
            inner = (*pointer, str(key))
            name = _text(str(key), at(inner, True), problems)
            if name in taken:
                message = f"`{name}` stands twice."
                problems.error("duplicate-key", message, at(inner, True), "Keep one of the two.")
            taken[name] = _taken_in(value, inner, at, problems)
        return taken
    if isinstance(given, (list, tuple)):
        return [_taken_in(item, (*pointer, index), at, problems) for index, item in enumerate(given)]
    return given


def _text(given: str, at: Place, problems: Diagnostics) -> str:
    if problem := unfit(given):
        code, message, help_text = problem
        problems.error(code, message, at, help_text)
    return composed(given)


def _typed_facts(
    data: Any, declared: Mapping[str, Fact], path: str, at: Locate, problems: Diagnostics
) -> Facts:
    if not isinstance(data, dict):
        what = "it is empty" if data is None else "this is something else"
        message = f"A facts file is one object of facts; {what}."
        help_text = 'Write {"group": {"fact": value, …}, …}.'
        raise InvalidInput.error("not-an-object", message, at((), False), help_text)
    values: dict[str, Value] = {}
    for group, key, name, given in _leaves(data, declared):
        fact = declared.get(name)
        nested = name.count(".") == len(group)
        if nested and fact is not None and fact.origin == "given" and _fits(given, fact):
            values[name] = given
            continue
        pointer = (*group, key)
        if name == "$schema" and isinstance(given, str):
            continue  # by which editors find the JSON Schema of facts
        if given in ({}, None) and any(known.startswith(f"{name}.") for known in declared):
            continue  # a group of which nothing is given
        if not nested:
            _dotted(name, at(pointer, True), problems)
            continue
        if fact is None or fact.origin != "given":
            _not_given(name, fact, declared, at(pointer, True), problems)
            continue
        if given is None:
            continue
        value, problem = typed(given, fact)
        if problem is not None:
            problems.error("wrong-value", problem[0], at(pointer, False), problem[1])
        elif value is not None:
            values[name] = value
    if problems:
        raise InvalidInput(problems)
    return Facts(values, _digest(values), path, at)


def with_changes(facts: Facts, changes: Mapping[str, Value | None], place: Callable[[str], str]) -> Facts:
    """The facts with other values for some, or none (None); `place` tells where a changed one was written."""
    values = {name: value for name, value in {**facts.values, **changes}.items() if value is not None}

    def locate(pointer: Pointer, name: bool) -> Place:
        fact = ".".join(map(str, pointer))
        return CommandLine(place(fact)) if fact in changes else facts.locate(pointer, name)

    return Facts(values, _digest(values), facts.path, locate)


def known_to(declared: Mapping[str, Fact], given: Mapping[str, Value]) -> dict[str, Value]:
    """Those of an applicant's facts that can be given where these are declared; the others are left out."""
    return {
        name: value
        for name, value in given.items()
        if (fact := declared.get(name)) is not None
        and fact.origin == "given"
        and typed(value, fact)[1] is None
    }


def _leaves(data: dict[str, Any], declared: Mapping[str, Fact]) -> Iterator[tuple[Pointer, str, str, Any]]:
    """Every value with the way to its group, its key there and its name.

    Mappings are walked unless a given fact has that name.
    """
    pending: deque[tuple[tuple[str, ...], str, dict[str, Any]]] = deque([((), "", data)])
    while pending:
        group, prefix, mapping = pending.popleft()
        for key, value in mapping.items():
            name = prefix + key
            if (
                isinstance(value, dict)
                and value
                and ((fact := declared.get(name)) is None or fact.origin != "given")
            ):
                pending.append(((*group, key), f"{name}.", value))
            else:
                yield group, key, name, value


def check_names(
    names: Iterable[tuple[str, Place]], declared: Mapping[str, Fact], problems: Diagnostics
) -> None:
    """Notes the full names that are none of a given fact, each at its place."""
    for name, at in names:
        fact = declared.get(name)
        if fact is None or fact.origin != "given":
            _not_given(name, fact, declared, at, problems)


def _dotted(name: str, at: Place, problems: Diagnostics) -> None:
    parts = name[:100].split(".")
    nested = "".join(f'{{"{part}": ' for part in parts) + "…" + "}" * len(parts)
    message = f"`{'.'.join(parts)}` is written with dots."
    problems.error("dotted-name", message, at, f"Write it nested: {nested}.")


def _not_given(
    name: str, fact: Fact | None, declared: Mapping[str, Fact], at: Place, problems: Diagnostics
) -> None:
    if fact is not None:
        message = f"`{name}` is worked out from other facts; it cannot be given."
        problems.error("not-given", message, at, "Remove it.")
        return
    names = [known.name for known in given_facts(declared)]
    groups = {known.partition(".")[0] for known in names}
    if name in groups:
        message = f"`{name}` is a group of facts, not a fact."
        problems.error("wrong-value", message, at, f'Write {{"{name}": {{…}}}}.')
        return
    message = f"There is no fact `{name[:100]}`."
    help_text = help_with("fact", name[:100], problems.near(names), given_facts(declared))
    problems.error("unknown-fact", message, at, help_text)


def _digest(values: Mapping[str, Value]) -> str:
    """SHA-256 over the given facts in a fixed form; the order and layout of the file do not matter."""
    return "sha256:" + hashlib.sha256(_canonical(values).encode()).hexdigest()


def _plain(value: object) -> object:
    return {"date" if isinstance(value, date) else "number": str(value)}


_canonical = json.JSONEncoder(sort_keys=True, separators=(",", ":"), default=_plain).encode


def facts_file(values: Mapping[str, Value]) -> str:
    """The text of a facts file (JSON) that gives these facts, in this order."""
    return json.dumps(nested(values), indent=2, ensure_ascii=False) + "\n"


def nested(values: Mapping[str, Value]) -> dict[str, Any]:
    """Facts as a facts file nests them, in JSON's own values."""
    return grouped({name: _as_json(value) for name, value in values.items()})


def grouped(values: Mapping[str, Any]) -> dict[str, Any]:
    """Facts as a facts file nests them: `{"group": {"fact": value}}`."""
    data: dict[str, Any] = {}
    for name, value in values.items():
        *groups, key = name.split(".")
        place = data
        for group in groups:
            place = place.setdefault(group, {})
        place[key] = value
    return data


def _as_json(value: Any) -> Any:
    if isinstance(value, tuple):
        return [_as_json(item) for item in value]
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, Decimal):
        return int(value) if value == value.to_integral_value() else float(value)
    return value
