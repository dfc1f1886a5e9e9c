"""What a change comes to, in words: for its own rule, and for the rules that it reaches."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from engine.versioning.diff.changes import PolicyChange

REACHES: Final = (
    ("loosened with it", "loosened", True),
    ("tightened with it", "tightened", True),
    ("changed with it", "changed", True),
    ("changed with it, as far as can be told", "changed", False),
    ("the same with it", "same", True),
)
"""How the rules that a change reaches are told, by effect and by whether that is proved."""

FEW_RULES: Final = 8
"""So many of them are named in reading; data has all."""


def effect_in_words(change: PolicyChange) -> str:
    """What a change of a condition comes to."""
    return "means the same" if change.effect == "same" else str(change.effect)


def reach(change: PolicyChange) -> Iterator[str]:
    """The rules that a change reaches though they are written as before, a line for each effect."""
    for said, effect, proved in REACHES:
        rules = [each.rule for each in change.through if (each.effect, each.proved) == (effect, proved)]
        if rules:
            more = f" and {len(rules) - FEW_RULES} more" if len(rules) > FEW_RULES else ""
            yield f"{said}: {', '.join(rules[:FEW_RULES])}{more}"
