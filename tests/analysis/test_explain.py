"""Explanations against the engine: what they name decides, and nothing smaller does."""

from __future__ import annotations

import json
from collections.abc import Callable, Collection, Hashable, Mapping
from datetime import date
from itertools import combinations

import pytest
from hypothesis import given, settings

from engine.advising.advisor import Advisor
from engine.analysis.explain.explainer import Explainer
from engine.analysis.explain.minimal_unmet import key_of, minimal_unmet
from engine.analysis.explain.provenance import Provenance
from engine.analysis.explain.view import as_data, outline
from engine.base.diagnostic import InvalidInput
from engine.language.conditions import FAILS, HOLDS, UNKNOWN, Values, Verdict, verdict_of
from engine.language.model import AllOf, AnyOf, Comparison, Condition, Not
from engine.loading.load import load
from engine.rendering.as_json import json_text
from engine.rendering.outline import as_text
from tests.support.case_files import case_facts, load_set
from tests.support.process import ROOT, WORKSHOP, advise
from tests.support.shipped_cases import NAMES, example
from tests.support.strategies import DETERMINISTIC, cases
from tests.support.strategies import Case as RandomCase

pytestmark = pytest.mark.slow

MEMBER = "tests/facts/member.json"
Golden = Callable[[str, str], None]


def with_outcomes(condition: Condition, values: Values, outcomes: Mapping[Hashable, bool]) -> Verdict:
    """The verdict of a condition when some of its tests come out as told, whatever the values."""
    match condition:
        case AllOf(parts):
            return min((with_outcomes(part, values, outcomes) for part in parts), default=HOLDS)
        case AnyOf(parts):
            return max((with_outcomes(part, values, outcomes) for part in parts), default=FAILS)
        case Not(part):
            return Verdict(2 - with_outcomes(part, values, outcomes))
        case Comparison():
            told = outcomes.get(key_of(condition))
            return verdict_of(condition, values) if told is None else HOLDS if told else FAILS


def named_tests(condition: Condition) -> Collection[Hashable]:
    match condition:
        case AllOf(parts) | AnyOf(parts):
            return {key: None for part in parts for key in named_tests(part)}
        case Not(part):
            return named_tests(part)
        case Comparison():
            return [key_of(condition)]


@settings(DETERMINISTIC, max_examples=50)
@given(cases())
def test_what_is_lacking_makes_the_condition_hold_and_nothing_smaller_does(case: RandomCase) -> None:
    for condition in case.conditions.values():
        for values in case.applicants:
            found = minimal_unmet(condition, values)
            if found is not None:
                outcomes = {key_of(wanted.test): wanted.holds for wanted in found}
                assert with_outcomes(condition, values, outcomes) == HOLDS
            every = list(named_tests(condition))
            less = min(len(found) if found is not None else 3, 3)
            for chosen in (each for size in range(less) for each in combinations(every, size)):
                for bits in range(2 ** len(chosen)):
                    tried = {key: bool(bits >> index & 1) for index, key in enumerate(chosen)}
                    assert with_outcomes(condition, values, tried) != HOLDS


@pytest.mark.parametrize("name", NAMES)
def test_every_rule_that_does_not_hold_would_with_what_it_lacks(name: str) -> None:
    advisor, case = example(name)
    for rule in advisor.policies.rules:
        found = minimal_unmet(rule.when, case.decisions.values)
        assert found is not None, rule.name
        assert (found == ()) == (case.decisions.verdicts[rule.name] is HOLDS)
        outcomes = {key_of(wanted.test): wanted.holds for wanted in found}
        assert with_outcomes(rule.when, case.decisions.values, outcomes) == HOLDS


@pytest.mark.parametrize("name", NAMES)
def test_every_item_is_traced_to_what_was_given(name: str) -> None:
    advisor, case = example(name)
    explained = Explainer(advisor.policies).items(case)
    assert [each.rule for each in explained.rules] == [item.rule for item in case.report.advice]
    for each, item in zip(explained.rules, case.report.advice, strict=True):
        assert [(r.fact, r.value, r.holds) for r in each.because] == [
            (because.fact, because.value, because.holds) for because in item.because
        ]
        named = {r.fact for r in each.because} | {r.against for r in each.because if r.against}
        assert named <= set(each.facts)
        for fact in each.facts:
            origin = explained.facts[fact]
            assert set(origin.inputs) <= set(each.facts)
            assert origin.value == case.decisions.values.get(fact)
            if origin.how == "given":
                assert case.facts.values[fact] == origin.value
                assert origin.at == case.facts.at(fact)
            else:
                assert fact == "as_of" or origin.inputs or origin.kind in ("absent", "unknown", "finding"), (
                    origin
                )


