"""The shipped policies: every policy test run, every passage and rule accounted for, nothing unkind.

Reads the files of the repository only. The functions that look for something missing return its names, so
that the tests below can show that each of them can fail.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import cache
from typing import Any

import pytest

from engine.base.diagnostic import InvalidInput
from engine.base.record import replace
from engine.language.model import AllOf, AnyOf, Comparison, Condition, Parameter, Step, Variant
from engine.language.policy_set import Implied, PolicySet, ResolvedRule
from engine.language.templates import in_words
from tests.support.shipped import (
    DAY,
    FOLDER,
    GUIDE,
    TODAY,
    decide,
    held,
    not_held,
    outcomes,
    policies,
    shown,
    suite,
)

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("shipped")]  # which runs the policy tests once

# -- every policy test passes ------------------------------------------------------------------------


def test_every_policy_test_passes() -> None:
    assert {place: outcome.failures for place, outcome in outcomes().items() if outcome.failures} == {}


def test_no_policy_test_is_left_out() -> None:
    """Each case is found by its name, without reading YAML."""
    named = {
        (path.name, line)
        for path in (FOLDER / "tests").glob("*.yaml")
        for line, text in enumerate(path.read_text("utf-8").splitlines(), 1)
        if re.match(" *- name: ", text)
    }
    assert named == set(outcomes())
    assert len(named) > 900


def test_every_policy_test_says_for_which_day_it_is() -> None:
    assert [str(test.at) for test in suite().tests if test.as_of == TODAY] == []


# -- every passage is cited and fires, every rule holds and does not ---------------------------------


def cited_by(policy_set: PolicySet) -> dict[str, list[str]]:
    """Each passage of the guide, with the rules that cite it."""
    found: dict[str, list[str]] = {anchor: [] for anchor in policy_set.sources[GUIDE].anchors}
    for rule in policy_set.rules:
        for citation in rule.rule.cites:
            if citation.source == GUIDE:
                found[citation.anchor].append(rule.name)
    return found


def uncited(policy_set: PolicySet) -> list[str]:
    return [anchor for anchor, rules in cited_by(policy_set).items() if not rules]


def never_fired(policy_set: PolicySet, fired: Iterable[str]) -> list[str]:
    return [anchor for anchor, rules in cited_by(policy_set).items() if rules and not set(rules) & {*fired}]


def missing(policy_set: PolicySet, seen: Iterable[str]) -> list[str]:
    return sorted({rule.name for rule in policy_set.rules} - {*seen})


def test_the_guide_has_91_passages() -> None:
    assert len(policies().sources[GUIDE].anchors) == 91


def test_every_passage_is_cited() -> None:
    assert uncited(policies()) == []


def test_every_passage_fires_in_some_policy_test() -> None:
    assert never_fired(policies(), held()) == []


def test_every_rule_holds_in_some_policy_test() -> None:
    assert missing(policies(), held()) == []


def test_every_rule_does_not_hold_in_some_policy_test() -> None:
    assert missing(policies(), not_held()) == []


ABSORBED = {"exam-failure/step2-failed", "pitfalls/quick-retake", "pitfalls/wait-before-retake"}
"""Items of which another policy's item, with the dates, takes the place while that policy is in force."""


def test_every_item_is_shown_in_some_policy_test() -> None:
    silent = {rule.name for rule in policies().rules if rule.rule.advise is None}
    assert missing(policies(), shown() | silent | ABSORBED) == []
    assert not ABSORBED & shown()


SET_ASIDE = {
    "exam-failure/step1-last-result-awaited",
    "exam-failure/step2-last-result-awaited",
    "preparation/practice-before-the-sitting",
    "score-bands/low",
    "score-bands/case-c",
    "season/match-day-over",
    "season/result-awaited",
    "season/result-awaited-day-unknown",
    "season/result-awaited-longer",
    "season/result-overdue",
    "timing/work-back-after-a-setback",
    "timing/work-back-after-a-setback-in-review",
}
"""Items that say why others do not hold for this applicant, instead of saying what those say."""


