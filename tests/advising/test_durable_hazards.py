"""What breaks durable-rules, provoked through policies and facts: none of it gets through.

Each hazard of the library (lost rules, hangs, crashes, wrong matches) has a test here that would end the
test run, or fail, if `engine.advising.durable.network` let it happen.
"""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal

import pytest

from engine.advising.durable.encode import EncodedComparison, Encoding
from engine.advising.durable.network import AVAILABLE, Network
from engine.advising.durable.plan import KEYS, RULES, WIDTH, Firing, NetworkRule, plan
from engine.advising.durable.wire import KEY_LIMIT, Script, key, names_in
from engine.language.conditions import FAILS, UNKNOWN, verdict_of
from engine.language.model import Condition, Fact, FactReference, Not, Value
from engine.language.operators import Operator
from tests.support.durable_conditions import check, every, fact, facts, hash_of, some, where
from tests.support.strategies import AT

pytestmark = pytest.mark.skipif(not AVAILABLE, reason="durable-rules cannot be imported on this Python")

# -- many rules --------------------------------------------------------------------------------------------


def test_five_thousand_rules() -> None:
    names = [f"fact {number}" for number in range(40)]
    conditions = {
        f"rule {n}": every(
            where(names[n % 40], "at_least", n % 17), where(names[(n * 7 + 3) % 40], "below", n % 23)
        )
        for n in range(5000)
    }
    everything = {name: number % 25 for number, name in enumerate(names)}
    some_facts = {name: value for name, value in everything.items() if value % 3}
    answers = check(conditions, facts("integer", *names), everything, some_facts, {})
    assert len(answers[0]) > 500
    assert answers[2] == set()


def test_more_rules_hold_at_once_than_the_stack_has_room_for() -> None:
    """65 conditions that match at once are error 303 in one ruleset, and nothing fires."""
    conditions = {f"rule {n}": where("score", "at_least", n) for n in range(500)}
    (answer, none) = check(conditions, facts("integer", "score"), {"score": 1000}, {"score": -1})
    assert len(answer) == 500
    assert none == set()


def test_more_first_conditions_than_a_ruleset_can_be_created_with() -> None:
    """513 of them in one ruleset, and creating it never returns."""
    names = [f"fact {number}" for number in range(1200)]
    conditions = {name: where(name, "is", 1) for name in names}
    check(conditions, facts("integer", *names), dict.fromkeys(names, 1), dict.fromkeys(names, 0))


def test_many_rules_with_one_identical_condition() -> None:
    """256 of them in one ruleset are a segmentation fault."""
    condition = every(where("flag", "is", True), where("score", "above", 3))
    conditions: dict[str, Condition] = {f"rule {n}": condition for n in range(400)}
    declared = {"flag": fact("flag", "boolean"), "score": fact("score")}
    answers = check(conditions, declared, {"flag": True, "score": 4}, {"flag": True})
    assert [len(answer) for answer in answers] == [400, 0]


def test_many_rules_behind_one_first_condition() -> None:
    first = where("category", "is", "img")
    conditions: dict[str, Condition] = {
        f"rule {n}": every(first, where("score", "at_least", n)) for n in range(700)
    }
    declared = {"category": fact("category", "text"), "score": fact("score")}
    check(conditions, declared, {"category": "img", "score": 900}, {"category": "other", "score": 900})


def test_rulesets_keep_within_the_limits_of_the_library() -> None:
    """The bound on the library's stack of 64 is kept by construction, whatever the rules look like."""
    names = [f"fact {number}" for number in range(300)]
    flat = {f"flat {n}": where(names[n % 300], "is", n) for n in range(900)}
    alike = {f"alike {n}": every(where(names[0], "is", 0), where(names[1], "is", n)) for n in range(900)}
    pairs = {
        f"pair {n}": every(where(names[n % 20], "is", n % 3), where(names[n % 299], "at_most", n))
        for n in range(900)
    }
    conditions: dict[str, Condition] = {**flat, **alike, **pairs}
    passes = plan(conditions, Encoding(conditions.values(), facts("integer", *names)))
    for rulesets in passes:
        for rules in rulesets:
            firsts = [rule.comparisons[0] for rule in rules]
            behind = max(firsts.count(first) for first in set(firsts))
            assert len(set(firsts)) + behind <= WIDTH < 64
            assert len({comparison.slot for rule in rules for comparison in rule.comparisons}) <= KEYS < 252
            assert len({rule.comparisons for rule in rules}) == len(rules) <= RULES


