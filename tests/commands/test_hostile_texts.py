"""Texts of others that would steer a terminal, forge lines or become markup: in no output of any command."""

from __future__ import annotations

import json
import os
import re
import shutil
from pathlib import Path
from typing import Any, Final

import pytest
from click.testing import CliRunner, Result
from markdown_it import MarkdownIt

from engine.audit.recipients_view import _cell
from engine.base.plain_text import harmless
from engine.base.read import read_yaml
from engine.commands.main import main
from tests.support.edited import contents, copied
from tests.support.process import WORKSHOP, advise

HOSTILE: Final = (
    "x\x1b[31mred\x1b]0;title\x07\x00\x08\x7f\x9b2J\u202eesrever\u2066in\u2069\u200f\U000e0041"
    "\rback\nFORGED 1 ::error::forged [click](https://evil.example) ![see](https://evil.example/p.png) "
    "https://evil.example @somebody <script>"
)
HARMFUL: Final = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\U000e0000-\U000e007f]"
)
PROSE: Final = {
    "title", "text", "steps", "why", "message", "question", "owner", "section", "publisher", "unit", "short",
    "values", "severities", "tiers", "categories", "note", "by", "approved_by", "address", "name",
}  # fmt: skip
USABLE: Final = HOSTILE.replace("\r", "")
"""Without what no file may hold, in whatever form."""
LABEL: Final = USABLE
FACTS: Final = {
    "as_of": "2026-11-22",
    "member": {"name": LABEL, "role": "member", "joined_on": "2026-01-01"},
    "saw": {"trained": False},
    "year": 2026,
}
TESTS: Final = {
    "advise_language": 1,
    "tests": "any",
    "cases": [
        {"name": USABLE, "facts": FACTS, "expect": {"fails": ["machines/train"]}},
        {"name": f"{USABLE} 2", "facts": FACTS, "expect": {"text": {"machines/train": USABLE}}},
    ],
}
ODD: Final = "odd\x1b[31m\x9b\u202e\r.yaml"

RUNS: Final = (
    *(f"{verb} --format {form}" for form in ("text", "json", "markdown", "html") for verb in (
        "report facts.json", "report facts.json --all", "explain facts.json", "ask facts.json",
        "what-if facts.json --set saw.trained=true", "reach facts.json machines/train --stop",
        "versions", "sources", "sources --check-by 2030-01-01", "diff WORKSHOP policies --no-prove",
        "diff WORKSHOP policies --no-prove --cohort cohort.jsonl", "audit list", "audit overrides",
    )),
    *(f"check --no-prove --format {form}" for form in ("text", "json", "sarif", "github", "markdown")),
    *(f"check broken --no-prove --format {form}" for form in ("text", "json", "sarif", "github", "markdown")),
    *(f"test --format {form}" for form in ("text", "json", "junit", "github")),
    "test -v", "test --coverage", "test --suggest --all", "report broken.json", "report ODD",
    *(f"rules --format {form}" for form in ("text", "json", "markdown")), "schema", "facts-schema",
    "audit show 1", "audit show 1 --part facts", "audit show 1 --part report", "audit export",
    *(f"audit rule machines/train --format {form}" for form in ("text", "csv", "json")), "audit verify",
    "audit replay 1", "audit replay 1 --with current", "audit forget HOSTILE",
    "audit list --applicant HOSTILE",
    "release machines --minor --note HOSTILE", "release --first --approved-by HOSTILE",
    "rules HOSTILE", "rules --fact HOSTILE", "report HOSTILE", "explain facts.json HOSTILE",
    "what-if facts.json --set HOSTILE", "reach facts.json HOSTILE", "--HOSTILE", "check HOSTILE",
    "audit outcome 1 1 --accepted", "audit outcome 1 HOSTILE --accepted", "init HOSTILE/x",
    "versions HOSTILE",
)  # fmt: skip


def spoilt(value: Any, key: str = "") -> Any:
    """The data of a policy file with hostile text in every field that is free."""
    if isinstance(value, dict):
        return {name: spoilt(inner, key if key in PROSE else name) for name, inner in value.items()}
    if isinstance(value, list):
        return [spoilt(inner, key if key == "steps" else "") for inner in value]
    return value + USABLE if isinstance(value, str) and key in PROSE else value


def as_yaml(value: Any) -> str:
    """JSON, which is YAML; what is beyond U+FFFF stands as it is."""
    return json.dumps(value, default=float).replace("\\udb40\\udc41", "\U000e0041")


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("hostile")
    for name in ("policies", "broken"):
        shutil.copytree(WORKSHOP, folder / name)
    for file in (folder / "policies").glob("*.yaml"):
        data = spoilt(read_yaml(file.read_bytes(), file.name).data)
        data["changes"] = [
            {"version": data["version"], "date": "2026-01-01", "note": USABLE, "by": USABLE},
        ]
        file.write_text(as_yaml(data), "utf-8")
    (folder / "policies" / "tests").mkdir()
    (folder / "policies" / "tests" / "any.yaml").write_text(as_yaml(TESTS), "utf-8")
    (folder / "broken" / "tests").mkdir()
    for file in (*(folder / "broken").glob("*.yaml"), folder / "broken" / "tests" / "x"):
        spoiled = {HOSTILE: HOSTILE, "version": HOSTILE, "title": 1, "advise_language": 1}
        file.with_name(f"{file.stem}-{ODD}").write_text(as_yaml(spoiled), "utf-8")
    machines = folder / "broken" / "machines.yaml"
    data = read_yaml(machines.read_bytes(), "x").data
    for rule in data["rules"]:
        rule.update(when={HOSTILE: 1}, tier=HOSTILE, cites=[HOSTILE])
    machines.write_text(as_yaml(data), "utf-8")
    (folder / "facts.json").write_text(json.dumps(FACTS), "utf-8")
    (folder / "cohort.jsonl").write_text(json.dumps(FACTS) + "\n", "utf-8")
    (folder / "broken.json").write_text(json.dumps({HOSTILE: HOSTILE, "year": HOSTILE}), "utf-8")
    (folder / ODD).write_text(as_yaml(FACTS), "utf-8")
    return folder


