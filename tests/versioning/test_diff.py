"""Differences of meaning: what counts as one, whether it is looser or stricter, and for whom."""

from __future__ import annotations

import itertools
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.base.diagnostic import CommandLine, InvalidInput
from engine.commands.diff import command
from engine.language.conditions import HOLDS, verdict_of
from engine.language.facts import read_facts
from engine.language.model import Condition, Fact, Value
from engine.versioning.diff.canonical import canonical
from engine.versioning.diff.changes import PolicyChange
from engine.versioning.diff.cohort import Affected, compare_cohort, read_cohort
from engine.versioning.diff.difference import difference
from engine.versioning.diff.revisions import revision
from engine.versioning.diff.view import in_short, item_in_words, reach
from tests.support import strategies
from tests.support.edited import copied, edit
from tests.support.measured import measured
from tests.support.process import WORKSHOP, advise, environment
from tests.support.strategies import AT, DETERMINISTIC

pytestmark = pytest.mark.slow

DAY = date(2026, 11, 22)


# -- looser and stricter -----------------------------------------------------------------------------

SMALL: Mapping[str, Fact] = {
    "count": Fact("count", "Count", "integer", "given", AT, low=0, high=4),
    "share": Fact("share", "Share", "number", "given", AT, low=0, high=Decimal("2.4"), step=Decimal("0.1")),
    "flag": Fact("flag", "Flag", "boolean", "given", AT),
    "kind": Fact(
        "kind", "Kind", "enum", "given", AT, values=tuple((str(v), "l") for v in strategies.POOLS["enum"])
    ),
    "day": Fact("day", "Day", "date", "given", AT, low=date(2026, 8, 31), high=date(2026, 9, 3)),
}


def values_of(fact: Fact) -> list[Value | None]:
    """Every value of a small fact, and None for unknown."""
    found: list[Value | None] = [None]
    match fact.type:
        case "boolean":
            found += [True, False]
        case "enum":
            found += [name for name, _ in fact.values]
        case "date":
            found += [
                date.fromordinal(number) for number in range(fact.low.toordinal(), fact.high.toordinal() + 1)
            ]  # type: ignore[union-attr]  # these facts have a range of dates
        case "integer":
            found += list(range(fact.low, fact.high + 1))  # type: ignore[arg-type, operator]  # or whole numbers
        case _:
            found += [Decimal(number) / 10 for number in range(25)]
    return found


def by_trying_everything(old: Condition, new: Condition, facts: Mapping[str, Fact]) -> tuple[bool, bool]:
    gained = lost = False
    for values in itertools.product(*map(values_of, facts.values())):
        known = {name: value for name, value in zip(facts, values, strict=True) if value is not None}
        was, is_ = verdict_of(old, known) == HOLDS, verdict_of(new, known) == HOLDS
        gained, lost = gained or (is_ and not was), lost or (was and not is_)
    return gained, lost


@st.composite
def pairs(draw: st.DrawFn) -> tuple[Mapping[str, Fact], Condition, Condition]:
    names = draw(st.lists(st.sampled_from(sorted(SMALL)), min_size=1, max_size=2, unique=True))
    facts = {name: SMALL[name] for name in names}
    conditions = strategies.conditions(facts, max_leaves=5)
    return facts, draw(conditions), draw(conditions)


@given(pairs())
@settings(DETERMINISTIC, max_examples=100)
def test_what_is_canonically_the_same_means_the_same(
    pair: tuple[Mapping[str, Fact], Condition, Condition],
) -> None:
    facts, old, new = pair
    if canonical(old) == canonical(new):
        assert by_trying_everything(old, new, facts) == (False, False)


# -- what counts as a difference ---------------------------------------------------------------------


def changes(folder: Path, *edits: tuple[str, str, str], source: Path = WORKSHOP) -> list[PolicyChange]:
    """The changes that edits of the workshop make."""
    return list(
        difference(
            revision(str(source), None, DAY), revision(str(copied(folder, *edits, source=source)), None, DAY)
        )
    )


