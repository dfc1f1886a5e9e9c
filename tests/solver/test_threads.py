"""Many threads ask at once, with and without the solver, while garbage is collected: each is answered as one.

z3 is one for the whole process. Two threads in it at once end in its errors, or end the process.
"""

from __future__ import annotations

import gc
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from engine import Guidance
from engine.checking.check import check_folder
from engine.checking.formats import render as render_checked
from engine.testing import PolicyTests
from engine.testing.suggest import suggest
from engine.versioning.diff.difference import difference
from engine.versioning.diff.revisions import revision
from tests.support.edited import copied
from tests.support.process import WORKSHOP
from tests.support.threads import THREADS, applicants, everything

pytestmark = pytest.mark.slow

DAY = date(2026, 11, 22)


def assert_answered_as_one(ask: Callable[[int], Any], expected: list[Any], times: int) -> None:
    """Each thread asks the questions in turn, from another one on."""

    def work(thread: int) -> None:
        for number in range(thread, thread + times):
            assert ask(number % len(expected)) == expected[number % len(expected)]
            if number % 3 == 0:
                gc.collect()

    with ThreadPoolExecutor(THREADS) as pool:
        list(pool.map(work, range(THREADS)))


def test_all_that_a_guidance_offers() -> None:
    """They share one, which knows no day yet."""
    asked = [*applicants()]
    expected = [everything(Guidance(WORKSHOP), facts) for facts in asked]
    assert len(set(expected)) == len(asked)
    shared = Guidance(WORKSHOP)
    assert_answered_as_one(lambda number: everything(shared, asked[number]), expected, 4)


def test_all_else_that_proves(tmp_path: Path) -> None:
    """Checks, tests made up, and what differs between two folders."""
    other = str(copied(tmp_path / "policies", ("machines.yaml", "at_least: 90", "at_least: 80")))

    def checked() -> str:
        return render_checked(check_folder(WORKSHOP, DAY, prove_for=600), "json")

    def made_up() -> Any:
        return suggest(PolicyTests(WORKSHOP, DAY, engine="evaluator"), "machines/key", DAY)

    def differing() -> str:
        one, two = (revision(side, side, DAY) for side in (str(WORKSHOP), other))
        return repr([*difference(one, two)])

    asked = (checked, made_up, differing)
    assert_answered_as_one(lambda number: asked[number](), [ask() for ask in asked], 2)
