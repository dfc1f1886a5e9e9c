"""Files of up to 2 MB with thousands of problems: within 300 MB, in seconds, a few hundred of them told."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from engine.base.positions import line_starts
from tests.support.edited import copied
from tests.support.process import COMMAND, WORKSHOP, advise, environment

pytestmark = pytest.mark.skipif(os.name != "posix", reason="memory as POSIX measures it")
MOST_MEGABYTES = 300
MOST_SECONDS = 15
"""Three times what it takes on a quiet machine."""


def filled(piece: Callable[[int], str], joint: str, begins: str, ends: str) -> str:
    """As many pieces as 2 MB hold."""
    count = (1_999_000 - len(begins) - len(ends)) // (len(piece(9_999_999)) + len(joint))
    return begins + joint.join(map(piece, range(count))) + ends


MEASURED = """
import json, os, subprocess, sys
process = subprocess.Popen(sys.argv[2:], stdin=subprocess.DEVNULL)
_, status, usage = os.wait4(process.pid, 0)
code, seconds = os.waitstatus_to_exitcode(status), usage.ru_utime + usage.ru_stime
with open(sys.argv[1], "w") as stream:
    json.dump([code, usage.ru_maxrss / 1_000, seconds], stream)
"""
"""From a small process: the memory of who starts another counts as that one's until it runs its program."""


def measured(tmp_path: Path, *words: str | Path) -> tuple[int, str, float, float]:
    """Exit code, what was said, megabytes and seconds of processor time."""
    with (tmp_path / "said").open("wb") as said:
        subprocess.run(
            [sys.executable, "-c", MEASURED, tmp_path / "usage", *COMMAND, *map(str, words)],
            stdout=said,
            stderr=said,
            env=environment({"ADVISE_POLICIES": str(WORKSHOP)}),
            check=True,
        )
    code, megabytes, seconds = json.loads((tmp_path / "usage").read_text("utf-8"))
    return code, (tmp_path / "said").read_text("utf-8"), megabytes, seconds


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
    allowed = "".join(f"# allow a{i}\n" for i in range(50_000))
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