NEEDLESS = (
    "machines/key: condition, means the same (machines.yaml:63): member.days is at least 90 → "
    "member.days is at least 60; no member can show the difference"
)
MOVED = (
    "saw_pass: value from 2026-06-01 (machines.yaml:10): 7.5 → 8; "
    "loosened with it: machines/train; tightened with it: machines/key, machines/saw-free"
)
DUE = "machines/train: due (machines.yaml:42): course.begins → 2026-12-01"
TEXT = "machines/train: text (machines.yaml:38): Book the next course. → Book it."
HABIT, RULE = "tier: habit\n    cites: [house-rules#keys]", "tier: rule\n    cites: [house-rules#keys]"
REVIEW = "machines: review by (machines.yaml:2): 2026-12-31 → 2027-12-31"
CONCLUDES = "conclude: [safety.doubt]\n    advise:\n      text: Book"


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ("severity: do", "severity: know", "machines/train: severity (machines.yaml:41): do → know"),
        ("Book the next course.", "Book it.", TEXT),
        ("due: course.begins", "due: 2026-12-01", DUE),
        (HABIT, RULE, "machines/key: tier"),
        ("cites: [house-rules#keys]", "cites: [house-rules#saw]", "machines/key: cites"),
        (CONCLUDES, "advise:\n      text: Book", "machines/train: conclude"),
        ("categories: [machine]", "categories: [machine, keys]", "machines/accident-wait: silences"),
        ("title: Take the saw course", "title: Take the course", "machines/train: title"),
        ("member.days: {at_least: 90}", "member.days: {at_least: 60}", NEEDLESS),
        ("member.days: {at_least: 90}", "member.days: {above: 89}", None),
        ("safety.doubt: false, ", "", "machines/key: condition, loosened"),
        ("safety.doubt: false, ", "safety.doubt: false, year: 1, ", "machines/key: condition, tightened"),
        ("saw.recent_accidents: 0", "saw.recent_accidents: 1", "machines/saw-free: condition, changed"),
        ("2026-06-01: 7.5", "2026-06-01: 8", MOVED),
        ("{title: Passed, ", "{title: Through, ", "saw.level: range passed"),
        ('version: "2.1.0"', 'version: "2.1.1"', "machines: version (machines.yaml:2): 2.1.0 → 2.1.1"),
        ("review_by: 2026-12-31", "review_by: 2027-12-31", REVIEW),
        ("rules:\n", "rules: # the rules\n\n", None),
        ("saw.level: passed, saw.recent_accidents: 0", "saw.recent_accidents: 0, saw.level: [passed]", None),
    ],
)
def test_one_edit_of_a_policy(old: str, new: str, expected: str | None, tmp_path: Path) -> None:
    found = changes(tmp_path / "new", ("machines.yaml", old, new))
    told = [
        f"{in_short(change)}: {change.old} → {change.new}; {'; '.join((*change.detail, *reach(change)))}"
        for change in found
    ]
    if expected is None:
        assert told == []
    else:
        assert len(told) == 1, told
        assert told[0].startswith(expected)


@pytest.mark.parametrize(
    ("file", "old", "new", "expected"),
    [
        ("sources", "checked_on: 2026-10-01", "checked_on: 2026-11-01", "house-rules: changed"),
        ("sources", "keys: {title: Who holds a key}", "keys: {title: Keys}", "house-rules#keys: changed"),
        ("ranking", "halt: Halt, do: To do", "do: To do, halt: Halt", "severities: changed"),
        ("calendar", "2026-11-02", "2026-11-03", "2026 course.begins: moved"),
        ("vocabulary", "at_most: 10", "at_most: 12", "saw.test_score: meaning"),
        ("vocabulary", "question: Who is it?", "question: What is the name?", "member.name: meaning"),
    ],
)  # fmt: skip
def test_one_edit_of_another_file(file: str, old: str, new: str, expected: str, tmp_path: Path) -> None:
    if file == "ranking":  # only the first severity may silence
        edits: tuple[tuple[str, str, str], ...] = (
            ("ranking.yaml", old, new), ("machines.yaml", "severity: halt", "severity: do"),
        )  # fmt: skip
    else:
        edits = ((f"{file}.yaml", old, new),)
    assert any(in_short(change).startswith(expected) for change in changes(tmp_path / "new", *edits))


def test_a_date_of_the_calendar_tells_the_rules_that_are_due_on_it(tmp_path: Path) -> None:
    (moved,) = changes(tmp_path / "new", ("calendar.yaml", "2026-11-02", "2026-11-03"))
    assert moved.detail == ("used by machines/train",)


