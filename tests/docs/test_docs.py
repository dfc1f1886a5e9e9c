"""The documentation is true: its examples and commands are run, its tables held against the engine."""

from __future__ import annotations

import gc
import json
import os
import re
import shlex
import shutil
from collections.abc import Callable, Iterator
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any, get_args

import pytest
from click.testing import CliRunner

import cli
from engine.base import numbers, positions, read
from engine.base.diagnostic import InvalidInput
from engine.base.diagnostic_text import format_diagnostics
from engine.commands import init, release
from engine.language import model
from engine.language.conditions import FAILS, HOLDS, UNKNOWN, verdict_of
from engine.language.functions import FUNCTIONS
from engine.language.operators import OPERATORS, Operator
from engine.loading import read_folder
from engine.rendering.as_json import render
from tests.support.case_files import observed
from tests.support.generate_docs import (
    facts_page,
    facts_schema_text,
    schema_texts,
    shipped_policies,
)
from tests.support.language_page import (
    FOLDER,
    PAGE,
    Example,
    conditions_policy,
    data,
    examples,
    flow,
    with_more,
)
from tests.support.output_schemas import problems, schema
from tests.support.pages import ROOT, Day, fences, read_page, refreshed, table, with_blocks
from tests.support.process import advise

EXAMPLES = examples()
UNPROVED = "([0-9]+) warnings allowed; proofs left out, and with them ([0-9]+) allowances"
Golden = Callable[[str, str], None]


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


# --- docs/language.md: examples


def of_kind(kind: str) -> pytest.MarkDecorator:
    found = [example for example in EXAMPLES if example.kind == kind]
    assert found, f"the page has no example of this kind: {kind}"
    return pytest.mark.parametrize("example", found, ids=lambda example: example.id)


@pytest.mark.usefixtures("folder")
@of_kind("loads")
def test_example_loads(example: Example) -> None:
    example.run()


@pytest.mark.usefixtures("folder")
@of_kind("gives")
def test_example_gives(example: Example) -> None:
    assert example.outcome is not None
    expected = data(example.outcome.text)
    assert observed(*example.run(), expected) == expected


@pytest.mark.usefixtures("folder")
@of_kind("says")
def test_example_says(example: Example) -> None:
    assert example.outcome is not None
    with pytest.raises(InvalidInput) as refused:
        example.run()
    assert format_diagnostics(refused.value.diagnostics) + "\n" == example.outcome.text


@of_kind("tests")
def test_example_of_policy_tests(example: Example, folder: Path) -> None:
    assert example.outcome is not None
    example.write_folder()
    ended = advise("test", "-v", "policies", cwd=folder)
    assert ended.out + ended.err == example.outcome.text


@pytest.mark.usefixtures("folder")
@of_kind("conditions")
def test_example_conditions(example: Example) -> None:
    assert example.outcome is not None
    block = data(example.outcome.text)
    facts = flow(block.pop("facts", {}))
    policy = conditions_policy(block)
    _, decisions = Example(example.line, {**example.files, "conditions.yaml": policy}, facts, None).run()
    for verdict, conditions in block.items():
        for number, when in enumerate(conditions):
            assert decisions.verdicts[f"conditions/{verdict.lower()}-{number}"].name == verdict, when


@pytest.mark.usefixtures("folder")
@of_kind("report")
def test_example_report(example: Example) -> None:
    assert example.outcome is not None
    found, shown = json.loads(render(example.run()[0])), json.loads(example.outcome.text)
    assert problems("report", found) == []
    assert cut_as(shown, found) == shown


def cut_as(shown: Any, found: Any) -> Any:
    """What was found, its texts cut where those shown are."""
    match shown, found:
        case dict(), dict():
            return {key: cut_as(shown.get(key), value) for key, value in found.items()}
        case list(), list() if len(shown) == len(found):
            return [cut_as(*pair) for pair in zip(shown, found, strict=True)]
        case str(), str() if shown.endswith("…") and found.startswith(shown[:-1]):
            return shown
    return found


# --- docs/language.md: tables


def in_backticks(text: str) -> list[str]:
    return re.findall("`([^`]+)`", text)


def named_in(first_heading: str) -> list[str]:
    """What the first column of a table names."""
    return [name for row in table(PAGE, first_heading) for name in in_backticks(row[first_heading])]


VERDICTS = {"true": HOLDS, "false": FAILS, "unknown": UNKNOWN}
VALUES = {"true": True, "false": False}
HERE = model.Location("page")
ONE, OTHER = (model.Comparison(name, "is", True, HERE) for name in ("one", "other"))


