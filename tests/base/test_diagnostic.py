"""Diagnostics as they are gathered and shown, and misspelt names: what a person must decide."""

from __future__ import annotations

from pathlib import Path

import pytest

from engine.base.diagnostic import CommandLine, InvalidInput, Location, correction
from engine.base.diagnostic_text import format_diagnostics
from engine.base.diagnostics import Diagnostics, gathered

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


def test_diagnostics_are_sorted_and_each_is_raised_once() -> None:
    def work() -> None:
        with Diagnostics() as problems:
            problems.error("b", "Second.", Location("p.yaml", 2))
            problems.error("a", "First.", Location("p.yaml", 1))
            problems.error("b", "Second.", Location("p.yaml", 2))
            raise InvalidInput.error("c", "Raised within.", Location("p.yaml", 3))

    with pytest.raises(InvalidInput) as invalid:
        work()
    assert [found.code for found in invalid.value.diagnostics] == ["a", "b", "c"]
    assert invalid.value.__suppress_context__


def test_without_diagnostics_nothing_is_raised_and_other_errors_pass() -> None:
    def work(number: int) -> None:
        with Diagnostics() as problems:
            if number == 0:
                problems.error("a", "First.", Location("p.yaml", 1))
            assert 1 / number

    work(1)
    with pytest.raises(ZeroDivisionError):
        work(0)


def test_what_is_raised_within_is_absorbed_and_the_work_goes_on() -> None:
    problems = Diagnostics()
    done = []
    for number in range(3):
        with problems.absorb():
            if number == 1:
                raise InvalidInput.error("a", "Not this one.", Location("p.yaml", number))
            done.append(number)
    assert (done, len(problems)) == ([0, 2], 1)


def test_a_given_collector_is_filled_and_another_one_raises() -> None:
    given = Diagnostics()
    with gathered(given) as problems:
        problems.error("a", "First.", Location("p.yaml", 1))
    assert len(given) == 1
    with pytest.raises(InvalidInput), gathered(None) as problems:
        problems.error("a", "First.", Location("p.yaml", 1))


def test_paths_lead_from_the_working_folder_and_places_are_narrowed() -> None:
    text = b"rules:\n  - id: a\n    when: {saw.trainde: true}\n"
    problems = Diagnostics(contents={"p.yaml": text}, folder=Path("some/policies"))
    problems.error("a", "M.", Location("p.yaml", 2, 5), fix=("saw.trainde", "saw.trained"))
    problems.error("b", "M.", CommandLine("--fact"))
    (option, name) = problems.sorted()
    assert option.at == CommandLine("--fact")
    assert (str(name.at), name.line_text) == ("some/policies/p.yaml:3:12", "    when: {saw.trainde: true}")
    assert name.location.path == "some/policies/p.yaml"


def test_an_option_is_a_place_without_a_line_and_a_file_may_be_named_alike() -> None:
    (option,) = InvalidInput.error("a", "M.", CommandLine("--fact")).diagnostics
    assert format_diagnostics([option]) == "--fact: M. [a]"
    (file,) = InvalidInput.error("a", "M.", Location("--fact")).diagnostics
    assert format_diagnostics([file]) == "--fact:1:1: M. [a]"
    (whole,) = InvalidInput.error("a", "M.", Location("RULE", 0)).diagnostics
    assert format_diagnostics([whole]) == "RULE: M. [a]"


@pytest.mark.parametrize(
    ("before", "columns"),
    [("ab: ", 4), ("e\u0301: ", 3), ("\u65e5\u672c: ", 6), ("\uff21: ", 4), ("\t", 1), ("\u202e", 6)],
)
def test_the_caret_stands_under_the_words(before: str, columns: int) -> None:
    """East Asian letters take two columns, an accent of its own none, what is not shown six: `\\u202e`."""
    at = Location("p.yaml", 1, len(before) + 1)
    with pytest.raises(InvalidInput) as invalid, Diagnostics() as problems:
        problems.error("a", "Here.", at, line_text=f"{before}here")
    _, line, caret = format_diagnostics(invalid.value.diagnostics).split("\n")
    assert line.endswith("here")
    assert caret == "       | " + " " * columns + "^"
