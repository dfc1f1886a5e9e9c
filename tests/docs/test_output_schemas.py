"""Every output for programs is as its schema says, on real folders and applicants; and the schemas bite."""

from __future__ import annotations

import json
import os
import random
import shutil
from collections import Counter
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, NamedTuple

import click
import pytest
from click.testing import CliRunner
from jsonschema import Draft202012Validator

import cli
from engine.commands.schema import KINDS, OUTPUTS
from tests.support.edited import copied, edit
from tests.support.output_schemas import changed, keys_of, problems, schema, validator, walk
from tests.support.process import ROOT, WORKSHOP

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("outputs")]  # which come from one round of commands

SCHEMAS: Mapping[str, tuple[str, ...]] = {
    "report": ("report",),
    "explain": ("explain",),
    "what-if": ("what-if", "what-if-range"),
    "reach": ("reach",),
    "ask": ("ask",),
    "check": ("check",),
    "test": ("test",),
    "rules": ("rules",),
    "sources": ("sources-list", "sources-due"),
    "versions": ("versions",),
    "diff": ("diff",),
    "audit list": ("audit-list",),
    "audit rule": ("audit-rule",),
    "audit overrides": ("audit-overrides",),
    "audit export": ("audit-export",),
}
"""Each command that writes for programs, with the schemas of its outputs."""


class Told(NamedTuple):
    """One output: of which schema, what was asked, and what came."""

    schema: str
    asked: str
    data: Any


class Office:
    """Runs commands, and keeps what they wrote."""

    def __init__(self, **env: str) -> None:
        self.env = env
        self.told: list[Told] = []

    def say(self, name: str, *arguments: str | Path, code: int = 0) -> Any:
        """Runs a command that writes one JSON value."""
        data = json.loads(self.run(*arguments, "--format", "json", code=code))
        self.told.append(Told(name, " ".join(map(str, arguments)), data))
        return data

    def run(self, *arguments: str | Path, code: int = 0) -> str:
        """Runs a command; what it wrote on stdout."""
        ended = CliRunner().invoke(cli.main, [*map(str, arguments)], env={**os.environ, **self.env})
        assert ended.exit_code == code, (arguments, ended.output, ended.exception)
        return ended.stdout


def applicants(place: Path) -> Iterator[Path]:
    """The examples, and every third with some of its facts left out at random, always the same ones."""
    for number, path in enumerate(sorted((ROOT / "examples").glob("*.json"))):
        yield path
        if number % 3:
            continue
        facts = json.loads(path.read_text("utf-8"))
        drawn = random.Random(path.name)
        thinned = {
            group: {fact: value for fact, value in members.items() if drawn.random() < 0.6}
            if isinstance(members, dict) and group != "applicant"
            else members
            for group, members in facts.items()
        }
        thin = place / f"thin-{path.name}"
        thin.write_text(json.dumps(thinned), "utf-8")
        yield thin


def ask_all(office: Office, facts: Path, *more: str | Path) -> None:
    """Everything that can be asked about one applicant, whatever the policies are."""
    report = office.say("report", "report", facts, *more)
    office.say("ask", "ask", facts, *more)
    office.say("explain", "explain", facts, *more)
    shown = [item["rule"] for item in report["advice"]]
    open_ones = [entry["rule"] for entry in report["undetermined"]]
    hidden = [entry["rule"] for entry in report["suppressed"]]
    for rule in (*shown[:1], *open_ones[:1], *hidden[:1]):
        office.say("explain", "explain", facts, rule, "--tree", *more)
    for rule in shown[-1:]:
        office.say("reach", "reach", facts, rule, "--stop", *more)
    for rule in open_ones[-1:]:
        office.say("reach", "reach", facts, rule, *more)
    for asked in report["ask_next"][:1]:
        office.say("what-if", "what-if", facts, "--unset", asked["fact"], *more)