def absorbed_without_citation(policy_set: PolicySet, exempt: Iterable[str] = SET_ASIDE) -> list[str]:
    """Items that take the place of another and leave out a passage of the guide on which it rests."""
    rules = {rule.name: rule.rule for rule in policy_set.rules}
    cited = {
        name: {citation.anchor for citation in rule.cites if citation.source == GUIDE}
        for name, rule in rules.items()
    }
    return [
        f"{name}: {anchor} of {target}"
        for name, rule in rules.items()
        if name not in exempt
        for target, _ in rule.supersedes
        for anchor in sorted(cited[target] - cited[name])
    ]


def test_an_item_cites_what_it_absorbs() -> None:
    assert absorbed_without_citation(policies()) == []
    found = absorbed_without_citation(policies(), exempt=())
    assert "season/result-awaited: target.aim-high of score-bands/target-score" in found
    assert {line.partition(":")[0] for line in found} == SET_ASIDE


# -- words -------------------------------------------------------------------------------------------

HARSH = r"post-?mortem|excus\w*|weak\w*|clean\w*|winn?ing|fatal\w*"
ODDS = (
    r"\d\s*(%|percent) (chance|probab|likel|of (all )?applicants)|(chances?|likelihood) of (a match|matching)"
)
PROMISES = r"guarante\w*|promis\w*|odds|probabilit\w*|certain to"
DENIALS = r"\b(no|not|nobody|none|never|nothing|neither|nor|cannot|without)\b"
"""A promise, or odds, may be spoken of in a sentence that denies it."""
HANDED_OVER = r"in hand or (firmly )?promised"


def texts(rule: ResolvedRule) -> tuple[str, ...]:
    advise = rule.rule.advise
    return (rule.rule.title, *advise.texts) if advise else ()


def harsh_words(policy_set: PolicySet) -> list[str]:
    """Words that are never used towards an applicant, odds and promises, each with its rule."""
    said = [(rule.name, text) for rule in policy_set.rules for text in texts(rule)]
    said += [(f"consistency {rule.rule.id}", rule.rule.message) for rule in policy_set.consistency]
    found = []
    for name, text in said:
        found += [f"{name}: {match[0]}" for match in re.finditer(rf"\b({HARSH})\b|{ODDS}", text, re.I)]
        for sentence in re.split(r"(?<=[.!?;])\s+", re.sub(HANDED_OVER, "", text)):
            promise = re.search(rf"\b({PROMISES})\b", sentence, re.I)
            if promise and not re.search(DENIALS, sentence, re.I):
                found.append(f"{name}: {promise[0]}")
    return found


def too_long(policy_set: PolicySet, words: int = 75, steps: int = 4) -> list[str]:
    """Items that do not fit on a phone screen."""
    found = []
    for rule in policy_set.rules:
        advise = rule.rule.advise
        longest = max((len(variant.say.split()) for variant in advise.text), default=0) if advise else 0
        if advise and (longest > words or len(advise.steps) > steps):
            found.append(f"{rule.name}: {longest} words, {len(advise.steps)} steps")
    return found


def test_no_harsh_word_no_odds_no_promise() -> None:
    assert harsh_words(policies()) == []


def test_every_item_fits_on_a_phone() -> None:
    assert too_long(policies()) == []


# -- official figures --------------------------------------------------------------------------------


def unsupported(policy_set: PolicySet) -> list[str]:
    """Official parameters and rules that do not say where they come from, or when that was checked."""
    kinds = {source.id: source.kind for source in policy_set.sources.values()}
    found = [
        f"{parameter.name}: {lack}"
        for parameter in policy_set.parameters.values()
        if parameter.tier == "official"
        for lack in _lacks(parameter, kinds)
    ]
    first = {"official": "official", "guide": "guide"}
    found += [
        f"{rule.name}: {rule.rule.tier}, but rests on {rule.rule.cites[0].source}"
        for rule in policy_set.rules
        if first.get(rule.rule.tier, kinds[rule.rule.cites[0].source]) != kinds[rule.rule.cites[0].source]
    ]
    return found


