"""Words of a field with their articles; numbers and days as they are declared lose nothing."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.language.field_words import PLAIN, Formats, noun

MARKS = st.sampled_from([("", "."), (",", "."), (".", ","), ("’", "."), ("\u00a0", ","), ("", ",")])
NUMBERS = st.integers(-(10**9), 10**9) | st.decimals(-(10**9), 10**9, places=2)


@given(NUMBERS, MARKS, st.sampled_from([None, "EUR"]))
def test_a_number_is_the_same_without_its_marks(
    value: int | Decimal, marks: tuple[str, str], unit: str | None
) -> None:
    thousands, decimal = marks
    formats = Formats(thousands=thousands, decimal=decimal, units=True)
    text = formats.number(value, Decimal("0.01"), unit)
    if unit is not None:
        text, shown = text.rsplit(" ", 1)
        assert shown == unit
    if thousands:
        whole = text.partition(decimal)[0].removeprefix("-").split(thousands)
        assert len(whole) == 1 or all(len(group) == 3 for group in whole[1:])
        text = text.replace(thousands, "")
    assert Decimal(text.replace(decimal, ".")) == value


@given(st.dates())
def test_a_day_without_a_pattern_stands_in_both_forms(day: date) -> None:
    iso, _, words = PLAIN.day(day).partition(" ")
    assert date.fromisoformat(iso) == day
    assert words == f"({PLAIN.day_of_title(day)})"
    assert PLAIN.short_day(day) == iso


@pytest.mark.parametrize(
    ("unit", "value", "shown"),
    [
        (None, 2027, "2027"),
        (None, 9999, "9999"),
        (None, 10_000, "10,000"),
        (None, -10_000, "-10,000"),
        ("EUR", 1000, "1,000 EUR"),
        ("EUR", Decimal("1050.5"), "1,050.50 EUR"),
        ("EUR", Decimal("0.125"), "0.125 EUR"),  # a bound may be finer than what is given
    ],
)
def test_a_year_is_not_grouped(unit: str | None, value: int | Decimal, shown: str) -> None:
    assert Formats(thousands=",", units=True).number(value, Decimal("0.01"), unit) == shown


def test_a_pattern() -> None:
    day = date(2026, 3, 4)
    assert Formats(pattern="{dd}.{mm}.{year}").day(day) == "04.03.2026"
    months = tuple(f"M{number}" for number in range(1, 13))
    assert Formats(pattern="{month} {day}, {year}", months=months).short_day(day) == "M3 4, 2026"
    assert Formats(pattern="{iso}").day_of_title(day) == "2026-03-04"


@pytest.mark.parametrize(
    ("word", "article", "shown"),
    [
        ("tenant", None, "a tenant"),
        ("applicant", None, "an applicant"),
        ("Éleve", None, "a Éleve"),
        ("heir", "an", "an heir"),
    ],
)
def test_an_article(word: str, article: str | None, shown: str) -> None:
    assert str(noun(word, f"{word}s", article)) == shown