def test_rules_that_come_go_and_change_their_names(tmp_path: Path) -> None:
    former = copied(tmp_path / "former")
    present = copied(
        tmp_path / "present",
        ("machines.yaml", "- id: train\n", "- id: course\n    formerly: [machines/train]\n"),
        ("machines.yaml", "- id: key\n", "- id: first-key\n    formerly: [machines/key]\n"),
        ("machines.yaml", "    cites: [house-rules#keys]\n", """\
    cites: [house-rules#keys]
  - {id: second-key, formerly: [machines/key], title: Second, when: {member.days: {at_least: 400}}, advise:
      {text: Ask., category: keys, severity: know}, tier: habit, cites: [house-rules#keys]}
"""),
    )  # fmt: skip
    found = difference(revision(str(former), None, DAY), revision(str(present), None, DAY))
    assert [f"{change.what} {change.subject} {' '.join(change.detail)}".strip() for change in found] == [
        "renamed machines/course",
        "added machines/first-key split from machines/key",
        "removed machines/key split into machines/first-key, machines/second-key",
        "added machines/second-key split from machines/key",
    ]


def test_what_a_day_changes_by_itself(tmp_path: Path) -> None:
    place = copied(tmp_path / "policies", ("machines.yaml", "from: 2026-01-01", "from: 2025-01-01"))
    env = {"ADVISE_POLICIES": str(place)}
    said = advise("diff", "2026-05-31", "2026-06-01", env=env).out
    assert said.startswith("2026-05-31 (as of 2026-05-31) → 2026-06-01 (as of 2026-06-01)\n")
    assert "      - value on the day: 6 → 7.5  machines.yaml:10\n" in said


def test_sides(tmp_path: Path) -> None:
    place = copied(tmp_path / "repo" / "policies")

    def git(*arguments: str) -> None:
        who = ("-c", "user.name=A", "-c", "user.email=a@b.invalid", "-c", "commit.gpgsign=false")
        subprocess.run(["git", *who, *arguments], cwd=place.parent, check=True, capture_output=True)

    git("init")
    git("add", ".")
    git("commit", "-m", "First")
    shutil.copytree(place, tmp_path / "first")
    (place / "archive").mkdir()
    (place / "machines.yaml").rename(place / "archive" / "machines-2.1.0.yaml")
    shutil.copy(tmp_path / "first" / "machines.yaml", place)
    edit(
        place,
        ("machines.yaml", 'version: "2.1.0"', 'version: "2.2.0"'),
        ("machines.yaml", "from: 2026-01-01", "from: 2026-06-01"),
        ("machines.yaml", "severity: do", "severity: know"),
    )
    git("add", ".")
    git("commit", "-m", "Second")
    edit(place, ("machines.yaml", "severity: know\n      due", "severity: halt\n      due"))

    def severities(old: str, new: str) -> list[str]:
        found = difference(revision(old, str(place), DAY), revision(new, str(place), DAY))
        return [f"{change.old} → {change.new}" for change in found if change.what == "severity"]

    assert severities("HEAD", str(place)) == ["know → halt"]
    assert severities("HEAD~1", "HEAD") == ["do → know"]
    assert severities(str(tmp_path / "first"), "HEAD") == ["do → know"]
    assert severities("machines@2.1.0", "machines@2.2.0") == ["do → halt"]
    assert severities("2026-05-31", "2026-06-01") == ["do → halt"]
    for nothing, said in (
        ("machines@2.1.1", "advise diff: There is no version `machines@2.1.1` in this folder. [no-side]"),
        (
            "no-such",
            "advise diff: `no-such` is no folder, no version, no date, and no git revision here. [no-side]",
        ),
        ("--output=x", "`--output=x` is no folder, no version, no date, and no git revision here. [no-side]"),
    ):
        with pytest.raises(InvalidInput) as refused:
            revision(nothing, str(place), DAY)
        (found,) = refused.value.diagnostics
        where = found.at.name if isinstance(found.at, CommandLine) else found.at.path
        assert f"{where}: {found.message} [{found.code}]".endswith(said)
    with pytest.raises(InvalidInput, match="No vocabulary file is in force"):
        revision("2020-01-01", str(place), DAY)


# -- for whom ----------------------------------------------------------------------------------------


def person(name: str, **saw: Any) -> dict[str, Any]:
    return {
        "member": {"name": name, "joined_on": "2024-01-05", "role": "member"},
        "saw": {"trained": True, "accidents": [], **saw},
        "year": 2026,
    }


PEOPLE = [
    person("Ada", test_score=8.0, accidents=["2025-02-01"]),
    person("Bo", test_score=7.6, accidents=["2025-02-01"]),
    person("Cy", test_score=3.0),
    person("Di", trained=False),
]
"""Ada and Bo may use the saw, Bo by a narrow margin, and may ask for a key."""