def test_truth_tables() -> None:
    pairs = table(PAGE, "one")
    assert {frozenset((row["one"], row["other"])) for row in pairs} == {
        frozenset((one, other)) for one in VERDICTS for other in VERDICTS
    }
    for row in pairs:
        values = {name: VALUES[row[name]] for name in ("one", "other") if row[name] in VALUES}
        for kind, column in ((model.AllOf, "`all` of both"), (model.AnyOf, "`any` of both")):
            assert verdict_of(kind((ONE, OTHER), HERE), values) is VERDICTS[row[column]]
            assert verdict_of(kind((OTHER, ONE), HERE), values) is VERDICTS[row[column]]
    for row in table(PAGE, "test"):
        values = {"one": VALUES[row["test"]]} if row["test"] in VALUES else {}
        assert verdict_of(model.Not(ONE, HERE), values) is VERDICTS[row["`not`"]]


def test_every_operator_has_an_entry_in_the_table() -> None:
    assert list(OPERATORS) == list(get_args(Operator)), "engine/language/operators.py"


def test_every_operator_is_shown_to_hold_and_to_fail() -> None:
    known = set(OPERATORS)
    told = {name.partition(":")[0] for name in named_in("operator")}
    assert told == known, "docs/language.md: a row for each operator"
    for verdict in ("HOLDS", "FAILS"):
        shown = [data(block.text).get(verdict) for block in fences(PAGE) if block.kind == "conditions"]
        assert known <= set(keys_in(shown))


def keys_in(value: Any) -> Iterator[str]:
    if isinstance(value, dict):
        yield from value
    for inner in value.values() if isinstance(value, dict) else value if isinstance(value, list) else ():
        yield from keys_in(inner)


@pytest.mark.usefixtures("folder")
@pytest.mark.parametrize("row", table(PAGE, "`compute`"), ids=lambda row: row["`compute`"].replace("`", ""))
def test_functions_table(row: dict[str, str]) -> None:
    shown = [tuple(map(data, pair)) for pair in re.findall("`({[^`]+})` → `([^`]+)`", row["examples"])]
    assert {next(iter(call)) for call, _ in shown} == set(in_backticks(row["`compute`"]))
    setting = next(example for example in EXAMPLES if example.kind == "functions")
    assert setting.outcome is not None
    derived = {
        f"result{number}": {"title": "T", "compute": call, **type_of(call)}
        for number, (call, _) in enumerate(shown)
    }
    vocabulary = with_more(setting.files["vocabulary.yaml"], {"derived": derived})
    _, decisions = Example(0, {"vocabulary.yaml": vocabulary}, setting.outcome.text, None).run()
    for name, (call, result) in zip(derived, shown, strict=True):
        found = decisions.values.get(name, "absent" if name in decisions.absent else "unknown")
        assert (found.isoformat() if isinstance(found, date) else found) == result, call


def type_of(call: dict[str, Any]) -> dict[str, Any]:
    """A declared type that the result of a function fits."""
    name = next(iter(call))
    result = (
        FUNCTIONS[name].result if name in FUNCTIONS else {"truth": "boolean", "parameter": "number"}[name]
    )
    if result == "step":
        result = "number"
    if result in ("item", "same"):
        result = "date" if "date" in str(call) else "number"
    return {"type": result, **({"precision": 0.1} if result == "number" else {})}


def test_tables_are_complete() -> None:
    functions = [*FUNCTIONS, "truth", "parameter"]
    assert sorted(named_in("`compute`")) == sorted(functions), "docs/language.md: a row for each function"
    policy, vocabulary, report = (schema(name)["properties"] for name in ("policy", "vocabulary", "report"))
    reserved = {"formerly"}
    assert set(named_in("key of a rule")) == set(policy["rules"]["items"]["properties"]) - reserved
    assert set(named_in("key of a fact")) == set(vocabulary["facts"]["additionalProperties"]["properties"])
    entry = schema("sources")["properties"]["entries"]["additionalProperties"]
    assert set(named_in("key of a source")) == set(entry["properties"])
    assert set(named_in("key of the report")) == set(report)
    assert set(named_in("key of an item")) == set(schema("report")["$defs"]["item"]["properties"])
    case = schema("tests")["properties"]["cases"]["items"]["properties"]
    assert set(named_in("expectation")) == set(case["expect"]["properties"])
    assert set(named_in("file")) >= set(FOLDER)


