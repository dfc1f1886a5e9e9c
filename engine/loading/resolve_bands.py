"""Bands: their ranges must cover the banded fact's range once, at every date of a parameter they use."""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable, Iterator, Mapping
from functools import partial
from typing import Any

from engine.base.record import record
from engine.language.conditions import tests_of
from engine.language.domain import Domain, domain_of
from engine.language.facts import facts_file
from engine.language.model import (
    AllOf,
    Band,
    BandRange,
    Comparison,
    Condition,
    Fact,
    FactReference,
    Parameter,
    Scalar,
)
from engine.language.operators import ORDERED
from engine.language.policy_set import Banded
from engine.language.values import show
from engine.loading.scope import Scope, resolve_operand

Assignment = Mapping[str, Scalar]
"""Parameter fact -> the value it has on one of its dates."""


@record
class Piece:
    """A range in the numbers of the fact's domain, both ends included."""

    low: int
    high: int
    range: BandRange


def band_as_fact(band: Band) -> Fact:
    """The enum fact that a band becomes."""
    values = tuple((piece.name, piece.title or piece.name.replace("_", " ")) for piece in band.ranges)
    title = band.title or band.name.replace("_", " ").replace(".", " ")
    return Fact(band.name, title, "enum", "band", band.at, values=values)


def resolve_band(band: Band, names: Scope) -> Banded | None:
    """The band with typed bounds; None when they cannot be used.

    That is noted, as are ranges that leave a gap or overlap: what rests on the band is checked all the same.
    """
    fact = names.fact(band.of, band.at)
    if fact is None:
        return None
    if fact.type not in ORDERED:
        names.error("type-mismatch", f"`{band.of}` has no order: it cannot be sorted into ranges.", band.at)
        return None
    ranges: list[tuple[str, Condition]] = []
    for piece in band.ranges:
        tests = []
        for operator, operand in piece.bounds:
            if isinstance(operand, FactReference):
                help_text = "Use a number, a date or `{parameter: …}`."
                names.error("band-bound", "A range's bound cannot be another fact.", piece.at, help_text)
                return None
            bound = resolve_operand(operand, fact, piece.at, names)
            if bound is None:
                return None
            tests.append(Comparison(band.of, operator, bound, piece.at))
        ranges.append((piece.name, AllOf(tuple(tests), piece.at)))
    resolved = Banded(band.name, band.of, tuple(ranges), band)
    _check_tiling(resolved, fact, names)
    return resolved


def _check_tiling(banded: Banded, fact: Fact, names: Scope) -> None:
    used = _parameters_of(banded, names)
    domain = domain_of(fact)
    never = {piece.name: piece for piece in banded.band.ranges}
    for when, assignment, given in _assignments(used, names):
        pieces = [
            _piece(domain, piece, condition, assignment)
            for piece, (_, condition) in zip(banded.band.ranges, banded.ranges, strict=True)
        ]
        pieces = sorted(
            (piece for piece in pieces if piece.low <= piece.high), key=lambda piece: (piece.low, piece.high)
        )
        witness = partial(_witness, fact, domain, given, names)
        if not _tile(banded.band, pieces, domain, when, witness, names):
            return
        for piece in pieces:
            never.pop(piece.range.name, None)
    for name, empty in never.items():
        message = f"Nothing ever falls into `{name}` of `{banded.band.name}`."
        names.error("band-range-empty", message, empty.at, "Mend its bounds, or remove it.")


