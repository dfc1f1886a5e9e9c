"""Results as JUnit XML, which most build servers read: a suite a test file, a case a test.

The form is that of `junit-10.xsd` of Jenkins' xUnit plugin, in which a suite has a file, and a case has none.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from itertools import groupby
from pathlib import PurePosixPath
from xml.etree import ElementTree as ET

from engine.testing.formats.as_text import format_failure
from engine.testing.results import Results
from engine.testing.run import PolicyTestOutcome

_NOT_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
"""Characters that no XML document may hold, not even escaped."""


def render(results: Results, _verbose: bool = False) -> str:
    """The results as one XML document."""
    root = ET.Element("testsuites", {"name": "advise test", **_counts(results.outcomes)})
    for file, outcomes in groupby(results.outcomes, key=lambda outcome: outcome.test.file):
        _add_suite(root, file, tuple(outcomes))
    ET.indent(root)
    return '<?xml version="1.0" encoding="UTF-8"?>\n' + ET.tostring(root, encoding="unicode") + "\n"


def _counts(outcomes: Iterable[PolicyTestOutcome]) -> dict[str, str]:
    failed = [bool(outcome.failures) for outcome in outcomes]
    return {"tests": str(len(failed)), "failures": str(sum(failed)), "errors": "0"}


def _add_suite(root: ET.Element, file: str, outcomes: tuple[PolicyTestOutcome, ...]) -> None:
    stem = PurePosixPath(file).stem
    counts = {**_counts(outcomes), "skipped": "0"}
    suite = ET.SubElement(root, "testsuite", {"name": stem, **counts, "file": _clean(file)})
    for outcome in outcomes:
        case = ET.SubElement(suite, "testcase", {"classname": stem, "name": _clean(outcome.test.name)})
        for failure in outcome.failures[:1]:
            message = _clean(f"{failure.expected}; {failure.found}")
            element = ET.SubElement(case, "failure", {"message": message, "type": failure.key})
            lines = (line for each in outcome.failures for line in (f"{each.at}:", *format_failure(each)))
            element.text = _clean("\n".join(lines))


def _clean(text: str) -> str:
    return _NOT_XML.sub("�", text)
