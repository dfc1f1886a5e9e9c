"""Text typed in two ways: one meaning now; what was released or recorded is read by the rules of its time."""

from __future__ import annotations

import hashlib
import json
from datetime import date
from pathlib import Path

import pytest

from engine.advising.advisor import Advisor
from engine.analysis.session import read_facts_file
from engine.analysis.what_if.change import read_changes
from engine.audit.file import AuditFile
from engine.audit.recording import record_report
from engine.audit.replay import read_recorded, replay
from engine.base.diagnostic import InvalidInput
from engine.base.plain_text import BEFORE_0_2
from engine.base.read import PolicyFile, read_json
from engine.base.record import replace
from engine.language.facts import facts_file, facts_from_source
from engine.language.policy_set import PolicySet
from engine.loading.folder import list_files
from engine.loading.load import resolve_files
from tests.support.case_files import TESTS

DAY = date(2026, 9, 15)
ONE, APART = "caf\u00e9", "cafe\u0301"
"""The same word, its accent within its last letter and after it."""


def folder(values: str, motto: str, path: str = "p.yaml", more: str = "") -> tuple[PolicyFile, ...]:
    """The allotment, with these values of `pet.kind`, and a rule for a motto, a pet and what is in a list."""
    files = {file.path: file.content.decode() for file in list_files(TESTS / "fields" / "allotment")}
    files["vocabulary.yaml"] = files["vocabulary.yaml"].replace(
        "values: [cat, dog, goat]", f"values: {values}"
    )
    files[path] = f"""\
advise_language: 1
policy: p
title: P
version: "1.0.0"
status: active {more}
effective: {{from: 2020-01-01}}
rules:
  - id: motto
    title: T
    when: {{gardener.motto: {motto}}}
    advise: {{text: Have a {motto}, category: plot, severity: soon}}
    tier: custom
    cites: [statutes#plots]
"""
    return tuple(PolicyFile(name, text.encode()) for name, text in sorted(files.items()))


def policies(*args: str) -> PolicySet:
    return resolve_files(folder(*args), DAY)


@pytest.mark.parametrize("written", [ONE, APART])
@pytest.mark.parametrize("given", [ONE, APART])
def test_conditions_and_values_hold_however_both_were_typed(written: str, given: str, tmp_path: Path) -> None:
    policy_set = policies(f"[{written}, dog]", written)
    file = tmp_path / "facts.yaml"
    file.write_text(f"gardener: {{motto: {given}}}\npet: {{kind: {given}}}\n", "utf-8")
    case = Advisor(policy_set).case(facts_from_source(read_facts_file(str(file)), policy_set.facts))
    assert [item.text for item in case.report.advice] == [f"Have a {ONE}"]
    assert case.facts.values == {"gardener.motto": ONE, "pet.kind": ONE}
    changes = read_changes([f"pet.kind={given}", f"gardener.motto=  {given}"], [], policy_set)
    assert changes.values == case.facts.values


@pytest.mark.parametrize(("typed", "said"), [("caf\udce9", "no text"), ("a\u2028b", "line separator")])
def test_what_is_typed_and_no_file_could_hold_is_refused(typed: str, said: str) -> None:
    with pytest.raises(InvalidInput, match=said):
        read_changes([f"gardener.motto={typed}"], [], policies("[cat]", "x"))


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        (f"[{ONE}, dog, {APART}]", ("repeated", "`values` lists something twice.")),
        (f"{{{ONE}: one, {APART}: two}}", ("duplicate-key", f"`{ONE}` stands twice")),
    ],
)
def test_two_values_that_look_alike_are_an_error(values: str, expected: tuple[str, str]) -> None:
    with pytest.raises(InvalidInput) as refused:
        policies(values, "x")
    (found,) = refused.value.diagnostics
    assert found.code == expected[0]
    assert expected[1] in found.message
    assert found.location.line == 13


def test_a_place_counts_the_characters_as_they_stand() -> None:
    with pytest.raises(InvalidInput) as refused:
        policies(f"[{APART}, dog, {APART}s, 7]", "x")
    assert [str(each.at) for each in refused.value.diagnostics] == ["vocabulary.yaml:13:67"]


def test_a_digest_is_of_the_text_as_it_stands() -> None:
    one, apart = policies("[cat]", ONE), policies("[cat]", APART)
    assert one.by_name["p/motto"].when == apart.by_name["p/motto"].when
    assert one.policy_files["p"].digest != apart.policy_files["p"].digest


def test_what_was_released_is_composed_and_never_refused() -> None:
    """An archived vocabulary whose two values are alike, and an unseen line break in an archived policy."""
    files = {file.path: file.content for file in folder("[cat]", APART, "archive/p-1.yaml", "# \u2028")}
    archived = files["vocabulary.yaml"].replace(b"values: [cat]", f"values: [{ONE}, {APART}]".encode())
    now = files["vocabulary.yaml"].replace(b"effective: {from: 2020-01-01}", b"effective: {from: 2026-09-01}")
    now = now.replace(b'version: "1.0.0"', b'version: "2.0.0"')
    files |= {"archive/vocabulary-1.yaml": archived, "vocabulary.yaml": now}
    given = tuple(PolicyFile(name, content) for name, content in sorted(files.items()))
    then = resolve_files(given, date(2026, 8, 31))
    assert then.facts["pet.kind"].value_names == {ONE, APART}
    assert resolve_files(given, DAY).facts["pet.kind"].value_names == {"cat"}


def test_a_record_is_replayed_by_the_rules_of_its_time(tmp_path: Path) -> None:
    """A program before 0.2 told the two apart, took the line break, and recorded text as it was typed."""
    files = folder(f"[{ONE}, {APART}]", ONE, "p.yaml", "# \u2028")
    policy_set = resolve_files(files, DAY, rules=BEFORE_0_2)
    assert policy_set.facts["pet.kind"].value_names == {ONE, APART}
    facts = facts_from_source(
        read_json(facts_file({"gardener.motto": APART, "gardener.name": APART}).encode(), "f", BEFORE_0_2),
        policy_set.facts,
    )
    made = Advisor(policy_set).report(facts)
    assert made.advice == ()
    report = replace(made, tool="advise 0.1.0", policies_digest=made.policies_digest)
    with AuditFile(tmp_path / "audit.db", writable=True) as audit:
        record_report(audit, report, facts, lambda: files)
        again = replay(read_recorded(audit, 1))
        assert (again.same_decisions, again.differences) == (True, ())
        assert again.facts.digest == facts.digest
        # Its facts, looked at today, are taken in as everything is today.
        assert json.dumps(read_recorded(audit, 1).facts().data, ensure_ascii=False).count(ONE) == 2


def test_a_line_of_the_lock_that_nobody_sees_releases_nothing() -> None:
    files = folder("[cat]", "x")
    digest = hashlib.sha256(next(file.content for file in files if file.path == "p.yaml")).hexdigest()
    line = f"policy:p 1.0.0 sha256:{digest}\n"
    for text, released in ((line, True), (f"# None yet.\u2028{line}", False)):
        lock = PolicyFile("releases.lock", text.encode())
        unreleased = {entry.file_version.id for entry in resolve_files((*files, lock), DAY).unreleased}
        assert ("p" not in unreleased) == released
