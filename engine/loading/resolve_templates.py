"""Texts split at their placeholders, `{fact}` and `{parameter}`, each known wherever the text is shown."""

from __future__ import annotations

import re
from typing import Final

from engine.base.diagnostic import Location
from engine.language.policy_set import PlacedText
from engine.loading.scope import Scope

_PHRASE: Final = re.compile(r"\s*phrase:\s*(.*?)\s*")
_PIECES: Final = re.compile(r"\{\{|\}\}|\{([^{}]*)\}|[{}]")


def resolve_text(
    text: str, at: Location, known: frozenset[str], names: Scope, *, what: str = "text"
) -> PlacedText:
    """The text split at its placeholders; each must be a fact that is known wherever the text is shown."""
    placed = split_text(text, at, names, what)
    for name in dict.fromkeys(placed.parts[1::2]):
        if name in names.facts and name not in known:
            refuse_unguarded(name, at, names, what)
    return placed


def split_text(text: str, at: Location, names: Scope, what: str) -> PlacedText:
    """The text split at its placeholders, its phrases written out.

    Placeholders that name nothing, and stray braces, are noted.
    """
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
        elif (phrase := _PHRASE.fullmatch(match[1])) is not None:
            said = _phrase(phrase[1], at, names, what)
            parts[-1] += said[0]
            parts += said[1:]
        elif (fact := _placed(piece[1:-1].strip(), at, names)) is not None:
            parts += [fact, ""]
    parts[-1] += text[last:]
    return PlacedText(tuple(parts))


def _phrase(name: str, at: Location, names: Scope, what: str) -> tuple[str, ...]:
    """A phrase split at its placeholders; empty where there is none, which is noted."""
    phrase = names.phrases.get(name)
    if not names.is_newest(at, "A phrase"):
        return ("",)
    if phrase is None:
        names.unknown("phrase", name, names.phrases, at, names.phrases.values())
    elif what == "phrase":
        message = f"A phrase cannot hold another phrase: `{name}`."
        names.error("nested-phrase", message, at, "Write its words out.")
    else:
        return split_text(phrase.text, phrase.at, names, "phrase").parts
    return ("",)


def _run_around(text: str, offset: int) -> str | None:
    """The characters around a brace up to the blanks on both sides, by which it is found in the file."""
    begin = max(text.rfind(blank, 0, offset) for blank in " \n") + 1
    run = re.split(r"\s", text[begin:], maxsplit=1)[0]
    return run if len(run) > 1 else None


def _placed(name: str, at: Location, names: Scope) -> str | None:
    """The fact that a placeholder stands for; None, which is noted, where there is none."""
    is_parameter = name in names.parameters
    fact = names.parameter_fact(name, None, at) if is_parameter else names.fact(name, at)
    return fact.name if fact is not None else None


def refuse_unguarded(name: str, at: Location, names: Scope, what: str) -> None:
    """Notes that a text shows a fact that may be unknown where it is shown."""
    shown = name.partition("@")[0]
    message = f"The {what} shows `{{{shown}}}`, but the condition can hold while it is unknown."
    help_text = f"Add `{shown}: {{known: true}}` to `when`, or leave it out."
    if shown in names.dormant:
        place = names.facts[name].at.path
        help_text = f"No version of {place}, which declares it, is in force on this day."
    elif shown in names.parameters:
        help_text = "Test a fact against it in `when`, or let the vocabulary derive a fact from it."
    names.error("unguarded-placeholder", message, at, help_text, fix=(f"{{{shown}}}", None))
