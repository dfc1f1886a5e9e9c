"""Whatever is done to a policy folder or a facts file: the outcome is a report, or problems at their places.

Files are damaged the way editors, merges and strangers damage them. The damage is the same on every machine
(`DETERMINISTIC`); what it once found stands in the case files.
"""

from __future__ import annotations

import copy
import json
import re
from collections.abc import Callable, Iterator, Mapping
from datetime import date
from random import Random
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.advising.advisor import Advisor
from engine.base.diagnostic import InvalidInput
from engine.base.diagnostic_text import format_diagnostics
from engine.base.read import PolicyFile, read_document, read_yaml
from engine.language.facts import facts_from_source
from engine.loading.folder import list_files
from engine.loading.load import resolve_files
from engine.rendering import render_json, render_text
from tests.support.case_files import TESTS
from tests.support.edited import read_once
from tests.support.strategies import DETERMINISTIC

DAY = date(2026, 11, 22)

EXTRA = """\
advise_language: 1
policy: extra
title: More of the language
version: "1.0.0"
status: active
effective: {from: 2026-01-01, until: 2027-12-31}
required: false
parameters:
  many_days: {dated_by: member.joined_on, values: {2020-01-01: 30, 2025-01-01: 60}, cites: [house-rules#keys]}
  first_day: {values: {2020-01-01: 2024-01-01}, tier: habit, unit: days, cites: [house-rules#keys]}
bands:
  member.time:
    of: member.days
    ranges:
      new: {below: {parameter: many_days}}
      old: {title: Long here, at_least: {parameter: many_days}}
rules:
  - id: welcome
    title: Welcome
    when:
      member.joined_on: {between: [{parameter: first_day}, {fact: as_of}]}
      not: {any: [{saw.accidents: {includes: 2026-01-01}}, {saw.test_score: {above: 9.5, known: true}}]}
      all:
        - member.role: {none_of: [guest]}
        - member.days: {at_most: {parameter: many_days, on: as_of}}
    conclude: [safety.doubt]
    advise:
      text: "Since {member.joined_on}, {member.days} of {{…}}."
      steps: [Look around., "It is {as_of}."]
      category: keys
      severity: do
      due: 2026-12-31
    supersedes: [machines/key]
    tier: habit
    cites: [house-rules#keys, house-rules#saw]
    why: >-
      So they feel at home.
"""

FILES: Mapping[str, str] = {
    **{file.path: file.content.decode() for file in list_files(TESTS / "fields" / "workshop")},
    "extra.yaml": EXTRA,
}

FACTS = (
    """\
{"as_of": "2026-11-22", "member": {"name": "Ada", "joined_on": "2026-01-05", "role": "member"},
 "saw": {"trained": true, "test_score": 8.5, "accidents": ["2026-09-30", "2026-01-31"]}, "year": 2026}
""",
    """\
# a note
member:
  name: Ada
  joined_on: 2026-01-05   # a Monday
  role: member
saw: {trained: true, test_score: 8.50, accidents: [2026-09-30]}
year: 2026
""",
)

STRANGE = (
    *(
        "",
        " ",
        "\n",
        "\t",
        "\r",
        "\0",
        "\x85",
        "\u2028",
        "\ufeff",
        "\U0001f600",
        "²",
        "٣",
        "�",
        "\\",
        "\\ud800",
    ),
    *("null", "~", "true", "yes", "0", "-1", "1e5", "1e400", "1e-400", "1e9999999", "9" * 99, "9" * 5_000),
    *(
        "0.1",
        "7.55",
        "٣.5",
        "2026-02-30",
        "9999-12-31",
        "0001-01-01",
        "1900-01-01",
        "2026-01-01T00:00",
        "''",
        '""',
    ),
    *(
        "[]",
        "{}",
        "[[]]",
        "{{",
        "}}",
        "{",
        "}",
        "[",
        "]",
        "&a ",
        "*a",
        "!!str ",
        "<<: ",
        "? ",
        "- ",
        ": ",
        " #",
    ),
    *("|", ">-", "%", "@", "`", "---\n", "...\n", "{fact: as_of}", "{parameter: saw_pass}", "{known: false}"),
    *(
        "as_of",
        "year",
        "saw.level",
        "safety.doubt",
        "member.name",
        "machines/key",
        "extra/welcome",
        "saw_pass",
    ),
    *(
        "number",
        "list",
        "enum",
        "date",
        "text",
        "boolean",
        "integer",
        "of: number",
        "precision: 0.3",
        "range: 5",
    ),
    *("draft", "retired", "house-rules#saw", "$eq", "x" * 300),
)
"""Put where something else stood."""

TOKEN = re.compile(r"[\w.#/@-]+|\"[^\"\n]*\"|[^\s\w]|\s+")