def test_an_integer_is_sent_only_where_it_makes_a_comparison_true() -> None:
    first, second = EncodedComparison(3, "$gte", 5), EncodedComparison(7, "$neq", 1)
    script = Script(
        (NetworkRule((first, second), Firing(("both",), ())), NetworkRule((second,), Firing(("one",), ())))
    )
    assert script.part([(3, 5), (7, 0), (8, 1)]) == ',"a":5,"b":0'
    assert script.part([(3, 4), (7, 2)]) == ',"b":2'
    assert script.part([(3, 4), (7, 1)]) == ""


def test_a_batch_is_read_whole_or_not_at_all() -> None:
    batch = '{"r":[{"!":{"a":1}},{"x":{"a":1}}]}'
    assert names_in(batch, '{"a":1}') == "!x"
    assert names_in('{"r":[{"!":{"a":1}}]}', '{"a":1}') == "!"
    for broken in ("", "{}", batch.replace("!", "y"), batch[:-1], batch + "}", '{"r":[]}'):
        assert names_in(broken, '{"a":1}') is None


def test_more_alternatives_than_there_are_names() -> None:
    rules = [NetworkRule((EncodedComparison(0, "$eq", n),), Firing((str(n),), ())) for n in range(RULES + 10)]
    Script(rules[:RULES])
    with pytest.raises(OverflowError):
        Script(rules)


def test_a_ruleset_of_which_everything_fires() -> None:
    """As many as one ruleset takes, in one batch, and one more, which stands in the next."""
    names = [f"fact {number}" for number in range(RULES + 1)]
    first = where("first", "is", 1)
    conditions: dict[str, Condition] = {
        f"{name} {n % 2}": every(first, where(name, "known", True)) if n % 2 else where(name, "is", 1)
        for n, name in enumerate(names)
    }
    one: dict[str, Value] = dict.fromkeys((*names, "first"), 1)
    (answer, _) = check(conditions, facts("integer", "first", *names), one, {"first": 1})
    assert answer == set(conditions)


def test_states_that_were_met_before_and_new_ones() -> None:
    """What a message has for a value is worked out once for all values that no condition tells apart."""
    operators: tuple[Operator, ...] = ("at_least", "below", "is")
    conditions: dict[str, Condition] = {
        f"{operator} {n}": where("x", operator, n) for operator in operators for n in (10, 20, 30)
    }
    conditions["among"] = where("x", "one_of", (15, 20))
    conditions["not among"] = where("x", "none_of", (15, 20, 41))
    conditions["unknown"] = where("x", "known", False)
    values: list[dict[str, Value]] = [{"x": n} for n in (*range(5, 45), *range(44, 4, -1))]
    check(conditions, facts("integer", "x"), {}, *values, {})


# -- wide conditions ---------------------------------------------------------------------------------------


def test_a_branch_that_is_true_twice_fires_once() -> None:
    either = some(where("a", "at_least", 1), where("b", "at_least", 1))
    assert check({"either": either}, facts("integer", "a", "b"), {"a": 1, "b": 1}) == [{"either"}]


def test_any_of_five_hundred_tests() -> None:
    names = [f"fact {number}" for number in range(500)]
    wide = some(*(where(name, "is", 1) for name in names))
    conditions: dict[str, Condition] = {
        "any": wide,
        "none": Not(wide, AT),
        "any and": every(where("fact 0", "is", 1), wide, where("fact 1", "is", 1)),
    }
    zero: dict[str, Value] = dict.fromkeys(names, 0)
    check(
        conditions,
        facts("integer", *names),
        zero,
        zero | {"fact 499": 1},
        dict.fromkeys(names, 1),
        {"fact 3": 1},
        {},
    )


def test_all_of_more_facts_than_a_message_may_have() -> None:
    """More than 252 properties in one fact are refused."""
    names = [f"fact {number}" for number in range(1000)]
    conditions: dict[str, Condition] = {
        "all": every(*(where(name, "at_least", 1) for name in names)),
        "not all": Not(every(*(where(name, "at_least", 1) for name in names)), AT),
        "all but": every(
            *(where(name, "at_least", 1) for name in names[1:]), where(names[0], "known", False)
        ),
    }
    one: dict[str, Value] = dict.fromkeys(names, 1)
    without = {name: value for name, value in one.items() if name != names[0]}
    answers = check(conditions, facts("integer", *names), one, one | {"fact 500": 0}, without, {})
    assert answers == [{"all"}, {"not all"}, {"all but"}, set()]


