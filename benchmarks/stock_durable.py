"""durable-rules as its README shows it: `ruleset`, `when_all`, `assert_fact` and `retract_fact` on its Host.

It fails with error 303 from some hundred rules on, never returns from creating larger rulesets (holding
the interpreter), and can crash. So it lives in a process of its own, which times itself when asked and is
killed when it does not answer.
"""

from __future__ import annotations

import functools
import multiprocessing
import operator
import os
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from importlib import import_module
from multiprocessing.connection import Connection
from typing import Any

from benchmarks.plain_policy import Applicant, Fire, PlainComparison, PlainPolicy, texts

PATIENCE = 20.0
"""Seconds without an answer after which it hangs."""


class EngineFails(Exception):
    """The engine cannot do this policy; the message is what the table shows."""


class StockDurable:
    """The process with the engine: a function of an applicant, and a stopwatch within that process."""

    def __init__(self, policy: PlainPolicy) -> None:
        """Start the process and wait until its rules are there."""
        context = multiprocessing.get_context("spawn")
        self._ours, theirs = context.Pipe()
        self._process = context.Process(target=_serve, args=(theirs, policy), daemon=True)
        self._process.start()
        theirs.close()
        self._answer()

    def __call__(self, applicant: Applicant) -> set[str]:
        """The names of the rules that fired."""
        self._ours.send(("fire", applicant))
        fired: set[str] = self._answer()
        return fired

    def nanoseconds(self, applicants: Sequence[Applicant]) -> list[int]:
        """How long each applicant took, without the way between the processes."""
        self._ours.send(("time", applicants))
        times: list[int] = self._answer()
        return times

    def close(self) -> None:
        """End the process; its Host's threads cannot be stopped otherwise."""
        self._process.kill()
        self._process.join()
        self._ours.close()

    def _answer(self) -> Any:
        if not self._ours.poll(PATIENCE):
            self.close()
            raise EngineFails("hangs")
        try:
            kind, answer = self._ours.recv()
        except (EOFError, ConnectionResetError):
            self._process.join()
            raise EngineFails(f"crashes (exit {self._process.exitcode})") from None
        if kind == "error":
            self.close()
            raise EngineFails(answer)
        return answer


def build_stock_durable(policy: PlainPolicy) -> StockDurable:
    """Named like the other engines' builders. Whether the package is there is found out at once."""
    import_module("durable.lang")
    return StockDurable(policy)


def _serve(pipe: Connection, policy: PlainPolicy) -> None:
    """The other process: make the rules, then answer until killed."""
    try:
        fire = _rules(policy)
        pipe.send(("ready", None))
        while True:
            request, argument = pipe.recv()
            if request == "fire":
                pipe.send(("fired", fire(argument)))
            else:
                pipe.send(("times", _times(fire, argument)))
    except EOFError:
        os._exit(0)
    except Exception as error:  # whatever the engine raises is its result
        _, found, code = str(error).rpartition("error code: ")
        pipe.send(("error", f"error {code}" if found else type(error).__name__))
        os._exit(1)


def _times(fire: Fire, applicants: Sequence[Applicant]) -> list[int]:
    times = []
    for applicant in applicants:
        start = time.perf_counter_ns()
        fire(applicant)
        times.append(time.perf_counter_ns() - start)
    return times


def _rules(policy: PlainPolicy) -> Fire:
    lang = import_module("durable.lang")
    held: set[str] = set()
    with lang.ruleset("advice"):
        for name, comparisons in policy.rules.items():
            _rule(lang, name, comparisons, held)
    lang.get_host()  # creates the ruleset

    nothing_matched = import_module("durable.engine").MessageNotHandledException

    def fire(applicant: Applicant) -> set[str]:
        held.clear()
        with suppress(nothing_matched):
            lang.assert_fact("advice", applicant)
        lang.retract_fact("advice", applicant)
        return set(held)

    return fire


def _rule(lang: Any, name: str, comparisons: Sequence[PlainComparison], held: set[str]) -> None:
    condition = functools.reduce(operator.and_, (_test(lang, comparison) for comparison in comparisons))

    @lang.when_all(condition)  # type: ignore[untyped-decorator]  # likewise
    def action(_: object) -> None:
        held.add(name)


_OPERATORS: Mapping[str, Callable[[Any, Any], Any]] = {
    "==": operator.eq, "!=": operator.ne,
    ">=": operator.ge, "<=": operator.le, ">": operator.gt, "<": operator.lt,
}  # fmt: skip


def _test(lang: Any, comparison: PlainComparison) -> Any:
    fact = getattr(lang.m, comparison.fact)
    match comparison.symbol:
        case "in":
            return functools.reduce(operator.or_, (fact == value for value in texts(comparison.right)))
        case "not in":
            return functools.reduce(operator.and_, (fact != value for value in texts(comparison.right)))
        case symbol:
            return _OPERATORS[symbol](fact, comparison.right)