def of_what_does_not_apply(office: Office, place: Path) -> None:
    """A report on findings of a policy that does not apply."""
    folder, facts = place / "does-not-apply", place / "child.json"
    shutil.copytree(ROOT / "tests/fields/allotment", folder)
    policy = {
        "advise_language": 2, "policy": "p", "title": "P", "version": "1.0.0", "status": "active",
        "effective": {"from": "2020-01-01"}, "applies_to": {"gardener.kind": "adult"},
        "rules": [{"id": "a", "title": "A", "tier": "custom", "cites": ["statutes#plots"],
                   "conclude": ["note.first"]}],
    }  # fmt: skip
    (folder / "p.yaml").write_text(json.dumps(policy), "utf-8")
    facts.write_text(json.dumps({"as_of": "2026-11-22", "gardener": {"kind": "child"}}), "utf-8")
    office.say("report", "report", facts, "--policies", folder)


def of_what_is_said_in_variants(office: Office, place: Path) -> None:
    """A heading, steps with days of their own, and variants, which the shipped policies do not have."""
    variants = "[{when: {saw.trained: {known: true}}, say: A}, {otherwise: B}]"
    folder = copied(
        place / "variants",
        ("machines.yaml", "advise_language: 1", "advise_language: 2"),
        ("machines.yaml", "text: Book the next course.", f"heading: {variants}\n      text: {variants}"),
        (
            "machines.yaml",
            "      due: course.begins",
            "      due: course.begins\n      steps: [{say: C, due: 2026-12-01}]",
        ),
    )
    facts = place / "facts.json"
    facts.write_text(
        json.dumps({"as_of": "2026-11-22", "member": {"role": "member"}, "saw": {"trained": False}}), "utf-8"
    )
    office.say("report", "report", facts, "--policies", folder)


LEFT_OUT = {"not_applicable", "heading", "step_dues", "chosen"}
"""What an output has only where there is something in it."""


def of_applicants(office: Office, place: Path) -> None:
    for facts in applicants(place):
        ask_all(office, facts, "--policies", ROOT / "policies")
    case_b, folder = ROOT / "examples/case-b.json", ("--policies", ROOT / "policies")
    office.say("explain", "explain", case_b, "score-bands/case-a", "--tree", *folder)
    office.say(
        "what-if", "what-if", case_b, "--set", "step2_ck.score=236", "--unset", "statement.status", *folder
    )
    office.say("what-if", "what-if", case_b, "--set", "as_of=2026-12-20", *folder)
    office.say("what-if", "what-if", case_b, "--set", "application.submission_date=2026-10-30", *folder)
    office.say("what-if-range", "what-if", case_b, "--set", "step2_ck.score=*", *folder)
    office.say("what-if-range", "what-if", case_b, "--set", "visa.need=*", *folder)
    office.say("reach", "reach", case_b, "program-list/nearly-all-programs", *folder)
    office.say("reach", "reach", case_b, "step2_ck.band=competitive", *folder)
    office.say("reach", "reach", case_b, "step2_ck.band=viable", *folder)
    office.say("reach", "reach", ROOT / "examples/failed-once.json", "step2_ck.band=viable", *folder)
    with pytest.MonkeyPatch.context() as patched:  # as where the solver gives up
        patched.setattr("engine.solver.solve.EFFORT", 1)
        office.say("reach", "reach", case_b, "program-list/nearly-all-programs", *folder)


def of_the_workshop(office: Office, place: Path) -> None:
    folder = ("--policies", WORKSHOP)
    people: tuple[Mapping[str, Any], ...] = (
        {"member": {"name": "Ada", "joined_on": "2026-01-05", "role": "member"},
         "saw": {"trained": True, "test_score": 9.0, "accidents": ["2026-09-30"]}, "year": 2026},
        {"member": {"joined_on": "2026-01-05", "role": "member"},
         "saw": {"trained": True, "test_score": 7.0, "accidents": []}},
        {"member": {"role": "keyholder"}, "saw": {"trained": True, "test_score": 7.5}, "year": 2026},
        {"saw": {"accidents": ["2026-11-20"]}},
        {},
    )  # fmt: skip
    for number, facts in enumerate(people):
        path = place / f"person-{number}.json"
        path.write_text(json.dumps({"as_of": "2026-11-22", **facts}), "utf-8")
        ask_all(office, path, *folder)
        office.say("what-if-range", "what-if", path, "--set", "saw.test_score=*", *folder)
        office.say("what-if-range", "what-if", path, "--set", "member.role=*", *folder)
        for role in ("guest", "keyholder"):
            office.say("what-if", "what-if", path, "--set", f"member.role={role}", *folder)
    office.say("report", "report", path, "--as-of", "2027-01-15", *folder)


