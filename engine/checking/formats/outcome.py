"""What several formats say alike: how much was found, and all that a diagnostic says besides its place."""

from __future__ import annotations

from engine.base.counted import counted
from engine.base.diagnostic import Diagnostic
from engine.checking.check import Checked


def details(diagnostic: Diagnostic) -> list[str]:
    """The other places that it is about, and the applicant that shows it, each on its line."""
    related = [f"{other.message} ({other.at})" for other in diagnostic.related]
    witness = [f"An applicant that shows it: {diagnostic.witness}"] if diagnostic.witness else []
    return [*related, *witness]


def outcome(checked: Checked) -> str:
    """One line: what was looked at, how many problems there are, what is allowed, what is left open."""
    errors, warnings = checked.count("error"), checked.count("warning")
    problems = f"{counted(errors, 'error')}, {counted(warnings, 'warning')}"
    more = []
    if checked.suppressed:
        more.append(f"{counted(len(checked.suppressed), 'warning')} allowed")
    if checked.unfinished:
        more.append("not everything is settled")
    looked_at = f"{checked.summary}: " if checked.summary else ""
    return f"{looked_at}{'; '.join([problems if checked.diagnostics else 'no problems', *more])}."
