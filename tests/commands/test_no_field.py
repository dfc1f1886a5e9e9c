"""Nothing of the field of the shipped policies stands in the program: what it says fits any folder."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import click
import pytest

from engine.commands.main import main
from tests.support.generate_docs import shipped_policies
from tests.support.process import ROOT

EXAMPLES = ("engine/checking/checks", "engine/checking/codes")
"""Where examples stand that are run on a folder of this field (`tests/docs/test_checks_page.py`)."""


@cache
def words_of_the_field() -> re.Pattern[str]:
    """Facts and their groups, rules, policies, sources: what only the shipped folder has by that name."""
    policies = shipped_policies()
    given = {name for name, fact in policies.facts.items() if "." in name}
    groups = {name.partition(".")[0] for name in given}
    named = given | groups | set(policies.by_name) | {name.partition("/")[0] for name in policies.by_name}
    named |= {*policies.sources, "student", "students", "residency", "residents"}
    named -= {
        "applicant",
        "letters",
        "profile",
        "season",
        "application",
        "experience",
        "programs",
        "background",
        "baseline",
    }  # of plain English
    return re.compile(rf"(?<![\w.-])({'|'.join(map(re.escape, sorted(named)))})(?![\w-])")


def helps(group: click.Group, *names: str) -> Iterator[tuple[str, str]]:
    context = click.Context(group)
    for name in group.list_commands(context):
        command = group.get_command(context, name)
        assert command is not None
        yield " ".join((*names, name)), command.get_help(click.Context(command, info_name=name))
        if isinstance(command, click.Group):
            yield from helps(command, *names, name)


def test_no_help_names_what_only_one_field_has() -> None:
    every = dict(helps(main))
    assert len(every) > 20
    assert {
        verb: found for verb, text in every.items() if (found := words_of_the_field().findall(text))
    } == {}


@pytest.mark.parametrize(
    "path",
    [
        pytest.param(path, id=path.relative_to(ROOT).as_posix())
        for path in sorted((ROOT / "engine").rglob("*.py"))
        if not path.relative_to(ROOT).as_posix().startswith(EXAMPLES)
    ],
)
def test_no_text_of_the_program_does(path: Path) -> None:
    tree = ast.parse(path.read_text("utf-8"))
    texts = [node.value for node in ast.walk(tree) if isinstance(node, ast.Constant)]
    assert [text for text in texts if isinstance(text, str) and words_of_the_field().search(text)] == []