def affected(tmp_path: Path, *edits: tuple[str, str, str], source: Path = WORKSHOP) -> Affected:
    cohort = tmp_path / "cohort.jsonl"
    cohort.write_text("\n".join(json.dumps(entry) for entry in PEOPLE), "utf-8")
    present = copied(tmp_path / "new", *edits, source=source)
    old, new = revision(str(source), None, DAY), revision(str(present), None, DAY)
    rows = read_cohort(cohort, {**old.policy_set.facts, **new.policy_set.facts})
    return compare_cohort(old, new, rows, difference(old, new), str(cohort), lambda: None)


def told(found: Affected) -> dict[str, dict[str, list[str]]]:
    """Label -> item -> the changes that are responsible."""
    return {
        str(entry.label): {
            item_in_words(change): [in_short(reason) for reason in why]
            for change, why in zip(entry.changes, entry.why, strict=True)
        }
        for entry in found.people
    }


def test_a_change_is_followed_along_a_chain_however_long(tmp_path: Path) -> None:
    sums = ["saw.test_score", *(f"d{n}" for n in range(1_199))]
    chain = "derived:\n" + "".join(
        f"  d{n}: {{title: T, type: number, precision: 0.1, compute: {{sum: [{name}, 0]}}}}\n"
        for n, name in enumerate(sums)
    )
    folder = copied(
        tmp_path / "chained",
        ("vocabulary.yaml", "derived:\n", chain),
        ("machines.yaml", "saw.recent_accidents: 0}", "saw.recent_accidents: 0, d1199: {above: 7}}"),
    )
    found = affected(
        tmp_path, ("vocabulary.yaml", "sum: [saw.test_score, 0]", "sum: [saw.test_score, -1]"), source=folder
    )
    why = [reasons for items in told(found).values() for reasons in items.values()]
    assert why
    assert all(reasons == ["d0: meaning (vocabulary.yaml:61)"] for reasons in why), why


def test_a_moved_threshold_reaches_those_between(tmp_path: Path) -> None:
    found = affected(tmp_path, ("machines.yaml", "2026-06-01: 7.5", "2026-06-01: 7.8"))
    why = ["saw_pass: value from 2026-06-01 (machines.yaml:10)"]
    assert (found.count, told(found)) == (
        4,
        {
            "Ada": {
                "changed: The saw is yours to use (machines/saw-free): text": why
            },  # which names the number
            "Bo": {
                "lost: The saw is yours to use (machines/saw-free)": why,
                "lost: You can ask for a key (machines/key)": why,
                "gained: Take the saw course (machines/train)": why,
            },
        },
    )
    assert found.by_rule()[0] == ("machines/saw-free", 0, 1, 1)
    assert [(in_short(change), number) for change, number in found.by_change()] == [(why[0], 2)]


def test_the_rule_that_changed_is_responsible(tmp_path: Path) -> None:
    found = affected(
        tmp_path,
        ("machines.yaml", "member.days: {at_least: 90}", "member.days: {at_least: 9000}"),
        ("machines.yaml", "severity: do", "severity: halt"),
        ("machines.yaml", "category: keys", "category: danger"),
    )
    key = {
        "lost: You can ask for a key (machines/key)": [
            "machines/key: condition, tightened (machines.yaml:63)"
        ]
    }
    train = {
        "changed: Take the saw course (machines/train): severity: do → halt": [
            "machines/train: severity (machines.yaml:41)"
        ]
    }
    assert told(found) == {"Ada": key, "Bo": key, "Cy": train, "Di": train}


def test_by_way_of_a_finding_and_of_another_rule(tmp_path: Path) -> None:
    found = affected(
        tmp_path,
        (
            "machines.yaml",
            "        - saw.trained: false\n",
            "        - saw.trained: false\n        - member.days: {at_least: 300}\n",
        ),
    )
    why = ["machines/train: condition, loosened (machines.yaml:34)"]
    assert told(found)["Ada"] == {
        "lost: You can ask for a key (machines/key)": why,
        "gained: Take the saw course (machines/train)": why,
    }


def test_by_way_of_what_outranks_it(tmp_path: Path) -> None:
    found = affected(
        tmp_path,
        ("machines.yaml", "    tier: habit\n", "    supersedes: [machines/saw-free]\n    tier: habit\n"),
    )
    assert told(found) == {
        name: {
            "lost: The saw is yours to use (machines/saw-free, outranked by machines/key)": [
                "machines/key: supersedes (machines.yaml:61)"
            ]
        }
        for name in ("Ada", "Bo")
    }


