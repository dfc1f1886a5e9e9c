"""Misspelt names: what can only have been meant, and what somebody must decide."""

from __future__ import annotations

import pytest

from engine.base.diagnostic import correction

FACTS = ("step1.status", "step1.score", "step2_ck.score", "step2_ck.attempts", "visa.need", "visa")


@pytest.mark.parametrize(
    ("name", "meant"),
    [
        ("step2_ck.scroe", "step2_ck.score"),  # neighbours swapped
        ("step2_ck.attemps", "step2_ck.attempts"),
        ("step2_ck.atempst", "step2_ck.attempts"),
        ("Step2_CK.score", "step2_ck.score"),
        ("visa.nede", "visa.need"),
        ("visaa", "visa"),
        ("vsa", None),  # too short to be sure
        ("step3.score", None),  # another digit is another exam
        ("step2_ck.points", None),
        ("", None),
    ],
)
def test_correction(name: str, meant: str | None) -> None:
    assert correction(name, FACTS) == meant


def test_two_candidates_are_none() -> None:
    assert correction("letter", ["letters", "better"]) is None
    assert correction("letter", ["letters", "matter"]) == "letters"
