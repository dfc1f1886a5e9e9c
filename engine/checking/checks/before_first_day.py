"""History from before the folder's first day.

Advice is given on days on which vocabulary, sources and ranking are all in force. What ended before the first
such day never counts: a version that was over by then, or a value of a number that is dated by the day of the
advice. (One that is dated by another fact, such as the day of a lease, goes on counting.) Where those days
matter, let the file that begins last begin earlier; else leave the history out, or say why it is kept.

Fails, in policy:

    parameters:
      viable_from: {values: {2020-06-03: 220, 2021-06-03: 225}, cites: [step-guide#target.viable]}

Passes, in policy:

    parameters:
      viable_from: {values: {2021-06-03: 225}, cites: [step-guide#target.viable]}
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from datetime import date, timedelta
from typing import Final

from engine.base.diagnostic import Diagnostic, Related
from engine.checking.checks.subject import Subject
from engine.language.model import FileVersion, Policies, Policy, Vocabulary
from engine.loading.folder import is_archived
from engine.loading.lockfile import spoken_name
from engine.loading.versions_in_force import eligible

CODE: Final = "before-first-day"


def check(subject: Subject) -> Iterator[Diagnostic]:
    """A warning for each version, and each dated value, that was over before anything could be advised."""
    versions = [document.file_version for document in eligible(subject.policies)]
    last = _begins_last(versions)
    if last is None:
        return
    first = last.effective_from
    help_text = f"Let the {last.kind} begin earlier, leave the history out, or say why: `# allow {CODE}: …`."
    for version, end in _ended(versions):
        if end < first:
            message = (
                f"Version {version.version} of `{spoken_name(version)}` ended on {end}, before the folder's "
                f"first day, {first}: it never counts."
            )
            # An archived file is never changed, so it is told where the folder's first day stands.
            at, other = (_current(last, versions), version) if is_archived(version.path) else (version, last)
            related = (Related(other.at, "this one" if other is version else f"from {first}"),)
            words = f"from: {at.effective_from}"
            yield Diagnostic(CODE, message, at.at, help_text, "warning", related=related, words=words)
    yield from _values(subject.policies, first, help_text)


def _begins_last(versions: list[FileVersion]) -> FileVersion | None:
    """Of what must be in force, the file that begins last; None where one is missing."""
    firsts = []
    for kind in ("vocabulary", "sources", "ranking"):
        own = [each for each in versions if each.kind == kind and each.status != "retired"]
        if not own:
            return None
        firsts.append(min(own, key=lambda each: each.effective_from))
    return max(firsts, key=lambda each: each.effective_from)


def _current(last: FileVersion, versions: list[FileVersion]) -> FileVersion:
    """The version of a file that its authors work on."""
    return next((each for each in versions if each.kind == last.kind and not is_archived(each.path)), last)


def _ended(versions: list[FileVersion]) -> Iterator[tuple[FileVersion, date]]:
    """The versions that end, each with its last day."""
    in_order = sorted(versions, key=lambda each: (each.kind, each.id, each.effective_from))
    for version, following in itertools.pairwise((*in_order, None)):
        assert version is not None
        ends = [version.effective_until] if version.effective_until else []
        if following is not None and (version.kind, version.id) == (following.kind, following.id):
            ends.append(following.effective_from - timedelta(days=1))
        if ends and version.status != "retired":
            yield version, min(ends)


def _values(policies: Policies, first: date, help_text: str) -> Iterator[Diagnostic]:
    for document in policies.documents:
        if not isinstance(document, Policy | Vocabulary):
            continue
        for parameter in document.parameters:
            over = [
                (day, value, until)
                for (day, value), (until, _) in itertools.pairwise(parameter.values)
                if until <= first
            ]
            if parameter.dated_by == "as_of" and over:
                day, value, until = over[-1]
                message = (
                    f"`{parameter.name}` was {value} from {day} until before {until}; the folder's first day "
                    f"is {first}: that never counts."
                )
                yield Diagnostic(CODE, message, parameter.at, help_text, "warning", words=str(day))
