"""The page of the whole guidance, which `advise rules --format markdown` writes."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

import pytest

from engine.analysis.catalogue.guidance_page import guidance
from engine.language.policy_set import PolicySet
from engine.loading.folder import list_files, shipped_folder
from engine.loading.load import load, resolve_files
from tests.support.pages import read_page
from tests.support.process import WORKSHOP

DAY = date(2026, 11, 22)


@pytest.fixture(scope="module")
def workshop() -> PolicySet:
    return resolve_files(list_files(WORKSHOP), DAY)


def test_the_guidance_page_of_the_workshop(workshop: PolicySet, golden: Callable[[str, str], None]) -> None:
    golden("guidance-workshop.md", guidance(workshop))


@pytest.mark.slow
def test_the_guidance_page_is_up_to_date(golden: Callable[[str, str], None]) -> None:
    """`docs/guidance.md` says what the policies say; `nox -s docs` writes it anew."""
    golden("../../docs/guidance.md", guidance(load(shipped_folder(), DAY)))


@pytest.mark.slow
def test_every_rule_stands_on_the_guidance_page() -> None:
    text = read_page("docs/guidance.md")
    policies = load(shipped_folder(), DAY)
    assert [rule.name for rule in policies.rules if f"`{rule.name}`" not in text] == []