def test_facts_that_one_side_refuses(tmp_path: Path) -> None:
    found = affected(
        tmp_path,
        ("vocabulary.yaml", "range: {at_least: 0, at_most: 10}", "range: {at_least: 4, at_most: 10}"),
    )
    assert [(entry.line, entry.label, entry.refused) for entry in found.people] == [
        (3, "Cy", "refused on the new side: 3.0 is not possible for `saw.test_score`.")
    ]


def test_a_cohort_as_csv_is_the_cohort_as_json(tmp_path: Path) -> None:
    place = tmp_path / "cohort.csv"
    place.write_text(
        "member.name,member.joined_on,member.role,saw.trained,saw.accidents,saw.test_score,year\n"
        "Ada,2026-01-05,member,true,2026-01-02;2026-02-03,7.5,2026\n"
        "\n"
        ",,,false,,,\n",
        "utf-8",
    )
    facts = revision(str(WORKSHOP), None, DAY).policy_set.facts
    first, second = read_cohort(place, facts)
    assert (first.line, second.line) == (2, 4)
    assert first.data == {
        "member": {"name": "Ada", "joined_on": "2026-01-05", "role": "member"},
        "saw": {"trained": True, "accidents": ["2026-01-02", "2026-02-03"], "test_score": Decimal("7.5")},
        "year": 2026,
    }
    assert second.data == {"saw": {"trained": False}}


def test_cohorts_that_cannot_be_read(tmp_path: Path) -> None:
    def refused(name: str, content: bytes) -> str:
        (tmp_path / name).write_bytes(content)
        ended = advise("diff", WORKSHOP, WORKSHOP, "--cohort", tmp_path / name)
        assert (ended.code, ended.stdout) == (2, b"")
        return ended.err

    assert "c.csv:1:1: There is no fact `saw.traind`. [unknown-fact]" in refused(
        "c.csv", b"saw.traind\ntrue\n"
    )
    assert "c.csv:3:1: This line has 1 cell; the first line names 2 columns. [table-row]" in refused(
        "c.csv", b"saw.trained,year\ntrue,2026\nfalse\n"
    )
    assert "c.csv:1:1: The file is not UTF-8 text. [not-utf8]" in refused("c.csv", b"\xff\xfe")
    said = refused(
        "c.tsv", b"saw.trained\tsaw.trained\tsaw.level\tyear\tsow\nyes\tno\t1\t'26\t2\nmaybe\tno\t1\t7,5\t2\n"
    )
    assert "c.tsv:1:13: Two columns are called `saw.trained`. [table-head]" in said
    assert "c.tsv:1:25: `saw.level` is worked out from other facts; it cannot be given. [not-given]" in said
    assert "c.tsv:1:40: There is no fact `sow`. [unknown-fact]" in said
    assert "A new fact is declared in" in said
    assert "as `sow: {title: …, type: …, question: …}`" in " ".join(said.split())
    assert "c.tsv:2:10: `year`: `'26` is no number. [table-cell]" in said
    assert "c.tsv:3:1: `saw.trained`: `maybe` is neither yes nor no. [table-cell]" in said
    assert "c.tsv:3:12: `year`: `7,5` is no number. [table-cell]" in said
    said = refused("c.jsonl", b'{}\n{"saw": \n\n{"year": 1, "year": 2}\n')
    assert "c.jsonl:2:9: The file ends in the middle. [not-json]" in said
    assert "c.jsonl:4:13: `year` stands twice; it was first given on line 1. [duplicate-key]" in said
    for name, content in (("c.csv", b"saw.trained,year\n\n"), ("c.csv", b""), ("c.jsonl", b"\n\n")):
        assert f"{name}:1:1: " in refused(name, content)
        assert "[empty-table]" in refused(name, content)


@pytest.mark.skipif(os.name != "posix", reason="memory as POSIX measures it")
@pytest.mark.parametrize("name", ["cohort.jsonl", "cohort.csv"])
@pytest.mark.parametrize(
    ("line", "count", "told"),
    [
        (b"\n", 100_000, ":100001:1: The cohort has more than 100,000 lines. [too-large]"),
        (b" " * 1_900_000 + b"\n", 54, ":1:1: The file is larger than 100 MB. [too-large]"),
    ],
    ids=["lines", "bytes"],
)
def test_a_cohort_that_is_too_large(tmp_path: Path, name: str, line: bytes, count: int, told: str) -> None:
    head = b"member.name\n" if name.endswith(".csv") else b'{"member": {"name": "Ann"}}\n'
    with (tmp_path / name).open("wb") as stream:
        stream.write(head)
        stream.writelines(line for _ in range(count))
    code, said, megabytes, _ = measured(tmp_path, "diff", WORKSHOP, WORKSHOP, "--cohort", tmp_path / name)
    assert code == 2
    assert f"{tmp_path / name}{told}" in said
    assert megabytes < 300


