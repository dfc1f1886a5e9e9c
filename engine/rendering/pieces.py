"""Pieces that several outputs share as data; `schemas/common.schema.json` says what stands in each."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from engine.base.diagnostic import CommandLine, Location, Place
from engine.language.report import CitedPassage, Report

if TYPE_CHECKING:
    from engine.language.policy_set import PolicySet


def head(name: str, report: Report) -> dict[str, Any]:
    """How every output on one applicant begins: format, day, whom it is about, on what it rests."""
    return {
        f"{name}_format": 1,
        "as_of": report.as_of,
        "applicant": report.applicant,
        "facts_digest": report.facts_digest,
        "policies": {"digest": report.policies_digest},
    }


def head_of_policies(name: str, policies: PolicySet) -> dict[str, Any]:
    """How every output on the policies of a day begins."""
    return {f"{name}_format": 1, "as_of": policies.as_of, "policies": {"digest": f"sha256:{policies.digest}"}}


def place(at: Location) -> dict[str, Any]:
    """Where a rule stands: path and line."""
    return {"path": at.path, "line": at.line}


def point(at: Place) -> dict[str, Any]:
    """Where a word stands: path, line and column."""
    if isinstance(at, CommandLine):
        return {"path": at.name, "line": 1, "column": 1}
    return {"path": at.path, "line": at.line, "column": at.column}


def cited(passages: Iterable[CitedPassage]) -> list[dict[str, Any]]:
    """Passages of sources; the first is what something rests on."""
    return [
        {"source": each.source, "anchor": each.anchor, "title": each.title, "section": each.section}
        for each in passages
    ]
