"""Whom a rule holds for, before and after: proofs held against trying everybody."""

from __future__ import annotations

import copy
import itertools
import subprocess
import sys
from collections.abc import Iterator, Mapping
from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.language.conditions import HOLDS
from engine.language.model import Fact, Value
from engine.language.policy_set import PolicySet
from engine.solver.applicants import Applicants
from engine.versioning.diff.effects import Effects, RuleEffect
from engine.versioning.diff.phrases import given_in_words
from tests.support.process import WORKSHOP
from tests.support.small_policies import (
    ADVICE,
    DAY,
    DERIVED,
    GIVEN,
    HEAD,
    RANKING,
    RULE,
    SOURCES,
    Everybody,
    conditions,
    facts_in,
    literals,
    policy_set,
)
from tests.support.strategies import DETERMINISTIC

pytestmark = pytest.mark.slow

DAYS = (date(2026, 9, 14), date(2026, 9, 16))
SPAN = {**HEAD, "effective": {"from": str(DAYS[0]), "until": str(DAYS[1])}}
Files = dict[str, Any]

# -- random pairs ------------------------------------------------------------------------------------

RANGES: Mapping[str, list[dict[str, Any]]] = {
    "x.low": [
        {"range": {"at_least": 0, "at_most": 2}},
        {"range": {"at_least": -1, "at_most": 4}},
        {"type": "number", "precision": 0.1},
    ],
    "x.high": [{"precision": 0.01}, {"range": {"at_least": 0, "at_most": 0.1}}],
    "x.kind": [{"values": ["apple", "pear", "plum"]}, {"values": ["pear", "apple", "fig"]}],
    "x.day": [{"range": {"at_least": "2026-09-15", "at_most": "2026-09-17"}}],
    "x.flag": [{}],
}
"""Other declarations of the given facts: values come, and some go."""


def band(bound: int) -> dict[str, Any]:
    return {"of": "x.low", "ranges": {"high": {"at_least": bound}, "lower": {"below": bound}}}


def parameter(first: int, then: int) -> dict[str, Any]:
    return {"values": {str(DAYS[0]): first, str(DAYS[1]): then}, "cites": ["s#a"]}


@st.composite
def richer_conditions(draw: st.DrawFn, names: list[str]) -> dict[str, Any]:
    """A condition on given and derived facts, a finding and, where they can be, a band and a parameter."""
    made: dict[str, Any] = draw(conditions([*names, "n.one"], 3))
    if "x.low" in names and draw(st.integers(0, 3)):
        more = draw(
            st.sampled_from(
                [
                    {"x.band": "high"},
                    {"x.band": {"is_not": "high"}},
                    {"x.band": {"known": False}},
                    {"x.low": {"at_least": {"parameter": "limit"}}},
                ]
            )
        )
        made = {draw(st.sampled_from(["all", "any"])): [made, more]}
    return made


@st.composite
def pairs(draw: st.DrawFn) -> tuple[Files, Files]:
    """A policy folder, and the same with an edit or two."""
    names = sorted(draw(st.lists(st.sampled_from(sorted(GIVEN)), min_size=2, max_size=2, unique=True)))
    possible = [name for name in DERIVED if set(facts_in(DERIVED[name])) <= {*names, "as_of"}]
    derived = draw(st.lists(st.sampled_from(possible), max_size=2, unique=True)) if possible else []
    known = [*names, *derived]
    vocabulary: dict[str, Any] = {
        "advise_language": 1, "vocabulary": "v", **SPAN,
        "facts": {
            "as_of": {"title": "D", "type": "date", "question": "?"},
            **{name: {"title": name, "question": "?", **GIVEN[name]} for name in names},
        },
        "findings": {"n.one": {"title": "N", "polarity": "worse"}},
    }  # fmt: skip
    if derived:
        vocabulary["derived"] = {name: {"title": name, **DERIVED[name]} for name in derived}
    policy: dict[str, Any] = {
        "advise_language": 1, "policy": "p", **SPAN,
        "rules": [
            {"id": "concludes", **RULE, "when": draw(conditions(known, 3)), "conclude": ["n.one"]},
            *({"id": rule, **RULE, "when": draw(richer_conditions(known)), "advise": ADVICE}
              for rule in ("r0", "r1")),
        ],
    }  # fmt: skip
    if "x.low" in names:
        policy["bands"] = {"x.band": band(draw(st.integers(0, 2)))}
        policy["parameters"] = {"limit": parameter(0, draw(st.integers(0, 2)))}
    old = {"vocabulary.yaml": vocabulary, "p.yaml": policy, "sources.yaml": {**SOURCES, **SPAN},
           "ranking.yaml": {**RANKING, **SPAN}}  # fmt: skip
    for _ in range(draw(st.integers(0, 1))):
        _edit(draw, old, names, known)
    new = copy.deepcopy(old)
    for _ in range(draw(st.integers(1, 2))):
        _edit(draw, new, names, known)
    return old, new


