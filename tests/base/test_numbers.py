"""Numbers know how they were written, where that is not how they are shown; and are numbers all the same."""

from __future__ import annotations

import json
from decimal import Decimal

import pytest

from engine.base.numbers import as_written, number_from, plain


@pytest.mark.parametrize("text", ["0", "417", "-3", "7.5", "3.10", "-0.25"])
def test_a_number_that_is_written_as_it_is_shown_is_a_plain_one(text: str) -> None:
    number = number_from(text)
    assert type(number) in (int, Decimal)
    assert (str(number), as_written(number), plain(number)) == (text, text, number)


@pytest.mark.parametrize(
    ("text", "value"),
    [("0417", 417), ("+5", 5), ("-0", 0), ("1e3", 1000), (".5", Decimal("0.5")), ("5.", 5), ("1E+3", 1000)],
)
def test_any_other_knows_how_it_was_written(text: str, value: int | Decimal) -> None:
    number = number_from(text)
    assert as_written(number) == text
    assert number == value
    assert hash(number) == hash(value)
    assert type(plain(number)) in (int, Decimal)
    assert plain(number) == value
    if isinstance(number, int):
        assert json.dumps(number) == json.dumps(value)


@pytest.mark.parametrize("text", ["9" * 101, "1e1000", "1e-1000"])
def test_numbers_beyond_the_limits(text: str) -> None:
    with pytest.raises(ValueError, match="This number"):
        number_from(text)