def test_limits_are_those_of_the_reader() -> None:
    shown = " ".join(row["at most"] for row in table(PAGE, "what"))
    for words in (
        (
            f"{read.MAX_BYTES // 1_000_000} MB, {positions.MAX_DEPTH} levels deep, "
            f"{positions.MAX_NODES:,} values"
        ),
        f"{numbers.MAX_NUMBER_LENGTH} characters, an exponent of {numbers.MAX_EXPONENT}",
        f"{model.NUMBER_LIMIT} up or down",
        f"{model.EARLIEST_DATE} to {model.LATEST_DATE}",
    ):
        assert words in shown


# --- docs/first-rule.md and docs/testing.md


@pytest.mark.slow
@pytest.mark.parametrize("name", ["first-rule", "testing", "your-field"])
def test_page_to_follow(name: str, folder: Path, golden: Golden, monkeypatch: pytest.MonkeyPatch) -> None:
    """Does all that the page says, in its order."""
    # Mostly the same files, seven times.
    monkeypatch.setattr(read_folder, "_read_file", cache(read_folder._read_file))
    monkeypatch.setattr(init, "date", Day)
    monkeypatch.setattr(release, "date", Day)
    shutil.copytree(ROOT / "policies", folder / "policies")
    shutil.copytree(ROOT / "examples", folder / "examples")
    page = read_page(f"docs/{name}.md")
    seen: dict[int, str] = {}
    done = []
    for block in fences(page):
        done.append(block.kind or block.language)
        if block.language == "console":
            seen[block.line] = "".join(map(answered, re.split(r"^(?=\$ )", block.text, flags=re.M)[1:]))
        elif block.kind == "file":
            change(Path(block.name), block.text)
        elif block.kind == "write":
            Path(block.name).write_text(block.text, "utf-8")
        elif block.kind or block.language != "yaml":  # yaml without a word is for another program
            assert block.kind == "add", f"line {block.line}: what is this block?"
            path = Path(block.name)
            path.write_bytes(path.read_bytes() + block.text.encode())
    assert {"console", "file"} <= set(done)
    assert {"add", "write"} & set(done)
    golden(str(ROOT / f"docs/{name}.md"), with_blocks(page, seen))


def answered(typed: str) -> str:
    """A command and what it prints, in excerpts where the page shows excerpts."""
    command, _, shown = typed.partition("\n")
    match shlex.split(command.removeprefix("$ ")):
        case ["cd", place]:
            os.chdir(place)  # `folder` goes back
            found = ""
        case ["cp", "-r", old, new]:
            shutil.copytree(old, new)
            found = ""
        case ["cp", old, new]:
            shutil.copyfile(old, new)
            found = ""
        case ["advise", *arguments]:
            # Proofs have tests of their own; here the policies would be proved seven times. With them each
            # allowance meets its warning.
            day = ["--no-prove", "--as-of", "2026-11-22"] if arguments[0] == "check" else []
            plain = {"COLUMNS": "100", "ADVISE_CACHE": "", "ADVISE_POLICIES": None, "NO_COLOR": "1"}
            found = CliRunner(env=plain).invoke(cli.main, [*arguments, *day]).output
            found = re.sub(UNPROVED, lambda told: f"{int(told[1]) + int(told[2])} warnings allowed", found)
            gc.enable()
        case words:
            raise AssertionError(f"what is {words}?")
    return f"{command}\n{refreshed(shown, found) if '[…]' in shown else found}"


def change(path: Path, lines: str) -> None:
    """Puts the lines with `+` in place of those with `-`, which must stand there once."""
    old, new = (
        "".join(f"{line[1:]}\n" for line in lines.splitlines() if line.startswith(sign)) for sign in "-+"
    )
    text = path.read_text("utf-8")
    assert old
    assert text.count(old) == 1
    path.write_bytes(text.replace(old, new).encode())


# --- What is written from the vocabulary


@pytest.mark.slow
def test_facts_page_and_schema(golden: Golden) -> None:
    policies = shipped_policies()
    golden(str(ROOT / "docs/facts.md"), facts_page(policies))
    golden(str(ROOT / "schemas/facts.schema.json"), facts_schema_text(policies))


def test_functions_and_operators_in_the_schemas(golden: Golden) -> None:
    """And in each schema what it shares with others, so that it works alone."""
    for path, text in schema_texts().items():
        golden(str(path), text)
