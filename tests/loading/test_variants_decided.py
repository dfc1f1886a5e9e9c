"""What loading takes for decided is, whatever else is unknown: random conditions, and variants of them."""

from __future__ import annotations

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from engine.advising.choice import Choice
from engine.language.conditions import FAILS, HOLDS, UNKNOWN, verdict_of
from engine.language.model import Advice, AllOf, AnyOf, Comparison, Condition, Not, Variant
from engine.language.policy_set import PlacedText
from engine.loading.resolve_advice import undecided, untold
from engine.loading.resolve_derivations import KnownClosure
from tests.support.strategies import AT, DETERMINISTIC, Case, cases, values

NOTHING_DERIVED = KnownClosure((), {})


def guarded(condition: Condition, facts: tuple[str, ...], every: bool) -> Condition:
    """A condition beside the tests that some facts are known (or, in a disjunction, that they are not)."""
    tests = tuple(Comparison(name, "known", every, AT) for name in facts)
    return AllOf((condition, *tests), AT) if every else AnyOf((*tests, condition), AT)


@st.composite
def conditions(draw: st.DrawFn, case: Case) -> Condition:
    """One of the case's conditions, with or without guards of some of its facts."""
    condition = draw(st.sampled_from(sorted(case.conditions.values(), key=repr)))
    names = tuple(draw(st.sets(st.sampled_from(sorted(case.facts)))))
    form = draw(st.sampled_from(["plain", "all", "any", "not"]))
    if form == "plain":
        return condition
    whole = guarded(condition, names, form != "any")
    return Not(whole, AT) if form == "not" else whole


@pytest.mark.slow
@DETERMINISTIC
@given(cases(), st.data())
def test_a_condition_that_is_taken_for_decided_is_never_unknown(case: Case, data: st.DataObject) -> None:
    condition = data.draw(conditions(case))
    known = frozenset(data.draw(st.sets(st.sampled_from(sorted(case.facts)))))
    assume(not any(undecided(condition, known, NOTHING_DERIVED)))
    for applicant in case.applicants:
        missing = {
            name: data.draw(values(case.facts[name])) for name in sorted(known) if name not in applicant
        }
        assert verdict_of(condition, {**applicant, **missing}) != UNKNOWN


@pytest.mark.slow
@DETERMINISTIC
@given(cases(), st.data())
def test_along_variants_that_are_taken_each_is_decided_and_shows_what_is_known(
    case: Case, data: st.DataObject
) -> None:
    names = sorted(case.facts)
    said = tuple(
        Variant(
            data.draw(conditions(case)), _showing(data.draw(st.lists(st.sampled_from(names), max_size=1))), AT
        )
        for _ in range(data.draw(st.integers(1, 3)))
    )
    said = (*said, Variant(None, _showing([]), AT))
    advice = Advice((), said, (), "category", "severity", (), AT)
    assume(not any(untold(advice, frozenset(), NOTHING_DERIVED)))
    for applicant in case.applicants:
        place = Choice(said).place(applicant)
        whens = [each.when for each in said[: place + 1] if each.when is not None]
        verdicts = [verdict_of(when, applicant) for when in whens]
        assert verdicts == [FAILS] * place + [HOLDS] * (len(whens) - place)
        assert set(said[place].say.parts[1::2]) <= applicant.keys()


def _showing(names: list[str]) -> PlacedText:
    return PlacedText(("", *(part for name in names for part in (name, ""))))


def test_what_the_others_make_known_decides_a_part() -> None:
    low = Comparison("score", "below", 3, AT)
    known, not_known = (Comparison("score", "known", each, AT) for each in (True, False))
    assert list(undecided(low, frozenset(), NOTHING_DERIVED)) == ["score"]
    assert list(undecided(AllOf((low, known), AT), frozenset(), NOTHING_DERIVED)) == []
    assert list(undecided(AnyOf((low, not_known), AT), frozenset(), NOTHING_DERIVED)) == []
    assert list(undecided(AllOf((low, not_known), AT), frozenset(), NOTHING_DERIVED)) == ["score"]
    assert list(undecided(Not(AnyOf((not_known, low), AT), AT), frozenset(), NOTHING_DERIVED)) == []