Damage = Callable[[str, Random], str]


def on_a_line(change: Callable[[str, Random], str]) -> Damage:
    def damage(text: str, random: Random) -> str:
        lines = text.splitlines(keepends=True)
        at = random.randrange(len(lines))
        return "".join([*lines[:at], change(lines[at], random), *lines[at + 1 :]])

    return damage


def on_a_token(change: Callable[[str, Random], str]) -> Damage:
    def damage(text: str, random: Random) -> str:
        tokens = TOKEN.findall(text)
        at = random.randrange(len(tokens))
        return "".join([*tokens[:at], change(tokens[at], random), *tokens[at + 1 :]])

    return damage


def move_line(text: str, random: Random) -> str:
    lines = text.splitlines(keepends=True)
    line = lines.pop(random.randrange(len(lines)))
    lines.insert(random.randrange(len(lines) + 1), line)
    return "".join(lines)


def swap_tokens(text: str, random: Random) -> str:
    tokens = TOKEN.findall(text)
    first, second = random.randrange(len(tokens)), random.randrange(len(tokens))
    tokens[first], tokens[second] = tokens[second], tokens[first]
    return "".join(tokens)


def copy_token(text: str, random: Random) -> str:
    token = random.choice(TOKEN.findall(text))
    return on_a_token(lambda _token, _random: token)(text, random)


def flip(text: str, random: Random) -> str:
    """One bit, in the bytes: the result need not be UTF-8."""
    content = bytearray(text.encode("utf-8", "surrogateescape"))
    content[random.randrange(len(content))] ^= 1 << random.randrange(8)
    return content.decode("utf-8", "surrogateescape")


TEXT_DAMAGES: tuple[Damage, ...] = (
    on_a_line(lambda _line, _random: ""),
    on_a_line(lambda line, _random: line + line),
    on_a_line(lambda line, random: random.choice(("  " + line, line[2:]))),
    on_a_line(lambda line, random: line[: random.randrange(len(line))]),
    on_a_token(lambda _token, random: random.choice(STRANGE)),
    on_a_token(lambda token, random: random.choice(STRANGE) + token),
    on_a_token(lambda _token, _random: ""),
    move_line,
    swap_tokens,
    copy_token,
    flip,
    lambda text, random: text[: random.randrange(len(text))],
)


def nodes(value: Any, pointer: tuple[Any, ...] = ()) -> Iterator[tuple[tuple[Any, ...], Any]]:
    """Every value of a file with the way to it."""
    yield pointer, value
    inner = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, each in inner:
        yield from nodes(each, (*pointer, key))


def data_of(text: str) -> Any:
    return read_yaml(text.encode(), "x.yaml").data


STRANGE_VALUES: tuple[Any, ...] = (
    *(
        None,
        True,
        False,
        0,
        -1,
        1,
        2,
        7.55,
        0.1,
        1e300,
        10**30,
        "",
        "²",
        "2026-02-30",
        "9999-12-31",
        "0001-01-01",
    ),
    *(
        [],
        {},
        [[]],
        [None],
        {"": 1},
        {"fact": "as_of"},
        {"parameter": "saw_pass"},
        {"known": False},
        ["a", "a"],
    ),
    *(
        {"all": []},
        {"not": {"year": 1}},
        {"is": 1, "is_not": 1},
        "text\nof two lines",
        "{",
        "{{}}",
        "{saw.level}",
    ),
    *(
        {"between": [2, 1]},
        {"on": "as_of"},
        {"fact": "as_of", "on": "as_of"},
        "x" * 300,
        "2026-01-01\n",
        "yes",
    ),
)


def damage_data(data: Any, random: Random) -> Any:
    """One value, or name, of a file is another one: of this file, of another, or a strange one."""
    pointer, _ = random.choice([node for node in nodes(data) if node[0]])
    owner = data
    for key in pointer[:-1]:
        owner = owner[key]
    last = pointer[-1]
    kind = random.randrange(16)
    if kind == 0:
        del owner[last]
    elif kind == 1 and isinstance(owner, dict):
        name = random.choice(NAMES)
        renamed = {name if key == last else key: value for key, value in owner.items()}
        owner.clear()
        owner.update(renamed)
    elif kind == 2 and isinstance(owner, list):
        owner.append(copy.deepcopy(owner[last]))
    elif kind == 3:
        owner[last] = {random.choice(NAMES): owner[last]}
    elif kind == 4:
        owner[last] = [owner[last]] * random.randint(1, 3)
    elif kind == 5:
        owner[last] = copy.deepcopy(random.choice(STRANGE_VALUES))
    else:  # something that may well stand here
        alike = [each for each in VALUES if type(each) is type(owner[last])]
        alike = LIKE[last] if last in LIKE and kind < 12 else alike
        owner[last] = copy.deepcopy(random.choice(alike or VALUES))
    return data


