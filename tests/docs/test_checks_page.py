"""Every code is explained, and its examples are true: what fails fails with it, what passes does not."""

from __future__ import annotations

import re
import resource
from collections import Counter
from collections.abc import Callable, Mapping
from datetime import date
from pathlib import Path

import pytest
from click.testing import CliRunner

import cli
from engine.advising.advisor import Advisor
from engine.base.diagnostic import Diagnostic, InvalidInput, Location
from engine.base.read import PolicyFile, read_bytes, read_document
from engine.checking.check import check_files, check_folder
from engine.checking.codes import WHERE, CodeExplanation, Example, explanations
from engine.checking.fix import fix_folder
from engine.checking.proofs import CODES
from engine.language.facts import facts_from_source
from engine.loading.folder import find_folder
from engine.loading.load import load
from engine.testing import PolicyTests
from tests.checking.test_codes import engine_codes
from tests.support.case_files import _flow as flow
from tests.support.language_page import FOLDER, HEAD, data, with_more
from tests.support.pages import ROOT

pytestmark = pytest.mark.slow

DAY = date(2026, 9, 1)
EXAMPLES = [
    pytest.param(page.code, example, id=f"{page.code}-{'fails' if example.fails else 'passes'}-{number}")
    for page in explanations()
    for number, example in enumerate(page.examples, 1)
    if not any("not run here" in part.where for part in example.parts)
]


def test_every_code_is_explained_once() -> None:
    codes = [page.code for page in explanations()]
    assert sorted(codes) == sorted(set(codes))
    assert sorted(engine_codes() - set(codes)) == []
    assert sorted(set(codes) - engine_codes()) == []


@pytest.mark.parametrize("page", explanations(), ids=lambda page: page.code)
def test_a_code_has_both_examples(page: CodeExplanation) -> None:
    assert {example.fails for example in page.examples} == {True, False}
    assert page.text


def encoded(files: Mapping[str, str]) -> dict[str, bytes]:
    return {name: text.encode() for name, text in files.items()}


