"""What is called certain of advice that rests on decision tables holds in every completion."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Mapping
from typing import Any

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from engine.advising.advisor import Advisor
from engine.analysis.certainty.report_certainty import ReportCertainty
from engine.base.diagnostic import InvalidInput
from engine.language.facts import Facts, nested, read_facts
from tests.support.small_policies import ADVICE, DAY, GIVEN, HEAD, RANKING, RULE, SOURCES, policy_set
from tests.support.small_tables import HITS, a_table
from tests.support.strategies import DETERMINISTIC

pytestmark = pytest.mark.slow

KINDS = {name: GIVEN[name]["type"] for name in ("x.low", "x.kind", "x.flag")}
VALUES: Mapping[str, list[Any]] = {
    "x.low": [-1, 0, 1, 2],
    "x.kind": ["pear", "apple"],
    "x.flag": [True, False],
    "x.off": [True, False],
}


def advisor_of(table: dict[str, Any]) -> Advisor:
    """Advice for each thing that the table can give; `x.low` has no answer where `x.off` says so."""
    facts = {**{name: GIVEN[name] for name in KINDS}, "x.off": {"type": "boolean"}}
    vocabulary = {
        "advise_language": 2, "vocabulary": "v", **HEAD,
        "facts": {
            "as_of": {"title": "D", "type": "date", "question": "?"},
            **{name: {"title": name, "question": "?", **how} for name, how in facts.items()},
        },
        "implications": [{"id": "i", "when": {"x.off": True}, "then": {"x.low": {"known": False}}}],
        "tables": {"t.table": table},
    }  # fmt: skip
    tests: list[dict[str, Any]] = [{"t.out": value} for value in range(-1, 4)]
    tests += [{"not": test} for test in tests] + [{"t.out": {"known": False}}]
    rules = [{"id": f"r{n}", **RULE, "when": when, "advise": ADVICE} for n, when in enumerate(tests)]
    policy = {"advise_language": 1, "policy": "p", **HEAD, "rules": rules}
    files = {
        "vocabulary.yaml": vocabulary,
        "p.yaml": policy,
        "sources.yaml": SOURCES,
        "ranking.yaml": RANKING,
    }
    return Advisor(policy_set(files))


def completions(advisor: Advisor, values: Mapping[str, Any]) -> Iterator[frozenset[str]]:
    """What holds in each consistent completion; what has no answer then, or follows, may be left out."""
    unknown = [name for name in VALUES if name not in values]
    for chosen in itertools.product(*([*VALUES[name], None] for name in unknown)):
        given_too = {name: value for name, value in zip(unknown, chosen, strict=True) if value is not None}
        try:
            found = advisor.decide(advisor.derive(facts_of(advisor, {**values, **given_too})))
        except InvalidInput:
            continue
        if all(name in found.absent or name in found.values for name in unknown):
            yield found.holding


def facts_of(advisor: Advisor, values: Mapping[str, Any]) -> Facts:
    return read_facts(nested({"as_of": DAY, **values}), advisor.policies.facts)


@settings(DETERMINISTIC, max_examples=60)
@given(
    a_table(KINDS, ("x.low",), [hit for hit in HITS if hit != "collect"]),
    st.fixed_dictionaries({}, optional={name: st.sampled_from(values) for name, values in VALUES.items()}),
)
def test_what_is_certain_holds_in_every_completion(table: dict[str, Any], values: dict[str, Any]) -> None:
    try:
        advisor = advisor_of(table)
        case = ReportCertainty(advisor).case(facts_of(advisor, values))
    except InvalidInput:  # rows overlap
        assume(False)
        raise
    every = list(completions(advisor, values))
    for item in case.report.advice:
        if item.standing is not None and item.standing == "certain":
            assert all(item.rule in holding for holding in every), item.rule
    for rule in case.report.undetermined:
        if rule.standing == "impossible":
            assert not any(rule.rule in holding for holding in every), rule.rule