def _tile(
    band: Band,
    pieces: list[Piece],
    domain: Domain,
    when: str,
    witness: Callable[[int], str | None],
    names: Scope,
) -> bool:
    """Whether each value has one range; the first that has none or two is noted, with its witness."""
    error = names.error
    expected, highest = domain.ends
    for piece in pieces:
        if piece.low > expected:
            message = (
                f"No range of `{band.name}` covers {_show_range(domain, expected, piece.low - 1)}{when}."
            )
            help_text = f"Let `{piece.range.name}`, or the range before it, begin or end there."
            error("band-gap", message, piece.range.at, help_text, witness=witness(expected))
            return False
        if piece.low < expected:
            both = _show_range(domain, piece.low, min(expected - 1, piece.high))
            other = next(p for p in pieces if p is not piece and p.low <= piece.low and p.high >= piece.low)
            message = (
                f"`{other.range.name}` and `{piece.range.name}` of `{band.name}` both cover {both}{when}."
            )
            help_text = "Use `at_least` below and `below` above the same number."
            error("band-overlap", message, piece.range.at, help_text, witness=witness(piece.low))
            return False
        expected = piece.high + 1
    if expected <= highest:
        message = f"No range of `{band.name}` covers {_show_range(domain, expected, highest)}{when}."
        help_text = "Leave out the upper bound of the highest range, or add a range."
        error("band-gap", message, band.at, help_text, witness=witness(expected))
        return False
    return True


def _witness(
    fact: Fact, domain: Domain, besides: Mapping[str, Scalar], names: Scope, number: int
) -> str | None:
    """The facts file that meets a fault, where such facts can be given."""
    given = {**besides, fact.name: domain.value(number)}
    if any(names.facts[name].origin != "given" for name in given):
        return None
    return facts_file({name: given[name] for name in names.facts if name in given})


def _parameters_of(banded: Banded, names: Scope) -> dict[str, tuple[Parameter, str]]:
    operands = (test.operand for _, condition in banded.ranges for test in tests_of(condition))
    return {
        operand.fact: names.used_parameters[operand.fact]
        for operand in operands
        if isinstance(operand, FactReference)
    }


def _assignments(
    used: Mapping[str, tuple[Parameter, str]], names: Scope
) -> Iterator[tuple[str, Assignment, Mapping[str, Scalar]]]:
    """Every combination of values the parameters can have together, with words and facts that say when."""
    by_date: dict[str, list[str]] = {}
    for key, (_, on) in used.items():
        by_date.setdefault(on, []).append(key)
    choices = []
    for keys in by_date.values():
        days = sorted({day for key in keys for day, _ in used[key][0].values})
        moments = [(day, {key: used[key][0].value_on(day) for key in keys}) for day in days]
        choices.append([(day, values) for day, values in moments if None not in values.values()])
    keys = sorted({parameter.by for parameter, _ in used.values() if parameter.by is not None})
    of_keys = [[(by, name) for name, _ in names.facts[by].values] for by in keys]
    for combination in itertools.product(*choices):
        written: dict[str, Any] = {}
        for _, values in combination:
            written.update(values)
        given: dict[str, Scalar] = {on: day for on, (day, _) in zip(by_date, combination, strict=True)}
        on_days = " and ".join(f"on {day}" for day, _ in combination)
        for pairs in itertools.product(*of_keys):
            chosen = dict(pairs)
            assignment = {
                name: value if (by := used[name][0].by) is None else value.get(chosen[by])
                for name, value in written.items()
            }
            if None not in assignment.values():  # else there is no value for one of these
                when = " ".join(["", on_days, *(f"for {name}" for name in chosen.values())]).rstrip()
                yield when, assignment, {**given, **chosen}


def _piece(domain: Domain, band_range: BandRange, condition: Condition, assignment: Assignment) -> Piece:
    low, high = domain.ends
    for test in tests_of(condition):
        operand: Any = test.operand
        bound = domain.number(assignment[operand.fact] if isinstance(operand, FactReference) else operand)
        match test.operator:
            case "at_least":
                low = max(low, math.ceil(bound))
            case "above":
                low = max(low, math.floor(bound) + 1)
            case "at_most":
                high = min(high, math.floor(bound))
            case "below":
                high = min(high, math.ceil(bound) - 1)
    return Piece(low, high, band_range)


def _show_range(domain: Domain, low: int, high: int) -> str:
    first, last = show(domain.value(low)), show(domain.value(high))
    return first if low == high else f"{first} to {last}"