def of_folders(office: Office, place: Path) -> None:
    shipped = ("--policies", ROOT / "policies")
    office.say("rules", "rules", *shipped)
    office.say("rules", "rules", "score", "--fact", "step2_ck.score", *shipped)
    office.say("rules", "rules", "--fact", "application.season", *shipped)
    office.say("rules", "rules", "--cites", "step-guide", "--as-of", "2026-09-10", *shipped)
    office.say("sources-list", "sources", *shipped)
    office.say("sources-due", "sources", "--check-by", "2026-06-10", "--as-of", "2026-06-04", *shipped)
    office.say("sources-due", "sources", "--check-by", "2028-01-01", *shipped)
    office.say("check", "check", ROOT / "policies", "--no-prove")
    broken = copied(
        place / "broken",
        ("machines.yaml", "saw.trained: false", "saw.traned: false"),
    )
    office.say("check", "check", broken, code=1)
    doubtful = copied(
        place / "doubtful",
        ("machines.yaml", "saw.recent_accidents: 0}", "saw.recent_accidents: {below: 0}}"),
        ("machines.yaml", "    tier: habit\n", "    incompatible_with: [machines/train]\n    tier: habit\n"),
        (
            "machines.yaml",
            "conclude: [safety.doubt]\n    advise:\n      text: Book",
            "advise:\n      text: Book",
        ),
        ("vocabulary.yaml", "  year:\n", "  year:   # allow unused-fact: kept\n"),
    )
    office.say("check", "check", doubtful)
    office.say("check", "check", doubtful, "--budget", "0")
    cut = copied(place / "cut", ("machines.yaml", "{from: 2026-01-01}", "{from: 2026-06-01}"))
    (cut / "archive").mkdir()
    former = (WORKSHOP / "machines.yaml").read_text("utf-8").replace('"2.1.0"', '"2.0.0"')
    former = former.replace("{from: 2026-01-01}", "{from: 2026-01-01, until: 2027-12-31}")
    (cut / "archive/machines-2.0.0.yaml").write_text(former, "utf-8")
    office.say("check", "check", cut, "--no-prove")


def of_tests(office: Office, place: Path) -> None:
    folder = copied(place / "tested")
    (folder / "tests").mkdir()
    for name in ("saw", "failing"):
        text = (ROOT / "tests/suites" / f"{name}.yaml").read_text("utf-8")
        (folder / "tests" / f"{name}.yaml").write_text(text, "utf-8")
    office.say("test", "test", folder, code=1)
    office.say("test", "test", folder, "-k", "no such", code=1)
    (folder / "tests/failing.yaml").unlink()
    office.say("test", "test", folder, "--coverage")
    office.say("test", "test", folder, "--coverage", "--mutate", "--jobs", "1", "--threshold", "99.5", code=1)


def of_versions(office: Office, place: Path) -> None:
    folder = copied(place / "released")
    office.say("versions", "versions", "--policies", folder)
    office.run("release", "--first", "--by", "Ann", "--approved-by", "Bo", "--policies", folder)
    edit(folder, ("machines.yaml", "severity: do", "severity: know"))
    release = ("release", "machines", "--minor", "--note", "Softer.", "--approved-by", "Bo")
    office.run(*release, "--policies", folder)
    office.say("versions", "versions", "--policies", folder)
    office.say("versions", "versions", "machines", "--policies", folder, "--as-of", "2026-02-01")
    office.say("diff", "diff", "machines@2.1.0", "machines@2.2.0", "--policies", folder)
    ending = (
        "machines.yaml",
        "effective: {from: 2026-01-01}",
        "effective: {from: 2026-01-01, until: 2030-12-31}",
    )
    office.say("versions", "versions", "--policies", copied(place / "ending", ending))