def _edit(draw: st.DrawFn, files: Files, names: list[str], known: list[str]) -> None:
    vocabulary, policy = files["vocabulary.yaml"], files["p.yaml"]
    kinds = ["rule", "concludes", "implication", "consistency", "fact"]
    kinds += ["derived"] if "derived" in vocabulary else []
    kinds += ["band", "parameter"] if "bands" in policy else []
    match draw(st.sampled_from(kinds)):
        case "rule":
            policy["rules"][1]["when"] = draw(richer_conditions(known))
        case "concludes":
            policy["rules"][0]["when"] = draw(conditions(known, 3))
        case "implication":
            implied, other = draw(st.permutations(names))
            value = draw(st.one_of(literals(implied), st.just({"known": False})))
            whole = GIVEN[implied]["type"] == "integer" and not isinstance(value, dict)
            then = {implied: int(value) if whole else value}
            vocabulary["implications"] = [{"id": "i", "when": draw(conditions([other], 2)), "then": then}]
        case "consistency":
            vocabulary["consistency"] = [{"id": "c", "when": draw(conditions(known, 3)), "message": "No."}]
        case "fact":
            name = draw(st.sampled_from(names))
            vocabulary["facts"][name].update(draw(st.sampled_from(RANGES[name])))
        case "derived":
            name = draw(st.sampled_from(sorted(vocabulary["derived"])))
            vocabulary["derived"][name]["only_when"] = draw(conditions(names, 2))
        case "band":
            policy["bands"]["x.band"] = band(draw(st.integers(0, 2)))
        case "parameter":
            policy["parameters"]["limit"] = parameter(draw(st.integers(0, 2)), draw(st.integers(0, 2)))


def loaded(pair: tuple[Files, Files]) -> tuple[PolicySet, PolicySet] | None:
    """Both sides; None where an edit made something that is refused."""
    from engine.base.diagnostic import InvalidInput

    try:
        return policy_set(pair[0]), policy_set(pair[1])
    except InvalidInput:
        return None


# -- brute force -------------------------------------------------------------------------------------


class Everywhere:
    """Everybody who gives any fact that one side knows, with any value that one side allows, on any day."""

    def __init__(self, old: PolicySet, new: PolicySet) -> None:
        self._sides = [(side.facts, Applicants(side)) for side in (old, new)]
        names = dict.fromkeys(name for side in (old, new) for name in side.facts if _given(side, name))
        values = [self._values(name) for name in names]
        self.people: list[tuple[dict[str, Value], Any, Any]] = []
        for day in (DAYS[0] + timedelta(days=n) for n in range(3)):
            for each in itertools.product(*values):
                given = {name: value for name, value in zip(names, each, strict=True) if value is not None}
                decided = [self._decided(side, given, day) for side in self._sides]
                if None not in decided:
                    self.people.append(({"as_of": day, **given}, *decided))

    def _values(self, name: str) -> list[Value | None]:
        found: dict[Value | None, None] = {}
        for facts, _ in self._sides:
            if name in facts and facts[name].origin == "given":
                found.update(dict.fromkeys(Everybody.values(facts[name])))
        return list(found)

    @staticmethod
    def _decided(side: tuple[Mapping[str, Fact], Applicants], given: dict[str, Value], day: date) -> Any:
        facts, applicants = side
        seen = {
            name: value
            for name, value in given.items()
            if name in facts and facts[name].origin == "given" and value in Everybody.values(facts[name])
        }
        return applicants.decide({"as_of": day, **seen})

    def differing(self, rule: str) -> tuple[list[dict[str, Value]], list[dict[str, Value]]]:
        """Who gains it, and who loses it."""
        gained, lost = [], []
        for given_, old, new in self.people:
            was, is_ = (each.decisions.verdicts[rule] == HOLDS for each in (old, new))
            if was != is_:
                (gained if is_ else lost).append(given_)
        return gained, lost


