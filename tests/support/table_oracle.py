"""What a decision table comes to, worked out from its words alone, by trying all that is possible."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from fractions import Fraction
from typing import Any

UNKNOWN, ABSENT = "(unknown)", "(absent)"
Possible = Mapping[str, Sequence[Any]]
"""For each input the values that it may have, ABSENT among them where it may be without one."""


def number(value: Any) -> Any:
    if isinstance(value, str):
        return date.fromisoformat(value) if value[:4].isdigit() and "-" in value else Fraction(value)
    return value if isinstance(value, date) else Fraction(str(value))


def says(cell: Any, value: Any) -> bool:
    """Whether a cell holds for a value, or for none."""
    if value is ABSENT:
        return cell in ("-", "absent")
    if cell == "-":
        return True
    if cell in ("?", "absent"):
        return False
    if isinstance(cell, list):
        return any(says(each, value) for each in cell)
    if isinstance(cell, dict):
        ((operator, operand),) = cell.items()
        one, other = number(value), number(operand)
        return {"above": one > other, "at_most": one <= other, "is_not": one != other}[operator]
    if isinstance(cell, str) and cell[0] in "<>":
        sign, operand = cell.split(" ")
        one, other = number(value), number(operand)
        return {"<": one < other, "<=": one <= other, ">": one > other, ">=": one >= other}[sign]
    if isinstance(cell, str) and ".." in cell:
        low, high = map(number, cell.split(".."))
        return bool(low <= number(value) <= high)
    return bool(
        value == cell
        or (not isinstance(cell, (bool, str)) and number(value) == number(cell))
        or str(value) == cell
    )


def could_apply(row: Mapping[str, Any], inputs: Mapping[str, Any], possible: Possible) -> bool:
    """Unless a cell fails: there are values of what is not known with which each cell holds."""
    return all(
        cell == "?" or any(says(cell, each) for each in possible[name])
        if inputs[name] is UNKNOWN
        else says(cell, inputs[name])
        for name, cell in zip(inputs, row["when"], strict=True)
    )


def applies(row: Mapping[str, Any], inputs: Mapping[str, Any]) -> bool:
    return all(
        cell in ("-", "?") if inputs[name] is UNKNOWN else says(cell, inputs[name])
        for name, cell in zip(inputs, row["when"], strict=True)
    )


def outcome_of(table: Mapping[str, Any], rows: tuple[Any, ...]) -> Any:
    """What these rows give together."""
    hit = table["hit"]
    if not rows:
        if "otherwise" in table:
            return out(table["otherwise"][0])
        return {"collect": (), "collect count": 0}.get(hit, ABSENT)
    given = [row["then"][0] for row in rows if row["then"][0] != "absent"]
    match hit:
        case "collect":
            return tuple(given)
        case "collect count":
            return len(given)
        case "collect sum":
            return sum(given) if given else ABSENT
        case "collect min":
            return min(given) if given else ABSENT
        case "collect max":
            return max(given) if given else ABSENT
    return given[0] if given else ABSENT


def out(value: Any) -> Any:
    return ABSENT if value == "absent" else tuple(value) if isinstance(value, list) else value


def expected(table: Mapping[str, Any], inputs: Mapping[str, Any], possible: Possible, complete: bool) -> Any:
    """What comes out: a value, ABSENT, UNKNOWN, or "refused"."""
    rows, hit = table["rows"], table["hit"]
    applying = [row for row in rows if applies(row, inputs)]
    if hit == "unique" and len(applying) > 1:
        return "refused"
    if hit == "any" and len({str(row["then"]) for row in applying}) > 1:
        return "refused"
    could = [row for row in rows if could_apply(row, inputs, possible)]
    if hit == "first":
        could = list(itertools.takewhile(lambda row: row not in applying, could)) + applying[:1]
    no_row = not applying and not (complete and could)
    if hit.startswith("collect"):
        open_ = [row for row in could if row not in applying]
        outcomes = {
            outcome_of(table, (*applying, *some))
            for count in range(len(open_) + 1)
            for some in itertools.combinations(open_, count)
            if applying or some or no_row
        }
    else:
        outcomes = {out(row["then"][0]) for row in could} | ({outcome_of(table, ())} if no_row else set())
    return outcomes.pop() if len(outcomes) == 1 else UNKNOWN


def is_complete(table: Mapping[str, Any], possible: Possible) -> bool:
    """Whether a row applies whatever the inputs are."""
    everything = itertools.product(*(possible[name] for name in table["inputs"]))
    return all(
        any(applies(row, dict(zip(table["inputs"], values, strict=True))) for row in table["rows"])
        for values in everything
    )


def every_input(table: Mapping[str, Any], possible: Possible) -> Iterator[dict[str, Any]]:
    """Every combination of values, each input left unknown too."""
    for chosen in itertools.product(*([UNKNOWN, *possible[name]] for name in table["inputs"])):
        yield dict(zip(table["inputs"], chosen, strict=True))


def completions(inputs: Mapping[str, Any], possible: Possible) -> Iterator[dict[str, Any]]:
    """What may come of inputs of which some are not known."""
    choices = ([value] if value is not UNKNOWN else possible[name] for name, value in inputs.items())
    for chosen in itertools.product(*choices):
        yield dict(zip(inputs, chosen, strict=True))
