"""One applicant's facts: read, named and typed as the vocabulary says, or refused with every problem."""

from __future__ import annotations

import hashlib
import json
from collections import deque
from collections.abc import Callable, Iterator, Mapping
from datetime import date
from decimal import Decimal
from typing import Any

from engine.diagnostic import Diagnostic, Location, Refused, did_you_mean
from engine.model import Fact, Value
from engine.record import record
from engine.source import Pointer, Source
from engine.values import parse_date, typed

Places = Callable[[Pointer], Location]
"""Where the value at a pointer stands."""


@record
class Facts:
    """What is given about one applicant: typed values of given facts, and where each stands."""

    values: Mapping[str, Value]
    digest: str
    places: Mapping[str, Location]
    path: str

    def at(self, fact: str) -> Location:
        """Where a fact is given; the file itself for one that is not."""
        return self.places.get(fact, Location(self.path))


def as_of_in(data: Any) -> date | None:
    """The day that a facts file names as its `as_of`, if it names one; its check comes with the others."""
    return parse_date(data.get("as_of")) if isinstance(data, dict) else None


def facts_from_source(source: Source, declared: Mapping[str, Fact]) -> Facts:
    """The facts of a file that was read. Raises Refused."""

    def line(diagnostic: Diagnostic) -> Diagnostic:
        at = diagnostic.at
        return source.diagnose(diagnostic.code, diagnostic.message, at, diagnostic.help)

    try:
        return read_facts(
            source.data, declared, path=source.path, place=source.at, key_place=_keys_of(source)
        )
    except Refused as refused:
        raise Refused(map(line, refused.diagnostics)) from None


def _keys_of(source: Source) -> Places:
    return lambda pointer: source.at(pointer, key=True)


def read_facts(
    data: Any,
    declared: Mapping[str, Fact],
    *,
    path: str = "facts",
    place: Places | None = None,
    key_place: Places | None = None,
) -> Facts:
    """The facts of one applicant from nested mappings. Raises Refused with every problem.

    `place` and `key_place` tell where a value or its name stands; without them, the path alone is named.
    """
    at_value = place or (lambda _pointer: Location(path))
    at_key = key_place or at_value
    if not isinstance(data, dict):
        message = "A facts file is one object of facts; this is something else."
        raise Refused(
            [Diagnostic("not-an-object", message, at_value(()), 'Write {"step2_ck": {"score": 231}, …}.')]
        )
    values: dict[str, Value] = {}
    places: dict[str, Location] = {}
    problems: list[Diagnostic] = []
    for pointer, given in _leaves(data, declared):
        name = ".".join(pointer)
        if given == {} and any(known.startswith(f"{name}.") for known in declared):
            continue  # a group of which nothing is given
        if any("." in part for part in pointer):
            problems.append(_dotted(pointer, at_key(pointer)))
            continue
        fact = declared.get(name)
        if fact is None or fact.origin != "given":
            problems.append(_not_given(name, fact, declared, at_key(pointer)))
            continue
        places[name] = at_value(pointer)
        if given is None:
            continue
        value, problem = typed(given, fact)
        if problem is not None:
            problems.append(Diagnostic("wrong-value", problem[0], at_value(pointer), problem[1]))
        elif value is not None:
            values[name] = value
    if problems:
        raise Refused(problems)
    return Facts(values, _digest(values), places, path)


def _leaves(data: dict[str, Any], declared: Mapping[str, Fact]) -> Iterator[tuple[tuple[str, ...], Any]]:
    """Every value with the names that lead to it; mappings are walked unless a given fact has that name."""
    pending: deque[tuple[tuple[str, ...], Any]] = deque(((key,), value) for key, value in data.items())
    while pending:
        pointer, value = pending.popleft()
        fact = declared.get(".".join(pointer))
        if isinstance(value, dict) and value and (fact is None or fact.origin != "given"):
            pending.extend(((*pointer, key), inner) for key, inner in value.items())
        else:
            yield pointer, value


def _dotted(pointer: tuple[str, ...], at: Location) -> Diagnostic:
    parts = ".".join(pointer)[:100].split(".")
    nested = "".join(f'{{"{part}": ' for part in parts) + "…" + "}" * len(parts)
    return Diagnostic(
        "dotted-name", f"`{'.'.join(parts)}` is written with dots.", at, f"Write it nested: {nested}."
    )


def _not_given(name: str, fact: Fact | None, declared: Mapping[str, Fact], at: Location) -> Diagnostic:
    if fact is not None:
        message = f"`{name}` is worked out from other facts; it cannot be given."
        return Diagnostic("not-given", message, at, "Remove it.")
    given = [known for known, entry in declared.items() if entry.origin == "given"]
    groups = {known.partition(".")[0] for known in given}
    if name in groups:
        return Diagnostic(
            "wrong-value", f"`{name}` is a group of facts, not a fact.", at, f'Write {{"{name}": {{…}}}}.'
        )
    message = f"There is no fact `{name[:100]}`."
    return Diagnostic(
        "unknown-fact", message, at, did_you_mean(name[:100], given) or "The vocabulary lists the facts."
    )


def _digest(values: Mapping[str, Value]) -> str:
    """SHA-256 over the given facts in a fixed form; the order and layout of the file do not matter."""
    canonical = json.dumps(
        {name: _plain(values[name]) for name in sorted(values)}, ensure_ascii=False, separators=(",", ":")
    )
    return "sha256:" + hashlib.sha256(canonical.encode()).hexdigest()


def _plain(value: Value) -> Any:
    if isinstance(value, tuple):
        return [_plain(item) for item in value]
    if isinstance(value, date):
        return value.isoformat()
    return {"number": str(value)} if isinstance(value, Decimal) else value
