"""What a check found, in each format: a golden file, the form that its readers want, and no way out of it."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import PurePath, PurePosixPath, PureWindowsPath
from typing import Any
from urllib.parse import unquote

import pytest
from markdown_it import MarkdownIt

from engine.base.diagnostic import Diagnostic, Location, Related
from engine.checking.check import Checked
from engine.checking.checks.subject import Unfinished
from engine.checking.formats import FORMATS, render
from engine.checking.formats.as_sarif import uri_of
from engine.checking.suppressions import AllowedWarning
from tests.support.output_schemas import problems

AT = Location("my policies/bands.yaml", 12, 9)
CHECKED = Checked(
    diagnostics=(
        Diagnostic(
            "unknown-fact",
            "There is no fact `step2_ck.scor`.",
            AT,
            "Did you mean `step2_ck.score`?",
            line_text="        step2_ck.scor: {below: 225}",
            words="step2_ck.scor",
            replacement="step2_ck.score",
        ),
        Diagnostic(
            "version-cut-short",
            "Version 1.0.0 of `bands` claims the days until 2026-12-31; 100 % | <b>sure</b>.",
            Location("archive/bands-1.yaml", 6, 31),
            "Write it as a block:\ntitle: >-\n  Bands",
            "warning",
            line_text="effective: {from: 2026-01-01, until: 2026-12-31}",
            related=(Related(Location("bands.yaml", 2, 1), "Version 1.1.0 begins here."),),
            witness='{"as_of": "2026-09-01"}',
        ),
        Diagnostic(
            "invisible-character",
            "There is an invisible character here.",
            Location("tests/ä.yaml", 1, 1),
            None,
            "warning",
            line_text="\u200btitle",
            words="\u200b",
            replacement="",
        ),
        Diagnostic(
            "not-in-force",
            "`bands` 2.0.0 takes no part on 2026-09-01: it is a draft.",
            Location("z.yaml", 2, 1),
            "When it is ready, release it.",
            "note",
            line_text="policy: bands",
        ),
    ),
    unfinished=(Unfinished("untested-rule", "bands/low", "no time is left"),),
    summary="5 files in force on 2026-09-01, 4 rules, 16 facts",
    suppressed=(
        AllowedWarning(
            Diagnostic("unused-fact", "Nothing uses `a.b`.", Location("v.yaml", 3, 1), None, "warning"),
            "kept for the record",
        ),
    ),
)
NOTHING = Checked((), (), "5 files in force on 2026-09-01, 4 rules, 16 facts")
FILES = {"text": "txt", "json": "json", "sarif": "sarif", "github": "github.txt", "markdown": "md"}


@pytest.mark.parametrize("form", FORMATS)
def test_golden(form: str, golden: Callable[[str, str], None]) -> None:
    golden(f"checked/all.{FILES[form]}", render(CHECKED, form))
    golden(f"checked/nothing.{FILES[form]}", render(NOTHING, form))


@pytest.mark.parametrize("checked", [CHECKED, NOTHING])
def test_json_is_as_its_schema_says(checked: Checked) -> None:
    assert problems("check", json.loads(render(checked, "json"))) == []


@pytest.mark.parametrize(
    ("path", "uri"),
    [
        (PurePosixPath("policies/b c.yaml"), "policies/b%20c.yaml"),
        (PurePosixPath("../ä.yaml"), "../%C3%A4.yaml"),
        (PurePosixPath("a:b\\c.yaml"), "a%3Ab%5Cc.yaml"),
        (PurePosixPath("/home/a b/p.yaml"), "file:///home/a%20b/p.yaml"),
        (PureWindowsPath(r"policies\b c.yaml"), "policies/b%20c.yaml"),
        (PureWindowsPath(r"C:\a b\p.yaml"), "file:///C:/a%20b/p.yaml"),
        (PureWindowsPath(r"\\server\share\p.yaml"), "file://server/share/p.yaml"),
    ],
)
def test_a_file_in_sarif_is_an_address(path: PurePath, uri: str) -> None:
    """RFC 3986 and 8089: a scheme where it is absolute, a drive letter as it is, slashes as of the system."""
    assert uri_of(path) == uri


def test_sarif() -> None:
    log = json.loads(render(CHECKED, "sarif"))
    assert log["version"] == "2.1.0"
    (run,) = log["runs"]
    rules = run["tool"]["driver"]["rules"]
    assert len({rule["id"] for rule in rules}) == len(rules)
    assert all(rule["help"]["text"] and rule["shortDescription"]["text"] for rule in rules)
    results = {result["ruleId"]: result for result in run["results"]}
    assert all(rules[result["ruleIndex"]]["id"] == code for code, result in results.items())
    assert {code: result["level"] for code, result in results.items()} == {
        "unknown-fact": "error",
        "version-cut-short": "warning",
        "invisible-character": "warning",
        "not-in-force": "note",
        "unused-fact": "warning",
    }
    unknown = results["unknown-fact"]
    place = unknown["locations"][0]["physicalLocation"]
    assert unquote(place["artifactLocation"]["uri"]) == "my policies/bands.yaml"
    assert place["region"] == {
        "startLine": 12,
        "startColumn": 9,
        "endColumn": 22,
        "snippet": {"text": "        step2_ck.scor: {below: 225}"},
    }
    (fix,) = unknown["fixes"]
    (replacement,) = fix["artifactChanges"][0]["replacements"]
    assert replacement["insertedContent"] == {"text": "step2_ck.score"}
    assert results["version-cut-short"]["properties"] == {"witness": '{"as_of": "2026-09-01"}'}
    assert (
        results["version-cut-short"]["relatedLocations"][0]["message"]["text"] == "Version 1.1.0 begins here."
    )
    assert [code for code, result in results.items() if "suppressions" in result] == ["unused-fact"]
    (allowed,) = results["unused-fact"]["suppressions"]
    assert allowed == {"kind": "inSource", "justification": "kept for the record"}
    (note,) = run["invocations"][0]["toolExecutionNotifications"]
    assert "no time is left" in note["message"]["text"]


def hostile(text: str) -> Checked:
    """A problem of which everything is what somebody else wrote."""
    found = Diagnostic("unknown-fact", text, Location(text, 1, 1), text, words=text, replacement=text)
    return Checked((found,), (Unfinished("unknown-fact", text, text),), "", (AllowedWarning(found, text),))


HOSTILE = (
    "::error::x\n::set-output name=a::b\r\n::stop-commands::t",
    "a,b:c%0A%25",
    "| a | ` `` <script>alert(1)</script> [x](http://y) ![z](//z) @somebody #1 **b** _i_\n\n# h",
)


@pytest.mark.parametrize("text", HOSTILE)
def test_no_command_but_ours_is_given_to_github(text: str) -> None:
    lines = render(hostile(text), "github").splitlines()
    assert len(lines) == 3
    command, notice, _ = (re.fullmatch("::(error|notice) ([^:]*)::(.*)|(.*)", line) for line in lines)
    assert command is not None
    assert notice is not None
    assert (command[1], notice[1]) == ("error", "notice")
    properties = dict(each.split("=", 1) for each in command[2].split(","))
    assert set(properties) <= {"file", "line", "col", "endColumn", "title"}
    assert decoded(properties["file"]) == text
    assert decoded(command[3]).startswith(text)


def decoded(text: str) -> str:
    for code, char in (("%3A", ":"), ("%2C", ","), ("%0A", "\n"), ("%0D", "\r"), ("%25", "%")):
        text = text.replace(code, char)
    return text


@pytest.mark.parametrize("text", HOSTILE)
def test_no_markup_but_ours_stands_in_markdown(text: str) -> None:
    tokens = MarkdownIt("commonmark").enable("table").parse(render(hostile(text), "markdown"))
    inline = [child for token in tokens for child in token.children or ()]
    assert {child.type for child in inline} <= {"text", "code_inline", "html_inline", "softbreak"}
    assert {child.content for child in inline if child.type == "html_inline"} <= {"<br>"}
    headings = [tokens[at + 1].content for at, token in enumerate(tokens) if token.type == "heading_open"]
    assert headings == ["Policy check", "Errors", "Not settled"]
    assert sum(token.type == "tr_open" for token in tokens) == 2


@pytest.mark.parametrize("text", [*HOSTILE, "\x1b[31m\u202e"])
def test_text_shows_what_would_steer_a_terminal(text: str) -> None:
    shown: Any = render(hostile(text), "text")
    assert all(char == "\n" or char.isprintable() for char in shown)
