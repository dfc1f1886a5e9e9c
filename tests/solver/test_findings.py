"""Findings of policies that do not apply to everybody, proved and certain: every applicant is tried."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.advising.advisor import Advisor
from engine.analysis.certainty.report_certainty import ReportCertainty
from engine.base.diagnostic import InvalidInput
from engine.base.record import replace
from engine.language.conditions import HOLDS
from engine.language.facts import nested, read_facts
from engine.language.model import Comparison, Exclusive
from engine.language.policy_set import PolicySet
from engine.solver.goal import AllGoals, holds
from engine.solver.limits import Clock
from engine.solver.prover import Prover
from tests.support.small_policies import (
    ADVICE,
    DAY,
    GIVEN,
    HEAD,
    RANKING,
    RULE,
    SOURCES,
    Everybody,
    conditions,
    policy_set,
    verdicts_of_rules,
)
from tests.support.strategies import AT, DETERMINISTIC

pytestmark = pytest.mark.slow

NAMES = ["x.flag", "x.kind", "x.low"]


@st.composite
def folders(draw: st.DrawFn) -> PolicySet:
    vocabulary: dict[str, Any] = {
        "advise_language": 2, "vocabulary": "v", **HEAD,
        "facts": {
            "as_of": {"title": "D", "type": "date", "question": "?"},
            **{name: {"title": name, "question": "?", **GIVEN[name]} for name in NAMES},
        },
        "findings": {name: {"title": name, "polarity": "worse"} for name in ("n.one", "n.two")},
    }  # fmt: skip
    files = {"vocabulary.yaml": vocabulary, "sources.yaml": SOURCES, "ranking.yaml": RANKING}
    for policy, names in (("p", NAMES), ("q", [*NAMES, "n.one"])):
        when, finding = draw(conditions(names, 2)), {"p": "n.one", "q": "n.two"}[policy]
        files[f"{policy}.yaml"] = {
            "advise_language": draw(st.sampled_from([1, 2, 2])), "policy": policy, **HEAD,
            "applies_to": draw(conditions(NAMES, 2)),
            "rules": [{"id": "concludes", **RULE, "when": when, "conclude": [finding]}],
        }  # fmt: skip
    rules = draw(st.lists(conditions([*NAMES, "n.one", "n.two"], 3), min_size=2, max_size=3))
    files["r.yaml"] = {
        "advise_language": 2, "policy": "r", **HEAD,
        "rules": [{"id": f"r{n}", **RULE, "when": when, "advise": ADVICE} for n, when in enumerate(rules)],
    }  # fmt: skip
    return policy_set(files)


@settings(DETERMINISTIC, max_examples=50)
@given(folders())
def test_what_is_proved_is_what_trying_everybody_finds(policies: PolicySet) -> None:
    everybody, prover = Everybody(policies), Prover(policies, DAY, Clock(60))
    everybody.hold_against(prover, verdicts_of_rules(policies))


@settings(DETERMINISTIC, max_examples=30)
@given(folders())
def test_more_answers_never_undo_what_is_certain(policies: PolicySet) -> None:
    """What is certain of somebody holds of everybody who differs only in having answered more."""
    everybody = Everybody(policies).applicants
    completed = ReportCertainty(Advisor(policies, engine="evaluator"))
    whole = [each for each in everybody if all(name in each.given for name in NAMES)]
    for applicant in everybody[:12]:
        report = completed.case(read_facts(nested(applicant.given), policies.facts)).report
        later = [each for each in whole if applicant.given.items() <= each.given.items()]
        for entry in (*report.advice, *report.undetermined):
            verdicts = {each.decisions.verdicts[entry.rule] for each in later}
            if entry.standing == "certain":
                assert verdicts <= {HOLDS}
            elif entry.standing == "impossible":
                assert HOLDS not in verdicts


@settings(DETERMINISTIC, max_examples=40)
@given(folders())
def test_exclusive_findings_are_proved_apart(policies: PolicySet) -> None:
    """Nobody of whom both are concluded is accepted; the smallest such is shown, where there is one."""
    apart = Exclusive("e", (("n.one", AT), ("n.two", AT)), None, AT)
    refusing = replace(policies, exclusive=(apart,))
    both = AllGoals(tuple(holds(Comparison(name, "is", True, AT)) for name in ("n.one", "n.two")))
    expected = Everybody(policies).first(both)
    shown = Prover(refusing, DAY, Clock(60)).in_dispute(both, "exclusive-findings")
    assert shown == (expected and expected.given)
    assert Everybody(refusing).first(both) is None
    assert Prover(refusing, DAY, Clock(60)).find(both) is None
    if shown is not None:
        with pytest.raises(InvalidInput, match="exclude each other"):
            Advisor(refusing, engine="evaluator").report(read_facts(nested(shown), policies.facts))
