"""`advise test --format junit`: the XML is of the form that build servers read, whatever the tests hold.

The form is what `junit-10.xsd` of Jenkins' xUnit plugin asks, written down here: which elements stand in
which, which attributes each must and may have, and how these are written. Where the schema of Apache Ant
(`JUnit.xsd` of Windy Road) asks more of the same elements, that is asked too; what it wants besides (the
host, the hour, how long it took) would make the same tests give other bytes.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from datetime import date
from pathlib import Path
from typing import NamedTuple
from xml.etree import ElementTree as ET

import pytest

from engine.base.diagnostic import Location
from engine.language.facts import Facts
from engine.testing import PolicyTest, PolicyTests
from engine.testing.compare import Failure
from engine.testing.formats.as_junit import render
from engine.testing.observed import Cause
from engine.testing.results import Results
from engine.testing.run import PolicyTestOutcome
from tests.support.edited import copied
from tests.support.process import ROOT

DAY = date(2026, 11, 22)
HOSTILE = "<a>&amp; \"q\" 'r' ]]> \x00\x1b[31m\x85\ud800\ufffe \u202e é 漢"
COUNT = r"0|[1-9][0-9]*"
SECONDS = r"[0-9]+(\.[0-9]+)?"
TOKEN = r"\S+( \S+)*"
TEXT = r"[\s\S]*"


class Form(NamedTuple):
    """An element: its attributes with how they are written, which it must have, and what stands in it.

    `inside` are the elements that may stand in it with the most of each (None: any number).
    """

    attributes: Mapping[str, str]
    required: frozenset[str]
    inside: Mapping[str, int | None]
    text: bool = False


FORMS: Mapping[str, Form] = {
    "testsuites": Form(
        {"name": TEXT, "tests": COUNT, "failures": COUNT, "errors": COUNT, "time": SECONDS},
        frozenset(),
        {"testsuite": None},
    ),
    "testsuite": Form(
        {
            "name": TOKEN, "tests": COUNT, "failures": COUNT, "errors": COUNT, "skipped": COUNT,
            "time": SECONDS, "file": TEXT,
        },
        frozenset({"name", "tests", "failures", "errors"}),
        {"testcase": None},
    ),
    "testcase": Form(
        {"name": TEXT, "classname": TOKEN, "time": SECONDS}, frozenset({"name", "classname"}), {"failure": 1}
    ),
    "failure": Form({"type": TOKEN, "message": TEXT}, frozenset({"type"}), {}, text=True),
}  # fmt: skip


def departures(text: str) -> list[str]:
    """Where a document is not of the form."""
    root = ET.fromstring(text.encode())
    return list(_in(root)) if root.tag == "testsuites" else [f"{root.tag} is the whole"]


def _in(element: ET.Element) -> Iterator[str]:
    form = FORMS[element.tag]
    yield from (f"{element.tag} lacks {name}" for name in form.required - element.attrib.keys())
    for name, value in element.attrib.items():
        if not re.fullmatch(form.attributes.get(name, "(?!)"), value):
            yield f"{element.tag} {name}={value!r}"
    tags = [child.tag for child in element]
    for tag in sorted(set(tags)):
        most = form.inside.get(tag, 0)
        if most is not None and tags.count(tag) > most:
            yield f"{tags.count(tag)} {tag} in {element.tag}"
    loose = [element.text, *(child.tail for child in element)]
    if not form.text and any((each or "").strip() for each in loose):
        yield f"text in {element.tag}"
    if element.tag in ("testsuites", "testsuite"):
        for tag, key in (("testcase", "tests"), ("failure", "failures"), ("error", "errors")):
            counted = sum(1 for _ in element.iter(tag))
            if element.get(key) != str(counted):
                yield f"{element.tag} {key}={element.get(key)}, and there are {counted}"
    for child in element:
        if child.tag in FORMS:
            yield from _in(child)


def workshop(tmp_path: Path) -> Results:
    """The tests of `tests/suites` on the workshop's policies: some pass, some fail."""
    folder = copied(tmp_path / "policies")
    (folder / "tests").mkdir()
    for path in (ROOT / "tests/suites").glob("*.yaml"):
        (folder / "tests" / path.name).write_bytes(path.read_bytes())
    tests = PolicyTests(folder, DAY)
    return Results("policies", tests.run_all(tests.tests))


def hostile(_tmp_path: Path) -> Results:
    at = Location(f"policies/tests/{HOSTILE}.yaml", 3, 5)
    failure = Failure(at, "text", HOSTILE, HOSTILE, (Cause(HOSTILE, at),))
    facts = Facts({}, at.path, {}, "")
    test = PolicyTest(HOSTILE, "policies/tests/a.yaml", at, DAY, facts, {})
    return Results(
        "policies",
        (PolicyTestOutcome(test, (failure, failure), None, ()), PolicyTestOutcome(test, (), None, ())),
    )


def nothing(_tmp_path: Path) -> Results:
    return Results("policies", ())


@pytest.mark.parametrize("results", [workshop, hostile, nothing])
def test_the_form(results: Callable[[Path], Results], tmp_path: Path) -> None:
    assert departures(render(results(tmp_path))) == []


def test_what_stands_in_it(tmp_path: Path) -> None:
    root = ET.fromstring(render(workshop(tmp_path)).encode())
    assert {suite.get("name") for suite in root} == {"failing", "saw"}
    named = [case.get("name") for case in root.iter("testcase") if case.find("failure") is not None]
    assert "each kind of failure, 100 % of them" in named


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ('name="saw"', 'label="saw"'),
        ('name="saw"', 'name="saw" host="h"'),
        ('name="saw"', 'name=" saw "'),
        ('failures="4"', 'failures="4.0"'),
        ('failures="4"', 'failures="3"'),
        ('tests="5"', 'tests="6"'),
        ('errors="0"', 'errors="1"'),
        ('skipped="0"', 'skipped="none"'),
        ('classname="saw"', 'class="saw"'),
        ('type="holds"', 'kind="holds"'),
        ("</failure>", "</failure><failure type='x'/>"),
        ("<testcase ", "<properties/><testcase "),
        ("<testcase ", "or <testcase "),
    ],
)
def test_a_departure_is_found(old: str, new: str, tmp_path: Path) -> None:
    text = render(workshop(tmp_path))
    assert old in text
    assert departures(text.replace(old, new, 1)) != []


def test_another_document_is_none() -> None:
    assert departures("<testsuite/>") == ["testsuite is the whole"]
