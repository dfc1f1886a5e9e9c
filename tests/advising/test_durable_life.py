"""Networks of durable-rules as they live: many applicants, threads, interruptions, and an end.

Nothing piles up, nobody sees another's facts, and where the library has lost something there is no answer.
"""

from __future__ import annotations

import gc
import os
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path
from typing import Any as AnyType

import pytest

from engine.advising.durable.network import AVAILABLE, Network
from engine.base.diagnostic import InternalError
from engine.language.model import (
    Condition,
    Fact,
    Value,
)
from tests.support.durable_conditions import every, facts, holding, some, where

pytestmark = pytest.mark.skipif(not AVAILABLE, reason="durable-rules cannot be imported on this Python")


def small_network() -> tuple[dict[str, Condition], dict[str, Fact]]:
    conditions: dict[str, Condition] = {
        f"rule {n}": every(where("a", "at_least", n), some(where("b", "is", n % 5), where("c", "is", True)))
        for n in range(40)
    }
    return conditions, {**facts("integer", "a", "b"), **facts("boolean", "c")}


def applicant(number: int) -> dict[str, Value]:
    values: dict[str, Value] = {"a": number % 41, "b": number % 5, "c": number % 3 == 0}
    return {name: value for name, value in values.items() if (number + len(name) + ord(name)) % 7}


def resident_kilobytes() -> int:
    pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") // 1024


has_statm = pytest.mark.skipif(
    not Path("/proc/self/statm").exists(), reason="resident memory is read from /proc"
)


@has_statm
def test_memory_stays_flat_over_ten_thousand_applicants() -> None:
    """The library allows 1024 states; one a applicant would crash, and facts not retracted would pile up."""
    conditions, declared = small_network()
    with Network(conditions, declared) as network:
        for number in range(1000):
            network.fire(applicant(number))
        before = resident_kilobytes()
        for number in range(10_000):
            fired = network.fire(applicant(number))
            if number % 97 == 0:
                assert fired == holding(conditions, applicant(number))
        assert resident_kilobytes() - before < 1024


@pytest.mark.slow
@has_statm
def test_networks_that_are_dropped_give_their_rulesets_back() -> None:
    """A ruleset that is not deleted keeps about 0.4 MB, one deleted with a live state 13 KB a conjunction."""
    conditions, declared = small_network()

    def compile_and_drop() -> None:
        for number in range(50):
            network = Network(conditions, declared)
            if number % 2:
                network.fire(applicant(number))
        gc.collect()

    compile_and_drop()
    before = resident_kilobytes()
    compile_and_drop()
    compile_and_drop()
    assert resident_kilobytes() - before < 2048


def test_threads_on_one_network_and_on_several() -> None:
    """Two threads in one ruleset are a segmentation fault."""
    conditions, declared = small_network()
    expected = [holding(conditions, applicant(number)) for number in range(105)]
    networks = [Network(conditions, declared) for _ in range(4)]

    def work(worker: int) -> None:
        for number in range(400):
            one = (number * (worker + 1)) % 105
            assert networks[0].fire(applicant(one)) == expected[one]
            assert networks[worker % 4].fire(applicant(one)) == expected[one]

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(work, range(8)))


def test_a_network_can_be_compiled_and_dropped_while_another_fires() -> None:
    conditions, declared = small_network()
    network = Network(conditions, declared)

    def compile_and_fire(number: int) -> None:
        with Network(conditions, declared) as other:
            assert other.fire(applicant(number)) == holding(conditions, applicant(number))
            assert network.fire(applicant(number)) == holding(conditions, applicant(number))

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(compile_and_fire, range(60)))


def test_a_closed_network_says_so() -> None:
    network = Network({"rule": every()}, {})
    network.close()
    network.close()
    with pytest.raises(InternalError, match="closed"):
        network.fire({})


class Interrupted(BaseException):
    """As Ctrl-C: no `Exception`."""


class Interrupting:
    """The library, with an exception before or after its n-th call."""

    def __init__(self, library: AnyType, at: int, *, after: bool, error: type[BaseException]) -> None:
        self._library, self._left, self._after, self._raised = library, at, after, error

    def __getattr__(self, name: str) -> AnyType:
        found = getattr(self._library, name)
        if not callable(found) or name == "error":
            return found

        def call(*arguments: AnyType) -> AnyType:
            self._left -= 1
            if self._left == 0 and not self._after:
                raise self._raised
            answer = found(*arguments)
            if self._left == 0 and self._after:
                raise self._raised
            return answer

        return call


