"""`advise init`: a folder of one's own, and newer shipped texts in it; nothing of its owner's is lost."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
from collections.abc import Mapping
from datetime import date
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.base.diagnostic import InvalidInput
from engine.base.read import read_yaml
from engine.loading.layout import part_of
from engine.loading.shape import inlined_schema
from engine.versioning.scaffold.create import create
from engine.versioning.scaffold.merge import merge
from engine.versioning.scaffold.shipped import files_under, skeleton_files
from engine.versioning.scaffold.update import Updated, update
from tests.support.edited import edit
from tests.support.process import ROOT, WORKSHOP, Ended, advise
from tests.support.strategies import DETERMINISTIC

DAY = date(2026, 11, 22)
SHIPPED = {**files_under(WORKSHOP, "policies"), "examples/a.json": b'{"year": 2026}\n'}
MACHINES, CALENDAR = "policies/machines.yaml", "policies/calendar.yaml"


def made(folder: Path, *edits: tuple[str, str, str]) -> Path:
    """A guidance folder made from the workshop's policies, edited by its owner."""
    create(folder, SHIPPED, DAY, shipped=True)
    edit(folder, *edits)
    return folder


def newer(*edits: tuple[str, str, str]) -> dict[str, bytes]:
    """What is shipped later."""
    files = dict(SHIPPED)
    for path, old, new in edits:
        assert files[path].count(old.encode()) == 1
        files[path] = files[path].replace(old.encode(), new.encode())
    return files


def told(updated: Updated) -> dict[str, str]:
    return {each.path: each.what for each in updated.files}


def state(folder: Path) -> dict[str, bytes]:
    return {
        path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()
    }


# -- made --------------------------------------------------------------------------------------------


@pytest.mark.slow
def test_a_folder_of_ones_own_is_whole(tmp_path: Path) -> None:
    """What it says to do next works, and touches nothing but that folder."""
    ended = advise("init", "office", cwd=tmp_path)
    assert (ended.code, ended.err) == (0, "")
    office = tmp_path / "office"
    for part in ("policies", "examples"):
        for path in (ROOT / part).rglob("*.*"):
            assert (office / part / path.relative_to(ROOT / part)).read_bytes() == path.read_bytes()
    said = ended.out.splitlines()
    assert advise(*said[said.index("Go into that folder, then try:") + 1].split()[1:], cwd=office).code == 0
    for name in re.findall(r"\S*\.(?:json|yaml|gitattributes)\b", said[2]):
        assert (office / name).is_file(), name
    assert "`advise release --first`" in said[-1]
    checked = advise("check", "--no-prove", cwd=office)
    assert checked.code == 0
    assert checked.out.startswith("policies: 19 files in force on ")
    before = state(office)
    assert advise("init", "--update", "office", cwd=tmp_path).out == "office is up to date.\n"
    assert state(office) == before
    assert sorted(os.listdir(tmp_path)) == ["office"]


def test_editors_hooks_and_git_are_set_up(tmp_path: Path) -> None:
    assert advise("init", "--empty", "office", cwd=tmp_path).code == 0
    office = tmp_path / "office"
    associated = json.loads((office / ".vscode/settings.json").read_text("utf-8"))["yaml.schemas"]
    assert set(associated) == {
        path.relative_to(office).as_posix() for path in office.glob(".advise/schemas/*")
    }
    for path, patterns in associated.items():
        kind = Path(path).name.partition(".")[0]
        schema = json.loads((office / path).read_text("utf-8"))
        assert set(schema["properties"]) == set(inlined_schema(kind)["properties"])
        named = [pattern for pattern in patterns if not pattern.startswith("!")]
        assert kind in ("calendar", "phrases") or any(list(office.glob(pattern)) for pattern in named)
        assert patterns == [
            name for yaml in patterns[::2] for name in (yaml, yaml.removesuffix("aml") + "ml")
        ]
    policy = json.loads((office / ".advise/schemas/policy.schema.json").read_text("utf-8"))
    assert "person.trained" in json.dumps(policy)
    hooks = read_yaml((office / ".pre-commit-config.yaml").read_bytes(), "hooks").data["repos"][0]["hooks"]
    for hook in hooks:
        assert advise(*hook["entry"].split()[1:], cwd=office).code == 0
    git = ("git", "-c", "core.autocrlf=true")
    subprocess.run([*git, "init", "-q"], cwd=office, check=True)
    asked = subprocess.run(
        [*git, "check-attr", "eol", "policies/tests/first.yaml"], cwd=office, check=True, capture_output=True
    )
    assert asked.stdout.decode().strip().endswith("eol: lf")


