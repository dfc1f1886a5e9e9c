"""How good policy tests are: what changes are made, when two conditions are alike, applicants made up."""

from __future__ import annotations

import itertools
import shutil
from collections.abc import Iterator, Mapping
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any as AnyType

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.advising.advisor import Advisor
from engine.base.diagnostic import InvalidInput
from engine.base.record import replace
from engine.language.conditions import verdict_of
from engine.language.facts import Facts
from engine.language.model import AllOf, AnyOf, Comparison, Condition, Fact, FactReference, Not, Value
from engine.language.operators import Operator
from engine.language.policy_set import PolicySet
from engine.solver.goal import AllGoals, differ, holds
from engine.solver.limits import Clock
from engine.solver.prover import Prover
from engine.testing import PolicyTests
from engine.testing.coverage import measure
from engine.testing.mutants import changes, mutants
from engine.testing.mutate import Trials, with_rules
from engine.testing.run import Bench
from engine.testing.suggest import suggest
from engine.testing.vocabulary_mutants import vocabulary_mutants
from tests.support.case_files import TESTS, load_set
from tests.support.strategies import AT, DETERMINISTIC

pytestmark = pytest.mark.slow

DAY = date(2026, 11, 22)

# -- changes -----------------------------------------------------------------------------------------


def allotment(policy: Mapping[str, AnyType]) -> PolicySet:
    return load_set({"field": "allotment", "as_of": "2026-09-01", "policy": policy})


def changed(policy: Mapping[str, AnyType]) -> list[str]:
    return [f"{mutant.before} → {mutant.after}" for mutant in mutants(allotment(policy))]


def changed_conditions(when: Mapping[str, AnyType]) -> list[str]:
    found = changed({"rules": [{"id": "one", "when": when}]})
    found.remove("rule one → no such rule")
    return found


CHANGES: list[tuple[Mapping[str, AnyType], list[str]]] = [
    (
        {"plot.beds": {"at_least": 20}},
        [
            "plot.beds: {at_least: 20} → not: {plot.beds: {at_least: 20}}",
            "plot.beds: {at_least: 20} → nothing",
            "plot.beds: {at_least: 20} → plot.beds: {at_least: 19}",  # 21 beds are not possible
        ],
    ),
    (
        {"soil.ph": 7.05, "lease.until": {"below": "2026-03-01"}},
        [
            "lease.until: {below: 2026-03-01} → lease.until: {below: 2026-02-28}",
            "lease.until: {below: 2026-03-01} → lease.until: {below: 2026-03-02}",
            "lease.until: {below: 2026-03-01} → not: {lease.until: {below: 2026-03-01}}",
            "lease.until: {below: 2026-03-01} → nothing",
            "soil.ph: 7.05 → not: {soil.ph: 7.05}",
            "soil.ph: 7.05 → nothing",
            "soil.ph: 7.05 → soil.ph: 7.04",
            "soil.ph: 7.05 → soil.ph: 7.06",
        ],
    ),
    (
        {"lease.from": {"at_most": {"fact": "lease.until"}}},
        [
            "lease.from: {at_most: {fact: lease.until}} → lease.from: {below: {fact: lease.until}}",
            "lease.from: {at_most: {fact: lease.until}} → not: {lease.from: {at_most: {fact: lease.until}}}",
            "lease.from: {at_most: {fact: lease.until}} → nothing",
        ],
    ),
    (
        {"pet.kind": ["cat", "dog"], "not": {"plot.tended": {"known": True}}},
        [
            "not: {plot.tended: {known: true}} → nothing",
            "not: {plot.tended: {known: true}} → plot.tended: {known: true}",
            "pet.kind: {one_of: [cat, dog]} → not: {pet.kind: {one_of: [cat, dog]}}",
            "pet.kind: {one_of: [cat, dog]} → nothing",
            "pet.kind: {one_of: [cat, dog]} → pet.kind: {one_of: [cat]}",
            "pet.kind: {one_of: [cat, dog]} → pet.kind: {one_of: [dog]}",
        ],
    ),
    (
        {"any": [{"plot.tended": True}, {"plot.fenced": True}]},
        [
            "any: […] → all: […]",
            "plot.fenced: true → not: {plot.fenced: true}",
            "plot.fenced: true → nothing",
            "plot.tended: true → not: {plot.tended: true}",
            "plot.tended: true → nothing",
        ],
    ),
]


