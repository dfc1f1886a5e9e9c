"""What to write where a name that nothing declares is meant to be new."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Final, Protocol

from engine.base.diagnostic import Location, correction, did_you_mean
from engine.language.model import Fact

_ENTRIES: Final = {
    "anchor": ("sources.yaml", "anchors", "{title: …}"),
    "fact": ("vocabulary.yaml", "facts", "{title: …, type: …, question: …}"),
    "finding": ("vocabulary.yaml", "findings", "{title: …, polarity: …}"),
    "source": (
        "sources.yaml",
        "entries",
        "{title: …, publisher: …, kind: …, retrieved: …, checked_on: …, anchors: {…: {title: …}}}",
    ),
    "phrase": ("phrases.yaml", "entries", ">- and its text"),
    "parameter": ("the policy or vocabulary.yaml", "parameters", "{values: {…: …}, cites: […]}"),
}
"""By what is named: the usual name of the file that declares it, the key it stands under, its entry."""


class Declared(Protocol):
    """What a file of a policy folder declares."""

    @property
    def at(self) -> Location:
        """Where it stands."""


def given_facts(facts: Mapping[str, Fact]) -> Iterator[Fact]:
    """The facts that an applicant gives."""
    return (fact for fact in facts.values() if fact.origin == "given")


def help_with(kind: str, name: str, near: Iterable[str], declared: Iterable[Declared]) -> str | None:
    """Which name may have been meant and, unless only that can have been, where a new one is declared.

    `near` are the names that may stand there; `declared` are others of its kind, which tell the file.
    """
    candidates = tuple(near)
    meant = did_you_mean(name, candidates)
    if kind not in _ENTRIES or correction(name, candidates) is not None:
        return meant
    file, key, entry = _ENTRIES[kind]
    file = next((other.at.path for other in declared), file)
    new = f"A new {kind} is declared in {file}, under `{key}:`, as `{name}: {entry}`."
    return f"{meant} {new}" if meant else new
