"""Decision tables against brute force: every partly unknown input of small tables."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Mapping
from datetime import date
from decimal import Decimal
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given, settings

from engine.advising.derive import Contradicted, Derivation
from engine.base.diagnostic import InvalidInput
from engine.language.facts import nested, read_facts
from engine.language.policy_set import PolicySet
from tests.support.small_policies import DAY, GIVEN, HEAD, RANKING, SOURCES, policy_set
from tests.support.small_tables import a_table
from tests.support.strategies import DETERMINISTIC

KINDS = {name: declared["type"] for name, declared in GIVEN.items()}
VALUES: Mapping[str, list[Any]] = {
    "x.flag": [True, False],
    "x.kind": ["pear", "apple"],
    "x.low": [-1, 0, 1, 2],
    "x.high": [0, Decimal("0.1"), Decimal("0.2")],
    "x.day": [date(2026, 9, 14), date(2026, 9, 15), date(2026, 9, 16)],
}
UNKNOWN, ABSENT = "(unknown)", "(absent)"
CAN_BE_ABSENT = ("x.low", "x.kind")


def folder(table: Mapping[str, Any]) -> PolicySet:
    """A vocabulary with this table; `x.low` and `x.kind` have no answer where `x.off…` says so."""
    off = {f"x.off_{name[2:]}": {"type": "boolean"} for name in CAN_BE_ABSENT}
    vocabulary = {
        "advise_language": 2, "vocabulary": "v", **HEAD,
        "facts": {
            "as_of": {"title": "D", "type": "date", "question": "?"},
            **{name: {"title": name, "question": "?", **how} for name, how in {**GIVEN, **off}.items()},
        },
        "implications": [
            {"id": f"i{name[2:]}", "when": {f"x.off_{name[2:]}": True}, "then": {name: {"known": False}}}
            for name in CAN_BE_ABSENT
        ],
        "tables": {"t.table": table},
    }  # fmt: skip
    return policy_set({"vocabulary.yaml": vocabulary, "sources.yaml": SOURCES, "ranking.yaml": RANKING})


# -- the meaning, once more -------------------------------------------------------------------------


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


def completions(inputs: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    choices = [
        [*VALUES[name], *([ABSENT] if name in CAN_BE_ABSENT else [])] if value is UNKNOWN else [value]
        for name, value in inputs.items()
    ]
    for chosen in itertools.product(*choices):
        yield dict(zip(inputs, chosen, strict=True))


def could_apply(row: Mapping[str, Any], inputs: Mapping[str, Any]) -> bool:
    """Unless a cell fails: there are values of what is not known with which each cell holds."""
    return any(
        all(
            cell == "?" if inputs[name] is UNKNOWN and cell == "?" else says(cell, values[name])
            for name, cell in zip(inputs, row["when"], strict=True)
        )
        for values in completions(inputs)
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


def expected(table: Mapping[str, Any], inputs: Mapping[str, Any]) -> Any:
    """What comes out: a value, ABSENT, UNKNOWN, or "refused"."""
    rows, hit = table["rows"], table["hit"]
    applying = [row for row in rows if applies(row, inputs)]
    if hit == "unique" and len(applying) > 1:
        return "refused"
    if hit == "any" and len({str(row["then"]) for row in applying}) > 1:
        return "refused"
    could = [row for row in rows if could_apply(row, inputs)]
    if hit == "first":
        could = list(itertools.takewhile(lambda row: row not in applying, could)) + applying[:1]
    everything = dict.fromkeys(inputs, UNKNOWN)
    complete = all(any(applies(row, values) for row in rows) for values in completions(everything))
    no_row = not applying and not (complete and could)
    if hit.startswith("collect"):
        open_ = [row for row in could if row not in applying]
        possible = {
            outcome_of(table, (*applying, *some))
            for count in range(len(open_) + 1)
            for some in itertools.combinations(open_, count)
            if applying or some or no_row
        }
        if hit == "collect" and len(possible) > 1:
            return UNKNOWN
    else:
        possible = {out(row["then"][0]) for row in could} | ({outcome_of(table, ())} if no_row else set())
    return possible.pop() if len(possible) == 1 else UNKNOWN


def actual(derivation: Derivation, policies: PolicySet, inputs: Mapping[str, Any]) -> Any:
    values: dict[str, Any] = {"as_of": DAY}
    for name, value in inputs.items():
        if value is ABSENT:
            values[f"x.off_{name[2:]}"] = True
        elif value is not UNKNOWN:
            values[name] = value
    facts = read_facts(nested(values), policies.facts)
    try:
        derived = derivation.derive(facts, DAY)
    except Contradicted as refused:
        return "refused" if {each.code for each in refused.diagnostics} == {"rows-disagree"} else refused
    return ABSENT if "t.out" in derived.absent else derived.values.get("t.out", UNKNOWN)


def every_input(table: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    choices = [
        [UNKNOWN, *VALUES[name], *([ABSENT] if name in CAN_BE_ABSENT else [])] for name in table["inputs"]
    ]
    for chosen in itertools.product(*choices):
        yield dict(zip(table["inputs"], chosen, strict=True))


@settings(DETERMINISTIC, max_examples=400)
@given(a_table(KINDS, CAN_BE_ABSENT))
def test_every_partly_unknown_input(table: dict[str, Any]) -> None:
    overlaps = "refused" in {expected(table, inputs) for inputs in every_input(table)}
    if overlaps and not set(table["inputs"]) & set(CAN_BE_ABSENT):  # of which an implication tells
        with pytest.raises(InvalidInput, match="both apply"):
            folder(table)
        return
    try:
        policies = folder(table)
    except InvalidInput:
        assert overlaps  # of rows with the same cells, which is told of any fact
        return
    derivation = Derivation(policies)
    for inputs in every_input(table):
        assert actual(derivation, policies, inputs) == expected(table, inputs), inputs


@settings(DETERMINISTIC, max_examples=200)
@given(a_table({name: KINDS[name] for name in ("x.low", "x.kind", "x.flag")}, CAN_BE_ABSENT))
def test_what_is_known_stays_so_whatever_the_answers_are(table: dict[str, Any]) -> None:
    for row in table["rows"]:
        row["when"] = ["-" if cell == "?" else cell for cell in row["when"]]
    table["hit"] = "first" if table["hit"] in ("unique", "any") else table["hit"]
    policies = folder(table)
    derivation = Derivation(policies)
    for inputs in every_input(table):
        known = actual(derivation, policies, inputs)
        if known is not UNKNOWN:
            assert {actual(derivation, policies, each) for each in completions(inputs)} == {known}