def _given(policies: PolicySet, name: str) -> bool:
    return policies.facts[name].origin == "given" and name != "as_of"


WORDS = {
    (True, True): "changed",
    (True, False): "loosened",
    (False, True): "tightened",
    (False, False): "same",
}


def both(old: PolicySet, new: PolicySet) -> Iterator[tuple[str, Any, Any]]:
    after = {rule.name: rule for rule in new.rules}
    yield from ((rule.name, rule.when, after[rule.name].when) for rule in old.rules if rule.name in after)


@settings(DETERMINISTIC, max_examples=200)
@given(pairs())
def test_what_is_proved_is_what_trying_everybody_finds(pair: tuple[Files, Files]) -> None:
    sides = loaded(pair)
    if sides is None:
        return
    everywhere, effects = Everywhere(*sides), Effects(*sides)
    for name, old, new in both(*sides):
        gained, lost = everywhere.differing(name)
        for smallest in (True, False):
            found = effects.of(old, new, smallest=smallest)
            assert (found.effect, found.proved) == (WORDS[bool(gained), bool(lost)], True)
            for example, among in ((found.gained, gained), (found.lost, lost)):
                assert (example is None) == (not among)
                assert example is None or dict(example) in among
                if smallest and example is not None:
                    assert len(example) == min(map(len, among))


@settings(DETERMINISTIC, max_examples=50)
@given(pairs())
def test_without_proof_nothing_is_claimed_but_what_is_written_alike(pair: tuple[Files, Files]) -> None:
    sides = loaded(pair)
    if sides is None:
        return
    everywhere, effects = Everywhere(*sides), Effects(*sides, prove=False)
    for name, old, new in both(*sides):
        found = effects.of(old, new, smallest=True)
        if found.proved:
            assert (found.effect, everywhere.differing(name)) == ("same", ([], []))
        else:
            assert found == RuleEffect("changed", proved=False)


# -- by hand -----------------------------------------------------------------------------------------


def folder(
    rules: Mapping[str, Any],
    *,
    facts: Mapping[str, Any] | None = None,
    concludes: str | None = None,
    policy: Mapping[str, Any] | None = None,
    **vocabulary: Any,
) -> Files:
    """A folder with these rules (id -> when), the rule named in `concludes` concluding the finding."""
    declared = {**GIVEN, **(facts or {})}
    made = [
        {
            "id": name,
            **RULE,
            "when": when,
            **({"conclude": ["n.one"]} if name == concludes else {"advise": ADVICE}),
        }
        for name, when in rules.items()
    ]
    return {
        "vocabulary.yaml": {
            "advise_language": 1, "vocabulary": "v", **SPAN,
            "facts": {"as_of": {"title": "D", "type": "date", "question": "?"},
                      **{name: {"title": name, "question": "?", **fact} for name, fact in declared.items()}},
            "findings": {"n.one": {"title": "N", "polarity": "worse"}}, **vocabulary,
        },
        "p.yaml": {"advise_language": 1, "policy": "p", **SPAN, **(policy or {}), "rules": made},
        "sources.yaml": {**SOURCES, **SPAN}, "ranking.yaml": {**RANKING, **SPAN},
    }  # fmt: skip


def told(old: Files, new: Files, rule: str = "r") -> list[str]:
    """What becomes of a rule, with examples."""
    sides = policy_set(old), policy_set(new)
    effects = Effects(*sides)
    ((_, was, is_),) = (each for each in both(*sides) if each[0] == f"p/{rule}")
    found = effects.of(was, is_, smallest=True)
    said = [found.effect if found.proved else f"{found.effect}?"]
    for sign, example in (("+", found.gained), ("-", found.lost)):
        if example is not None:
            said.append(f"{sign} {given_in_words(example, DAY)}")
    return said