def of_differences(office: Office, place: Path) -> None:
    new = copied(
        place / "new",
        ("machines.yaml", "id: saw-free", "id: saw-yours\n    formerly: [machines/saw-free]"),
        ("machines.yaml", "when: {saw.level: passed, ", "when: {saw.level: passed, year: 2026, "),
        ("machines.yaml", "member.days: {at_least: 90}", "member.days: {at_least: 30}"),
        ("machines.yaml", "severity: do", "severity: halt"),
        (
            "machines.yaml",
            "    tier: habit\n",
            "    supersedes: [machines/saw-yours]\n    tier: habit\n",
        ),
        ("vocabulary.yaml", "range: {at_least: 0, at_most: 10}", "range: {at_least: 4, at_most: 10}"),
        (
            "vocabulary.yaml",
            "  year:\n",
            "  saw.gloves: {title: Gloves, type: boolean, question: Gloves?}\n  year:\n",
        ),
    )
    cohort = place / "cohort.jsonl"
    people = [
        {
            "member": {"name": f"{name} {role} {saw}", "joined_on": "2024-01-05", "role": role},
            "saw": saw,
            **year,
        }
        for name, year in (("Ada", {"year": 2026}), ("Bo", {}))
        for role in ("member", "keyholder")
        for saw in (
            {"trained": True, "test_score": 8.0, "accidents": []},
            {"trained": True, "test_score": 8.0, "accidents": ["2024-02-03"]},
            {"trained": True, "test_score": 3.0},
            {"trained": False, "gloves": True},
            {},
        )
    ]
    cohort.write_text("\n".join(map(json.dumps, people)), "utf-8")
    day = ("--as-of", "2026-11-22")
    office.say("diff", "diff", WORKSHOP, WORKSHOP, *day)
    office.say("diff", "diff", WORKSHOP, new, *day, "--cohort", cohort, code=1)
    office.say("diff", "diff", new, WORKSHOP, *day, "--cohort", cohort, "--no-prove")


def of_the_audit(office: Office, place: Path) -> None:
    audit, folder = ("--audit", place / "office.db"), ("--policies", ROOT / "policies")
    renamed = copied(
        place / "renamed",
        (
            "season.yaml",
            "id: submit-by-review-day",
            "id: submit-early\n    formerly: [season/submit-by-review-day]",
        ),
        source=ROOT / "policies",
    )
    for name in ("case-a", "case-b", "not-taken"):
        office.run(ROOT / f"examples/{name}.json", "--record", *audit, *folder)
    rule = "season/submit-by-review-day"
    office.run("audit", "outcome", "1", rule, "--accepted", *audit)
    office.run("audit", "outcome", "2", "1", "--overridden", "--reason", "Waits for a letter", *audit)
    office.say("audit-overrides", "audit", "overrides", *audit)
    office.say("audit-rule", "audit", "rule", rule, *audit, *folder)
    office.say("audit-rule", "audit", "rule", "season/submit-early", *audit, "--policies", renamed)
    office.run("audit", "forget", "case-b", "--yes", *audit)
    office.say("audit-list", "audit", "list", *audit)
    office.say("audit-list", "audit", "list", "--limit", "1", *audit)
    for line in office.run("audit", "export", *audit).splitlines():
        office.told.append(Told("audit-export", "audit export", json.loads(line)))
    shown = json.loads(office.run("audit", "show", "1", "--part", "report", *audit))
    office.told.append(Told("report", "audit show 1 --part report", shown))


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory) -> list[Told]:
    """Real outputs of every command, for many applicants, folders and modes."""
    office = Office(ADVISE_CACHE=str(tmp_path_factory.mktemp("cache")), LOGNAME="ann")
    for part in (
        of_applicants, of_what_does_not_apply, of_the_workshop, of_folders, of_tests, of_versions,
        of_differences, of_the_audit, of_what_is_said_in_variants,
    ):  # fmt: skip
        part(office, tmp_path_factory.mktemp("office"))
    return office.told


