"""`docs/architecture.md` and CONTRIBUTING.md name what is there."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator

import pytest

from tests.support.pages import ROOT, read_page

PAGES = ("docs/architecture.md", "CONTRIBUTING.md")


@pytest.mark.parametrize("page", PAGES)
def test_files_that_are_named_are_there(page: str) -> None:
    named = set(re.findall(r"`((?:[a-z_]+/)+[a-z_]+\.(?:py|yaml|md|json))`", read_page(page)))
    assert len(named) > 5
    made_up = {"engine/rendering/as_csv.py", "engine/commands/today.py"} | {
        path for path in named if "step_repeats_text" in path or "step-repeats-text" in path
    }
    missing = {
        path for path in named - made_up if not any((ROOT / top / path).exists() for top in ("", "engine"))
    }
    assert missing == set()


def test_every_chapter_stands_on_the_page_in_the_order_of_the_layers() -> None:
    drawing = read_page("docs/architecture.md").split("## Twelve chapters")[1].split("```")[1]
    on_page = re.findall(r"^([a-z]+)(?:  │  ([a-z]+))?  ", drawing, re.M)
    chapters = [name for names in on_page for name in names if name]
    layers = read_page("pyproject.toml").split("layers = [")[1].split("]")[0]
    assert chapters == [name for name in re.findall(r"[a-z_]+", layers) if name != "__main__"]
    folders = {path.parent.name for path in (ROOT / "engine").glob("*/__init__.py")}
    assert folders == set(chapters) - {"api"}


@pytest.mark.parametrize("page", PAGES)
def test_tests_that_are_named_are_there(page: str) -> None:
    tests = "\n".join(path.read_text("utf-8") for path in (ROOT / "tests").rglob("test_*.py"))
    for name in re.findall(r"`(test_[a-z_]+)`", read_page(page)):
        assert f"def {name}(" in tests, name


def imports() -> Iterator[tuple[str, str, str]]:
    """Of every import of one chapter by another: who, the chapter, and the module below it."""
    for path in (ROOT / "engine").rglob("*.py"):
        own = path.relative_to(ROOT / "engine").parts[0]
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.ImportFrom) and node.module and node.module.startswith("engine."):
                _, chapter, *below = node.module.split(".")
                for name in below[:1] or [alias.name for alias in node.names]:
                    if chapter != own:
                        yield str(path), chapter, name


def test_what_other_chapters_use_is_named_by_the_chapter() -> None:
    named: dict[str, set[str]] = {}
    for path in (ROOT / "engine").glob("*/__init__.py"):
        docstring = ast.get_docstring(ast.parse(path.read_text("utf-8"))) or ""
        named[path.parent.name] = set(re.findall("`([a-z_]+)`", docstring))
    used = list(imports())
    assert len(used) > 100
    modules = {(path.parent.name, path.stem) for path in (ROOT / "engine").glob("*/*.py")}
    imported = {(chapter, name) for _, chapter, name in used if (chapter, name) in modules}
    assert {(chapter, name) for chapter, name in imported if name not in named[chapter]} == set()


def test_a_capitalised_name_means_one_thing() -> None:
    """A class or an alias of one module has no namesake in another."""
    places: dict[str, list[str]] = {}
    engine = ROOT / "engine"
    for path in sorted(engine.rglob("*.py")):
        for node in ast.parse(path.read_text("utf-8")).body:
            names = [node.name] if isinstance(node, ast.ClassDef) else []
            targets = node.targets if isinstance(node, ast.Assign) else []
            names += [target.id for target in targets if isinstance(target, ast.Name)]
            for name in names:
                if name[0].isupper() and not name.isupper():
                    places.setdefault(name, []).append(path.relative_to(engine).as_posix())
    assert {name: where for name, where in places.items() if len(where) > 1} == {}
    assert len(places) > 100
