"""Random decision tables over the facts of small vocabularies, as they are written."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from hypothesis import strategies as st

HITS = ("unique", "any", "first", "collect", "collect sum", "collect min", "collect max", "collect count")
OUTPUTS: Mapping[str, dict[str, Any]] = {
    "collect": {"type": "list", "of": "integer"},
    "collect count": {"type": "integer"},
}
"""What a table gives by its hit policy; else a whole number."""

_ORDERED: Mapping[str, Sequence[Any]] = {
    "integer": (-1, 0, 1, 2),
    "number": (0, 0.1, 0.2),
    "date": ("2026-09-14", "2026-09-15", "2026-09-16"),
}
_LISTED: Mapping[str, Sequence[Any]] = {"boolean": (True, False), "enum": ("pear", "apple"), **_ORDERED}


@st.composite
def a_cell(draw: st.DrawFn, kind: str, marks: Sequence[str]) -> Any:
    """A cell of a column of this type."""
    forms = ["mark", "value", "list", *(["sign", "range", "operators"] if kind in _ORDERED else [])]
    value = st.sampled_from(_LISTED[kind])
    match draw(st.sampled_from(forms)):
        case "mark":
            return draw(st.sampled_from(marks))
        case "value":
            return draw(value)
        case "list":
            return draw(st.lists(value, min_size=1, max_size=2, unique_by=str))
        case "sign":
            sign = draw(st.sampled_from(["<", "<=", ">", ">="]))
            return f"{sign} {draw(value.filter(lambda each: not _is_end(sign, each, kind)))}"
        case "range":
            low, high = sorted((draw(value), draw(value)))
            return f"{low}..{high}"
    operator = draw(st.sampled_from(["above", "at_most", "is_not"]))
    return {operator: draw(value.filter(lambda each: not _is_end(operator, each, kind)))}


def _is_end(sign: str, value: Any, kind: str) -> bool:
    """Whether nothing lies beyond this value."""
    return bool(value == {"<": min, ">": max, "above": max}.get(sign, lambda _: None)(_LISTED[kind]))


@st.composite
def a_table(
    draw: st.DrawFn, kinds: Mapping[str, str], absent: Sequence[str] = (), hits: Sequence[str] = HITS
) -> dict[str, Any]:
    """A table over some facts (name -> type), some of which may be absent, that gives the fact `t.out`."""
    marks = ("-", "-", "?", "absent")
    inputs = draw(st.lists(st.sampled_from(sorted(kinds)), min_size=1, max_size=3, unique=True))
    hit = draw(st.sampled_from(hits))
    given = st.one_of(st.integers(-1, 3), st.just("absent"))
    rows = [
        {
            "id": f"r{number}",
            "when": [draw(a_cell(kinds[name], marks if name in absent else marks[:-1])) for name in inputs],
            "then": [draw(given if hit != "collect" else st.integers(-1, 3))],
        }
        for number in range(draw(st.integers(1, 5)))
    ]
    output = {"title": "Out", **OUTPUTS.get(hit, {"type": "integer"})}
    table = {"title": "T", "hit": hit, "inputs": inputs, "outputs": {"t.out": output}, "rows": rows}
    if draw(st.booleans()):
        table["otherwise"] = [draw(st.integers(-1, 3)) if hit != "collect" else [7]]
    return table
