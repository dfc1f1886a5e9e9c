# ruff: noqa: E501  # rows of tables, one case a piece
"""Decision tables that others published, rebuilt in this language: more than 600 rows.

- The lending example of the DMN standard (OMG, chapter 11), as in the DMN TCK (github.com/dmn-tck/tck,
  TestCases/compliance-level-3/0004-lending, commit 0dbcaf9): eight tables. Those of hit policy PRIORITY are `first`,
  their rows in the order of the priorities. Scores are whole numbers, so `[100..120)` is `100..119`.
- NEWS2, the National Early Warning Score (Royal College of Physicians, 2017): points for each measurement, added.
- Basic strategy of blackjack, four to eight decks, dealer stands on soft 17, double after splits, no surrender
  (Thorp, Beat the Dealer, 1962; the chart of wizardofodds.com/games/blackjack/strategy/4-decks).
- The wind chill chart of the National Weather Service (2001), by its formula.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

TRUTH = {"type": "boolean"}


def whole(low: int, high: int) -> dict[str, Any]:
    """A whole number between two others."""
    return {"type": "integer", "range": {"at_least": low, "at_most": high}}


def one_of(*names: str) -> dict[str, Any]:
    """One of these values."""
    return {"type": "enum", "values": list(names)}


RISK = one_of("decline", "high", "medium", "low", "very_low")
FACTS: Mapping[str, dict[str, Any]] = {
    "loan.eligibility": one_of("eligible", "ineligible"),
    "loan.call": one_of("full", "mini", "none"),
    "loan.risk": RISK,
    "loan.affordable": TRUTH,
    "loan.bankrupt": TRUTH,
    "loan.existing": TRUTH,
    "loan.score": whole(0, 200),
    "loan.credit": whole(300, 850),
    "loan.age": whole(0, 120),
    "loan.marital": one_of("single", "married"),
    "loan.work": one_of("unemployed", "employed", "self_employed", "student"),
    "news.breaths": whole(0, 60),
    "news.scale": one_of("one", "two"),
    "news.saturation": whole(50, 100),
    "news.oxygen": TRUTH,
    "news.pressure": whole(0, 300),
    "news.pulse": whole(0, 250),
    "news.alert": TRUTH,
    "news.temperature": {"type": "number", "range": {"at_least": 25, "at_most": 45}, "precision": 0.1},
}

Rows = list[list[Any]]


def table(hit: str, inputs: list[str], output: dict[str, Any], rows: Rows) -> dict[str, Any]:
    """A table, of rows that end in what they give."""
    written = [{"id": f"r{n}", "when": row[:-1], "then": row[-1:]} for n, row in enumerate(rows, 1)]
    outputs = {"t.out": {"title": "Out", **output}}
    return {"title": "T", "hit": hit, "inputs": inputs, "outputs": outputs, "rows": written}


STRATEGY = table("unique", ["loan.eligibility", "loan.call"], one_of("decline", "bureau", "through"), [
    ["ineligible", "-", "decline"], ["eligible", ["full", "mini"], "bureau"], ["eligible", "none", "through"],
])  # fmt: skip
CONTINGENCY = table("unique", ["loan.risk"], {"type": "number", "precision": 0.1}, [
    [["high", "decline"], 0.6], ["medium", 0.7], [["low", "very_low"], 0.8],
])  # fmt: skip
ELIGIBILITY = table(
    "first", ["loan.risk", "loan.affordable", "loan.age"], one_of("ineligible", "eligible"), [
    ["decline", "-", "-", "ineligible"], ["-", False, "-", "ineligible"], ["-", "-", "< 18", "ineligible"],
    ["-", "-", "-", "eligible"],
])  # fmt: skip
CALL = table("unique", ["loan.risk"], one_of("full", "mini", "none"), [
    [["high", "medium"], "full"], ["low", "mini"], [["very_low", "decline"], "none"],
])  # fmt: skip
BEFORE = table("unique", ["loan.existing", "loan.score"], RISK, [
    [False, "< 100", "high"], [False, "100..119", "medium"], [False, "120..129", "low"],
    [False, "> 130", "very_low"], [True, "< 80", "decline"], [True, "80..89", "high"],
    [True, "90..110", "medium"], [True, "> 110", "low"],
])  # fmt: skip
AFTER = table("unique", ["loan.existing", "loan.score", "loan.credit"], RISK, [
    [False, "< 120", "< 590", "high"], [False, "< 120", "590..610", "medium"], [False, "< 120", "> 610", "low"],
    [False, "120..130", "< 600", "high"], [False, "120..130", "600..625", "medium"],
    [False, "120..130", "> 625", "low"], [False, "> 130", "-", "very_low"],
    [True, "<= 100", "< 580", "high"], [True, "<= 100", "580..600", "medium"], [True, "<= 100", "> 600", "low"],
    [True, "> 100", "< 590", "high"], [True, "> 100", "590..615", "medium"], [True, "> 100", "> 615", "low"],
])  # fmt: skip
SCORE = table("collect sum", ["loan.age", "loan.marital", "loan.work"], {"type": "integer"}, [
    ["18..21", "-", "-", 32], ["22..25", "-", "-", 35], ["26..35", "-", "-", 40], ["36..49", "-", "-", 43],
    [">= 50", "-", "-", 48], ["-", "single", "-", 25], ["-", "married", "-", 45], ["-", "-", "unemployed", 15],
    ["-", "-", "employed", 45], ["-", "-", "self_employed", 36], ["-", "-", "student", 18],
])  # fmt: skip
ROUTING = table(
    "first", ["loan.risk", "loan.affordable", "loan.bankrupt", "loan.credit"],
    one_of("decline", "refer", "accept"), [
    ["-", False, "-", "-", "decline"], ["-", "-", True, "-", "decline"], ["high", "-", "-", "-", "refer"],
    ["-", "-", "-", "< 580", "refer"], ["-", "-", "-", "-", "accept"],
])  # fmt: skip

_NEWS: Mapping[str, list[tuple[Any, int]]] = {
    "news.breaths": [("<= 8", 3), ("9..11", 1), ("12..20", 0), ("21..24", 2), (">= 25", 3)],
    "news.oxygen": [(True, 2), (False, 0)],
    "news.pressure": [("<= 90", 3), ("91..100", 2), ("101..110", 1), ("111..219", 0), (">= 220", 3)],
    "news.pulse": [
        ("<= 40", 3), ("41..50", 1), ("51..90", 0), ("91..110", 1), ("111..130", 2), (">= 131", 3),
    ],
    "news.alert": [(True, 0), (False, 3)],
    "news.temperature": [
        ("<= 35.0", 3), ("35.1..36.0", 1), ("36.1..38.0", 0), ("38.1..39.0", 1), (">= 39.1", 2),
    ],
}  # fmt: skip
_SATURATION: Rows = [
    ["one", "<= 91", "-", 3], ["one", "92..93", "-", 2], ["one", "94..95", "-", 1], ["one", ">= 96", "-", 0],
    ["two", "<= 83", "-", 3], ["two", "84..85", "-", 2], ["two", "86..87", "-", 1], ["two", "88..92", "-", 0],
    ["two", ">= 93", False, 0], ["two", "93..94", True, 1], ["two", "95..96", True, 2], ["two", ">= 97", True, 3],
]  # fmt: skip


def _news() -> dict[str, Any]:
    columns = [*_NEWS, "news.scale", "news.saturation"]
    rows: Rows = []
    for name, bands in _NEWS.items():
        rows += [[cell if each == name else "-" for each in columns] + [points] for cell, points in bands]
    for scale, saturation, oxygen, points in _SATURATION:
        cells = {"news.scale": scale, "news.saturation": saturation, "news.oxygen": oxygen}
        rows.append([cells.get(each, "-") for each in columns] + [points])
    return table("collect sum", columns, {"type": "integer"}, rows)


_DEALER = [str(card) for card in (*range(2, 11), "ace")]
_PLAYS: Mapping[str, str] = {
    # Against 2 to 10, then the ace: hit, stand, double (else hit), double (else stand: x), split.
    **{f"hard_{total}": "hhhhhhhhhh" for total in range(5, 9)},
    "hard_9": "hddddhhhhh", "hard_10": "ddddddddhh", "hard_11": "dddddddddh", "hard_12": "hhssshhhhh",
    **{f"hard_{total}": "ssssshhhhh" for total in range(13, 17)},
    **{f"hard_{total}": "ssssssssss" for total in range(17, 21)},
    **{f"soft_{total}": "hhhddhhhhh" for total in (13, 14)},
    **{f"soft_{total}": "hhdddhhhhh" for total in (15, 16)},
    "soft_17": "hddddhhhhh", "soft_18": "sxxxxsshhh", "soft_19": "ssssssssss", "soft_20": "ssssssssss",
    "pair_2": "pppppphhhh", "pair_3": "pppppphhhh", "pair_4": "hhhpphhhhh", "pair_5": "ddddddddhh",
    "pair_6": "ppppphhhhh", "pair_7": "pppppphhhh", "pair_8": "pppppppppp", "pair_9": "pppppsppss",
    "pair_10": "ssssssssss", "pair_ace": "pppppppppp",
}  # fmt: skip
_WORDS = {"h": "hit", "s": "stand", "d": "double_or_hit", "x": "double_or_stand", "p": "split"}


def _blackjack() -> dict[str, Any]:
    rows: Rows = [
        [hand, f"card_{card}", _WORDS[play]]
        for hand, plays in _PLAYS.items()
        for card, play in zip(_DEALER, plays, strict=True)
    ]
    return table("unique", ["bj.hand", "bj.dealer"], one_of(*_WORDS.values()), rows)


def _wind_chill() -> dict[str, Any]:
    rows: Rows = []
    for wind in range(5, 65, 5):
        for air in range(40, -50, -5):
            chill = 35.74 + 0.6215 * air - 35.75 * wind**0.16 + 0.4275 * air * wind**0.16
            rows.append([wind, air, round(chill)])
    return table("unique", ["wind.speed", "wind.air"], {"type": "integer"}, rows)


FACTS |= {  # type: ignore[operator]  # a dict
    "bj.hand": one_of(*_PLAYS),
    "bj.dealer": one_of(*(f"card_{card}" for card in _DEALER)),
    "wind.speed": whole(5, 60),
    "wind.air": whole(-45, 40),
}
PUBLISHED: Mapping[str, dict[str, Any]] = {
    "lending-strategy": STRATEGY,
    "lending-contingency": CONTINGENCY,
    "lending-eligibility": ELIGIBILITY,
    "lending-call": CALL,
    "lending-before": BEFORE,
    "lending-after": AFTER,
    "lending-score": SCORE,
    "lending-routing": ROUTING,
    "news2": _news(),
    "blackjack": _blackjack(),
    "wind-chill": _wind_chill(),
}