@pytest.mark.parametrize(("when", "expected"), CHANGES)
def test_changes_of_a_condition(when: Mapping[str, AnyType], expected: list[str]) -> None:
    assert sorted(changed_conditions(when)) == sorted(expected)


def test_changes_of_rules_bands_and_parameters() -> None:
    advise = {"severity": "soon"}
    policy = {
        "applies_to": {"plot.tended": True},
        "parameters": {
            "most": {"values": {"2020-01-01": 12, "2025-01-01": 13.5}, "cites": ["statutes#plots"]}
        },
        "bands": {
            "plot.size": {
                "of": "plot.trees",
                "ranges": {"few": {"below": 3}, "many": {"at_least": 3}},
            }
        },
        "rules": [
            {"id": "one", "advise": advise, "conclude": ["note.seen", "note.first"]},
            {"id": "two", "when": {"plot.beds": {"above": {"parameter": "most"}}}, "advise": advise}
            | {"supersedes": ["p/one"]},
        ],
    }
    assert sorted(changed(policy)) == sorted(
        [
            "plot.tended: true → not: {plot.tended: true}",  # once, though both rules have it
            "plot.tended: true → nothing",
            "plot.beds: {above: {parameter: most}} → not: {plot.beds: {above: {parameter: most}}}",
            "plot.beds: {above: {parameter: most}} → nothing",
            "plot.beds: {above: {parameter: most}} → plot.beds: {at_least: {parameter: most}}",
            "rule one → no such rule",
            "rule two → no such rule",
            "conclude: note.seen → nothing",
            "conclude: note.first → nothing",
            "supersedes: p/one → nothing",
            "severity: soon → severity: now",
            "severity: soon → severity: idea",
            "severity: soon → severity: now",
            "severity: soon → severity: idea",
            "bound 3 → bound 2",
            "bound 3 → bound 4",
            "2020-01-01: 12 → 2020-01-01: 11",
            "2020-01-01: 12 → 2020-01-01: 13",
            "2025-01-01: 13.5 → 2025-01-01: 13.4",
            "2025-01-01: 13.5 → 2025-01-01: 13.6",
        ]
    )


# -- what means the same -----------------------------------------------------------------------------


def alike(policies: PolicySet, one: Condition, other: Condition) -> bool:
    return Prover(policies, policies.as_of, Clock(60)).find(differ(one, other)) is None


def never_together(policies: PolicySet, one: Condition, other: Condition) -> bool:
    return Prover(policies, policies.as_of, Clock(60)).find(AllGoals((holds(one), holds(other)))) is None


def beds(operator: Operator, value: AnyType) -> Comparison:
    return Comparison("plot.beds", operator, value, AT)


def kind(operator: Operator, value: AnyType) -> Comparison:
    return Comparison("pet.kind", operator, value, AT)


TENDED, FENCED = Comparison("plot.tended", "is", True, AT), Comparison("plot.fenced", "is", True, AT)
LATE, IN_TIME = (Comparison("lease.until", "below", date(2026, 3, day), AT) for day in (1, 2))

PAIRS: list[tuple[Condition, Condition, bool]] = [
    (beds("above", 2), beds("at_least", 3), True),
    (beds("above", 2), beds("at_least", 2), False),
    (AllOf((beds("at_least", 3), beds("at_least", 2)), AT), beds("at_least", 3), True),
    (AllOf((beds("at_least", 3), beds("at_least", 2)), AT), beds("at_least", 2), False),
    (beds("at_most", 20), beds("known", True), False),  # unknown is not false
    (AnyOf((beds("known", False), beds("at_most", 20)), AT), AllOf((), AT), True),
    (kind("one_of", ("cat", "dog")), kind("is_not", "goat"), True),
    (kind("one_of", ("cat", "dog")), kind("is_not", "cat"), False),
    (AllOf((TENDED, FENCED, beds("above", 2)), AT), AllOf((FENCED, beds("at_least", 3), TENDED), AT), True),
    (Not(AllOf((TENDED, FENCED), AT), AT), AnyOf((Not(TENDED, AT), Not(FENCED, AT)), AT), True),
    (LATE, IN_TIME, False),
    (AllOf((LATE, IN_TIME), AT), LATE, True),
    (
        Comparison("lease.from", "at_most", FactReference("lease.until", AT), AT),
        Not(Comparison("lease.from", "above", FactReference("lease.until", AT), AT), AT),
        True,
    ),
    (
        Comparison("lease.from", "at_most", FactReference("lease.until", AT), AT),
        Comparison("lease.from", "below", FactReference("lease.until", AT), AT),
        False,
    ),
]


