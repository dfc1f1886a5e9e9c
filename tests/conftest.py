"""`pytest --update-golden` rewrites the expected outputs in `tests/golden/`."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import lru_cache
from pathlib import Path
from typing import Any

import pytest
from ruamel.yaml import YAML
from ruamel.yaml.error import YAMLError

from engine.base import strict_yaml

GOLDEN = Path(__file__).parent / "golden"


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--update-golden",
        action="store_true",
        help="write the expected outputs anew: tests/golden, docs, schemas",
    )


@lru_cache(maxsize=256)
def _events(text: str) -> tuple[Any, ...]:
    return tuple(YAML(typ="safe", pure=True).parse(text))


class _Parser:
    """Of YAML: what a policy file is made of is found once, for hundreds of tests read the same."""

    def __init__(self, typ: str, *, pure: bool) -> None:
        self._yaml = YAML(typ=typ, pure=pure)

    def parse(self, text: str) -> Iterator[Any]:
        if "advise_language" not in text or len(text) < 2_000:
            return self._yaml.parse(text)  # type: ignore[no-any-return]  # ruamel does not say what it gives
        try:
            return iter(_events(text))
        except YAMLError:
            return self._yaml.parse(text)  # type: ignore[no-any-return]  # up to where it is wrong


@pytest.fixture(autouse=True, scope="session")
def texts_are_scanned_once() -> Iterator[None]:
    """Four fifths of reading a policy folder is finding what a text is made of, which is always the same."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(strict_yaml, "YAML", _Parser)
        yield


@pytest.fixture
def golden(request: pytest.FixtureRequest) -> Callable[[str, str], None]:
    """Holds an output against the file of that name, byte for byte."""

    def compare(name: str, output: str) -> None:
        path = GOLDEN / name
        if request.config.getoption("--update-golden"):
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(output.encode())
        expected = path.read_bytes().decode() if path.exists() else ""
        assert output == expected, f"{path} differs; if that is meant: pytest --update-golden"

    return compare