KIND = GIVEN["x.kind"]
LOW_AND_HIGH = {"all": [{"x.low": {"at_most": {"fact": "x.high"}}}, {"x.high": 0}]}
LIMITED = {"x.low": {"at_least": {"parameter": "limit"}}}
LISTS = {"x.kinds": {"type": "list", "of": "enum", "values": ["a", "b"]}}
MORE_IN_LISTS = {"x.kinds": {"type": "list", "of": "enum", "values": ["0", "a", "b"]}}
NUMBERS = {
    "x.numbers": {"type": "list", "of": "number", "precision": 1, "range": {"at_least": 0, "at_most": 9}}
}
FINER = {"x.numbers": {**NUMBERS["x.numbers"], "precision": 0.1}}
ABOVE_ZERO = {"x.low": {"type": "integer", "range": {"at_least": 0, "at_most": 2}}}
ONCE = {"x.kinds": {**LISTS["x.kinds"], "distinct": True}}
CONTRADICTS = [{"id": "c", "when": {"x.flag": True, "x.low": 1}, "message": "No."}]
IMPLIES = [{"id": "i", "when": {"x.flag": True}, "then": {"x.low": 1}}]
WAIVED = [{"id": "i", "when": {"x.flag": True}, "then": {"x.low": {"known": False}}}]


def small(when: Any, **more: Any) -> Files:
    return folder({"r": when}, **more)


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        # tests between facts
        (small(LOW_AND_HIGH), small({"x.low": {"at_most": 0}, "x.high": 0}), ["same"]),
        (
            small(LOW_AND_HIGH),
            small({"x.low": {"at_most": 1}, "x.high": 0}),
            ["loosened", "+ x.low 1, x.high 0"],
        ),
        # parameters, on every day
        (
            small(LIMITED, policy={"parameters": {"limit": parameter(0, 0)}}),
            small(LIMITED, policy={"parameters": {"limit": parameter(0, 1)}}),
            ["tightened", "- as_of 2026-09-16, x.low 0"],
        ),
        (
            small(LIMITED, policy={"parameters": {"limit": parameter(0, 0)}}),
            small(LIMITED, policy={"parameters": {"limit": parameter(2, 2)}}),
            ["tightened", "- x.low 0"],
        ),
        (
            small(LIMITED, policy={"parameters": {"limit": parameter(1, 1)}}),
            small({"x.low": {"at_least": 1}}),
            ["same"],
        ),
        (
            small({"as_of": "2026-09-14"}),
            small({"as_of": {"at_most": "2026-09-15"}}),
            ["loosened", "+ somebody of whom nothing is known"],
        ),
        (
            small(LIMITED, policy={"parameters": {"limit": parameter(0, 1)}}),
            small(LIMITED, policy={"parameters": {"limit": parameter(1, 0)}}),
            ["changed", "+ as_of 2026-09-16, x.low 0", "- x.low 0"],
        ),
        # bands
        (
            small({"x.band": "high"}, policy={"bands": {"x.band": band(1)}}),
            small({"x.band": "high"}, policy={"bands": {"x.band": band(2)}}),
            ["tightened", "- x.low 1"],
        ),
        (
            small({"x.band": {"known": True}}, policy={"bands": {"x.band": band(1)}}),
            small({"x.band": {"known": True}}, policy={"bands": {"x.band": band(2)}}),
            ["same"],
        ),
        # findings
        (
            folder({"f": {"x.low": 1}, "r": {"n.one": False}}, concludes="f"),
            folder({"f": {"x.low": {"at_least": 1}}, "r": {"n.one": False}}, concludes="f"),
            ["tightened", "- x.low 2"],
        ),
        # what is known, and what follows
        (small({"x.low": {"known": True}}), small({"x.low": {"at_least": -1}}), ["same"]),
        (
            small({"x.low": 1}),
            small({"x.low": 1}, implications=IMPLIES),
            ["loosened", "+ x.flag true"],
        ),
        (
            small({"x.low": {"known": False}}, implications=WAIVED),
            small({"x.flag": True}, implications=WAIVED),
            ["tightened", "- somebody of whom nothing is known"],
        ),
        (
            small({"any": [{"x.flag": True, "x.low": 1}, {"x.low": 2}]}, consistency=CONTRADICTS),
            small({"x.low": 2}, consistency=CONTRADICTS),
            ["same"],
        ),
        (
            small({"any": [{"x.flag": True, "x.low": 1}, {"x.low": 2}]}),
            small({"x.low": 2}, consistency=CONTRADICTS),
            ["same"],
        ),
        # vocabularies that differ: who gives what one side does not know gives nothing there
        (
            small({"x.kind": {"is_not": "pear"}}),
            small(
                {"x.kind": {"is_not": "pear"}}, facts={"x.kind": {**KIND, "values": ["fig", "pear", "apple"]}}
            ),
            ["loosened", "+ x.kind fig"],
        ),
        (
            small({"x.kind": {"known": False}}),
            small(
                {"x.kind": {"known": False}}, facts={"x.kind": {**KIND, "values": ["fig", "pear", "apple"]}}
            ),
            ["tightened", "- x.kind fig"],
        ),
        (
            small({"x.low": {"below": 2}}),
            small({"x.low": {"below": 2}}, facts=ABOVE_ZERO),
            ["tightened", "- x.low -1"],
        ),
        (
            small({"x.low": {"above": 0}}),
            small({"x.low": {"above": 0}}, facts=ABOVE_ZERO),
            ["same"],
        ),
        (
            small({"x.flag": True}),
            small({"any": [{"x.flag": True}, {"x.new": True}]}, facts={"x.new": {"type": "boolean"}}),
            ["loosened", "+ x.new true"],
        ),
        (
            small({"x.kind": "pear"}),
            small({"x.kind": "pear"}, facts={"x.kind": {"type": "text"}}),
            ["changed?"],
        ),
        (
            small({"x.kinds": {"includes": "a"}}, facts=LISTS),
            small({"x.kinds": {"includes": "a"}}, facts=MORE_IN_LISTS),
            ["loosened", "+ x.kinds [0, a]"],
        ),
        (
            small({"x.kinds": {"includes": "a"}}, facts=ONCE),
            small({"x.kinds": {"includes": "a"}}, facts=LISTS),
            ["loosened", "+ x.kinds [a, a]"],
        ),
        (
            small({"x.numbers": {"includes": 1}}, facts=FINER),
            small({"x.numbers": {"includes": 1}}, facts=NUMBERS),
            ["tightened", "- x.numbers [0.1, 1]"],
        ),
    ],
)
def test_by_hand(old: Files, new: Files, expected: list[str]) -> None:
    assert told(old, new) == expected