@pytest.mark.parametrize(("code", "example"), EXAMPLES)
def test_example(code: str, example: Example, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    found = codes_of(example, prove_for=60 if code in CODES else None)
    errors = {each for each, severity in found if severity == "error"}
    count = sum(each == code for each, _ in found) - FOLDERS_OWN[code]
    if example.fails:
        assert count > 0
        assert errors <= {code}, f"besides, there is {errors - {code}}"
    else:
        assert count <= 0
        assert not errors


FOLDERS_OWN = Counter(
    found.code
    for found in check_files(
        tuple(PolicyFile(*file) for file in encoded(FOLDER).items()), (), DAY
    ).diagnostics
)
"""The example folder has no rules, so that there are warnings of what nothing uses."""


def codes_of(example: Example, prove_for: float | None) -> list[tuple[str, str]]:
    """The codes of all that is wrong with an example, each with its severity."""
    files = encoded(FOLDER)
    facts: tuple[str, str] | None = None
    command = None
    for part in example.parts:
        where, _, more = part.where.partition(", ")
        kind, _, name = where.partition(" ")
        text = part.text
        assert kind in WHERE, where
        if times := re.fullmatch("last line ([0-9]+) times", more):
            text = re.sub("(.*\n)\\Z", lambda last: last[0] * int(times[1]), text)
        if kind in ("facts", "facts.json"):
            facts = ("facts.yaml" if kind == "facts" else kind, text)
        elif kind == "command":
            command = text.split()
        else:
            at, whole = file_of(kind, name, text)
            files[at] = whole.encode("latin-1" if more == "as latin-1" else "utf-8")
    for path, content in files.items():
        Path("policies", path).parent.mkdir(parents=True, exist_ok=True)
        Path("policies", path).write_bytes(content)
    found: list[tuple[str, str]] = []
    try:
        if command is not None:
            run(command)
        if facts is not None:
            read_facts(*facts)
        PolicyTests(Path("policies"), DAY)
    except InvalidInput as refused:
        found = [(problem.code, "error") for problem in refused.diagnostics]
    checked = check_folder(Path("policies"), DAY, prove_for=prove_for)
    assert checked.unfinished == ()
    return found + [(problem.code, problem.severity) for problem in checked.diagnostics]


def file_of(kind: str, name: str, text: str) -> tuple[str, str]:
    """The name of a file and its text, from the piece of it that an example shows."""
    match kind:
        case "file":
            return name, text
        case "policy":
            given = set(re.findall("^([a-z_]+):", text, flags=re.M))
            head = HEAD.format("example").strip().split("\n")
            return "example.yaml", text + "\n".join(line for line in head if line.split(":")[0] not in given)
        case "when":
            return file_of("rule", "", "when:\n" + re.sub("^", "  ", text, flags=re.M).rstrip(" "))
        case "rule":
            rest = {"id": "a", "title": "A", "tier": "guide", "cites": ["step-guide#target.low"]}
            if "advise:" not in text and "conclude:" not in text:
                rest |= {"conclude": ["profile.ready"]}
            given = set(re.findall("^([a-z_]+):", text, flags=re.M))
            lines = text + "".join(
                f"{key}: {flow(value)}\n" for key, value in rest.items() if key not in given
            )
            indented = re.sub("^(?=.)", "    ", lines, flags=re.M)
            return file_of("policy", "", f"rules:\n  - {indented.lstrip()}")
        case "tests":
            return "tests/example.yaml", f"advise_language: 1\ntests: example\ntitle: Example\n{text}"
    return f"{kind}.yaml", with_more(FOLDER[f"{kind}.yaml"], data(text))


def read_facts(name: str, text: str) -> None:
    policies = load(Path("policies"), DAY)
    advisor = Advisor(policies)
    advisor.report(facts_from_source(read_document(text.encode(), name), policies.facts))


def run(command: list[str]) -> None:
    Path("facts.yaml").write_text("letters: {complete: true}", "utf-8")
    match command:
        case ["advise", "check", "--fix", folder]:
            Path(folder).mkdir(exist_ok=True)
            Path(folder, "a.yaml").write_text("advise_language: 1\npolicy: a\ntitle: A {b}\n", "utf-8")
            limits = resource.getrlimit(resource.RLIMIT_FSIZE)
            if "full-disk" in folder:
                resource.setrlimit(resource.RLIMIT_FSIZE, (0, limits[1]))
            try:
                _, _, problems = fix_folder(Path(folder), DAY)
                if problems:
                    raise InvalidInput(problems)
            finally:
                resource.setrlimit(resource.RLIMIT_FSIZE, limits)
                Path(folder, "a.yaml").unlink()
        case ["advise", "check", folder]:
            find_folder(folder)
        case [
            "advise",
            "audit" | "diff" | "init" | "release" | "what-if" | "ask" | "new" | "table" as verb,
            *_,
        ]:
            run_verb(verb, command[1:])
        case ["advise", path]:
            read_bytes(Path(path), path)


def run_verb(verb: str, arguments: list[str]) -> None:
    """A verb as it is typed, with a record in the audit file and cohorts beside it. Raises InvalidInput."""

    def typed(*words: str) -> str:
        found = CliRunner(env={"ADVISE_CACHE": "", "LOGNAME": "ann"}).invoke(cli.main, words)
        assert found.exception is None or isinstance(found.exception, SystemExit), found.exception
        return found.output

    if verb == "audit":
        typed("facts.yaml", "--record", "--audit", "office.db", "--policies", "policies")
    Path("cohort.csv").write_text("letters.complete,visa.need\ntrue,\n", "utf-8")
    Path("short-line.csv").write_text("letters.complete,visa.need\ntrue\n", "utf-8")
    Path("a-fact-twice.csv").write_text("visa.need,visa.need\nnone,j1\n", "utf-8")
    Path("somebody-twice.csv").write_text("applicant.id\nA1\nA1\n", "utf-8")
    Path("wrong-cell.csv").write_text("letters.complete\nmaybe\n", "utf-8")
    Path("nobody.csv").write_text("letters.complete,visa.need\n", "utf-8")
    Path("cells.csv").write_text("id,step2_ck.score,study.hours\nlow,< 215,20\nhigh,>= 215,11\n", "utf-8")
    Path("nothing.xlsx").write_text("nothing", "utf-8")
    problems = re.findall(r" \[([a-z-]+)\]$", typed(*arguments), re.MULTILINE)
    errors = [
        code
        for code in problems
        if code not in {page.code for page in explanations() if "Checks" in page.group}
    ]
    if errors:
        raise InvalidInput([Diagnostic(code, code, Location("")) for code in errors])


def test_the_page_is_written_from_them(golden: Callable[[str, str], None]) -> None:
    golden(str(ROOT / "docs/checks.md"), checks_page())


def checks_page() -> str:
    """`docs/checks.md`."""
    where = "".join(f"- *{kind}*: {words}\n" for kind, words in WHERE.items())
    parts = [INTRODUCTION.format(where=where)]
    group = ""
    for page in explanations():
        if page.group != group:
            group = page.group
            parts.append(f"\n## {group}\n")
        parts.append(f'\n### <a id="{page.code}"></a>{page.code}\n\n**{page.title}.**\n{page.as_markdown()}')
    return "".join(parts)


INTRODUCTION = """\
# What `advise check` says

Each problem has a code, which stands in brackets behind the message and does not change from release to
release. `advise check --explain CODE` prints what stands here; this page is written from the same texts
(`nox -s docs`), and every example is run by the tests. Errors are refused by every command; those of
policy tests by `advise test` and `advise release`.
Warnings (the checks of usable policies, and the allowances) are for whoever looks after the policies.

A warning that is meant to stay is allowed with its reason, at the end of the line or right above it:
`# allow unused-fact: the guidance asks for it`.

The examples are pieces of a small folder, the one at the end of [the language page](language.md):

{where}"""
