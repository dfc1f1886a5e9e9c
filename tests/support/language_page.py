"""The examples of `docs/language.md`, read off the page and run.

`yaml folder=NAME` is a file of the folder that all examples use. An example has parts: `yaml file=NAME` is
a whole file, `yaml policy` the body of the policy `example`, `yaml vocabulary` (or ranking) is added to that
file. `yaml facts` are facts, which stand until the next part. Then come outcomes:

    yaml gives        parts of the report, as in `case_files`
    text says         all that is printed when something is refused
    json report       the report; a text that ends with `…` is cut short
    yaml conditions   facts, and conditions under their verdicts
    yaml functions    the facts of the functions table
    text tests        what `advise test -v` prints

Parts without an outcome must load. Any other block is an error.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

from engine.advising.advisor import Advisor
from engine.advising.decide import Decisions
from engine.analysis.certainty.report_certainty import ReportCertainty
from engine.base.read import read_document, read_yaml
from engine.language.facts import facts_from_source
from engine.language.report import Report
from engine.loading.load import load
from tests.support.pages import Fence, fences, read_page

PAGE = read_page("docs/language.md")
FOLDER = {block.name: block.text for block in fences(PAGE) if block.kind == "folder"}
DAY = "2026-09-01"
HEAD = """
advise_language: 2
policy: {}
title: Example
version: "1.0.0"
status: active
effective: {{from: 2026-06-03}}
"""
OUTCOMES = {
    "gives": "yaml",
    "conditions": "yaml",
    "functions": "yaml",
    "says": "text",
    "tests": "text",
    "report": "json",
}


@dataclass(frozen=True)
class Example:
    """Files in place of the folder's, an applicant's facts, and what comes out of them."""

    line: int
    files: Mapping[str, str]
    facts: str
    outcome: Fence | None

    @property
    def kind(self) -> str:
        return self.outcome.kind if self.outcome else "loads"

    @property
    def id(self) -> str:
        return f"line-{self.line}-{self.kind}"

    def run(self) -> tuple[Report, Decisions]:
        """Runs it in the working folder, to tell problems as a person sees them. Raises InvalidInput."""
        Path("facts.yaml").write_bytes(self.facts.encode())
        source = read_document(self.facts.encode(), "facts.yaml")
        day = date.fromisoformat(source.data.get("as_of", DAY))
        advisor = advisor_on(tuple({**FOLDER, **self.files}.items()), day)
        facts = facts_from_source(source, advisor.policies.facts)
        case = ReportCertainty(advisor).case(facts)
        return case.report, case.decisions

    def write_folder(self) -> None:
        """Writes the policy folder into the working folder."""
        write_folder(tuple({**FOLDER, **self.files}.items()))

    def with_file(self, name: str, text: str) -> Example:
        return replace(self, files={**self.files, name: text})


def write_folder(files: tuple[tuple[str, str], ...]) -> None:
    for name, text in files:
        path = Path("policies", name)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(text.encode())


@cache
def advisor_on(files: tuple[tuple[str, str], ...], day: date) -> Advisor:
    write_folder(files)
    return Advisor(load(Path("policies"), day))


def examples() -> list[Example]:
    found: list[Example] = []
    at_hand, untried = Example(0, {}, "{}", None), False
    for block in fences(PAGE):
        name = _file_of(block)
        if name is not None:
            if untried and name in at_hand.files:
                found.append(at_hand)
            if not untried or name in at_hand.files:
                at_hand, untried = Example(block.line, {}, "{}", None), True
            at_hand = at_hand.with_file(name, _text_of(block, name))
        elif (block.language, block.kind) == ("yaml", "facts"):
            at_hand = replace(at_hand, facts=block.text)
        elif OUTCOMES.get(block.kind) == block.language:
            files = at_hand.files if untried or block.kind != "conditions" else {}
            found.append(Example(block.line, files, at_hand.facts, block))
            untried = False
        else:
            assert block.kind == "folder", f"line {block.line}: this block is no example"
    return found


def _file_of(block: Fence) -> str | None:
    """The file that a block is, or is part of."""
    if block.language != "yaml" or block.kind == "folder":
        return None
    if block.kind == "file":
        return block.name
    if block.kind == "policy":
        return "example.yaml"
    return f"{block.kind}.yaml" if f"{block.kind}.yaml" in FOLDER else None


def _text_of(block: Fence, name: str) -> str:
    if block.kind == "file":
        return block.text
    if block.kind == "policy":
        return block.text + HEAD.format("example")  # last, so that lines count as on the page
    return with_more(FOLDER[name], data(block.text))


def data(text: str) -> Any:
    return read_yaml(text.encode(), "page").data


def with_more(text: str, more: Mapping[str, Any]) -> str:
    """A file with more in its sections."""
    sections = data(text)
    for key, value in more.items():
        if isinstance(value, dict):
            value = {**sections.get(key, {}), **value}
        elif key in ("implications", "consistency"):
            value = [*sections.get(key, []), *value]
        sections[key] = value
    return "\n".join(f"{key}: {flow(value)}" for key, value in sections.items())


def flow(value: Any) -> str:
    """A value on one line."""
    return json.dumps(value, ensure_ascii=False, default=float)


def conditions_policy(conditions: Mapping[str, list[Any]]) -> str:
    """A policy with a rule of each condition, named for the verdict that is expected."""
    rest = {"title": "T", "conclude": ["profile.ready"], "tier": "guide", "cites": ["step-guide#target.low"]}
    rules = [
        {"id": f"{verdict.lower()}-{number}", "when": when, **rest}
        for verdict, written in conditions.items()
        for number, when in enumerate(written)
    ]
    return f"rules: {flow(rules)}{HEAD.format('conditions')}"
