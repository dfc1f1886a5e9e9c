"""A citation with the passage it names."""

from __future__ import annotations

from engine.language.model import Citation
from engine.language.policy_set import PolicySet
from engine.language.report import CitedPassage


def cited_passage(citation: Citation, policies: PolicySet) -> CitedPassage:
    """A passage that a rule cites, as reports tell it."""
    source = policies.sources[citation.source]
    title, section = source.anchors[citation.anchor]
    return CitedPassage(citation.source, citation.anchor, title, section, source.title, source.short)