@pytest.mark.parametrize(("one", "other", "same"), PAIRS)
def test_alike(one: Condition, other: Condition, same: bool) -> None:
    policies = allotment({})
    assert alike(policies, one, other) is same
    assert alike(policies, other, one) is same


def test_a_band_stands_for_its_bounds() -> None:
    ranges = {"few": {"below": 3}, "some": {"at_least": 3, "at_most": 8}, "many": {"above": 8}}
    policies = allotment({"bands": {"plot.size": {"of": "plot.beds", "ranges": ranges}}})
    few = Comparison("plot.size", "is", "few", AT)
    assert alike(policies, few, beds("below", 3))
    assert alike(policies, AllOf((few, beds("at_most", 5)), AT), few)
    assert not alike(policies, few, beds("below", 4))
    assert alike(
        policies,
        Comparison("plot.size", "none_of", ("few", "many"), AT),
        Comparison("plot.size", "is", "some", AT),
    )


def test_never_together() -> None:
    policies = allotment({})
    assert never_together(
        policies, AllOf((TENDED, beds("above", 4)), AT), AllOf((FENCED, beds("below", 5)), AT)
    )
    assert never_together(policies, kind("one_of", ("cat", "dog")), Not(kind("is_not", "goat"), AT))
    assert never_together(policies, beds("known", False), beds("at_least", 0))
    assert not never_together(policies, AllOf((TENDED, beds("above", 4)), AT), beds("below", 6))
    assert not never_together(policies, AnyOf((TENDED, beds("above", 4)), AT), beds("below", 5))


SMALL = {
    "flag": (Fact("flag", "flag", "boolean", "given", AT), (True, False)),
    "kind": (
        Fact("kind", "kind", "enum", "given", AT, values=(("a", "a"), ("b", "b"), ("c", "c"))),
        ("a", "b", "c"),
    ),
    "count": (Fact("count", "count", "integer", "given", AT, low=0, high=4), (0, 1, 2, 3, 4)),
    "share": (
        Fact("share", "share", "number", "given", AT, low=0, high=1, step=Decimal("0.5")),
        (0, Decimal("0.5"), 1),
    ),
}


@st.composite
def small_tests(draw: st.DrawFn) -> Condition:
    name = draw(st.sampled_from(tuple(SMALL)))
    fact, domain = SMALL[name]
    operators: tuple[Operator, ...] = ("is", "is_not", "one_of", "none_of", "known")
    if fact.type in ("integer", "number"):
        operators = (*operators, "at_least", "at_most", "above", "below")
    operator = draw(st.sampled_from(operators))
    if operator == "known":
        return Comparison(name, operator, draw(st.booleans()), AT)
    if operator in ("one_of", "none_of"):
        return Comparison(name, operator, tuple(draw(st.lists(st.sampled_from(domain), min_size=1))), AT)
    return Comparison(name, operator, draw(st.sampled_from(domain)), AT)


SMALL_CONDITIONS = st.recursive(
    small_tests(),
    lambda inner: st.one_of(
        st.lists(inner, max_size=3).map(lambda parts: AllOf(tuple(parts), AT)),
        st.lists(inner, max_size=3).map(lambda parts: AnyOf(tuple(parts), AT)),
        inner.map(lambda part: Not(part, AT)),
    ),
    max_leaves=6,
)


def everybody() -> Iterator[Mapping[str, Value]]:
    for chosen in itertools.product(*((*domain, None) for _, domain in SMALL.values())):
        yield {name: value for name, value in zip(SMALL, chosen, strict=True) if value is not None}


@given(SMALL_CONDITIONS)
@settings(DETERMINISTIC, max_examples=60)
def test_alike_is_the_same_for_everybody(condition: Condition) -> None:
    """A change to a condition is shown to be none just where nobody gets another verdict by it."""
    facts = {name: fact for name, (fact, _) in SMALL.items()}
    policies = allotment({})
    policies = replace(policies, facts={**policies.facts, **facts})
    prover = Prover(policies, policies.as_of, Clock(60))
    verdicts = [verdict_of(condition, values) for values in everybody()]
    for _, before, after, other in changes(condition, facts):
        same = verdicts == [verdict_of(other, values) for values in everybody()]
        assert (prover.find(differ(condition, other)) is None) == same, (before, after)


# -- changes of the vocabulary -----------------------------------------------------------------------


