"""`pytest --update-golden` rewrites the expected outputs in `tests/golden/`."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

GOLDEN = Path(__file__).parent / "golden"


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--update-golden",
        action="store_true",
        help="write the expected outputs anew: tests/golden, docs, schemas",
    )


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
