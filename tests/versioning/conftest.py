"""What the tests of versions have in common."""

from __future__ import annotations

import pytest

from tests.support.edited import read_once


@pytest.fixture(autouse=True)
def _read_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Most of these read nearly the same files again and again."""
    read_once(monkeypatch)