def vocabulary_changes(name: str) -> list[str]:
    policies = PolicyTests(TESTS / "fields" / "workshop", DAY).policies(DAY)
    return [
        f"{mutant.before} → {mutant.after}" for mutant in vocabulary_mutants(policies) if mutant.rule == name
    ]


VOCABULARY_CHANGES = {
    "member.days": [
        "days_between: [member.joined_on, as_of] → days_between: [as_of, member.joined_on]",
    ],
    "saw.last_accident": [
        "nth: [saw.accidents, -1] → nth: [saw.accidents, -2]",  # there is no 0th
    ],
    "saw.free_again_on": [
        "saw.trained: true → nothing",
        "saw.trained: true → not: {saw.trained: true}",
        "add_months: [saw.last_accident, 6] → add_months: [saw.last_accident, 5]",
        "add_months: [saw.last_accident, 6] → add_months: [saw.last_accident, 7]",
    ],
    "untrained-never-tested": [
        "saw.trained: false → nothing",
        "saw.trained: false → not: {saw.trained: false}",
        "implication untrained-never-tested → no such implication",
        "then saw.test_score: absent → nothing",
        "then saw.accidents: [] → nothing",
    ],
    "accident-before-joining": [
        "consistency rule accident-before-joining → no such rule",
        "saw.last_accident: {below: {fact: member.joined_on}} → nothing",
        (
            "saw.last_accident: {below: {fact: member.joined_on}} → "
            "saw.last_accident: {at_most: {fact: member.joined_on}}"
        ),
        (
            "saw.last_accident: {below: {fact: member.joined_on}} → "
            "not: {saw.last_accident: {below: {fact: member.joined_on}}}"
        ),
    ],
}


@pytest.mark.parametrize("name", VOCABULARY_CHANGES)
def test_what_is_changed_in_a_vocabulary(name: str) -> None:
    assert vocabulary_changes(name) == VOCABULARY_CHANGES[name]


# -- what is noticed ---------------------------------------------------------------------------------


def test_a_change_is_noticed_when_a_test_fails_on_the_changed_policies(tmp_path: Path) -> None:
    """What is worked out for a change alone comes to the same as running every test anew."""
    shutil.copytree(TESTS / "fields" / "workshop", tmp_path / "policies")
    shutil.copytree(TESTS / "suites", tmp_path / "policies" / "tests")
    (tmp_path / "policies" / "tests" / "failing.yaml").unlink()
    tests = PolicyTests(tmp_path / "policies", DAY)
    trials = Trials(tests, frozenset(test.name for test in tests.tests))
    fates = trials.fates(range(len(trials)))
    assert {"noticed", "survived", "refused"} == set(fates)
    assert {trials.mutant(index).kind for index in range(len(trials))} >= {
        "rule", "derived", "implication", "consistency",
    }  # fmt: skip
    policies = tests.bench(DAY).policies
    for index, fate in enumerate(fates):
        mutant = trials.mutant(index)
        bench = Bench(mutant.policies or with_rules(policies, mutant.rules), "evaluator")
        if fate != "refused":
            failed = any(bench.run(test).failures for test in tests.tests)
            assert (fate == "noticed") == failed, (mutant.before, mutant.after)


def test_what_is_archived_is_not_changed(tmp_path: Path) -> None:
    """A test of a day on which a former version is in force runs on it; it is changed no more."""
    folder = tmp_path / "policies"
    shutil.copytree(TESTS / "fields" / "workshop", folder)
    (folder / "tests").mkdir()
    (folder / "archive").mkdir()
    text = (folder / "machines.yaml").read_text("utf-8")
    later = text.replace('version: "2.1.0"', 'version: "2.1.1"').replace("from: 2026-01-01", f"from: {DAY}")
    assert later.count("2.1.1") == later.count(str(DAY)) == 1
    (folder / "archive" / "machines-2.1.0.yaml").write_text(text, "utf-8")
    (folder / "machines.yaml").write_text(later, "utf-8")
    days = "advise_language: 1\ntests: days\ncases:\n" + "".join(
        f"  - {{name: On {day}, as_of: {day}, facts: {{}}, expect: {{banners: []}}}}\n"
        for day in (DAY - timedelta(days=1), DAY)
    )
    (folder / "tests" / "days.yaml").write_text(days, "utf-8")
    tests = PolicyTests(folder, DAY)
    trials = Trials(tests, frozenset(test.name for test in tests.tests))
    assert len(tests.sets) == 2
    changed = {trials.mutant(index).at.path for index in range(len(trials))}
    assert changed == {"machines.yaml", "vocabulary.yaml"}


