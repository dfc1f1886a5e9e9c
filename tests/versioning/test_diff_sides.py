"""The sides of a comparison: versions on the same day, the last release, git; and people on each of them."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from engine.base.diagnostic import InvalidInput
from engine.language.field_words import Noun
from engine.loading.folder import text_digest
from engine.versioning.diff.cohort import Affected, compare_cohort, read_cohort
from engine.versioning.diff.difference import difference
from engine.versioning.diff.revisions import revision
from engine.versioning.diff.view import DiffResult, affected_summary, left_out
from engine.versioning.release.plan import ReleaseRequest
from engine.versioning.release.run import release
from tests.support.edited import Edit, copied, edit
from tests.support.process import WORKSHOP, advise

pytestmark = pytest.mark.slow

DAY = date(2026, 11, 27)
FIRST = ReleaseRequest(None, "First.", "Ann", "Bo", DAY)
SOFTEN = ("machines.yaml", "severity: do", "severity: know")
HARDEN = ("machines.yaml", "severity: know\n      due", "severity: halt\n      due")


def severities(old: str, new: str, folder: Path, day: date = DAY) -> list[str]:
    """How the severity of a rule differs."""
    found = difference(revision(old, str(folder), day), revision(new, str(folder), day), prove=False)
    return [f"{change.old} → {change.new}" for change in found if change.what == "severity"]


def refused(named: str, folder: Path) -> str:
    with pytest.raises(InvalidInput) as raised:
        revision(named, str(folder), DAY)
    return " ".join(f"{found.message} {found.help} [{found.code}]" for found in raised.value.diagnostics)


# -- days --------------------------------------------------------------------------------------------


@pytest.fixture
def released(tmp_path: Path) -> Path:
    """The workshop's policies, released twice, the second time from 27 November 2026."""
    place = copied(tmp_path / "policies")
    release(place, (), FIRST)
    edit(place, SOFTEN)
    release(place, ("machines",), ReleaseRequest("minor", "Softer.", "Ann", "Bo", DAY))
    return place


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ("machines@2.1.0", "machines@2.2.0", ["do → know"]),
        ("machines@2.2.0", "machines@2.1.0", ["know → do"]),
        ("machines@2.1.0", "2026-11-27", ["do → know"]),
        ("machines@2.1.0", "2026-11-26", []),
    ],
)
@pytest.mark.parametrize("day", [date(2026, 3, 1), DAY, date(2027, 3, 1)])
def test_a_version_is_compared_on_the_day_of_the_other_side(
    old: str, new: str, expected: list[str], day: date, released: Path
) -> None:
    """Whether that is before it began or after it ended."""
    assert severities(old, new, released, day) == expected
    sides = [revision(side, str(released), day) for side in (old, new) if "@" in side]
    assert {side.policy_set.as_of for side in sides} == {day}


def test_a_version_that_does_not_go_with_the_other_files_of_the_day(released: Path) -> None:
    """It is compared on its own first day, and the heading names both."""
    later = date(2026, 12, 1)
    edit(
        released,
        ("vocabulary.yaml", "  saw.recent_accidents:\n", "  saw.late_accidents:\n"),
        ("machines.yaml", "saw.recent_accidents: 0", "saw.late_accidents: 0"),
    )
    renamed = ReleaseRequest("major", "Late.", "Ann", "Bo", later)
    release(released, ("machines", "vocabulary"), renamed)
    said = advise("diff", "machines@2.2.0", released, "--policies", released, "--as-of", "2026-12-05")
    heading = f"machines@2.2.0 (as of 2026-11-27) → {released} (as of 2026-12-05)"
    assert " ".join(said.out.split()).startswith(heading), said


# -- the last release --------------------------------------------------------------------------------


def test_the_last_release(released: Path) -> None:
    edit(released, HARDEN)
    assert severities("last-release", str(released), released) == ["know → halt"]
    assert severities(str(released), "last-release", released) == ["halt → know"]
    assert severities("machines@2.1.0", "last-release", released) == ["do → know"]


def test_on_a_day_too_what_was_released_counts(released: Path) -> None:
    """The edit of a file whose version was in force then was not."""
    edit(released, HARDEN)
    assert severities("2026-11-27", str(released), released) == ["know → halt"]
    assert severities("2026-11-26", str(released), released) == ["do → halt"]
    assert severities("2026-11-26", "2026-11-27", released) == ["do → know"]


