"""Texts split at their placeholders, `{fact}` and `{parameter}`, each known wherever the text is shown."""

from __future__ import annotations

import re
from typing import Final

from engine.base.diagnostic import Location
from engine.language.policy_set import PlacedText
from engine.loading.scope import Scope

_PIECES: Final = re.compile(r"\{\{|\}\}|\{([^{}]*)\}|[{}]")


def resolve_text(
    text: str, at: Location, known: frozenset[str], names: Scope, *, what: str = "text"
) -> PlacedText:
    """The text split at its placeholders; each must be a fact that is known wherever the text is shown."""
    parts: list[str] = [""]
    last = 0
    for match in _PIECES.finditer(text):
        parts[-1] += text[last : match.start()]
        last = match.end()
        piece = match.group()
        if piece in ("{{", "}}"):
            parts[-1] += piece[0]
        elif match.group(1) is None:
            message = f"The {what} holds a single `{piece}`."
            help_text = f"Write `{piece * 2}` for a brace."
            names.error("stray-brace", message, at, help_text, fix=(_run_around(text, match.start()), None))
        else:
            parts += [_placed(piece, at, known, names, what), ""]
    parts[-1] += text[last:]
    return PlacedText(tuple(parts))


def _run_around(text: str, offset: int) -> str | None:
    """The characters around a brace up to the blanks on both sides, by which it is found in the file."""
    begin = max(text.rfind(blank, 0, offset) for blank in " \n") + 1
    run = re.split(r"\s", text[begin:], maxsplit=1)[0]
    return run if len(run) > 1 else None


def _placed(piece: str, at: Location, known: frozenset[str], names: Scope, what: str) -> str:
    name = piece[1:-1].strip()
    is_parameter = name in names.parameters
    fact = names.parameter_fact(name, None, at) if is_parameter else names.fact(name, at)
    if fact is None:
        return name
    if fact.name not in known:
        shown = fact.name.partition("@")[0]
        message = f"The {what} shows `{{{shown}}}`, but the condition can hold while it is unknown."
        help_text = f"Add `{shown}: {{known: true}}` to `when`, or leave it out."
        if shown in names.dormant:
            help_text = f"No version of {fact.at.path}, which declares it, is in force on this day."
        elif is_parameter:
            help_text = "Test a fact against it in `when`, or let the vocabulary derive a fact from it."
        names.error("unguarded-placeholder", message, at, help_text, fix=(piece, None))
    return fact.name