# -- outputs and schemas -----------------------------------------------------------------------------


def test_every_output_is_as_its_schema_says(told: list[Told]) -> None:
    found = {(each.schema, each.asked): wrong for each in told if (wrong := problems(each.schema, each.data))}
    assert found == {}
    assert Counter(each.schema for each in told).keys() == set(OUTPUTS)


def test_the_first_key_is_the_format(told: list[Told]) -> None:
    for each in told:
        first = next(iter(each.data.items()))
        assert first == (f"{each.schema.replace('-', '_')}_format", 1), each.asked


def test_every_key_of_a_schema_was_seen_with_something_in_it(told: list[Told]) -> None:
    seen = {
        key
        for each in told
        for key, _, value in walk(each.schema, each.data)
        if value is not None and value not in ([], {})
    }
    wanted = {key for name in OUTPUTS for key in keys_of(name)}
    assert wanted - seen == set()


@pytest.mark.parametrize("name", OUTPUTS)
@pytest.mark.parametrize("how", ["dropped", "renamed", "mistyped"])
def test_a_schema_refuses_a_key_that_is(how: str, name: str, told: list[Told]) -> None:
    tried = set()
    for each in sorted((each for each in told if each.schema == name), key=lambda each: len(str(each.data))):
        for key, way, _ in walk(name, each.data):
            may_go = "/ranked_by/properties/" in key[1] or key[1].rpartition("/")[2] in LEFT_OUT
            if key not in tried and not (how == "dropped" and may_go):
                tried.add(key)
                assert not validator(name).is_valid(changed(each.data, way, how)), way
    assert len(tried) > 3


@pytest.mark.parametrize("name", OUTPUTS)
def test_a_schema_is_one_and_explains_itself(name: str) -> None:
    whole = schema(name)
    Draft202012Validator.check_schema(whole)
    assert next(iter(whole["properties"])) == f"{name.replace('-', '_')}_format"
    for part in objects_of(whole):
        assert "additionalProperties" in part, part
        if part["additionalProperties"] is False:
            required = set(part["required"])
            left_out = set(part["properties"]) - required
            assert left_out <= LEFT_OUT or required == {"rule"}, part  # {"rule"}: ranked_by


def objects_of(part: Any) -> Iterator[Any]:
    if isinstance(part, dict):
        if part.get("type") == "object":
            yield part
        for value in part.values():
            yield from objects_of(value)
    elif isinstance(part, list):
        for value in part:
            yield from objects_of(value)


# -- nothing is forgotten ----------------------------------------------------------------------------


def commands(group: click.Group, *names: str) -> Iterator[tuple[str, click.Command]]:
    context = click.Context(group)
    for name in group.list_commands(context):
        found = group.get_command(context, name)
        assert found is not None
        if isinstance(found, click.Group):
            yield from commands(found, *names, name)
        else:
            yield " ".join((*names, name)), found


def test_every_command_that_writes_json_has_a_schema() -> None:
    writing = {
        name
        for name, found in commands(cli.main)
        for option in found.params
        if isinstance(option.type, click.Choice) and "json" in option.type.choices
    }
    assert writing | {"audit export"} == set(SCHEMAS)
    assert sorted(name for names in SCHEMAS.values() for name in names) == sorted(OUTPUTS)


def test_the_page_lists_them_all() -> None:
    page = (ROOT / "docs/outputs.md").read_text("utf-8")
    for name in OUTPUTS:
        row = f"| `{name.replace('-', '_')}_format` | [{name}](../schemas/{name}.schema.json) |"
        assert page.count(row) == 1


def test_every_schema_belongs_to_something() -> None:
    files = {path.name.removesuffix(".schema.json") for path in (ROOT / "schemas").glob("*.json")}
    assert files == {*KINDS, *OUTPUTS, "common", "facts"}