def test_twenty_clauses_do_not_multiply() -> None:
    """`(a or b) and (c or d) and …`: 2 ** 20 firings, or as many conjunctions, if it were written out."""
    clauses = [some(where(f"a{n}", "is", True), where(f"b{n}", "is", True)) for n in range(20)]
    conditions: dict[str, Condition] = {"all": every(*clauses), "twin": Not(every(*clauses), AT)}
    names = [f"{letter}{n}" for n in range(20) for letter in "ab"]
    true: dict[str, Value] = dict.fromkeys(names, True)
    declared = facts("boolean", *names)
    answers = check(
        conditions, declared, true, true | {"a3": False}, true | {"a3": False, "b3": False}, {"a0": True}
    )
    assert answers == [{"all"}, {"all"}, {"twin"}, set()]
    passes = plan(conditions, Encoding(conditions.values(), declared))
    assert sum(len(rules) for rulesets in passes for rules in rulesets) < 200


def test_all_and_any_in_turn_to_the_depth_a_policy_may_have() -> None:
    condition: Condition = where("fact 0", "is", 1)
    for depth in range(1, 50):
        other = where(f"fact {depth}", "is", 1)
        condition = every(other, condition) if depth % 2 else some(other, condition)
    names = [f"fact {number}" for number in range(50)]
    conditions: dict[str, Condition] = {"deep": condition, "twin": Not(condition, AT)}
    one: dict[str, Value] = dict.fromkeys(names, 1)
    odd: dict[str, Value] = {name: number % 2 for number, name in enumerate(names)}
    check(
        conditions, facts("integer", *names), one, dict.fromkeys(names, 0), odd, dict(list(odd.items())[9:])
    )


def test_the_condition_that_always_holds_and_the_one_that_never_does() -> None:
    conditions: dict[str, Condition] = {
        "always": every(),
        "never": some(),
        "not always": Not(every(), AT),
        "not never": Not(some(), AT),
        "always and": every(every(), where("flag", "is", True)),
    }
    answers = check(conditions, facts("boolean", "flag"), {}, {"flag": True})
    assert answers == [{"always", "not never"}, {"always", "not never", "always and"}]


def test_no_conditions_at_all() -> None:
    assert check({}, {}, {}, {"flag": True}) == [set(), set()]


def test_a_comparison_twice_in_one_condition() -> None:
    twice = every(where("a", "at_least", 1), where("a", "at_least", 1), where("a", "at_most", 5))
    check({"twice": twice}, facts("integer", "a"), {"a": 3}, {"a": 0}, {"a": 6})


# -- names and values --------------------------------------------------------------------------------------


def test_names_that_share_a_hash() -> None:
    """durable-rules compares names by a 32-bit hash; `costarring` and `liquid` have the same."""
    conditions: dict[str, Condition] = {
        "costarring": where("costarring", "is", 1),
        "liquid": where("liquid", "is", 1),
    }
    declared = facts("integer", "costarring", "liquid")
    answers = check(conditions, declared, {"costarring": 1}, {"liquid": 1}, {"costarring": 1, "liquid": 2})
    assert answers == [{"costarring"}, {"liquid"}, {"costarring"}]


def test_the_names_sent_share_no_hash() -> None:
    sent = [key(slot) for slot in range(KEY_LIMIT)]
    reserved = ["_", "id", "sid", "$s", "$m", "$forward", "$time", "$timerName", "$baseTime", "$i"]
    assert len({hash_of(name) for name in (*sent, *reserved)}) == KEY_LIMIT + len(reserved)
    with pytest.raises(OverflowError):
        key(KEY_LIMIT)


ODD = (
    "", "id", "sid", "$s", "$nex", "_", "000", "m", 'quote"', "it's", "back\\slash", "new\nline", "nul\x00",
    "{}", "a.b.c", "a@b", "%s%n", "ünï", "\U0001f600", "\ud800", "rule $all", "rule$any",
    "x" * 70_000, "x" * 70_000 + "y",
)  # fmt: skip