# -- applicants made up ------------------------------------------------------------------------------


def test_suggestions_pass_and_leave_nothing_open(tmp_path: Path) -> None:
    folder = tmp_path / "policies"
    shutil.copytree(TESTS / "fields" / "workshop", folder)
    (folder / "tests").mkdir()
    missed: list[str] = []
    for rule in ("accident-wait", "key", "saw-free", "train"):
        written = suggest(PolicyTests(folder, DAY), f"machines/{rule}", DAY)
        assert written is not None
        missed += [line.strip() for line in written.text.splitlines() if "No member" in line]
        (folder / "tests" / f"{rule}.yaml").write_text(written.text, "utf-8")
    tests = PolicyTests(folder, DAY)
    assert suggest(tests, None, DAY) is None
    outcomes = tests.run_all(tests.tests)
    assert [failure for outcome in outcomes for failure in outcome.failures] == []
    coverage = measure(tests.sets, outcomes)
    assert [gap.condition for gap in coverage.uncovered] == ["member.days: {at_least: 90}"]
    # Nobody can doubt the safety of a member whose accident is long past; so the membership is longer still.
    assert missed == ["# No member was found for whom member.days: {at_least: 90} fails, and decides."]
    bounds = {test.name.partition(" where ")[2] for test in tests.tests}
    assert {"saw.level is Passed", "saw.level is failed", "member.role is guest"} <= bounds


def test_a_misspelt_rule_gets_no_suggestions(tmp_path: Path) -> None:
    shutil.copytree(TESTS / "fields" / "workshop", tmp_path / "policies")
    with pytest.raises(InvalidInput, match="There is no rule `machines/kye`"):
        suggest(PolicyTests(tmp_path / "policies", DAY), "machines/kye", DAY)


def test_a_rule_is_named_by_its_id_alone(tmp_path: Path) -> None:
    shutil.copytree(TESTS / "fields" / "workshop", tmp_path / "policies")
    tests = PolicyTests(tmp_path / "policies", DAY)
    written = suggest(tests, "key", DAY)
    assert written == suggest(tests, "machines/key", DAY)
    assert written is not None
    assert "holds: [machines/key]" in written.text


# -- the shipped policies ----------------------------------------------------------------------------


@pytest.fixture(scope="module")
def shipped() -> PolicyTests:
    return PolicyTests(TESTS.parent / "policies", DAY, engine="evaluator")


def test_what_tests_look_at_is_what_the_report_says(shipped: PolicyTests) -> None:
    """Tests work out a part of the report; it is the same as in the whole one."""
    usable = [
        test for test in shipped.tests if isinstance(test.facts, Facts) and "refused" not in test.expect
    ]
    for test in usable[::12]:
        assert isinstance(test.facts, Facts)
        bench = shipped.bench(test.as_of)
        observed = bench.observe(test, bench.derive(test))
        report = Advisor(replace(bench.policies, as_of=test.as_of), engine="evaluator").report(test.facts)
        assert observed.shown == tuple(item.rule for item in report.advice)
        assert observed.suppressed == {entry.rule: entry.by for entry in report.suppressed}
        assert observed.banners == tuple(banner.kind for banner in report.banners)
        assert list(observed.dues.values()) == [item.due for item in report.advice]
        for item in report.advice[:3]:
            assert observed.text(item.rule) == " | ".join((item.title, item.text, *item.steps))


def test_changes_of_the_vocabulary_are_noticed_as_if_every_test_were_run_anew(shipped: PolicyTests) -> None:
    tests = [test for test in shipped.tests if test.file.endswith(("/vocabulary.yaml", "/timing.yaml"))]
    trials = Trials(shipped, frozenset(test.name for test in tests), "step2_ck.")
    derived = [index for index in range(len(trials)) if trials.mutant(index).kind == "derived"]
    noticed = 0
    for index in derived[::4]:
        mutant, (fate,) = trials.mutant(index), trials.fates(range(index, index + 1))
        assert mutant.policies is not None
        bench = Bench(mutant.policies, "evaluator")
        assert (fate == "noticed") == any(bench.run(test).failures for test in tests), mutant.before
        noticed += fate == "noticed"
    assert 0 < noticed < len(derived[::4])


def test_coverage_of_the_shipped_policies(shipped: PolicyTests) -> None:
    coverage = measure(shipped.sets, shipped.run_all(shipped.tests))
    assert coverage.rules_percent == 100
    assert coverage.conditions_percent >= 95
