"""What lies in a policy folder: each file is read as one thing, passed over, or named as not read."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import pytest

from engine.base.diagnostic import InvalidInput
from engine.loading.folder import every_file, list_files, list_tests
from engine.loading.layout import is_passed_over, part_of
from engine.loading.not_read import not_read
from tests.support.case_files import TESTS
from tests.support.process import advise

PARTS = {
    "letters.yaml": "policies",
    "letters.yml": "policies",
    "Letters of 2027.yaml": "policies",
    "archive/letters-1.0.0.yaml": "archive",
    "tests/letters.yaml": "tests",
    "tests/letters.yml": "tests",
    "tests/new/x.yaml": "tests",
    "tests/new/archive/x.yaml": "tests",
    "letters.YAML": None,
    "letters.yaml.txt": None,
    "README.md": None,
    "2027/letters.yaml": None,
    "archive/2025/letters.yaml": None,
    "archive/tests/letters.yaml": None,
    "test/letters.yaml": None,
    "Tests/letters.yaml": None,
    ".letters.yaml": None,
    "tests/.letters.yaml": None,
    "tests/.git/x.yaml": None,
    ".github/x.yaml": None,
    "tests/facts.json": None,
}


@pytest.mark.parametrize(("path", "part"), PARTS.items())
def test_a_path_tells_what_a_file_is_read_as(path: str, part: str | None) -> None:
    assert part_of(path) == part


def test_hidden_files_and_what_editors_and_systems_leave_are_passed_over() -> None:
    left = (
        ".x.yaml.swp", "x.yaml~", "#x.yaml#", ".#x.yaml", ".DS_Store", "Thumbs.db", "desktop.ini", ".git",
        ".gitattributes", "~$guidance.docx", "x.yaml.bak", "x.yaml.orig", "x.yaml.rej", "x.yaml.tmp",
        "._x.yaml", ".vscode", "__pycache__",
    )  # fmt: skip
    assert [name for name in left if not is_passed_over(name)] == []
    kept = ("x.yaml", "x~y.yaml", "a#b#.yaml", "README.md", "bak.yaml", "x.yaml.txt", "thumbs.yaml", "x.YAML")
    assert [name for name in kept if is_passed_over(name)] == []


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return Path(shutil.copytree(TESTS / "fields" / "workshop", tmp_path / "policies"))


def put(folder: Path, *paths: str, like: str = "machines.yaml") -> None:
    """Copies of a policy file, or of a file of tests, under other names."""
    source = TESTS / "suites" / "saw.yaml" if like == "tests" else folder / like
    content = source.read_bytes()
    for path in paths:
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_bytes(content)


def told(folder: Path) -> dict[str, str]:
    return {str(found.at): f"{found.severity}: {found.help}" for found in not_read(folder)}


def test_the_shipped_folder_is_read_whole() -> None:
    assert not_read(TESTS.parent / "policies") == ()
    assert not_read(TESTS / "compatibility" / "v0_1_0" / "released") == ()


def test_policies_that_are_not_read_are_named(folder: Path) -> None:
    put(folder, "a.YAML", "b.yaml.txt", "c.yaml (1)", "d", "machines.yml.old", "archive/e.txt", "2027/f.yaml")
    put(folder, "archive/2025/g.yaml", "2027/h.yaml")
    use = " If it is not in use, move it out of the folder."
    own = "warning: Give it a name of its own that ends in .yaml." + use
    aside = (
        "warning: Policies lie in the policy folder itself. "
        "Move them there or, if they are not in use, out of it."
    )
    assert told(folder) == {
        "a.YAML:1:1": "warning: Rename it `a.yaml`." + use,
        "b.yaml.txt:1:1": "warning: Rename it `b.yaml`." + use,
        "c.yaml (1):1:1": "warning: Rename it `c.yaml`." + use,
        "d:1:1": "warning: Rename it `d.yaml`." + use,
        "machines.yml.old:1:1": own,
        "archive/e.txt:1:1": "warning: Rename it `e.yaml`." + use,
        "2027:1:1": aside,
        "archive/2025:1:1": aside,
    }
    messages = {str(found.at): found.message for found in not_read(folder)}
    assert messages["2027:1:1"] == "2 files of policies in this folder: none is read."
    assert {file.path for file in list_files(folder)} == {
        file.path for file in list_files(TESTS / "fields" / "workshop")
    }


def test_tests_that_are_never_run_are_errors(folder: Path) -> None:
    put(folder, "tests/a.yaml", "tests/new/b.yaml", "tests/c.YAML", "tests/new/d.yaml.txt", like="tests")
    put(folder, "test/e.yaml", "2027/tests/f.yaml", like="tests")
    (folder / "tests" / "shared").symlink_to(TESTS / "suites")
    assert [file.path for file in list_tests(folder)] == ["tests/a.yaml", "tests/new/b.yaml"]
    use = " If it is not in use, move it out of the folder."
    there = "error: Move tests to `tests`, or to a folder in it."
    assert told(folder) == {
        "tests/c.YAML:1:1": "error: Rename it `c.yaml`." + use,
        "tests/new/d.yaml.txt:1:1": "error: Rename it `d.yaml`." + use,
        "test:1:1": there,
        "2027/tests:1:1": there,
        "tests/shared:1:1": "error: Put the files themselves here.",
    }


def test_nothing_is_said_of_documents(folder: Path) -> None:
    for path in ("README.md", "LICENSE", "2027/ci.yaml", "tests/facts.json", "tests/README", "notes.txt"):
        (folder / path).parent.mkdir(exist_ok=True)
        (folder / path).write_text("# Notes\ntitle: advise_language: 1\n", "utf-8")
    put(folder, ".letters.yaml", ".git/x.yaml", "x.yaml~", "tests/.x.yaml", "tests/#x.yaml#", "x.yaml.bak")
    assert not_read(folder) == ()
    assert list_tests(folder) == ()


def test_a_folder_under_another_name_of_its_own_is_read(folder: Path) -> None:
    """Where case does not matter, `Tests` is `tests`: as a link to it is here."""
    put(folder, "tests/a.yaml", like="tests")
    (folder / "Tests").symlink_to("tests")
    assert not_read(folder) == ()


def test_a_link_to_a_folder_of_policies_is_not_followed(folder: Path) -> None:
    (folder / "shared").symlink_to(TESTS / "fields" / "allotment")
    (folder / "again").symlink_to(folder)
    assert set(told(folder)) == {"shared:1:1", "again:1:1"}


@pytest.mark.parametrize("part", ["archive", "tests"])
@pytest.mark.parametrize(
    ("target", "reason"),
    [("nowhere", "No such file or directory"), (None, "Too many levels of symbolic links")],
)
def test_a_part_that_cannot_be_listed_is_not_empty(
    folder: Path, part: str, target: str | None, reason: str
) -> None:
    (folder / part).symlink_to(target or part)
    with pytest.raises(InvalidInput) as refused:
        list_files(folder) if part == "archive" else list_tests(folder)
    (problem,) = refused.value.diagnostics
    assert f"{problem.at} {problem.code}" == f"{part}:1:1 unreadable"
    assert problem.message == f"Cannot list the folder: {reason}."


def test_a_file_in_the_place_of_a_folder_is_not_an_empty_one(folder: Path) -> None:
    (folder / "tests").write_text("", "utf-8")
    with pytest.raises(InvalidInput, match="Not a directory"):
        list_tests(folder)


def test_a_folder_that_cannot_be_listed_is_told_with_the_reason(tmp_path: Path) -> None:
    (tmp_path / "loop").symlink_to("loop")
    with pytest.raises(InvalidInput, match="Cannot list the folder: Too many levels"):
        list_files(tmp_path / "loop")


def test_a_watch_sees_all_that_is_read_or_named(folder: Path) -> None:
    put(folder, "a.YAML", "archive/b.yaml", "releases.lock", ".c.yaml", "d.yaml~")
    put(folder, "tests/e.yaml", "tests/new/f.yaml", like="tests")
    put(folder, "people/ann.json", "2027/g.yaml", ".git/h.yaml", "people/ann.pdf")
    seen = {path.relative_to(folder).as_posix() for path in every_file(folder)}
    named = {"a.YAML", "archive/b.yaml", "releases.lock", "tests/e.yaml", "tests/new/f.yaml"}
    named |= {"people/ann.json", "2027/g.yaml"}
    assert seen == named | {file.path for file in list_files(TESTS / "fields" / "workshop")}


SECRET = "root:secret: of somebody else"


@pytest.mark.skipif(os.name != "posix", reason="pipes and links as POSIX has them")
@pytest.mark.parametrize(
    "name", ["x.yaml", "x.YAML", "archive/x.yaml", "tests/x.yaml", "tests/x.yml.bak.YAML"]
)
@pytest.mark.parametrize("form", ["text", "json", "github", "markdown", "sarif"])
def test_only_files_of_the_folder_are_read(folder: Path, tmp_path: Path, name: str, form: str) -> None:
    """No pipe is waited for, even while somebody holds it open; nothing outside is shown."""
    secret = tmp_path / "secret"
    secret.write_text(f"{SECRET}\n", "utf-8")
    (folder / name).parent.mkdir(exist_ok=True)
    (folder / name).symlink_to(secret)
    said = check(folder, form)
    assert "leads out of the policy folder" in said
    assert SECRET not in said
    (folder / name).unlink()
    os.mkfifo(folder / name)
    held = os.open(folder / name, os.O_RDWR)
    try:
        assert "it is a pipe, a device or the like, no file" in check(folder, form)
    finally:
        os.close(held)


def check(folder: Path, form: str) -> str:
    ended = advise("check", folder, "--no-prove", "--format", form)
    assert ended.code in (0, 1), ended.err
    return ended.out + ended.err


@pytest.mark.skipif(os.name != "posix", reason="links as POSIX has them")
def test_links_within_the_folder_are_followed(folder: Path) -> None:
    (folder / "real").mkdir()
    (folder / "machines.yaml").rename(folder / "real" / "machines")
    (folder / "machines.yaml").symlink_to("real/machines")
    assert "machines.yaml" in {file.path for file in list_files(folder)}
    (folder.parent / "other name").symlink_to(folder)
    assert "machines.yaml" in {file.path for file in list_files(folder.parent / "other name")}
