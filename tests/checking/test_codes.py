"""Every code a diagnostic can have is asserted by a case, at a place."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator

import pytest

from tests.support.case_files import TESTS, all_cases, expected_problems

ENGINE = TESTS.parent / "engine"
MAKERS = {"Diagnostic", "error", "problem", "fatal"}
"""What makes a diagnostic; each is called with the code first."""

CODE = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")


def modules() -> Iterator[ast.Module]:
    for path in sorted(ENGINE.rglob("*.py")):
        yield ast.parse(path.read_text("utf-8"))


def calls(tree: ast.AST) -> Iterator[ast.Call]:
    return (node for node in ast.walk(tree) if isinstance(node, ast.Call))


def name_of(call: ast.Call) -> str:
    return call.func.attr if isinstance(call.func, ast.Attribute) else getattr(call.func, "id", "")


def codes_in(tree: ast.Module) -> Iterator[str]:
    """The codes in a module. One that is put together, as `unknown-{kind}`, stands with its `{kind}`."""
    for statement in tree.body:
        if isinstance(statement, ast.AnnAssign) and ast.unparse(statement.target) == "CODE":
            assert statement.value is not None
            yield from written(statement.value)
    for call in calls(tree):
        if name_of(call) in MAKERS and call.args:
            yield from written(call.args[0])


def written(code: ast.expr) -> Iterator[str]:
    match code:
        case ast.Constant(str(text)):
            yield text
        case ast.JoinedStr(parts):
            yield "".join(map(written_part, parts))
        case ast.IfExp(_, body, orelse):
            yield from written(body)
            yield from written(orelse)
        case ast.Name() | ast.Attribute():
            return  # handed on: it is written where it comes from
        case _:
            raise AssertionError(f"no code can be read from {ast.unparse(code)}")


def written_part(part: ast.expr) -> str:
    if isinstance(part, ast.FormattedValue):
        return "{" + ast.unparse(part.value) + "}"
    assert isinstance(part, ast.Constant)
    return str(part.value)


def engine_codes() -> set[str]:
    trees = list(modules())
    found = {code for tree in trees for code in codes_in(tree)}
    # `unknown-{kind}`: every kind that `unknown` and `_check_label` are called with.
    assert {code for code in found if "{" in code} == {"unknown-{kind}"}
    found.remove("unknown-{kind}")
    for tree in trees:
        for call in calls(tree):
            if name_of(call) in ("unknown", "_check_label") and call.args:
                found.update(f"unknown-{kind}" for kind in written(call.args[0]))
    assert all(CODE.fullmatch(code) for code in found), found
    return found


def codes_with_a_case() -> set[str]:
    """Codes at a place, `… 3:5 code`, in the case files and in the tables of the tests."""
    found = {
        problem.rpartition(" ")[2]
        for case in all_cases()
        if {"problems", "warnings", "proofs"} & case.data.keys()
        for problem in expected_problems(case.data)
    }
    for path in TESTS.rglob("test_*.py"):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.Constant) and isinstance(node.value, str):
                found.update(re.findall(r"\d+:\d+ ([a-z0-9-]+)\b", node.value))
                found.update(re.findall(r": .*\[([a-z0-9-]+)\]", node.value))
    return found


@pytest.mark.slow
def test_every_code_has_a_case() -> None:
    codes = engine_codes()
    assert len(codes) > 50
    assert sorted(codes - codes_with_a_case()) == []


@pytest.mark.slow
def test_no_case_asserts_a_code_that_does_not_exist() -> None:
    asserted = {
        problem.rpartition(" ")[2]
        for case in all_cases()
        if {"problems", "warnings", "proofs"} & case.data.keys()
        for problem in expected_problems(case.data)
    }
    assert sorted(asserted - engine_codes()) == []


def test_a_code_is_found_wherever_it_is_written() -> None:
    source = """
problems.error("a-b", "…", at)
raise self.fatal("c" if x else "d", "…", 0)
Diagnostic(f"unknown-{kind}")
"""
    assert set(codes_in(ast.parse(source))) == {"a-b", "c", "d", "unknown-{kind}"}