def test_odd_names_of_rules_and_facts() -> None:
    conditions = {name: where(name, "is", True) for name in ODD}
    all_true: dict[str, Value] = dict.fromkeys(ODD, True)
    alone: list[dict[str, Value]] = [{name: True} for name in ODD]
    answers = check(conditions, facts("boolean", *ODD), all_true, *alone)
    assert answers == [set(ODD), *({name} for name in ODD)]


def test_odd_and_very_long_texts_and_choices() -> None:
    """String lengths are kept in 16 bits: 65,536 characters more or less would match."""
    long = "a" * 65_536
    words = (*ODD, long, long + "b", "b" + long, "b")
    for kind in ("text", "enum"):
        conditions: dict[str, Condition] = {
            f"is {n}": where("word", "is", word) for n, word in enumerate(words)
        }
        conditions["is not"] = where("word", "is_not", long)
        conditions["among"] = where("word", "one_of", (long, "b"))
        conditions["not among"] = where("word", "none_of", (long, "b"))
        answers = check(
            conditions,
            facts(kind, "word"),
            *({"word": word} for word in words),
            {"word": "no such"},
            {"word": long + "c"},
        )
        assert all(f"is {n}" in answer for n, answer in enumerate(answers[: len(words)]))


def test_huge_and_fine_numbers() -> None:
    """Numbers beyond 64 bits and floats with an exponent are wrong or refused inside the library."""
    operands: tuple[int | Decimal, ...] = (
        0, 1, Decimal("2.25"), Decimal("2.3"), 2**31, 2**63 - 1, 2**63, 2**64, 10**30, -(10**30),
        Decimal("1E+30") + 1, Decimal("1E-30"), Decimal("-1E+400"),
    )  # fmt: skip
    relations: tuple[Operator, ...] = ("is", "is_not", "at_least", "at_most", "above", "below")
    conditions: dict[str, Condition] = {
        f"{relation} {n}": where("x", relation, operand)
        for n, operand in enumerate(operands)
        for relation in relations
    }
    near = [
        value + difference
        for value in operands
        for difference in (0, 1, -1, Decimal("0.05"), Decimal("-1E-31"))
    ]
    values: list[dict[str, Value]] = [
        {"x": value} for value in (*near, Decimal("-0.0"), Decimal("1.000"), Decimal("1E+1"))
    ]
    check(conditions, facts("number", "x"), *values)


def test_an_operand_finer_than_the_facts_step() -> None:
    declared = {"months": Fact("months", "", "number", "given", AT, step=Decimal("0.1"), low=0, high=10)}
    conditions: dict[str, Condition] = {
        "at least": where("months", "at_least", Decimal("2.25")),
        "is": where("months", "is", Decimal("2.25")),
        "below": where("months", "below", Decimal("2.25")),
    }
    answers = check(
        conditions, declared, {"months": Decimal("2.2")}, {"months": Decimal("2.3")}, {"months": 3}
    )
    assert answers == [{"below"}, {"at least"}, {"at least"}]


def test_types_that_the_library_takes_for_each_other() -> None:
    """In the library `true == 1`, `5 == "5"` and `"99" >= 240`."""
    declared = {
        "flag": fact("flag", "boolean"), "count": fact("count"), "word": fact("word", "text"),
        "choice": fact("choice", "enum"), "day": fact("day", "date"),
    }  # fmt: skip
    conditions: dict[str, Condition] = {
        "flag": where("flag", "is", True),
        "no flag": where("flag", "is_not", True),
        "count": where("count", "is", 1),
        "five": where("word", "is", "5"),
        "true": where("choice", "is", "true"),
        "one": where("choice", "one_of", ("1", "0")),
        "early": where("day", "at_most", date(2026, 9, 1)),
    }
    check(
        conditions,
        declared,
        {"flag": True, "count": 0, "word": "true", "choice": "1"},
        {"flag": False, "count": 1, "word": "1", "choice": "true"},
        {"flag": False, "count": 5, "word": "5", "choice": "5"},
        {"count": True, "word": "False", "choice": "0"},
        {"day": date(2026, 9, 1)},
        {"day": date(2026, 9, 2), "count": date(2026, 9, 1).toordinal()},
    )