def _lacks(parameter: Parameter, kinds: Mapping[str, str]) -> Iterator[str]:
    if parameter.checked_on is None:
        yield "no checked_on"
    if "official" not in [kinds[citation.source] for citation in parameter.cites]:
        yield "no official source"


def test_official_figures_are_sourced_and_dated() -> None:
    assert unsupported(policies()) == []


def test_official_figures_are_there() -> None:
    official = {name for name, parameter in policies().parameters.items() if parameter.tier == "official"}
    assert official >= {"attempt_limit", "step2_passing_score", "eras_fee_first", "score_release_weeks_usual"}


DEGREE_WORDS = {
    "low_score_below": 225,
    "borderline_score_from": 215,
    "borderline_score_to": 230,
    "strong_score_from": 235,
    "doubtful_practice_below": 228,
    "older_graduate_above": 5,
    "several_years_from": 3,
    "limited_us_months_below": 3,
    "long_gap_above": 5,
    "soon_after_rotations_to": 6,
    "early_october_to": 10,
    "late_october_from": 21,
}


def test_the_words_of_degree_are_numbers_of_inference() -> None:
    found = {name: policies().parameters[name] for name in DEGREE_WORDS}
    assert {name: parameter.value_on(DAY) for name, parameter in found.items()} == DEGREE_WORDS
    assert {parameter.tier for parameter in found.values()} == {"inference"}
    assert [name for name, number in found.items() if number.cites[0].source != "safety"] == []


KEPT_ELSEWHERE = {"contradictions", "stale"}
"""The first by the consistency rules of the vocabulary, the second by the banners of a report."""


def test_every_safety_rule_is_kept_by_a_rule_that_fires() -> None:
    kept = {
        citation.anchor
        for rule in policies().rules
        if rule.name in held()
        for citation in rule.rule.cites
        if citation.source == "safety"
    }
    assert set(policies().sources["safety"].anchors) - kept == KEPT_ELSEWHERE


# -- the checks above can fail -----------------------------------------------------------------------


def with_rule(**changes: Any) -> PolicySet:
    """The policies, with the advice or the head of `score-bands/low` changed."""
    text, steps = changes.pop("text", None), changes.pop("steps", None)

    def changed(rule: ResolvedRule) -> ResolvedRule:
        if rule.name != "score-bands/low":
            return rule
        at, advise = rule.rule.at, {}
        if text is not None:
            advise["text"] = (Variant(None, text, at),)
        if steps is not None:
            advise["steps"] = tuple(Step((Variant(None, step, at),), None, (), at) for step in steps)
        return replace(rule, rule=replace(rule.rule, **changes, advise=replace(rule.rule.advise, **advise)))

    strata = tuple(tuple(map(changed, stratum)) for stratum in policies().strata)
    return replace(policies(), strata=strata)


def with_parameter(**changes: Any) -> PolicySet:
    limit = replace(policies().parameters["attempt_limit"], **changes)
    return replace(policies(), parameters={**policies().parameters, "attempt_limit": limit})


def with_anchor() -> PolicySet:
    guide = policies().sources[GUIDE]
    more = replace(guide, anchors={**guide.anchors, "forgotten": ("Forgotten", None)})
    return replace(policies(), sources={**policies().sources, GUIDE: more})


