"""Files of up to 2 MB with thousands of problems: within 300 MB, in seconds, a few hundred of them told."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from pathlib import Path

import pytest

from engine.base.plain_text import ARCHIVED
from engine.base.positions import line_starts
from engine.base.read import read_yaml
from engine.base.strict_yaml import MAX_LINES, MAX_WORDS
from tests.support.edited import copied
from tests.support.measured import measured
from tests.support.process import ROOT, WORKSHOP, advise

pytestmark = pytest.mark.skipif(os.name != "posix", reason="memory as POSIX measures it")
MOST_MEGABYTES = 300
MOST_SECONDS = 15
"""Three times what it takes on a quiet machine."""


def filled(piece: Callable[[int], str], joint: str, begins: str, ends: str) -> str:
    """As many pieces as 2 MB hold."""
    count = (1_999_000 - len(begins) - len(ends)) // (len(piece(9_999_999)) + len(joint))
    return begins + joint.join(map(piece, range(count))) + ends


@pytest.mark.parametrize(
    ("value", "problems"), [("1", 8_000), ("9" * 101, 8_000)], ids=["names", "numbers"]
)  # fmt: skip
def test_thousands_of_problems_on_one_line(tmp_path: Path, value: str, problems: int) -> None:
    facts = tmp_path / "facts.json"
    facts.write_text("{" + ",".join(f'"unknown{i}":{value}' for i in range(8_000)) + "}\n", "utf-8")
    code, said, megabytes, seconds = measured(tmp_path, facts)
    assert code == 2
    assert said.count("[unknown-fact]") + said.count("[number-too-long]") == 300
    more = 2 * problems if value != "1" else problems
    assert f"… and {more - 300:,} more problems." in said
    assert f"{more:,} problems; no advice is given." in said
    assert megabytes < MOST_MEGABYTES
    assert seconds < MOST_SECONDS


LARGE = {
    "names.json": filled(lambda i: f'"unknown{i:090}":1', ",", "{", "}\n"),
    "names.yaml": filled(lambda i: f"unknown{i:090}: 1", "\n", "", "\n"),
    "flow.yaml": filled(lambda i: f"unknown{i:090}: 1", ", ", "{", "}\n"),
    "numbers.json": filled(lambda _: "9" * 101, ",", '{"a":[', "]}\n"),
    "numbers.yaml": filled(lambda _: "- " + "9" * 101, "\n", "a:\n", "\n"),
    "keys.json": filled(lambda _: '"a":1', ",\n", "{", "}\n"),
    "brackets.json": "[" * 1_999_999 + "\n",
    "brackets.yaml": "[" * 1_999_999 + "\n",
    "blanks.json": " " * 1_999_999,
    "lines.yaml": "\n" * 1_999_999,
    "words.yaml": filled(lambda _: "x", " ", "a: ", "\n"),
    "repeated.yaml": filled(lambda _: "a: x x x", "\n", "", "\n"),
    "comments.yaml": filled(lambda _: "# allow", "\n", "", "\n"),
    "directives.yaml": filled(lambda _: "%", "\n", "", "\n"),
    "word.yaml": "x" * 1_999_999,
    "escapes.json": filled(lambda i: f'"\\u0061{i:090}":1', ",", "{", "}\n"),
}


@pytest.mark.slow
@pytest.mark.parametrize("name", LARGE)
def test_two_megabytes_of_anything(tmp_path: Path, name: str) -> None:
    (tmp_path / name).write_text(LARGE[name], "utf-8")
    code, said, megabytes, seconds = measured(tmp_path, tmp_path / name)
    assert code == 2
    assert len(said) < 1_000_000
    assert megabytes < MOST_MEGABYTES
    assert seconds < MOST_SECONDS


LINES = "1: The file has more than 50,000 lines. [too-large]"
WORDS = ": The file has more than 500,000 words. [too-large]"


@pytest.mark.parametrize(
    ("content", "told"),
    [
        ("a: x x x\n" * 222_000, f":50001:{LINES}"),
        ("# allow a\n" * 50_000 + "a", f":50001:{LINES}"),
        ("%\n" * 50_001, f":50001:{LINES}"),
        ("\r" * 60_000, f":50001:{LINES}"),
        ("a:\n" + "b " * 500_000, f":2:999999{WORDS}"),
    ],
    ids=["values", "comments", "directives", "returns", "words"],
)
def test_more_lines_or_words_than_a_file_may_have(tmp_path: Path, content: str, told: str) -> None:
    """Told before the YAML is read, which takes seconds for a million of them."""
    (tmp_path / "f.yaml").write_text(content, "utf-8", newline="")
    code, said, megabytes, _ = measured(tmp_path, tmp_path / "f.yaml")
    assert (code, said.splitlines()[0]) == (2, f"{tmp_path / 'f.yaml'}{told}")
    assert megabytes < MOST_MEGABYTES
    folder = copied(tmp_path / "policies")
    (folder / "machines.yaml").write_text(content, "utf-8", newline="")
    code, said, megabytes, _ = measured(tmp_path, "check", folder, "--no-prove")
    assert code == 1
    assert f"{folder / 'machines.yaml'}{told}" in said
    assert megabytes < MOST_MEGABYTES


@pytest.mark.parametrize(
    "content",
    ["# a\n" * 50_000, "# a\n" * 49_999 + "#", "# " + "a " * 499_999],
    ids=["lines", "the last without an end", "words"],
)
def test_as_many_lines_and_words_as_a_file_may_have(content: str) -> None:
    assert read_yaml(content.encode(), "f.yaml").data is None


def test_what_was_released_is_read_however_many_lines_it_has() -> None:
    assert read_yaml(b"# a\n" * 50_001, "f.yaml", ARCHIVED).data is None


def test_what_comes_with_advise_is_far_below_the_limits() -> None:
    for path in (ROOT / "policies").rglob("*.yaml"):
        text = path.read_text("utf-8")
        assert (text.count("\n") * 10 < MAX_LINES, len(text.split()) * 10 < MAX_WORDS) == (True, True)


@pytest.mark.slow
def test_a_word_of_two_megabytes_in_a_policy(tmp_path: Path) -> None:
    """What a file that cannot be read may declare is looked for in one go; it took an hour."""
    word = "x" * 1_990_000
    folder = copied(tmp_path / "policies", ("machines.yaml", "rules:\n", f"rules:\n{word}\n"))
    code, _, megabytes, seconds = measured(tmp_path, "check", folder, "--no-prove")
    assert code == 1
    assert megabytes < MOST_MEGABYTES
    assert seconds < MOST_SECONDS


@pytest.mark.slow
@pytest.mark.parametrize("form", ["text", "json", "sarif"])
def test_thousands_of_problems_of_policies(tmp_path: Path, form: str) -> None:
    tests = ", ".join(f"{{member.unknown{i}: 1}}" for i in range(6_000))
    folder = copied(
        tmp_path / "policies",
        ("machines.yaml", "{saw.level: passed, saw.recent_accidents: 0}", f"{{any: [{tests}]}}"),
    )
    code, said, megabytes, seconds = measured(tmp_path, "check", folder, "--no-prove", "--format", form)
    assert code == 1
    assert megabytes < MOST_MEGABYTES
    assert seconds < MOST_SECONDS
    if form == "json":
        lines = {problem["line_text"] for problem in json.loads(said)["problems"]}
        assert max(len(line or "") for line in lines) <= 1_000


@pytest.mark.slow
def test_thousands_of_comments_that_allow(tmp_path: Path) -> None:
    allowed = "".join(f"# allow a{i}\n" for i in range(49_000))
    folder = copied(tmp_path / "policies", ("machines.yaml", "rules:\n", f"{allowed}rules:\n"))
    assert measured(tmp_path, "check", folder, "--no-prove")[3] < MOST_SECONDS


def test_lines_begin_behind_every_kind_of_line_end() -> None:
    assert line_starts("a\nb\r\nc\rd\r\r\n") == (0, 2, 5, 7, 9, 11)


def test_no_bound_hides_what_was_told_before(tmp_path: Path) -> None:
    """Three hundred and fewer are all told, each with what may have been meant."""
    (tmp_path / "f.json").write_text(json.dumps({"member": {f"rol{i}": 1 for i in range(299)}}), "utf-8")
    said = advise(tmp_path / "f.json", "--policies", WORKSHOP).err
    assert said.count("Did you mean `member.role`?") == 299
    assert "more problem" not in said
