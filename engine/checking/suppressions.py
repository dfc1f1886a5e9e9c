"""Warnings that an author allows, each with the reason: `# allow unused-fact: the guidance asks for it`.

The comment stands at the end of the line that the warning is about, or on lines of its own right above it.
An error cannot be allowed.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator
from typing import Final

from engine.base.diagnostic import Diagnostic, Location
from engine.base.read import PolicyFile
from engine.base.record import record

_COMMENT: Final = re.compile(r"(?:^|(?<=\s))# *allow +([a-z0-9-]+) *(?::[ \t]*(.*))?$")
_LINE_END: Final = re.compile("\r\n|\r|\n")


@record
class Suppression:
    """A comment that allows a code on a line, both where it stands and the line that it is about."""

    code: str
    reason: str
    at: Location
    about: int
    line_text: str


@record
class Suppressed:
    """A warning that is allowed, and why."""

    diagnostic: Diagnostic
    reason: str


def read_suppressions(files: Iterable[PolicyFile]) -> tuple[Suppression, ...]:
    """The allowances in files, in their order."""
    return tuple(found for file in files if b"allow" in file.content for found in _in_file(file))


def _in_file(file: PolicyFile) -> Iterator[Suppression]:
    lines = _LINE_END.split(file.content.decode("utf-8-sig", "replace"))
    for index, line in enumerate(lines):
        match = _COMMENT.search(line)
        if match is None or line[: match.start()].lstrip().startswith("#"):
            continue  # none, or a comment that speaks of one
        about = index
        while about < len(lines) - 1 and re.match(r"\s*(#|$)", lines[about]):
            about += 1
        at = Location(file.path, index + 1, match.start() + 1)
        yield Suppression(match[1], (match[2] or "").strip(), at, about + 1, line)


def apply_suppressions(
    diagnostics: Iterable[Diagnostic], allowances: Iterable[Suppression], unsettled: Collection[str] = ()
) -> tuple[tuple[Diagnostic, ...], tuple[Suppressed, ...]]:
    """The diagnostics without the allowed ones, and those with their reasons.

    An allowance that meets nothing is a problem of its own, as is one without a reason. `unsettled` are codes
    that were not looked for to the end: what allows one of them may still be needed.
    """
    by_place = {(found.at.path, found.about, found.code): found for found in allowances}
    left: list[Diagnostic] = []
    allowed: list[Suppressed] = []
    met: set[Location] = set()
    for each in diagnostics:
        at = each.at
        allowance = by_place.get((at.path, at.line, each.code))
        if allowance is None or each.severity == "error":
            left.append(each)
            continue
        met.add(allowance.at)
        if allowance.reason:
            allowed.append(Suppressed(each, allowance.reason))
        else:
            left.append(each)
    for found in by_place.values():
        if not found.reason:
            message = f"This allows `{found.code}` without a reason."
            help_text = f"Write why: `# allow {found.code}: …`."
            left.append(diagnostic("allowed-without-reason", message, found, help_text))
        elif found.at not in met and found.code not in unsettled:
            message = f"This allows `{found.code}`, of which there is none here."
            left.append(diagnostic("needless-allowance", message, found, "Remove the comment."))
    return tuple(left), tuple(allowed)


def diagnostic(code: str, message: str, allowance: Suppression, help_text: str) -> Diagnostic:
    """A warning about an allowance itself."""
    return Diagnostic(code, message, allowance.at, help_text, "warning", line_text=allowance.line_text)
