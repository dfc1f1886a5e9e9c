"""`advise versions`: which version of what is in force when."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from engine.commands.exits import exits
from engine.commands.options import as_of_option, format_option, own_policies_option
from engine.commands.printing import print_as

if TYPE_CHECKING:
    from engine.language.model import ChangeNote, FileVersion
    from engine.rendering.outline import Outline
    from engine.versioning.timeline import Timeline, VersionSpan


@click.command("versions")
@click.argument("policy", required=False)
@format_option
@own_policies_option()
@as_of_option("The day that counts as today; default: today.")
def command(policy: str | None, form: str, folder: str | None, as_of: date | None) -> None:
    """Shows the time line of a policy, or of everything: versions, their days, what changed."""
    with exits():
        from engine.base.diagnostic import CommandLine, InvalidInput, did_you_mean
        from engine.base.diagnostics import Diagnostics
        from engine.loading.folder import find_own_folder, list_files
        from engine.loading.read_folder import read_policies
        from engine.versioning.timeline import timelines

        place = find_own_folder(folder)
        with Diagnostics(folder=place):
            policies = read_policies(list_files(place))
        day = as_of or date.today()
        chosen = every = timelines(policies, day)
        if policy is not None:
            chosen = tuple(line for line in every if policy in (line.name, line.name.partition(":")[0]))
            if not chosen:
                message = f"There is no policy `{policy}`."
                near = did_you_mean(policy, [line.name for line in every])
                raise InvalidInput.error("no-side", message, CommandLine("advise versions"), near)
        print_as(
            form,
            lambda: _outline(chosen, place, day, notes=policy is not None),
            lambda: _as_data(chosen, place, day),
        )


_REMARKS = {
    "edited": "edited since its release",
    "unreleased": "never released",
    "draft": "draft",
    "retired": "retired: in force no more",
}


def _outline(chosen: tuple[Timeline, ...], folder: Path, day: date, *, notes: bool) -> Outline:
    from engine.rendering.outline import Line, Outline, Section

    def line(span: VersionSpan) -> Line:
        file_version = span.file_version
        mark = "▶ " if span.in_force else ""
        states = dict.fromkeys((span.release, file_version.status))  # a draft is both
        remarks = ", ".join(_REMARKS[state] for state in states if state in _REMARKS)
        about = f" ({remarks})" if remarks else ""
        days = f"{file_version.effective_from} to {span.ends or '…'}"
        changes = _changes(file_version) if notes else ()
        within = tuple(Line(_change_line(change)) for change in changes)
        return Line(f"{mark}{file_version.version}: {days}{about}", within, at=file_version.path)

    sections = (Section(each.title, tuple(map(line, each.spans)), name=each.name) for each in chosen)
    first = (f"Policy folder: {folder.as_posix()}", f"▶ in force on {day}")
    return Outline("Versions, and the days they are for", first, tuple(sections))


def _changes(file_version: FileVersion) -> Iterator[ChangeNote]:
    return (change for change in file_version.changes if change.version == file_version.version)


def _change_line(change: ChangeNote) -> str:
    by = f", by {change.by}" if change.by else ""
    approved = f", approved by {change.approved_by}" if change.approved_by else ""
    return f"{change.note} ({change.date}{by}{approved})"


def _as_data(chosen: tuple[Timeline, ...], folder: Path, day: date) -> dict[str, Any]:
    return {
        "versions_format": 1,
        "as_of": day,
        "folder": folder.as_posix(),
        "files": [
            {
                "name": line.name,
                "kind": line.spans[0].file_version.kind,
                "policy": line.spans[0].file_version.id,
                "title": line.title,
                "versions": [_version(span) for span in line.spans],
            }
            for line in chosen
        ],
    }


def _version(span: VersionSpan) -> dict[str, Any]:
    file_version = span.file_version
    return {
        "version": file_version.version,
        "status": file_version.status,
        "effective": {"from": file_version.effective_from, "until": file_version.effective_until},
        "last_day": span.ends,
        "in_force": span.in_force,
        "release": span.release,
        "path": file_version.path,
        "digest": f"sha256:{file_version.digest}",
        "review_by": file_version.review_by,
        "changes": [
            {"date": change.date, "note": change.note, "by": change.by, "approved_by": change.approved_by}
            for change in _changes(file_version)
        ],
    }
