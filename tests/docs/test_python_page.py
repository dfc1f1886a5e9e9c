"""docs/python.md: what it shows is what comes out; and what `import engine` offers and does not load."""

from __future__ import annotations

import doctest

import pytest

import engine
from engine import Guidance, InvalidInput
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
