"""What must be read again by a day is what reports of that day would warn of."""

from __future__ import annotations

import json
from datetime import date, timedelta
from pathlib import Path

from engine.advising.freshness import banners
from engine.analysis.catalogue.review_due import due_by, outline
from engine.language.field_words import UNDECLARED
from engine.loading.load import load
from engine.rendering.outline import as_text
from tests.support.edited import copied
from tests.support.process import WORKSHOP, advise


def names(day: date) -> list[str]:
    return [f"{due.kind} {due.name}" for due in due_by(load(WORKSHOP, day), day)]


def test_each_is_due_on_the_day_of_its_first_warning() -> None:
    def warned(day: date) -> set[str]:
        policies = load(WORKSHOP, day)
        return {banner.kind for banner in banners(policies, day, policies.lapsed)}

    for kind, banner, good in (
        ("source house-rules", "source", date(2026, 10, 1) + timedelta(days=90)),
        ("file machines", "stale", date(2026, 12, 31)),
    ):
        after = good + timedelta(days=1)
        assert kind not in names(good)
        assert banner not in warned(good)
        assert kind in names(after)
        assert banner in warned(after)


def test_the_command(tmp_path: Path) -> None:
    folder = copied(
        tmp_path / "policies",
        ("machines.yaml", "    dated_by: as_of\n", "    dated_by: as_of\n    checked_on: 2026-09-01\n"),
    )
    env = {"ADVISE_POLICIES": str(folder)}
    said = advise("sources", "--check-by", "2026-12-31", "--as-of", "2026-11-22", env=env).out
    assert said == (
        "3 things to read again by 2026-12-31\n"
        "\n"
        "Good until 2026-11-30\n"
        "  - number saw_pass: saw_pass  machines.yaml:10\n"
        "      - check its values, then move `checked_on` (2026-09-01)\n"
        "\n"
        "Good until 2026-12-30\n"
        "  - source house-rules: House rules  sources.yaml:8\n"
        "      - compare with the original, then move `checked_on` (2026-10-01); 4 rules rest on it\n"
        "\n"
        "Open\n"
        "  - course year 2027: Course dates  calendar.yaml:2\n"
        "      - no dates are published; add them\n"
    )
    assert (
        as_text(outline((), date(2026, 9, 1), UNDECLARED), 80)
        == "Nothing needs to be read again by 2026-09-01\n"
    )
    data = json.loads(advise("sources", "--check-by", "2027-01-01", "--format", "json", env=env).out)
    assert [due["kind"] for due in data["due"]] == ["number", "source", "file", "season"]