@pytest.mark.parametrize(
    ("found", "wanted"),
    [
        (lambda: uncited(with_anchor()), ["forgotten"]),
        (
            lambda: never_fired(policies(), held() - {"preparation/beside-work-or-rotations"}),
            ["study.working"],
        ),
        (lambda: missing(policies(), held() - {"score-bands/low"}), ["score-bands/low"]),
        (
            lambda: too_long(with_rule(text="word " * 76, steps=("Go.",))),
            ["score-bands/low: 76 words, 1 steps"],
        ),
        (
            lambda: too_long(with_rule(text="Short.", steps=("Go.",) * 5)),
            ["score-bands/low: 1 words, 5 steps"],
        ),
        (lambda: unsupported(with_parameter(checked_on=None)), ["attempt_limit: no checked_on"]),
        (
            lambda: unsupported(with_parameter(cites=policies().parameters["low_score_below"].cites[:1])),
            ["attempt_limit: no official source"],
        ),
        (
            lambda: unsupported(with_rule(tier="official")),
            ["score-bands/low: official, but rests on step-guide"],
        ),
    ],
)
def test_these_checks_can_fail(found: Callable[[], list[str]], wanted: list[str]) -> None:
    assert set(wanted) <= set(found())
    assert set(wanted).isdisjoint({*uncited(policies()), *too_long(policies()), *unsupported(policies())})


@pytest.mark.parametrize(
    ("text", "word"),
    [
        ("Do a post-mortem.", "post-mortem"),
        ("Programs want growth, not excuses.", "excuses"),
        ("Your weakest systems.", "weakest"),
        ("A clean pass.", "clean"),
        ("A winning plan.", "winning"),
        ("This is not fatal.", "fatal"),
        ("You have a 40% chance.", "0% chance"),
        ("It is 40 percent likely.", "0 percent likel"),
        ("Your chances of matching rise.", "chances of matching"),
        ("This guarantees a visa.", "guarantees"),
        ("The odds are good.", "odds"),
    ],
)
def test_harsh_words_are_found(text: str, word: str) -> None:
    assert harsh_words(with_rule(text=text)) == [f"score-bands/low: {word}"]


@pytest.mark.parametrize(
    "text",
    [
        "It guarantees nothing.",
        "Nobody can tell you the odds.",
        "Chances may fall a lot.",
        "70 percent correct.",
    ],
)
def test_denials_are_no_promises(text: str) -> None:
    assert harsh_words(with_rule(text=text)) == []


# -- contradictions ----------------------------------------------------------------------------------


@cache
def refusals() -> tuple[str, ...]:
    """Everything said where a policy test's facts are refused."""
    said = []
    for test in suite().tests:
        if "refused" in test.expect:
            try:
                if isinstance(test.facts, InvalidInput):
                    raise test.facts
                decide(test.facts, test.as_of)
            except InvalidInput as refused:
                said += [problem.message for problem in refused.diagnostics]
    return tuple(said)


def test_every_consistency_rule_refuses_in_some_policy_test() -> None:
    said = "\n".join(refusals())
    longest = {rule.rule.id: max(rule.message.parts[::2], key=len).strip() for rule in policies().consistency}
    assert [name for name, words in longest.items() if words not in said] == []


def test_every_implication_refuses_in_some_policy_test() -> None:
    found = {
        implication.id: implication.when
        for step in policies().computations
        if isinstance(step, Implied)
        for implication, _ in step.by
    }
    told = [message.partition(", because ")[2] for message in refusals()]
    assert [name for name, when in found.items() if not any(_told(when, reason) for reason in told)] == []


def _told(condition: Condition, reason: str) -> bool:
    """Whether a refusal gives this condition as its reason, and no other."""
    match condition:
        case AllOf(parts):
            whole = reason.partition("; it ")[0].count("` is ") == len(parts)
            return whole and all(_told(part, reason) for part in parts)
        case AnyOf(parts):
            return any(_told(part, reason) for part in parts)
        case Comparison(fact, "is", operand):
            return f"`{fact}` is {in_words(operand, policies().facts[fact])}" in reason  # type: ignore[arg-type]  # a literal
    raise AssertionError(condition)