def test_a_fact_against_another() -> None:
    declared = {
        **facts("integer", "a", "b"),
        "c": fact("c", "number"),
        **facts("enum", "d", "e"),
        "l": fact("l", "list", "enum"),
    }
    relations: tuple[Operator, ...] = ("is", "is_not", "at_least", "at_most", "above", "below")
    conditions: dict[str, Condition] = {
        f"{relation} {other}": where("a", relation, FactReference(other, AT))
        for relation in relations
        for other in "abc"
    }
    conditions["same"] = where("d", "is", FactReference("e", AT))
    conditions["other"] = where("d", "is_not", FactReference("e", AT))
    conditions["holds"] = where("l", "includes", FactReference("d", AT))
    conditions.update({f"not {name}": Not(condition, AT) for name, condition in list(conditions.items())})
    check(
        conditions,
        declared,
        {"a": 1, "b": 2, "c": Decimal("1.0"), "d": "x", "e": "x", "l": ("y", "x")},
        {"a": 10**30, "b": 10**30 - 1, "c": Decimal("1E+30"), "d": "x", "e": "y", "l": ()},
        {"a": 1, "d": "x"},
        {"l": ("x",)},
        {},
    )


def test_lists() -> None:
    declared = {"dates": fact("dates", "list", "date")}
    first = date(2026, 1, 1)
    days = [first + timedelta(days) for days in range(300)]
    conditions: dict[str, Condition] = {
        f"includes {n}": where("dates", "includes", day) for n, day in enumerate(days)
    }
    conditions["lacks"] = Not(where("dates", "includes", first), AT)
    conditions["known"] = where("dates", "known", True)
    answers = check(conditions, declared, {"dates": tuple(days)}, {"dates": (first,)}, {"dates": ()}, {})
    assert [len(answer) for answer in answers] == [301, 2, 2, 0]


# -- what is unknown ---------------------------------------------------------------------------------------


def test_what_is_missing_satisfies_nothing() -> None:
    """The library's `$nex` is true of present properties too; a missing one must not make `is_not` true."""
    declared = {"visa": fact("visa", "enum"), "score": fact("score"), "dates": fact("dates", "list", "date")}
    negated: dict[str, Condition] = {
        "is not": where("visa", "is_not", "none"),
        "none of": where("visa", "none_of", ("none", "j1")),
        "not is": Not(where("visa", "is", "none"), AT),
        "not at least": Not(where("score", "at_least", 230), AT),
        "lacks": Not(where("dates", "includes", date(2026, 1, 1)), AT),
        "neither": Not(some(where("visa", "is", "j1"), where("score", "above", 1)), AT),
    }
    conditions = negated | {
        "visa unknown": where("visa", "known", False),
        "visa known": Not(where("visa", "known", False), AT),
        "score unknown": Not(where("score", "known", True), AT),
    }
    answers = check(conditions, declared, {}, {"visa": "h1b", "score": 0, "dates": ()})
    assert answers == [{"visa unknown", "score unknown"}, {*negated, "visa known"}]


def test_nobody_holds_anything_and_then_somebody_does() -> None:
    """Where nothing matches, the library stores nothing; deleting such a state would end the process."""
    conditions: dict[str, Condition] = {"rule": where("score", "at_least", 1)}
    with Network(conditions, facts("integer", "score")) as network:
        for values, expected in [
            ({}, set()),
            ({"score": 0}, set()),
            ({}, set()),
            ({"score": 1}, {"rule"}),
            ({}, set()),
        ]:
            assert network.fire(values) == expected


def test_facts_that_no_condition_mentions() -> None:
    many: dict[str, Value] = {f"other {n}": n for n in range(5000)}
    assert check({"rule": where("score", "is", 1)}, facts("integer", "score"), many | {"score": 1}) == [
        {"rule"}
    ]


def test_an_undecided_condition_is_neither_fired_nor_its_twin() -> None:
    condition = every(where("a", "is", 1), where("b", "is", 1))
    assert verdict_of(condition, {"a": 1}) == UNKNOWN
    assert verdict_of(condition, {"a": 0}) == FAILS
    conditions: dict[str, Condition] = {"rule": condition, "twin": Not(condition, AT)}
    assert check(conditions, facts("integer", "a", "b"), {"a": 1}, {"a": 0}) == [set(), {"twin"}]