def test_without_a_folder_of_its_own_a_side_is_of_the_other(released: Path) -> None:
    edit(released, HARDEN)
    nowhere = released.parent / "nowhere"
    nowhere.mkdir()
    for sides in (("last-release", "../policies"), ("../policies", "last-release")):
        ended = advise("diff", *sides, "--as-of", str(DAY), "--no-prove", cwd=nowhere)
        assert (ended.code, "severity" in ended.out) == (0, True), ended
    for sides in (("../policies", "../policise"), ("../policise", "../policies")):
        ended = advise("diff", *sides, cwd=nowhere)
        assert "`../policise` is no folder, no version, no date, and no git revision here." in ended.err
    ended = advise("diff", "../policies", "..", cwd=nowhere)
    assert "There are no policies in `..` itself. [no-folder]\n  → Did you mean ../policies?" in ended.err


def test_the_last_release_without_what_was_never_released(released: Path) -> None:
    other = """advise_language: 1
policy: other
title: Other
version: "1.0.0"
status: active
effective: {from: 2026-01-01}
rules:
- id: a
  title: T
  advise: {text: T., category: keys, severity: know}
  tier: habit
  cites: [house-rules#keys]
"""
    (released / "other.yaml").write_text(other, "utf-8")
    rules = {
        side: set(revision(side, str(released), DAY).policy_set.policy_files)
        for side in (str(released), "last-release")
    }
    assert rules == {str(released): {"machines", "other"}, "last-release": {"machines"}}


def test_no_last_release(tmp_path: Path) -> None:
    assert refused("last-release", WORKSHOP).startswith(
        "Nothing was released: the folder has no releases.lock. Begin with `advise release --first`"
    )
    place = copied(tmp_path / "policies")
    release(place, (), FIRST)
    (place / "archive" / "machines-2.1.0.yaml").unlink()
    edit(place, SOFTEN)
    assert "What was released as `machines` 2.1.0 is nowhere in the folder." in refused("last-release", place)


# -- git ---------------------------------------------------------------------------------------------

NOBODY = {"GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_SYSTEM": os.devnull}


def git(where: Path, *arguments: str | Path) -> None:
    who = ("-c", "user.name=A", "-c", "user.email=a@b.invalid", "-c", "commit.gpgsign=false")
    subprocess.run(
        ["git", *who, *arguments],
        cwd=where,
        env={**os.environ, **NOBODY},
        check=True,
        capture_output=True,
    )


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    """A repository with two revisions of the workshop's policies."""
    place = tmp_path / "repo"
    copied(place / "policies")
    git(place, "init")
    git(place, "add", ".")
    git(place, "commit", "-m", "First")
    edit(place / "policies", SOFTEN)
    git(place, "commit", "-am", "Second")
    return place


