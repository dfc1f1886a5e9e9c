"""Warnings and notes that an author allows, each with the reason: `# allow unused-fact: it was asked for`.

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
class AllowedWarning:
    """A warning or a note that is allowed, and why."""

    diagnostic: Diagnostic
    reason: str


def read_suppressions(files: Iterable[PolicyFile]) -> tuple[Suppression, ...]:
    """The suppressions in files, in their order."""
    return tuple(suppression for file in files if b"allow" in file.content for suppression in _in_file(file))


def _in_file(file: PolicyFile) -> Iterator[Suppression]:
    lines = _LINE_END.split(file.content.decode("utf-8-sig", "replace"))
    about = -1
    for index, line in enumerate(lines):
        match = _COMMENT.search(line)
        if match is None or line[: match.start()].lstrip().startswith("#"):
            continue  # none, or a comment that speaks of one
        about = max(about, index)  # what the comments right above are about, this one is, too
        while about < len(lines) - 1 and re.match(r"\s*(#|$)", lines[about]):
            about += 1
        at = Location(file.path, index + 1, match.start() + 1)
        yield Suppression(match[1], (match[2] or "").strip(), at, about + 1, line)


def apply_suppressions(
    diagnostics: Iterable[Diagnostic],
    suppressions: Iterable[Suppression],
    unsettled: Collection[str],
    looked_at: Collection[str],
) -> tuple[tuple[Diagnostic, ...], tuple[AllowedWarning, ...], int]:
    """The diagnostics without the allowed ones, those with their reasons, how many comments stay in doubt.

    A suppression that meets nothing is a problem of its own, as is one without a reason. `unsettled` are
    codes that were not looked for to the end: what allows one of them may still be needed. So may what
    stands in a file that is not `looked_at`, such as a draft.
    """
    by_place = {(each.at.path, each.about, each.code): each for each in suppressions}
    left: list[Diagnostic] = []
    suppressed: list[AllowedWarning] = []
    met: set[Location] = set()
    in_doubt = 0
    for diagnostic in diagnostics:
        at = diagnostic.location
        suppression = by_place.get((at.path, at.line, diagnostic.code))
        if suppression is not None and diagnostic.severity != "error":
            met.add(suppression.at)
            if suppression.reason:
                suppressed.append(AllowedWarning(diagnostic, suppression.reason))
                continue
        left.append(diagnostic)
    for each in by_place.values():
        code, at, line = each.code, each.at, each.line_text
        if not each.reason:
            message, help_text = f"This allows `{code}` without a reason.", f"Write why: `# allow {code}: …`."
            left.append(Diagnostic("allowed-without-reason", message, at, help_text, "warning", line))
        elif at in met or at.path not in looked_at:
            continue
        elif code in unsettled:
            in_doubt += 1
        else:
            message = f"This allows `{code}`, of which there is none here."
            left.append(Diagnostic("needless-allowance", message, at, "Remove the comment.", "warning", line))
    return tuple(left), tuple(suppressed), in_doubt
