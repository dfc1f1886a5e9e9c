"""Other engines on the same policy: each compiled once, then fired for one applicant at a time.

`build` prepares everything that can be prepared, as that engine's documentation recommends for speed. The
function it returns is what an applicant costs: from the plain dict to the set of names of the rules that
hold, with whatever conversion the engine needs. Where an engine has a usual form and a faster, less usual
one, both are here. Every answer is compared with the reference's before anything is timed.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from benchmarks import compiled_competitors as compiled
from benchmarks import python_competitors as python
from benchmarks.plain_policy import Fire, PlainPolicy
from benchmarks.stock_durable import build_stock_durable


@dataclass(frozen=True, slots=True)
class Competitor:
    """`key` names it on the command line, `distribution` on PyPI."""

    key: str
    name: str
    distribution: str
    build: Callable[[PlainPolicy], Fire]


_CEL_RUST, _CEL_CPP = "common-expression-language", "cel-expr-python"

COMPETITORS: tuple[Competitor, ...] = (
    Competitor("stock-durable", "durable-rules, stock Host", "durable-rules", build_stock_durable),
    Competitor("zen", "zen-engine, decision table", "zen-engine", compiled.build_zen_columns),
    Competitor("zen-rows", "zen-engine, table of expressions", "zen-engine", compiled.build_zen_rows),
    Competitor("zen-list", "zen-engine, one list expression", "zen-engine", compiled.build_zen_list),
    Competitor("clips", "CLIPS (clipspy)", "clipspy", compiled.build_clips),
    Competitor("cedar", "Cedar (cedarpy)", "cedarpy", compiled.build_cedar),
    Competitor("cel-rust", "CEL (Rust), a program a rule", _CEL_RUST, compiled.build_cel_rust),
    Competitor("cel-rust-list", "CEL (Rust), one list program", _CEL_RUST, compiled.build_cel_rust_list),
    Competitor("cel-cpp", "CEL (C++), a program a rule", _CEL_CPP, compiled.build_cel_cpp),
    Competitor("cel-cpp-lists", "CEL (C++), 400 rules a program", _CEL_CPP, compiled.build_cel_cpp_lists),
    Competitor("json-logic", "JSON-logic (panzi)", "panzi-json-logic", python.build_json_logic),
    Competitor("business-rules", "business-rules", "business-rules", python.build_business_rules),
    Competitor("rule-engine", "rule-engine", "rule-engine", python.build_rule_engine),
)