def test_a_skeleton_for_another_field_passes_check_and_test(tmp_path: Path) -> None:
    assert advise("init", "--empty", "office", cwd=tmp_path).code == 0
    office = tmp_path / "office"
    checked = advise("check", "--fail-on", "warning", cwd=office)
    assert (checked.code, checked.out.count("\n")) == (0, 1)
    assert ": no problems." in checked.out
    tested = advise("test", "--coverage", "--threshold", "100", cwd=office)
    assert tested.code == 0, tested.out
    assert "3 passed, 0 failed" in tested.out
    assert "Book the training" in advise("examples/first.json", cwd=office).out
    said = refused(advise("init", "--update", "office", cwd=tmp_path))
    assert said.startswith(
        "office: `office` was made with --empty: nothing in it came from the shipped policies."
        " [init-refused]\n"
        "  → There is nothing to bring up to date: its policies are all your own.\n"
    )


def test_a_schema_is_for_every_file_that_is_read(tmp_path: Path) -> None:
    """Tests in folders of their own, and both endings; each file has one schema."""
    create(tmp_path / "office", skeleton_files(DAY), DAY, shipped=False)
    office = tmp_path / "office"
    expected = {
        "policies/more.yml": "policy",
        "policies/calendar.yml": "calendar",
        "policies/vocabulary.yml": "vocabulary",
        "policies/tests/more.yml": "tests",
        "policies/tests/spring/late/more.yaml": "tests",
        "policies/tests/spring/more.yml": "tests",
    }
    for path in expected:
        assert part_of(path.removeprefix("policies/")) is not None
        (office / path).parent.mkdir(parents=True, exist_ok=True)
        (office / path).touch()
    associated = json.loads((office / ".vscode/settings.json").read_text("utf-8"))["yaml.schemas"]
    found = [
        (path, Path(schema).name.partition(".")[0])
        for schema, patterns in associated.items()
        for path in sorted(globbed(office, [each for each in patterns if each[0] != "!"]))
        if path in expected and path not in globbed(office, [each[1:] for each in patterns if each[0] == "!"])
    ]
    assert dict(found) == expected
    assert len(found) == len(expected)


def globbed(folder: Path, patterns: list[str]) -> set[str]:
    return {path.relative_to(folder).as_posix() for each in patterns for path in folder.glob(each)}


def refused(ended: Ended) -> str:
    assert (ended.code, ended.stdout) == (2, b"")
    return ended.err


