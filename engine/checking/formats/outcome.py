"""What several formats say alike: how much was found, and all that a diagnostic says besides its place."""

from __future__ import annotations

from engine.base.counted import counted
from engine.base.diagnostic import Diagnostic
from engine.checking.check import Checked


def details(diagnostic: Diagnostic) -> list[str]:
    """The other places that it is about, and the witness that shows it, each on its line."""
    related = [f"{other.message} ({other.at})" for other in diagnostic.related]
    witness = [f"{diagnostic.shown_by}: {diagnostic.witness}"] if diagnostic.witness else []
    return [*related, *witness]


def outcome(checked: Checked) -> str:
    """One line: what was looked at, how many problems there are, what is allowed, what is left open."""
    errors, warnings, notes = (checked.count(severity) for severity in ("error", "warning", "note"))
    problems = "no problems"
    if errors or warnings:
        problems = f"{counted(errors, 'error')}, {counted(warnings, 'warning')}"
    if notes:
        problems += f", {counted(notes, 'note')}"
    more = [f"{allowed(checked)} allowed"] if checked.suppressed else []
    if checked.unproved:
        more.append(f"proofs left out, and with them {counted(checked.unproved, 'allowance')}")
    if checked.unfinished:
        more.append("not everything is settled")
    looked_at = f"{checked.summary}: " if checked.summary else ""
    return f"{looked_at}{'; '.join([problems, *more])}."


def allowed(checked: Checked) -> str:
    """How many warnings, and notes, are allowed."""
    severities = [each.diagnostic.severity for each in checked.suppressed]
    kinds = (severity for severity in ("warning", "note") if severity in severities)
    return " and ".join(counted(severities.count(severity), severity) for severity in kinds)
