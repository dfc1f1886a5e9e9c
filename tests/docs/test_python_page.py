"""docs/python.md: what it shows is what comes out; and what `import engine` offers and does not load."""

from __future__ import annotations

import doctest
import json
from datetime import date
from pathlib import Path

import pytest

import engine
from engine import Guidance, InvalidInput
from engine.analysis.session import Options, Session
from engine.rendering import render_json
from tests.support.edited import copied
from tests.support.pages import ROOT, fences, read_page
from tests.support.process import WORKSHOP


@pytest.mark.slow
def test_every_example_of_the_page(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(ROOT)
    text = "".join(block.text for block in fences(read_page("docs/python.md")) if block.language == "pycon")
    assert text.count(">>>") > 20
    test = doctest.DocTestParser().get_doctest(text, {}, "docs/python.md", "docs/python.md", 0)
    said: list[str] = []
    results = doctest.DocTestRunner(verbose=False).run(test, out=said.append)
    assert results.failed == 0, "".join(said)


def test_the_package_offers_its_interface_and_nothing_else() -> None:
    assert set(engine.__all__) == {"Guidance", "InvalidInput"}
    with pytest.raises(AttributeError):
        engine.Guidence  # type: ignore[attr-defined]  # noqa: B018  # the slip is what is tried


def test_wrong_input_is_refused() -> None:
    with pytest.raises(InvalidInput, match="no date"):
        Guidance(WORKSHOP, "2026-02-30")
    guidance = Guidance(WORKSHOP, "2026-11-22", engine="evaluator")
    case = guidance.case(ROOT / "tests/facts/member.json")
    with pytest.raises(InvalidInput, match="is a number"):
        guidance.what_if(case, {"saw.test_score": "high"})
    with pytest.raises(InvalidInput, match="worked out"):
        guidance.along(case, "saw.level")
    assert [row.low for row in guidance.along(case, "member.role")] == ["guest", "member", "keyholder"]
    assert guidance.what_if(case, {}, unset=["saw.test_score"]).difference.lost


def test_a_case_is_of_the_day_that_its_facts_name_as_with_the_command(tmp_path: Path) -> None:
    """On each of the days other versions are in force: `machines` begins between them."""
    folder = copied(
        tmp_path / "policies",
        ("machines.yaml", "effective: {from: 2026-01-01}", "effective: {from: 2026-08-01}"),
    )
    guidance = Guidance(folder, engine="evaluator")
    reports = []
    for day in ("2026-07-31", "2026-08-01"):
        facts = {"as_of": day, "member": {"role": "member"}, "saw": {"trained": False}}
        file = tmp_path / f"{day}.json"
        file.write_text(json.dumps(facts), "utf-8")
        printed = render_json(Session.open(str(file), Options(str(folder), engine="evaluator")).report)
        from_file, from_python = guidance.case(file), guidance.case(facts)
        as_a_date = guidance.case({**facts, "as_of": date.fromisoformat(day)})
        assert [render_json(case.report) for case in (from_file, from_python, as_a_date)] == [printed] * 3
        reports.append(from_file)
    before, after = reports
    train = "machines/train"
    assert (before.report.as_of, after.report.as_of) == (date(2026, 7, 31), date(2026, 8, 1))
    assert train not in [item.rule for item in before.report.advice]
    assert train in [item.rule for item in after.report.advice]
    # What is asked of a case is answered with the policies of its day, in whatever order.
    assert guidance.tree(after, train).verdict.name == "HOLDS"
    with pytest.raises(InvalidInput, match="no rule"):
        guidance.tree(before, train)
    assert guidance.what_if(before, {"as_of": date(2026, 8, 1)}).after.report.as_of == date(2026, 8, 1)
    rows = guidance.along(after, "as_of", date(2026, 7, 30), date(2026, 8, 2))
    begins = [
        row.low for row in rows if row.difference and train in {each.name for each in row.difference.gained}
    ]
    assert (rows[0].low, begins) == (date(2026, 7, 30), [date(2026, 8, 1)])
    assert train in guidance.policies_on(date(2026, 8, 1)).by_name


def test_a_day_that_is_named_comes_before_that_of_the_facts() -> None:
    guidance = Guidance(WORKSHOP, "2026-11-22", engine="evaluator")
    assert guidance.case({"as_of": "2026-11-01"}).report.as_of == date(2026, 11, 22)
    with pytest.raises(InvalidInput, match="not one of the calendar"):
        Guidance(WORKSHOP).case({"as_of": "2026-02-30"})


def test_text_from_a_program_is_taken_in_as_from_a_file() -> None:
    guidance = Guidance(WORKSHOP, "2026-11-22", engine="evaluator")
    case = guidance.case({"member": {"name": "Zoe\u0308"}})
    assert case.facts.values["member.name"] == "Zo\u00eb"
    found = guidance.what_if(case, {"member.name": "Rene\u0301"})
    assert found.after.facts.values["member.name"] == "Ren\u00e9"
    for refuse in (
        lambda: guidance.case({"member": {"name": "half \ud800"}, "sow": 1}),
        lambda: guidance.what_if(case, {"member.name": "half \udfff"}),
    ):
        with pytest.raises(InvalidInput, match="half a character"):
            refuse()
    for text in ("a\u2028b", "a\u2029b", "a\x85b", "a\nb\rc"):
        for refuse in (
            lambda text=text: guidance.case({"member": {"name": text}}),
            lambda text=text: guidance.case({"member": {"name": "Ada"}, text: 1}),
            lambda text=text: guidance.what_if(case, {"member.name": text}),
        ):
            with pytest.raises(InvalidInput, match="Some programs begin a new line here"):
                refuse()
    for key in ("half \ud800", "\udfff"):
        with pytest.raises(InvalidInput, match="half a character"):
            guidance.case({"member": {key: {"name": "Ada"}}})
    with pytest.raises(InvalidInput, match="`Ren\u00e9` stands twice"):
        guidance.case({"Rene\u0301": 1, "Ren\u00e9": 2})
    with pytest.raises(InvalidInput, match="There is no fact `1`"):
        guidance.case({1: 2})  # type: ignore[dict-item]  # a slip