def test_nothing_is_written_over(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("mine", "utf-8")
    (tmp_path / "full").mkdir()
    (tmp_path / "full" / ".hidden").write_text("mine", "utf-8")
    (tmp_path / "link").symlink_to("nowhere")
    before = state(tmp_path)
    for name in ("file", "full", "link"):
        said = refused(advise("init", "--empty", name, cwd=tmp_path))
        assert f"{name}: `{name}` is there already, and is not empty; nothing is " in said
        assert "[init-refused]" in said
        assert said.endswith("1 problem; nothing is made.\n")
    said = refused(advise("init", "--empty", "file/below", cwd=tmp_path))
    assert "The folder cannot be made: " in said
    assert state(tmp_path) == before
    assert sorted(os.listdir(tmp_path)) == ["file", "full", "link"]


def test_an_empty_folder_and_a_fresh_repository_are_free(tmp_path: Path) -> None:
    for name in ("empty", "repository"):
        (tmp_path / name).mkdir()
    (tmp_path / "repository" / ".git").mkdir()
    for name in ("empty", "repository", "new/below"):
        create(tmp_path / name, SHIPPED, DAY, shipped=True)
        assert (tmp_path / name / MACHINES).read_bytes() == SHIPPED[MACHINES]
    assert sorted(os.listdir(tmp_path)) == ["empty", "new", "repository"]


# -- brought up to date ------------------------------------------------------------------------------

THEIRS = (MACHINES, "After {member.days} days you", "After {member.days} days, you")
OURS = (MACHINES, "Book the next course.", "Book the next course at the office.")
SAME = (MACHINES, "Book the next course.", "Book a course.")
CONFLICT = f"<<<<<<< yours\n      text: {OURS[2]}\n=======\n      text: {SAME[2]}\n>>>>>>> shipped\n"


def test_what_each_side_changed_stands_in_it_afterwards(tmp_path: Path) -> None:
    office = made(tmp_path / "office", OURS)
    shutil.copyfile(office / MACHINES, tmp_path / "expected")
    edit(tmp_path, ("expected", THEIRS[1], THEIRS[2]))
    shipped = newer(THEIRS, ("policies/ranking.yaml", "Good to know", "Worth knowing"))
    assert told(update(office, shipped, DAY)) == {MACHINES: "merged", "policies/ranking.yaml": "taken"}
    assert (office / MACHINES).read_bytes() == (tmp_path / "expected").read_bytes()
    before = state(office)
    assert update(office, shipped, DAY) == Updated((), {})
    assert state(office) == before
    assert sorted(os.listdir(tmp_path)) == ["expected", "office"]


def test_the_same_lines_changed_on_both_sides_stay_the_owners_and_both_are_shown(tmp_path: Path) -> None:
    office = made(tmp_path / "office", OURS)
    updated = update(office, newer(SAME, THEIRS), DAY)
    (file,) = updated.files
    assert (file.path, file.what) == (MACHINES, "conflict")
    text = (office / MACHINES).read_text("utf-8")
    assert OURS[2] in text
    assert SAME[2] not in text
    assert THEIRS[2] in text
    shown = (office / updated.shown[MACHINES]).read_text("utf-8")
    assert CONFLICT in shown
    ((here, there),) = file.conflicts
    assert OURS[2] in text.splitlines()[here - 1]
    assert shown.splitlines()[there - 1] == "<<<<<<< yours"
    # What was shown once is never shown over, nor again.
    kept = state(office)
    assert update(office, newer(SAME, THEIRS), DAY).files == ()
    assert state(office) == kept
    again = update(office, newer((MACHINES, SAME[1], "Book any course.")), DAY)
    assert again.shown == {MACHINES: f"conflicts/{MACHINES}.2"}
    assert (office / updated.shown[MACHINES]).read_text("utf-8") == shown


def test_a_conflict_is_told_until_it_is_settled(tmp_path: Path) -> None:
    office = made(tmp_path / "office", OURS)
    shipped = newer(SAME, THEIRS)
    ((_, line),) = update(office, shipped, DAY).files[0].conflicts
    open_ = (f"conflicts/{MACHINES}", line)
    assert update(office, shipped, DAY) == Updated((), {}, (open_,))
    more = newer(SAME, THEIRS, ("policies/ranking.yaml", "Good to know", "Worth knowing"))
    assert update(office, more, DAY).open == (open_,)
    # Both sides in a file of the owner's own, as after copying the one that shows them: nothing is merged.
    shutil.copyfile(office / f"conflicts/{MACHINES}", office / MACHINES)
    before = state(office)
    for files in (more, newer(SAME)):
        with pytest.raises(InvalidInput) as invalid:
            update(office, files, DAY)
        assert [f"{each.at} {each.code}" for each in invalid.value.diagnostics] == [
            f"{office / MACHINES}:{line}:1 init-refused"
        ]
    assert state(office) == before
    edit(office, (MACHINES, CONFLICT, f"      text: {OURS[2]}\n"))
    (office / f"conflicts/{MACHINES}").unlink()
    assert update(office, more, DAY) == Updated((), {})


def test_files_that_come_and_go(tmp_path: Path) -> None:
    office = made(tmp_path / "office", (CALENDAR, "Course dates", "Dates of courses"))
    (office / "examples/a.json").unlink()
    (office / "policies/mine.yaml").write_bytes(b"# mine\n" + policy("mine"))
    shipped = newer(("examples/a.json", "2026", "2027"))
    shipped["policies/more.yaml"] = policy("more")
    shipped["policies/mine.yaml"] = policy("mine")
    del shipped[CALENDAR]
    assert told(update(office, shipped, DAY)) == {
        "examples/a.json": "left out",
        CALENDAR: "kept",
        "policies/mine.yaml": "conflict",
        "policies/more.yaml": "new",
    }
    assert not (office / "examples/a.json").exists()
    assert (office / "policies/mine.yaml").read_bytes().startswith(b"# mine\n")
    del shipped["policies/more.yaml"]
    assert told(update(office, shipped, DAY)) == {"policies/more.yaml": "gone"}
    assert not (office / "policies/more.yaml").exists()
    assert update(office, shipped, DAY).files == ()


def policy(name: str) -> bytes:
    head = f'advise_language: 1\npolicy: {name}\ntitle: {name}\nversion: "1.0.0"\nstatus: active\n'
    when = "when: {saw.trained: true}, conclude: [safety.doubt]"
    rule = f"{{id: r, title: R, {when}, tier: rule, cites: [house-rules#saw]}}"
    return f"{head}effective: {{from: 2026-01-01}}\nrules: [{rule}]\n".encode()


YEAR = "saw.trained: false\n        - year: 2026"


def test_a_folder_that_could_not_be_used_afterwards_stays_as_it_was(tmp_path: Path) -> None:
    """A fact is not shipped any more, and a rule of the owner's rests on it."""
    office = made(tmp_path / "office", (MACHINES, "saw.trained: false", YEAR))
    before = state(office)
    lines = SHIPPED["policies/vocabulary.yaml"].decode().splitlines(keepends=True)
    shipped = {**SHIPPED, "policies/vocabulary.yaml": "".join(without_fact(lines, "  year:")).encode()}
    with pytest.raises(InvalidInput) as invalid:
        update(office, shipped, DAY)
    first, *others = invalid.value.diagnostics
    copy = tmp_path / "office.updated"
    assert (first.code, first.location.path) == ("init-refused", str(copy))
    assert {each.code for each in others} == {"unknown-fact"}
    assert MACHINES in {each.location.path.removeprefix(f"{copy}/") for each in others}
    assert state(office) == before
    assert (copy / MACHINES).read_bytes() == (office / MACHINES).read_bytes()
    with pytest.raises(InvalidInput) as invalid:
        update(office, shipped, DAY)
    assert "A copy from a former update is there." in str(invalid.value)
    # Mended in the copy, whose files are then put in the place of the others: nothing is left to do.
    edit(copy, (MACHINES, YEAR, "saw.trained: false"))
    shutil.copytree(copy, office, dirs_exist_ok=True)
    assert update(office, shipped, DAY).files == ()


def without_fact(lines: list[str], begin: str) -> list[str]:
    at = next(number for number, line in enumerate(lines) if line.startswith(begin))
    end = next(number for number in range(at + 1, len(lines)) if not lines[number].startswith("   "))
    return lines[:at] + lines[end:]


def test_policies_that_cannot_be_used_are_not_brought_up_to_date(tmp_path: Path) -> None:
    office = made(tmp_path / "office", (MACHINES, "severity: halt", "severity: hold"))
    before = state(tmp_path)
    with pytest.raises(InvalidInput) as invalid:
        update(office, newer(THEIRS), DAY)
    assert [each.code for each in invalid.value.diagnostics] == ["silences-below-first", "unknown-severity"]
    assert state(tmp_path) == before


def test_released_policies_are_unreleased_after_it(tmp_path: Path) -> None:
    office = made(tmp_path / "office")
    policies = office / "policies"
    first = advise("release", "--first", "--policies", policies, "--approved-by", "Ann", "--by", "Bob")
    assert first.code == 0, first.err
    archived = state(policies / "archive")
    assert told(update(office, newer(THEIRS), DAY)) == {MACHINES: "merged"}
    assert {name: archived[name] for name in archived} == state(policies / "archive")
    checked = advise("check", policies, "--no-prove")
    assert "[released-edited]" in checked.out
    assert checked.out.count("[released-edited]") == 1


@pytest.mark.parametrize("side", ["owner", "base"])
def test_line_ends_of_windows_are_no_changes(side: str, tmp_path: Path) -> None:
    office = made(tmp_path / "office", OURS)
    place = office if side == "owner" else office / ".advise/shipped"
    for path in (place / "policies").glob("*.yaml"):
        path.write_bytes(path.read_bytes().replace(b"\n", b"\r\n"))
    assert told(update(office, newer(THEIRS), DAY)) == {MACHINES: "merged"}
    content = (office / MACHINES).read_bytes()
    assert THEIRS[2].encode() in content
    assert OURS[2].encode() in content
    assert content.count(b"\r\n") == (content.count(b"\n") if side == "owner" else 0)


@pytest.mark.slow
def test_the_command_tells_what_it_did(tmp_path: Path) -> None:
    """On a folder made from texts that were shipped a little earlier."""
    assert advise("init", "office", cwd=tmp_path).code == 0
    office = tmp_path / "office"
    base = office / ".advise/shipped"
    name = "examples/case-a.json"
    facts = json.loads((office / name).read_text("utf-8"))
    for place in (office, base):
        (place / name).write_text(json.dumps(facts), "utf-8")
    letters = "policies/letters.yaml"
    lines = (office / letters).read_text("utf-8").splitlines()
    title = next(line for line in lines if line.startswith("title: "))
    edit(base, (letters, f"{title}\n", "title: Former\n"))
    edit(office, (letters, f"{title}\n", "title: Ours\n"))
    line = lines.index(title) + 1
    ended = advise("init", "--update", "office", cwd=tmp_path)
    assert ended.code == 0, ended.err
    shown = f"office/conflicts/{letters}"
    assert ended.out.splitlines() == [
        f"office/{name}: as it is shipped now",
        f"office/{letters}:{line}: changed on both sides; yours stays, {shown}:{line} shows both",
        "Settle each conflict in your file, then delete the one that shows it.",
        "`advise check` and `advise test` tell what there is to do.",
    ]
    assert advise("init", "--update", "office", cwd=tmp_path).out.splitlines() == [
        f"{shown}:{line}: a conflict is still open: settle it in your file, then delete this one",
        "office is up to date but for that.",
    ]
    said = refused(advise("init", "--update", "office/policies", cwd=tmp_path))
    assert f"→ Did you mean {office}?" in said
    shutil.rmtree(base)  # which the README beside it says to keep
    said = refused(advise("init", "--update", "office", cwd=tmp_path))
    assert "`office` does not say what it was made from: there is no .advise/shipped in it." in said


# -- three texts -------------------------------------------------------------------------------------

LINES = st.lists(st.sampled_from(["a\n", "b\n", "c\n", "\n", "d\n"]), max_size=12)


@DETERMINISTIC
@given(LINES, LINES)
def test_one_side_alone_is_taken(base: list[str], changed: list[str]) -> None:
    one, other = "".join(base).encode(), "".join(changed).encode()
    for merged in (merge(one, other, one), merge(one, one, other), merge(one, other, other)):
        assert (merged.content, merged.marked, merged.conflicts) == (other, other, ())


@DETERMINISTIC
@given(st.lists(st.integers(0, 99), unique=True, min_size=3, max_size=20), st.data())
def test_changes_apart_are_both_made(numbers: list[int], data: st.DataObject) -> None:
    middle = data.draw(st.integers(1, len(numbers) - 2))
    upper, kept, lower = numbers[:middle], numbers[middle], numbers[middle + 1 :]
    ours = data.draw(st.lists(st.integers(100, 199), max_size=6))
    theirs = data.draw(st.lists(st.integers(200, 299), max_size=6))
    merged = merge(text(numbers), text([*ours, kept, *lower]), text([*upper, kept, *theirs]))
    assert merged.content == text([*ours, kept, *theirs])
    assert not merged.conflicts


def text(numbers: list[int]) -> bytes:
    return "".join(f"{number}\n" for number in numbers).encode()


@DETERMINISTIC
@given(LINES, LINES, LINES)
def test_nothing_of_the_owners_is_lost(base: list[str], ours: list[str], theirs: list[str]) -> None:
    was, one, other = ("".join(lines).encode() for lines in (base, ours, theirs))
    merged = merge(was, one, other)
    assert sides(merged.marked)[0] == merged.content
    assert sides(merged.marked)[1] == merge(was, other, one).content
    for here, there in merged.conflicts:
        assert merged.marked.splitlines()[there - 1] == b"<<<<<<< yours"
        assert here <= merged.content.count(b"\n") + 1
    added = set(ours) - set(base)
    assert added <= set(merged.content.decode().splitlines(keepends=True))


def sides(marked: bytes) -> Mapping[int, bytes]:
    """The text with one side of each conflict, and with the other."""
    chosen: dict[int, list[bytes]] = {0: [], 1: []}
    side = None
    for line in marked.splitlines(keepends=True):
        match line:
            case b"<<<<<<< yours\n":
                side = 0
            case b"=======\n":
                side = 1
            case b">>>>>>> shipped\n":
                side = None
            case _:
                for number in (0, 1) if side is None else (side,):
                    chosen[number].append(line)
    return {number: b"".join(lines) for number, lines in chosen.items()}


def test_a_last_line_without_an_end_is_marked_whole() -> None:
    merged = merge(b"a\n", b"b", b"c")
    assert merged.content == b"b"
    assert merged.marked == b"<<<<<<< yours\nb\n=======\nc\n>>>>>>> shipped\n"
