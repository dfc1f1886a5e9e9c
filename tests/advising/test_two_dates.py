"""Wherever a retake is spoken of: the day that the rules permit, and the days that the guide advises."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest

from engine.language.report import Item, Report
from tests.support.shipped import advisor, decided

SPOKEN_OF = re.compile(r"\bretak|\bsit again|\bnext sitting|\bmove the sitting", re.IGNORECASE)


def said(item: Item) -> str:
    return " ".join((item.title, item.text, *item.steps))


def failed() -> Iterator[tuple[str, Report, str, set[str]]]:
    """Of each policy test with a failed Step 2 CK and known days: its name, the report, both kinds of day."""
    for test, given, decisions in decided():
        permitted = decisions.values.get("step2_ck.earliest_permitted_retake_date")
        if decisions.values.get("step2_ck.status") == "failed" and permitted is not None:
            window = ("step2_ck.advised_retake_from", "step2_ck.advised_retake_by")
            advised = {str(decisions.values[fact]) for fact in window if fact in decisions.values}
            yield test.name, advisor(test.as_of).report(given), str(permitted), advised


@pytest.mark.slow
def test_one_item_tells_both_days_apart() -> None:
    reports = 0
    for name, report, permitted, advised in failed():
        items = [said(item) for item in report.advice]
        if not any(map(SPOKEN_OF.search, items)):
            continue
        reports += 1
        both = [item for item in items if permitted in item and any(day in item for day in advised)]
        assert both, name
        assert any(re.search(r"permit|allow", item) and re.search(r"advise|prepar", item) for item in both), (
            name
        )
    assert reports > 40