CALLS = 4
"""So many calls the library gets for an applicant: assert, start, complete, retract."""


def rulesets(network: Network) -> Iterator[AnyType]:
    """The only way to break the library in the middle."""
    yield from network._rulesets


@pytest.mark.parametrize("after", [False, True], ids=["before the call", "after the call"])
@pytest.mark.parametrize("error", [Interrupted, MemoryError])
@pytest.mark.parametrize("fired_before", [False, True])
def test_an_exception_in_the_middle_leaves_nothing_behind(
    after: bool, error: type[BaseException], fired_before: bool
) -> None:
    conditions, declared = small_network()
    first, second = {"a": 30, "b": 1}, {"a": 2, "b": 1}
    for at in range(1, CALLS + 1):
        with Network(conditions, declared) as network:
            if fired_before:
                network.fire(second)
            for ruleset in rulesets(network):
                ruleset._library = Interrupting(ruleset._library, at, after=after, error=error)
            with pytest.raises(error):
                network.fire(first)
            # All is taken back at once; where taking it back was interrupted, before the next applicant.
            assert at == CALLS or not any(ruleset._asserted for ruleset in rulesets(network))
            for values in (second, {}, first, second):
                assert network.fire(values) == holding(conditions, values)


def test_a_second_interruption_while_the_first_is_settled() -> None:
    conditions, declared = small_network()
    values = {"a": 30, "b": 1}
    for at in range(1, CALLS + 1):
        for later in range(at + 1, at + 4):
            with Network(conditions, declared) as network:
                for ruleset in rulesets(network):
                    once = Interrupting(ruleset._library, at, after=True, error=Interrupted)
                    ruleset._library = Interrupting(once, later, after=True, error=Interrupted)
                with pytest.raises(Interrupted):
                    network.fire(values)
                with suppress(Interrupted):  # the second may strike here, while the first is settled
                    network.fire({"a": 2, "b": 1})
                assert network.fire({"a": 2, "b": 1}) == holding(conditions, {"a": 2, "b": 1})


@pytest.mark.parametrize(
    "lost",
    [
        "nothing fires", "another fires first", "the fact is refused", "the library fails",
        "the batch is cut short", "the sentinel comes later", "something is left over",
    ],
)  # fmt: skip
def test_when_the_sentinel_is_missing_there_is_no_answer(lost: str) -> None:
    conditions, declared = small_network()
    with Network(conditions, declared) as network:
        ruleset = next(rulesets(network))
        real = ruleset._library
        ruleset._library = Losing(real, lost)
        with pytest.raises(InternalError):
            network.fire({"a": 30, "b": 1})
        ruleset._library = real
        assert network.fire({"a": 2, "b": 1}) == holding(conditions, {"a": 2, "b": 1})


class Losing:
    """The library when it has lost what it matched."""

    def __init__(self, library: AnyType, lost: str) -> None:
        self._library, self._lost = library, lost

    def __getattr__(self, name: str) -> AnyType:
        return getattr(self._library, name)

    def assert_fact(self, handle: int, message: str) -> tuple[int, int]:
        status, state = self._library.assert_fact(handle, message)
        if self._lost == "the library fails":
            raise self._library.error("Could not assert fact, error code: 303")
        return (2 if self._lost == "the fact is refused" else status), state

    def start_action_for_state(self, handle: int, state: int) -> tuple[str, str] | None:
        if self._lost == "nothing fires":
            return None
        begun: tuple[str, str] | None = self._library.start_action_for_state(handle, state)
        if self._lost == "another fires first":
            return ("{}", '{"r":[{"a":{}}]}')
        if begun is not None and self._lost == "the batch is cut short":
            return (begun[0], begun[1][:-9] + "}]}")
        if begun is not None and self._lost == "the sentinel comes later":
            return (begun[0], begun[1].replace('"!"', '"?"', 1))
        return begun

    def complete_and_start_action(self, handle: int, state: int) -> str | None:
        more: str | None = self._library.complete_and_start_action(handle, state)
        if self._lost == "something is left over":
            self._lost = ""
            return '{"r":[]}'
        return more