@pytest.mark.slow
@pytest.mark.skipif(os.name != "posix", reason="memory as POSIX measures it")
def test_a_large_cohort_takes_little_more_memory_than_its_file(tmp_path: Path) -> None:
    cohort = tmp_path / "cohort.csv"
    names = "".join(f"{number:0400}\n" for number in range(20_000))
    cohort.write_text(f"member.name\n{names}", "utf-8")
    code, _, megabytes, _ = measured(
        tmp_path, "diff", WORKSHOP, WORKSHOP, "--cohort", cohort, "--as-of", str(DAY)
    )
    assert code == 0
    assert megabytes < 120


@pytest.mark.parametrize(
    ("name", "content", "problem", "words"),
    [
        ("c.csv", b"member.joined_on\n03/02/2026\n", "c.csv:2:1 table-cell", "Write YYYY-MM-DD"),
        ("c.csv", b"member.name|year\nAda|2026\n", "c.csv:1:12 table-head", "parted by bars"),
        ("c.csv", b"member.name   year\nAda   2026\n", "c.csv:1:12 table-head", "parted by blanks"),
        ("c.txt", b"member.name,year\nAda,2026\n", "c.txt:1:1 not-a-cohort", "save it as CSV"),
        ("c.csv", b'{"year": 2026}\n', "c.csv:1:1 not-a-cohort", ".jsonl"),
        ("c.json", b'{\n "year": 2026\n}\n', "c.json:1:1 not-a-cohort", "a case a line"),
        ("c.json", b'[{"year": 2026}]\n', "c.json:1:1 not-a-cohort", "a case a line"),
        ("c.xlsx", b"PK\3\4\x14\0\6\0\n", "c.xlsx:1:1 not-utf8", "as CSV"),
        ("c.ods", b"PK\3\4\x14\0\0\x08\n", "c.ods:1:1 not-utf8", "as CSV"),
        ("c.csv", b"PK\3\4\x14\0\6\0\n", "c.csv:1:1 not-utf8", "as CSV"),
        ("c.xls", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1\n", "c.xls:1:1 not-utf8", "as CSV"),
        ("c.txt", "member.name\tyear\n".encode("utf-16"), "c.txt:1:1 not-utf8", "UTF-8"),
    ],
)
def test_a_cohort_of_another_form_is_told_once_with_what_to_do(
    tmp_path: Path, name: str, content: bytes, problem: str, words: str
) -> None:
    (tmp_path / name).write_bytes(content)
    ended = advise("diff", WORKSHOP, WORKSHOP, "--cohort", tmp_path / name)
    assert (ended.code, ended.stdout) == (2, b"")
    first, *_ = ended.err.splitlines()
    place, code = problem.split()
    assert f"{place}: " in first
    assert first.endswith(f"[{code}]")
    assert words in ended.err
    assert "\n1 problem." in ended.err


@pytest.mark.parametrize(
    ("name", "content", "problem"),
    [
        (
            "c.csv",
            "year,member.name\n2026,Ada\n2025,Bo\n2024,Ada\n2023,\n2022,\n",
            "c.csv:4:6 applicant-twice",
        ),
        ("c.csv", "member.name\nRen\u00e9\nBo\nRene\u0301\n", "c.csv:4:1 applicant-twice"),
        (
            "c.jsonl",
            '{}\n{"member": {"name": "Ada"}}\n{}\n{"member": {"name": "Ada"}}\n',
            "c.jsonl:4:1 applicant-twice",
        ),
    ],
)
def test_who_stands_twice_in_a_cohort_is_told(tmp_path: Path, name: str, content: str, problem: str) -> None:
    """Also those without a label stand there more than once: of them nobody can tell."""
    (tmp_path / name).write_text(content, "utf-8")
    with pytest.raises(InvalidInput) as found:
        read_cohort(tmp_path / name, revision(str(WORKSHOP), None, DAY).policy_set.facts)
    (told,) = found.value.diagnostics
    assert f"{told.at} {told.code}" == str(tmp_path / problem)
    assert told.message.endswith("` stands in line 2 already.")


@pytest.mark.skipif(os.name != "posix", reason="pipes as POSIX has them")
def test_a_cohort_comes_through_a_named_pipe(tmp_path: Path) -> None:
    """Whoever opens it first."""
    pipe = tmp_path / "cohort.jsonl"
    os.mkfifo(pipe)
    facts = revision(str(WORKSHOP), None, DAY).policy_set.facts
    with subprocess.Popen(["sh", "-c", f"sleep 0.3; echo '{{\"year\": 2026}}' > {pipe}"]):
        (row,) = read_cohort(pipe, facts)
    assert row.data == {"year": 2026}


def test_who_is_refused_has_a_label_and_a_place(tmp_path: Path) -> None:
    """The label `member.name` is text whatever it looks like."""
    cohort = tmp_path / "cohort.csv"
    cohort.write_text("member.name;saw.trained;saw.test_score\n0417;yes;99\n0418;NO;\n", "utf-8")
    facts = revision(str(WORKSHOP), None, DAY).policy_set.facts
    first, second = read_cohort(cohort, facts)
    assert second.data == {"member": {"name": "0418"}, "saw": {"trained": False}}
    with pytest.raises(InvalidInput) as refused:
        read_facts(first.data, facts, path=str(cohort), locate=first.locate)
    assert [str(each.at) for each in refused.value.diagnostics] == [f"{cohort}:2:10"]
    ended = advise("diff", WORKSHOP, WORKSHOP, "--cohort", cohort, "--format", "json", "--as-of", str(DAY))
    (person,) = json.loads(ended.out)["cohort"]["people"]
    assert (person["line"], person["applicant"]) == (2, "0417")
    assert "99 is not possible" in person["refused"]


@pytest.mark.parametrize("form", ["text", "json", "markdown", "html"])
def test_formats(form: str, tmp_path: Path) -> None:
    cohort = tmp_path / "cohort.jsonl"
    people = [*PEOPLE, person("<b>Eve</b> | *x*", test_score=7.6)]
    cohort.write_text("\n".join(json.dumps(entry) for entry in people), "utf-8")
    new = copied(
        tmp_path / "new",
        ("machines.yaml", "2026-06-01: 7.5", "2026-06-01: 7.8"),
        ("machines.yaml", "Book the next course.", "Book <i>it</i>."),
    )
    ended = advise("diff", WORKSHOP, new, "--cohort", cohort, "--format", form, "--as-of", str(DAY))
    assert (ended.code, ended.err) == (0, "")
    said = ended.out
    if form == "json":
        data = json.loads(said)
        assert data["cohort"]["applicants"] == 5
        assert data["cohort"]["changed"] == 5
        reason = data["cohort"]["people"][0]["items"][0]["changes"][0]
        assert data["changes"][reason]["subject"] == "saw_pass"
        return
    assert "The advice of 5 of 5 members changes." in said
    assert "saw_pass" in said
    if form == "html":
        assert "<i>it" not in said
        assert "<b>Eve" not in said
        assert '<rect class="gained"' in said
        assert "script" not in said
    if form == "markdown":
        assert "<b>" not in said
        assert "| `machines/saw-free` | 0 | 2 | 1 |" in said
        assert "\n### `saw_pass`\n\n- value from 2026-06-01: 7.5 → 7.8 (" in said
    if form == "text":
        assert "- lost: The saw is yours to use (machines/saw-free)" in said


def test_progress_is_told_when_it_takes_long(tmp_path: Path) -> None:
    cohort = tmp_path / "cohort.jsonl"
    cohort.write_text(
        "\n".join(json.dumps(person(str(number), test_score=8.0)) for number in range(6)), "utf-8"
    )
    slowly = (
        "import sys, time; sys.path.insert(0, '.'); from engine.versioning.diff import cohort\n"
        "first = cohort._compare\n"
        "def slow(*given):\n    time.sleep(0.5)\n    return first(*given)\n"
        "cohort._compare = slow\nimport cli; cli.main()"
    )
    process = subprocess.run(
        [sys.executable, "-c", slowly, "diff", str(WORKSHOP), str(WORKSHOP), "--cohort", str(cohort)],
        capture_output=True, env=environment(), cwd=Path(__file__).parent.parent.parent, check=False,
    )  # fmt: skip
    assert process.stderr.decode().splitlines()[-1] == "6 of 6 members"
    assert b"The advice of 0 of 6 members changes." in process.stdout


# -- whom a rule holds for -----------------------------------------------------------------------------

MOVED_PASS = ("machines.yaml", "2026-06-01: 7.5", "2026-06-01: 7.8")
CONCLUDES_LESS = ("machines.yaml", "        - saw.level: failed\n", "        - saw.test_score: {below: 2}\n")


def test_rules_are_told_under_the_change_that_reaches_them(tmp_path: Path) -> None:
    found = changes(tmp_path / "new", MOVED_PASS, CONCLUDES_LESS)
    assert [(in_short(change), list(reach(change))) for change in found] == [
        (
            "machines/train: condition, tightened (machines.yaml:34)",
            ["loosened with it: machines/key"],
        ),
        (
            "saw_pass: value from 2026-06-01 (machines.yaml:10)",
            ["loosened with it: machines/key", "tightened with it: machines/saw-free"],
        ),
    ]  # fmt: skip


def test_several_changes_of_one_thing_tell_once_whom_they_reach(tmp_path: Path) -> None:
    found = changes(tmp_path / "new", MOVED_PASS, ("machines.yaml", "#saw]\nbands", "#keys]\nbands"))
    assert [change.what for change in found] == ["cites", "value from 2026-06-01"]
    assert [bool(change.through) for change in found] == [False, True]


def test_what_means_the_same_for_other_facts_alone_is_told(tmp_path: Path) -> None:
    """Who is not trained has a list of accidents by implication, an empty one: more need not be said."""
    edited = (
        "machines.yaml",
        "- saw.trained: false\n",
        "- all: [saw.trained: false, saw.accidents: {known: true}]\n",
    )
    (found,) = changes(tmp_path / "new", edited)
    assert (found.effect, found.proved) == ("same", True)
    assert found.detail


@pytest.mark.parametrize("form", ["text", "json", "markdown", "html"])
def test_formats_tell_alike_whom_rules_hold_for(form: str, tmp_path: Path) -> None:
    new = copied(tmp_path / "new", MOVED_PASS, ("machines.yaml", "safety.doubt: false, ", ""))
    said = advise("diff", WORKSHOP, new, "--format", form, "--as-of", str(DAY))
    assert (said.code, said.err) == (0, "")
    if form == "json":
        rule, value = json.loads(said.out)["changes"]
        assert (rule["effect"], rule["proved"], rule["through"]) == ("loosened", True, [])
        assert (value["effect"], value["proved"]) == (None, None)
        assert value["through"] == [
            {"rule": "machines/saw-free", "effect": "tightened", "proved": True},
            {"rule": "machines/train", "effect": "loosened", "proved": True},
        ]
        return
    assert "now also: " in said.out
    assert "loosened with it: machines/train" in said.out
    assert "tightened with it: machines/saw-free" in said.out
    assert "2 changes; 1 rule changed; 2 rules reached through what changed." in said.out


def test_without_proof_nothing_is_claimed(tmp_path: Path) -> None:
    new = copied(tmp_path / "new", MOVED_PASS, ("machines.yaml", "safety.doubt: false, ", ""))
    said = advise("diff", WORKSHOP, new, "--as-of", str(DAY), "--no-prove")
    assert "condition changed" in said.out
    assert "whether it is looser or stricter is not proved" in said.out
    assert "changed with it, as far as can be told: machines/saw-free" in said.out
    assert not any(word in said.out for word in ("loosened", "tightened", "the same"))
    assert said.err == (
        "How 3 rules changed is not proved; “changed” may be looser, stricter, or no change at all. "
        "--no-prove left the solver out.\n"
    )


def test_what_the_solver_leaves_open_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """No effort at all: nothing is claimed but what a condition says in other words, or in another order."""
    monkeypatch.setattr("engine.solver.solve.EFFORT", 1)
    new = copied(
        tmp_path / "new",
        (
            "machines.yaml",
            "saw.level: passed, saw.recent_accidents: 0",
            "saw.recent_accidents: 0, saw.level: [passed]",
        ),
        ("machines.yaml", "safety.doubt: false, ", ""),
    )
    ran = CliRunner().invoke(command, [str(WORKSHOP), str(new), "--as-of", str(DAY)])
    assert ran.stdout.count("condition changed") == 1
    assert ran.stderr == (
        "How 1 rule changed is not proved; “changed” may be looser, stricter, or no change at all. "
        "The solver left them open.\n"
    )
