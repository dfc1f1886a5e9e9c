"""What the network takes for granted of durable-rules: the library itself is held to it."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from importlib import import_module

import pytest

from engine.advising.durable import network
from engine.advising.durable.network import AVAILABLE
from engine.advising.durable.wire import names_in
from tests.support.durable_conditions import hash_of

pytestmark = pytest.mark.skipif(not AVAILABLE, reason="durable-rules cannot be imported on this Python")


@pytest.fixture
def fires() -> Callable[[str, Mapping[str, object]], bool]:
    """Whether a condition in the library's own language fires on a fact, next to a sentinel."""
    library = import_module("durable_rules_engine")

    def fires_on(condition: str, message: Mapping[str, object]) -> bool:
        rules = f'{{"0":{{"all":[{{"m":{{"$eq":{{"_":1}}}}}}]}},"1":{{"all":[{{"m":{condition}}}]}}}}'
        handle = library.create_ruleset("test", rules)
        _, state = library.assert_fact(handle, json.dumps({"id": "1", "_": 1, **message}))
        begun = library.start_action_for_state(handle, state)
        fired = [begun[1]]
        while (more := library.complete_and_start_action(handle, state)) is not None:
            fired.append(more)
        library.retract_fact(handle, '{"id":"1"}')
        library.delete_ruleset(handle)
        return any(text.startswith('{"1"') for text in fired)

    return fires_on


def test_library_alternatives_of_one_rule_come_in_one_batch_the_newest_first() -> None:
    """`"all"` several times in one rule: each is matched by itself, and `cap` gathers those that fired."""
    library = import_module("durable_rules_engine")
    conditions = ['{"$eq":{"a":1}}', '{"$and":[{"$eq":{"a":1}},{"$eq":{"b":1}}]}', '{"$eq":{"b":2}}']
    named = (*zip("xyz", conditions, strict=True), ("!", '{"$eq":{"_":1}}'))
    alternatives = ",".join(f'"all":[{{"{name}":{condition}}}]' for name, condition in named)
    handle = library.create_ruleset("test", f'{{"r":{{{alternatives},"cap":4}}}}')
    for message, expected in [
        ('{"id":"1","_":1,"a":1,"b":1}', "!xy"),
        ('{"id":"1","_":1,"b":2}', "!z"),
        ('{"id":"1","_":1}', "!"),
    ]:
        _, state = library.assert_fact(handle, message)
        names = names_in(library.start_action_for_state(handle, state)[1], message)
        assert names is not None
        assert names[0] == "!"
        assert "".join(sorted(names)) == expected
        assert library.complete_and_start_action(handle, state) is None
        library.retract_fact(handle, '{"id":"1"}')
    library.delete_state(handle, "0")
    library.delete_ruleset(handle)


@pytest.mark.parametrize("relation", ["$eq", "$neq", "$gte", "$lte", "$gt", "$lt"])
def test_library_a_comparison_with_a_missing_property_is_false(
    fires: Callable[[str, Mapping[str, object]], bool], relation: str
) -> None:
    condition = f'{{"{relation}":{{"aaa":1}}}}'
    assert not fires(condition, {})
    assert fires(
        condition, {"aaa": {"$eq": 1, "$neq": 0, "$gte": 1, "$lte": 1, "$gt": 2, "$lt": 0}[relation]}
    )


def test_library_names_are_compared_by_the_hash_we_think(
    fires: Callable[[str, Mapping[str, object]], bool],
) -> None:
    """FNV-1a, 32 bits: where our hash says two names collide, the library confuses them."""
    assert hash_of("costarring") == hash_of("liquid")
    assert fires('{"$eq":{"costarring":1}}', {"liquid": 1})
    assert not fires('{"$eq":{"costarring":1}}', {"liquids": 1})


def test_the_version_is_told() -> None:
    assert network.VERSION.startswith("durable-rules 2.")