def test_the_bounds_of_a_band_that_is_not_known_are_behind_it() -> None:
    fair = {"dated_by": "lease.from", "values": {"2021-01-01": 2}, "cites": ["statutes#plots"]}
    ranges = {"small": {"below": {"parameter": "fair"}}, "large": {"at_least": {"parameter": "fair"}}}
    policy = {
        "parameters": {"fair": fair},
        "bands": {"plot.size": {"of": "plot.beds", "ranges": ranges}},
        "rules": [{"id": "a", "when": {"plot.size": "small"}}],
    }
    data = {"field": "allotment", "as_of": "2026-09-15", "policy": policy, "facts": {"plot": {"beds": 3}}}
    policies = load_set(data)
    case = Advisor(policies, engine="evaluator").case(case_facts(data, policies))
    behind = Provenance(policies).of(case).behind(["plot.size"])
    assert behind == ("plot.size", "plot.beds", "fair@lease.from", "lease.from")


@pytest.mark.parametrize("name", NAMES)
def test_any_rule_can_be_asked_about(name: str) -> None:
    advisor, case = example(name)
    explainer = Explainer(advisor.policies)
    for rule in advisor.policies.rules:
        explained = explainer.rule(rule.name, case)
        (found,) = explained.rules
        assert found.verdict is case.decisions.verdicts[rule.name]
        if found.verdict is HOLDS:
            assert found.minimal_unmet == ()
        else:
            assert found.minimal_unmet
        if found.verdict is UNKNOWN:
            entry = next(each for each in case.report.undetermined if each.rule == rule.name)
            assert found.missing == entry.needs
        assert explainer.tree(rule.name, case).verdict is found.verdict
        assert rule.name in as_text(outline(explained), 80)
        json.loads(json_text(as_data(explained)))


def test_neighbours_tell_the_first_key_that_differs() -> None:
    advisor, case = example("case-b")
    explained = Explainer(advisor.policies).items(case)
    for each, following in zip(explained.rules, explained.rules[1:], strict=False):
        after = each.neighbours[-1]
        assert (after.rule, after.before) == (following.rule, False)
        assert following.neighbours[0].rule == each.rule
        one, other = (case.report.advice[rank - 1] for rank in (after.rank - 1, after.rank))
        for key in case.report.sort[: case.report.sort.index(after.key)]:
            assert getattr(one, key) == getattr(other, key)
        assert getattr(one, after.key) != getattr(other, after.key)


def test_what_outranks_what() -> None:
    advisor, case = example("case-b")
    explainer = Explainer(advisor.policies)
    for entry in case.report.suppressed:
        (found,) = explainer.rule(entry.rule, case).rules
        assert found.result == "outranked"
        assert found.by is not None
        assert found.by.rule == entry.by
        (by,) = explainer.rule(entry.by, case).rules
        assert entry.rule in {each.rule for each in by.outranks}


def test_a_misspelt_rule() -> None:
    advisor, _ = example("case-b")
    explainer = Explainer(advisor.policies)
    assert explainer.named("case-a") == "score-bands/case-a"
    with pytest.raises(InvalidInput) as refused:
        explainer.named("score-bands/cse-a")
    assert refused.value.diagnostics[0].help == "Did you mean `score-bands/case-a`?"


@pytest.mark.parametrize(
    ("arguments", "name"),
    [
        ([], "items.txt"),
        (["key"], "why-not.txt"),
        (["machines/train", "--tree"], "tree.txt"),
        (["accident-wait", "--format", "markdown"], "why.md"),
        (["accident-wait", "--format", "json", "--tree"], "why.json"),
        (["saw-free", "--format", "html"], "why-not.html"),
    ],
)
def test_what_a_person_sees(arguments: list[str], name: str, golden: Golden) -> None:
    ended = advise("explain", MEMBER, *arguments, "--policies", WORKSHOP, cwd=ROOT)
    assert ended.code == 0, ended.err
    golden(f"explain/{name}", ended.out)


def test_items_of_the_page_unfold_to_their_explanations() -> None:
    page = advise(MEMBER, "--format", "html", "--policies", WORKSHOP, cwd=ROOT).out
    assert page.count("The facts behind it") == page.count('<li value="') == 1
    assert "given at tests/facts/member.json:4:42 [saw.test_score]" in page


def test_bad_input_is_refused() -> None:
    ended = advise("explain", MEMBER, "trian", "--policies", WORKSHOP, cwd=ROOT)
    assert (ended.code, ended.out) == (2, "")
    assert "RULE: There is no rule `trian` in force on 2026-11-22. [unknown-rule]" in ended.err
    assert "Did you mean `train`?" in ended.err


def test_the_reasons_of_a_condition_are_never_those_of_one_that_is_gone() -> None:
    """Two conditions may have one identity, one after the other."""
    advisor = Advisor(load(WORKSHOP, date(2026, 11, 22)))
    case = advisor.case(case_facts({"facts": {"saw": {"test_score": 10}}}, advisor.policies))
    provenance = Provenance(advisor.policies).of(case)
    at = advisor.policies.facts["saw.test_score"].at
    for bound in range(1, 10):
        test = Comparison("saw.test_score", "at_least", bound, at)
        (reason,) = provenance.reasons(AnyOf((test,), at), True)
        assert reason.test == f"is at least {bound}"
