"""Results as JUnit XML, which most build servers read: a suite a test file, a case a test."""

from __future__ import annotations

import re
from collections.abc import Iterable
from itertools import groupby
from pathlib import PurePosixPath
from xml.etree import ElementTree as ET

from engine.policytests.formats.as_text import told
from engine.policytests.results import Results
from engine.policytests.run import Outcome

_NOT_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
"""Characters that no XML document may hold, not even escaped."""


def render(results: Results, _verbose: bool = False) -> str:
    """The results as one XML document."""
    root = ET.Element("testsuites", {"name": "advise test", **_counts(results.outcomes)})
    for file, outcomes in groupby(results.outcomes, key=lambda outcome: outcome.test.file):
        _add_suite(root, file, tuple(outcomes))
    ET.indent(root)
    return '<?xml version="1.0" encoding="UTF-8"?>\n' + ET.tostring(root, encoding="unicode") + "\n"


def _counts(outcomes: Iterable[Outcome]) -> dict[str, str]:
    failed = [bool(outcome.failures) for outcome in outcomes]
    return {"tests": str(len(failed)), "failures": str(sum(failed)), "errors": "0"}


def _add_suite(root: ET.Element, file: str, outcomes: tuple[Outcome, ...]) -> None:
    stem = PurePosixPath(file).stem
    suite = ET.SubElement(root, "testsuite", {"name": stem, **_counts(outcomes), "skipped": "0"})
    for outcome in outcomes:
        test = outcome.test
        # `file` and `line` are no part of the oldest schema, but build servers link by them.
        named = {"classname": stem, "name": _clean(test.name), "file": file, "line": str(test.at.line)}
        case = ET.SubElement(suite, "testcase", named)
        for failure in outcome.failures[:1]:
            message = _clean(f"{failure.expected}; {failure.found}")
            found = ET.SubElement(case, "failure", {"message": message, "type": failure.key})
            lines = (line for each in outcome.failures for line in (f"{each.at}:", *told(each)))
            found.text = _clean("\n".join(lines))


def _clean(text: str) -> str:
    return _NOT_XML.sub("�", text)