POINTED = tuple(node for text in FILES.values() for node in nodes(data_of(text)) if len(node[0]) > 1)
VALUES = tuple(value for _, value in POINTED)
LIKE = {key: [each for way, each in POINTED if way[-1] == key] for key in {way[-1] for way, _ in POINTED}}
"""What stands under a name anywhere."""
NAMES = sorted(
    {str(key) for text in FILES.values() for pointer, _ in nodes(data_of(text)) for key in pointer}
    | {
        "is",
        "one_of",
        "any",
        "precision",
        "range",
        "values",
        "count",
        "sum",
        "truth",
        "headline",
        "sort",
        "²",
        "",
    }
)


def damaged(text: str, random: Random) -> bytes:
    """A file to which a few things happened: to its text, or to its data."""
    times = random.choice((1, 1, 1, 2, 3))
    if random.random() < 0.5:
        data = data_of(text)
        for _ in range(times):
            data = damage_data(data, random) if isinstance(data, dict | list) and data else data
        return json.dumps(data, ensure_ascii=False, default=float).encode()
    for _ in range(times):
        if text:
            text = random.choice(TEXT_DAMAGES)(text, random)
    return text.encode("utf-8", "surrogateescape")


randoms = st.integers(0, 2**64).map(Random)
"""Places and choices are drawn evenly, for which a strategy has no reason; the seed is what fails again."""


folders = randoms.map(lambda random: damaged_folder(random))


def damaged_folder(random: Random) -> tuple[PolicyFile, ...]:
    """The workshop's policies, one file of them damaged, or missing, or two."""
    files = {name: text.encode() for name, text in FILES.items()}
    for name in random.sample(sorted(files), random.choice((1, 1, 2))):
        files[name] = damaged(FILES[name], random)
    if random.random() < 0.05:
        del files[random.choice(sorted(files))]
    return tuple(PolicyFile(name, content) for name, content in sorted(files.items()))


@pytest.fixture(scope="module", autouse=True)
def files_read_once() -> Iterator[None]:
    """The undamaged files are the same each time: reading them once makes room for more damage."""
    with pytest.MonkeyPatch.context() as patch:
        read_once(patch)
        yield


def assert_told(refused: InvalidInput, contents: Mapping[str, bytes]) -> None:
    """There is a problem, each is told, and stands at a place that exists."""
    assert refused.diagnostics
    for problem in refused.diagnostics:
        assert problem.message
        assert problem.at.line >= 1
        assert problem.at.column >= 1
        if problem.at.path in contents:
            lines = re.split("\r\n|\r|\n", contents[problem.at.path].decode("utf-8", "replace"))
            assert problem.at.line <= len(lines), problem
            assert problem.at.column <= len(lines[problem.at.line - 1].encode()) + 1, problem
    assert format_diagnostics(refused.diagnostics)


ASKED = read_document(FACTS[0].encode(), "facts.json")


@pytest.mark.slow
@settings(DETERMINISTIC, max_examples=700)
@given(folders)
def test_damaged_policies(files: tuple[PolicyFile, ...]) -> None:
    contents = {file.path: file.content for file in files} | {"facts.json": FACTS[0].encode()}
    try:
        policies = resolve_files(files, DAY)
        report = Advisor(policies).report(facts_from_source(ASKED, policies.facts))
    except InvalidInput as refused:
        assert_told(refused, contents)
        return
    assert render_json(report)
    assert render_text(report, top=None, all_items=True, width=80, colour=False)


WORKSHOP = resolve_files(tuple(PolicyFile(name, text.encode()) for name, text in sorted(FILES.items())), DAY)
ADVISOR = Advisor(WORKSHOP)


@pytest.mark.slow
@settings(DETERMINISTIC, max_examples=1_500)
@given(st.sampled_from(FACTS), randoms, st.sampled_from(("facts.json", "facts.yaml", "facts")))
def test_damaged_facts(text: str, random: Random, name: str) -> None:
    content = damaged(text, random)
    try:
        source = read_document(content, name)
        report = ADVISOR.report(facts_from_source(source, WORKSHOP.facts))
    except InvalidInput as refused:
        assert_told(refused, {name: content})
        return
    assert render_json(report)


@settings(DETERMINISTIC, max_examples=500)
@given(st.binary(max_size=60), st.sampled_from(("facts.json", "facts.yaml", "facts")))
def test_bytes_that_are_no_facts(content: bytes, name: str) -> None:
    try:
        source = read_document(content, name)
        ADVISOR.report(facts_from_source(source, WORKSHOP.facts))
    except InvalidInput as refused:
        assert_told(refused, {name: content})