def test_days_on_which_only_one_side_is_in_force_do_where_there_are_no_others() -> None:
    """The old version ends before the new one begins: both are taken on any day of either."""

    def between(first: str, last: str, limit: int) -> PolicySet:
        files = small({"x.low": {"at_least": limit}, "as_of": {"below": "2026-09-16"}})
        for data in files.values():
            data["effective"] = {"from": first, "until": last}
        return policy_set(files, date.fromisoformat(first))

    old, new = between("2026-09-14", "2026-09-15", 0), between("2026-09-16", "2026-09-17", 1)
    effects = Effects(old, new)
    assert effects.days == (date(2026, 9, 14), date(2026, 9, 17))
    found = effects.of(old.rules[0].when, new.rules[0].when, smallest=True)
    assert (found.effect, found.lost) == ("tightened", {"as_of": date(2026, 9, 15), "x.low": 0})


def test_the_solver_is_not_loaded_where_nothing_is_asked() -> None:
    program = (
        "import sys; from engine.versioning.diff.revisions import revision\n"
        "from engine.versioning.diff.difference import difference\n"
        "from datetime import date; one = revision(sys.argv[1], None, date(2026, 11, 22))\n"
        "print(difference(one, one))\n"
        "print([name for name in sys.modules if name == 'z3' or name.startswith('engine.solver')])"
    )
    ran = subprocess.run(
        [sys.executable, "-c", program, str(WORKSHOP)], capture_output=True, check=True, text=True
    )
    assert ran.stdout.splitlines() == ["()", "[]"]


def test_functions_of_dates_agree_on_both_sides_where_their_arguments_do() -> None:
    """Else the solver guesses them apart, one applicant after the other, and comes to no end."""
    derived = {
        "y.later": {"title": "L", "type": "date", "compute": {"add_months": ["x.day", "x.low"]}},
        "y.months": {"title": "M", "type": "integer", "compute": {"months_between": ["x.day", "y.later"]}},
    }
    wide = {"x.day": {"type": "date"}, "x.low": {"type": "integer", "range": {"at_least": 0, "at_most": 90}}}
    when = {"y.months": {"at_least": 7}, "x.flag": True}
    none: dict[str, Any] = {"id": "i", "when": {"x.kind": "pear"}, "then": {"x.low": {"known": False}}}
    old = small(when, facts=wide, derived=derived, implications=[none])
    new = small(when, facts=wide, derived=derived, implications=[{**none, "when": {"x.kind": ["pear"]}}])
    assert told(old, new) == ["same"]
    new = small(when, facts=wide, derived=derived, implications=[{**none, "when": {"x.kind": "apple"}}])
    assert told(old, new) == ["same"]