def test_in_a_hook_of_a_linked_worktree(
    repository: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Git sets GIT_DIR, GIT_INDEX_FILE and others there."""
    git(repository, "worktree", "add", tmp_path / "linked")
    hook = repository / ".git" / "hooks" / "pre-commit"
    command = f"{shutil.which('env')} > {tmp_path / 'env'}"
    hook.write_text(f"#!/bin/sh\n{command}\n", "utf-8")
    hook.chmod(0o755)
    linked = tmp_path / "linked" / "policies"
    edit(linked, HARDEN)
    git(linked.parent, "commit", "-am", "Third")
    seen = dict(
        line.split("=", 1) for line in (tmp_path / "env").read_text("utf-8").splitlines() if "=" in line
    )
    ours = {name: value for name, value in seen.items() if name.startswith("GIT_") and name not in NOBODY}
    assert "GIT_DIR" in ours
    for name, value in ours.items():
        monkeypatch.setenv(name, value)
    monkeypatch.chdir(linked.parent)
    assert severities("HEAD~1", "policies", linked) == ["know → halt"]
    assert severities("HEAD~2", "HEAD", linked) == ["do → halt"]
    # Nor is another repository taken for ours.
    monkeypatch.setenv("GIT_DIR", str(tmp_path / "nowhere"))
    assert severities("HEAD~1", "policies", linked) == ["know → halt"]


@pytest.mark.parametrize("name", ["guidance", "office/policies", "office/a b/übung"])
def test_a_folder_that_had_another_name(name: str, repository: Path) -> None:
    shutil.copytree(repository / "policies", repository / "other")  # it stays, so it is not the former one
    git(repository, "add", ".")
    git(repository, "commit", "-m", "Another")
    (repository / name).parent.mkdir(exist_ok=True, parents=True)
    git(repository, "mv", "policies", name)
    git(repository, "commit", "-m", "Renamed")
    folder = repository / name
    assert severities("HEAD~3", "HEAD", folder) == ["do → know"]
    assert revision("HEAD~3", str(folder), DAY).label == "HEAD~3 (policies)"
    assert revision("HEAD", str(folder), DAY).label == "HEAD"
    assert severities("HEAD~3:policies", str(folder), folder) == ["do → know"]


UNSEEN = ("machines.yaml", "advise_language: 1", "advise_language: 1  # \u2028")
MENDED = ("machines.yaml", "  # \u2028", "")


def test_a_line_break_that_nobody_sees_is_mended(repository: Path) -> None:
    """What was committed before such characters were refused is read as it was then."""
    folder = repository / "policies"
    edit(folder, HARDEN, UNSEEN)
    git(repository, "commit", "-am", "Unseen")
    assert "[unseen-line-break]" in refused(str(folder), folder)
    edit(folder, MENDED)
    assert severities("HEAD", str(folder), folder) == []
    assert severities("HEAD~1", "HEAD", folder) == ["know → halt"]
    git(repository, "commit", "-am", "Mended")
    assert severities("HEAD~2", "HEAD", folder) == ["know → halt"]


def test_a_line_break_that_nobody_sees_in_the_last_release(tmp_path: Path) -> None:
    place = copied(tmp_path / "policies")
    release(place, (), FIRST)
    written = (place / "machines.yaml").read_bytes()
    edit(place, UNSEEN)
    unseen = (place / "machines.yaml").read_bytes()
    for path in [*(place / "archive").rglob("*"), place / "releases.lock"]:
        if path.is_file():  # as if it had been released so
            text = path.read_bytes().replace(text_digest(written).encode(), text_digest(unseen).encode())
            path.write_bytes(unseen if text == written else text)
    edit(place, MENDED, SOFTEN)
    assert severities("last-release", str(place), place) == ["do → know"]


def test_the_folder_that_was_read_is_named(repository: Path) -> None:
    def head(*arguments: str) -> list[str]:
        ended = advise("diff", *arguments, "--no-prove", cwd=repository)
        assert ended.code == 0, ended.err
        return [line for line in ended.out.splitlines() if line.startswith("Policy folder")]

    assert head("HEAD~1", "HEAD") == ["Policy folder: policies"]
    assert head("HEAD~1", "policies") == ["Policy folder: policies"]
    assert head("policies", "policies/") == []
    ended = advise("diff", "HEAD~1", "policies", "--no-prove", "--format", "json", cwd=repository)
    data = json.loads(ended.out)
    assert [data[side]["folder"] for side in ("before", "after")] == ["policies", "policies"]


def test_a_folder_that_was_not_there(repository: Path) -> None:
    copied(repository / "new")
    shutil.rmtree(repository / "new" / "archive", ignore_errors=True)
    said = refused("HEAD", repository / "new")
    assert said == (
        "In `HEAD` there is no policy file in new/. "
        "Where the folder had another name, write it: HEAD:FOLDER [no-side]"
    )


PROGRAM = """\
#!/bin/sh
touch "{witness}"
"""


@pytest.fixture
def hostile(repository: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where programs leave a trace that the configuration of a repository names for all that git may run.

    One former file is missing, and would have to be fetched. The first of the programs do run with plain git.
    """
    traces, programs = tmp_path / "traces", tmp_path / "programs"
    traces.mkdir()
    programs.mkdir()

    def program(name: str) -> str:
        path = programs / name
        path.write_text(PROGRAM.format(witness=traces / name), "utf-8")
        path.chmod(0o755)
        return str(path)

    program("git-remote-witness")
    program("post-index-change")
    monkeypatch.setenv("PATH", f"{programs}{os.pathsep}{os.environ['PATH']}")
    (repository / ".git" / "info").mkdir(exist_ok=True)
    (repository / ".git" / "info" / "attributes").write_text("*.yaml diff=strange filter=strange\n", "utf-8")
    settings = {
        "core.repositoryFormatVersion": "1",
        "extensions.partialClone": "elsewhere",
        "remote.elsewhere.promisor": "true",
        "remote.elsewhere.url": "witness::x",
        "remote.elsewhere.uploadpack": program("uploadpack"),
        "protocol.allow": "always",
        "core.fsmonitor": program("fsmonitor"),
        "core.hooksPath": str(programs),
        "diff.strange.textconv": program("textconv"),
        "filter.strange.smudge": program("smudge"),
        "filter.strange.clean": program("clean"),
        **{
            name: program(name) for name in ("core.pager", "core.sshCommand", "core.gitProxy", "core.askPass")
        },
        **{name: program(name) for name in ("diff.external", "gpg.program", "credential.helper")},
        **{f"alias.{verb}": f"!{program(verb)}" for verb in ("ls-tree", "cat-file", "rev-parse", "config")},
    }
    for name, value in settings.items():
        git(repository, "config", name, value)
    listed = ["git", "rev-parse", "HEAD~1:policies/machines.yaml"]
    missing = subprocess.run(
        listed, cwd=repository, check=True, capture_output=True, text=True
    ).stdout.strip()
    plain = (("cat-file", "-p", missing), ("status",), ("diff", "--no-ext-diff", "HEAD~1", "HEAD"))
    for command in reversed(plain):
        if command[0] == "cat-file":
            (repository / ".git" / "objects" / missing[:2] / missing[2:]).unlink()
        subprocess.run(
            ["git", *command], cwd=repository, check=False, capture_output=True, input=b"", timeout=20
        )
    ran = {path.name for path in traces.iterdir()}
    assert {"git-remote-witness", "fsmonitor", "textconv"} <= ran, ran
    for path in traces.iterdir():
        path.unlink()
    return traces


@pytest.mark.skipif(os.name != "posix", reason="the programs are scripts")
def test_no_program_runs_that_a_repository_names(hostile: Path, repository: Path) -> None:
    """Nor is anything fetched; a file that would have to be is an error that says so."""
    here = ("policies", "--policies", "policies", "--as-of", "2026-11-27")
    whole = advise("diff", "HEAD", *here, cwd=repository)
    assert (whole.code, whole.err) == (0, "")
    part = advise("diff", "HEAD~1", *here, cwd=repository)
    assert (part.code, part.out) == (2, "")
    said = " ".join(part.err.split())
    assert "`HEAD~1` is not all here: this clone is a partial one. [no-side]" in said
    assert "`git fetch --refetch --no-filter` brings the rest. Git says: " in said
    assert not [*hostile.iterdir()]


def test_what_a_partial_clone_has_not_can_be_brought(repository: Path, tmp_path: Path) -> None:
    """By what the message says."""
    git(repository, "config", "uploadpack.allowFilter", "true")
    git(tmp_path, "clone", "--filter=blob:none", f"file://{repository}", "part")
    folder = tmp_path / "part" / "policies"
    assert severities("HEAD", str(folder), folder) == []
    assert "is not all here" in refused("HEAD~1", folder)
    git(folder, "fetch", "--refetch", "--no-filter")
    assert severities("HEAD~1", "HEAD", folder) == ["do → know"]


@pytest.mark.parametrize(
    "named", ["-", "-h", "-x", "--", "--help", "--output=x", "--exec-path=x", "--batch", "HEAD --output=x"]
)
def test_a_revision_is_no_option(named: str, repository: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(repository)
    before = sorted(repository.rglob("*"))
    said = refused(named, repository / "policies")
    assert said.startswith(f"`{named}` is no folder, no version, no date, and no git revision here. ")
    assert sorted(repository.rglob("*")) == before


def test_the_reason_is_that_of_git(repository: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in NOBODY.items():
        monkeypatch.setenv(name, value)
    folder = repository / "policies"
    assert "Git says: Not a valid object name HEAD~7" in refused("HEAD~7", folder)
    outside = copied(tmp_path / "outside")
    assert "Git says: not a git repository" in refused("HEAD", outside)
    git(tmp_path, "clone", "--depth", "1", f"file://{repository}", "shallow")
    said = refused("HEAD~1", tmp_path / "shallow" / "policies")
    assert "Git says: Not a valid object name HEAD~1 (the clone is shallow: git fetch --unshallow" in said
    monkeypatch.setenv("GIT_TEST_ASSUME_DIFFERENT_OWNER", "1")  # by which git tests this itself
    assert "Git says: detected dubious ownership in repository at " in refused("HEAD", folder)
    assert "git config --global --add safe.directory" in refused("HEAD", folder)
    monkeypatch.setenv("PATH", str(tmp_path))
    assert "Git says: it is not installed, or not on the path" in refused("HEAD", folder)


# -- people ------------------------------------------------------------------------------------------


def person(name: str, **saw: Any) -> dict[str, Any]:
    return {
        "member": {"name": name, "joined_on": "2024-01-05", "role": "member"},
        "saw": {"trained": True, **saw},
    }


GLOVES = (
    "vocabulary.yaml",
    "  saw.test_score:\n",
    "  saw.gloves:\n    title: Gloves\n    type: boolean\n    question: Gloves?\n  saw.test_score:\n",
)
WITHOUT_GLOVES = (
    "machines.yaml",
    "  - id: train\n",
    """\
  - {id: gloves, title: Wear gloves, when: {saw.gloves: false}, tier: habit, cites: [house-rules#saw],
     advise: {text: Wear them., category: danger, severity: do}}
  - id: train
""",
)
GUESTS = ("vocabulary.yaml", "keyholder: keyholder}", "keyholder: keyholder, friend: friend}")


ONE_REFUSED = (
    "Of 1 of 2 members can be told whether the advice changes: that of 0 does. "
    "The facts of 1 other cannot be used on one side or both."
)


def compared(
    tmp_path: Path, people: list[Any], *edits: Edit, back: bool = False
) -> tuple[Affected, DiffResult]:
    cohort = tmp_path / "cohort.jsonl"
    cohort.write_text("\n".join(map(json.dumps, people)), "utf-8")
    sides = [revision(str(WORKSHOP), None, DAY), revision(str(copied(tmp_path / "new", *edits)), None, DAY)]
    old, new = reversed(sides) if back else sides
    rows = read_cohort(cohort, {**old.policy_set.facts, **new.policy_set.facts})
    changes = difference(old, new, prove=False)
    found = compare_cohort(old, new, rows, changes, str(cohort), lambda: None)
    return found, DiffResult(old, new, changes, found)


@pytest.mark.parametrize("back", [False, True])
def test_a_fact_that_one_side_does_not_know_is_left_out_there(back: bool, tmp_path: Path) -> None:
    people = [
        person("Ada", gloves=False),
        person("Bo", gloves=True),
        person("Cy", gloves=False),
        person("Di"),
    ]
    found, both = compared(tmp_path, people, GLOVES, WITHOUT_GLOVES, back=back)
    kind = "lost" if back else "gained"
    assert [(each.label, [(c.kind, c.rule) for c in each.changes]) for each in found.people] == [
        ("Ada", [(kind, "machines/gloves")]),
        ("Cy", [(kind, "machines/gloves")]),
    ]
    assert (found.changed, found.refused) == (2, 0)
    assert list(left_out(both)) == [
        f"{WORKSHOP} does not know saw.gloves, or its value: left out there for 3 members."
    ]


def test_a_new_value_is_left_out_on_the_old_side(tmp_path: Path) -> None:
    friend = person("Ada", trained=False)
    friend["member"]["role"] = "friend"
    found, both = compared(
        tmp_path,
        [friend, person("Bo")],
        GUESTS,
        ("machines.yaml", "role: [member, keyholder]", "role: [member, keyholder, friend]"),
    )
    assert (found.changed, found.refused) == (1, 0)
    assert list(left_out(both)) == [
        f"{WORKSHOP} does not know member.role, or its value: left out there for 1 member."
    ]


@pytest.mark.parametrize(
    ("people", "said"),
    [
        ([person("Ada")], "The advice of 0 of 1 member changes."),
        ([person("Ada"), person("Bo", test_score=11)], ONE_REFUSED),
        (
            [person("Ada", test_score=11), person("Bo", test_score=12)],
            "Nothing can be told of 2 members: no facts can be used on both sides.",
        ),
    ],
)
def test_whom_a_side_refuses_is_not_counted_as_unchanged(
    people: list[Any], said: str, tmp_path: Path
) -> None:
    found, _ = compared(tmp_path, people)
    assert affected_summary(found, Noun("member", "members", "a")) == said


@pytest.mark.parametrize("form", ["text", "json", "markdown", "html"])
def test_refused_people_end_with_exit_1(form: str, tmp_path: Path) -> None:
    cohort = tmp_path / "cohort.jsonl"
    new = copied(tmp_path / "new", GLOVES, WITHOUT_GLOVES)
    for people, code in (
        ([person("Ada", gloves=False)], 0),
        ([person("Ada", gloves=False), person("Bo", test_score=11)], 1),
    ):
        cohort.write_text("\n".join(map(json.dumps, people)), "utf-8")
        ended = advise(
            "diff", WORKSHOP, new, "--cohort", cohort, "--format", form, "--no-prove", "--as-of", str(DAY)
        )
        assert ended.code == code, ended.err
        if form == "json":
            told = json.loads(ended.out)["cohort"]
            assert (told["applicants"], told["changed"], told["refused"]) == (len(people), 1, code)
            assert told["left_out"] == [{"fact": "saw.gloves", "side": "before", "applicants": 1}]
        else:
            assert "left out there for 1 member." in " ".join(ended.out.split())