def run(place: Path, line: str, monkeypatch: pytest.MonkeyPatch) -> Result:
    monkeypatch.chdir(place)
    named = {"HOSTILE": HOSTILE.replace("\0", ""), "ODD": ODD, "WORKSHOP": str(WORKSHOP)}
    words = [re.sub("HOSTILE|ODD|WORKSHOP", lambda match: named[match[0]], word) for word in line.split(" ")]
    env = {
        "LOGNAME": named["HOSTILE"], "ADVISE_AUDIT": "audit.db", "ADVISE_POLICIES": "policies",
        "ADVISE_CACHE": "", "COLUMNS": "100", "NO_COLOR": "1",
    }  # fmt: skip
    return CliRunner().invoke(main, words, env=env, input="n\n")


@pytest.mark.slow
@pytest.mark.skipif(os.name != "posix", reason="names of files as POSIX has them")
def test_no_output_of_any_command_holds_what_steers_a_terminal(
    place: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    recorded = run(place, "report facts.json --record", monkeypatch)
    assert recorded.exit_code == 0, recorded.output
    for line in RUNS:
        ended = run(place, line, monkeypatch)
        assert ended.exit_code in (0, 1, 2), (line, ended.exit_code, ended.output)
        for said in (ended.stdout_bytes.decode(), ended.stderr):
            harmful = HARMFUL.search(said)
            assert harmful is None, (line, said[max(0, harmful.start() - 200) : harmful.start() + 50])
        lines = ended.stdout_bytes.decode().split("\n")
        if line.startswith(("audit list", "audit rule", "versions", "sources", "rules")):
            assert not [said for said in lines if said.startswith("FORGED")], line
        if "github" in line:
            assert not [said for said in lines if said.startswith("::error::forged")], line
        if "markdown" in line:
            page = MarkdownIt("commonmark").enable("table").render(ended.stdout_bytes.decode())
            page = re.sub("<code>.*?</code>", "", page, flags=re.DOTALL)
            assert not re.search('<a href="http|<img|<script|https://|@somebody', page), line


USERS: Final = {
    b"An\x1b[31mn\x07\x7f": "An\\u001b[31mn\\u0007\\u007f",
    "An\u202en\x9b".encode(): "An\\u202en\\u009b",
    b"Ann\r\nFORGED 1\n::error::forged": "Ann FORGED 1 ::error::forged",
    b"An\xffn": "An?n",
    b"A" * 10_000: "A" * 100,
}
"""What the environment may give as the name of the user, and as what it is taken."""


@pytest.mark.slow
@pytest.mark.skipif(os.name != "posix", reason="an environment of any bytes")
@pytest.mark.parametrize("given", USERS, ids=["controls", "direction", "lines", "no text", "long"])
def test_the_name_of_a_user_is_plain_text_wherever_it_is_written(tmp_path: Path, given: bytes) -> None:
    folder = copied(tmp_path / "policies")
    facts = tmp_path / "facts.json"
    facts.write_text(json.dumps(FACTS), "utf-8")
    name = os.fsdecode(given)
    env = {
        "LOGNAME": name, "USER": name, "ADVISE_AUDIT": str(tmp_path / "audit.db"),
        "ADVISE_POLICIES": str(folder),
    }  # fmt: skip
    for line in (
        "release --first --approved-by Bo", "check --no-prove", "versions", "release --undo",
        "report FACTS --record", "audit list", "audit show 1", "audit export", "audit verify",
        "audit replay 1",
    ):  # fmt: skip
        words = [str(facts) if word == "FACTS" else word for word in line.split()]
        ended = advise(*words, env=env)
        assert ended.code == 0, (line, ended.err)
        for said in (ended.out, ended.err):
            assert HARMFUL.search(said) is None, line
            assert not re.search("^(FORGED|::error)", said, re.MULTILINE), line
        if line.startswith("release --first"):
            written = read_yaml((folder / "machines.yaml").read_bytes(), "machines.yaml").data
            assert written["changes"][0]["by"] == USERS[given]
            released = contents(folder)
        if line == "audit list":
            assert USERS[given][:10] in ended.out
    assert released.keys() > contents(folder).keys()


def test_what_is_harmless_stays_and_what_is_not_is_an_escape_of_json() -> None:
    assert harmless("é\t東\n\u200d👩") == "é\t東\n\u200d👩"
    assert harmless("\x1b\x9b\u202e\U000e0041\0") == "\\u001b\\u009b\\u202e\\udb40\\udc41\\u0000"
    assert json.loads(harmless('"\x9b\u202e\U000e0041"')) == "\x9b\u202e\U000e0041"


@pytest.mark.parametrize("before", ["", "\t", "\n", "\r", " ", "\xa0", " \t\n"])
@pytest.mark.parametrize("sign", "=+-@＝＋－＠")
def test_no_cell_of_a_table_is_a_formula(before: str, sign: str) -> None:
    assert _cell(f"{before}{sign}cmd|' /C calc'!A0").startswith("'")
