"""`advise versions`: which version of what is in force when."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import TYPE_CHECKING, Any

import click

from engine.commands.exits import exits
from engine.commands.options import as_of_option, policies_option, text_or_json_option
from engine.commands.printing import print_text, write

if TYPE_CHECKING:
    from engine.language.model import ChangeNote, FileVersion
    from engine.versioning.timeline import Span, Timeline


@click.command("versions")
@click.argument("policy", required=False)
@text_or_json_option
@policies_option()
@as_of_option("The day that counts as today; default: today.")
def command(policy: str | None, form: str, folder: str | None, as_of: date | None) -> None:
    """Shows the time line of a policy, or of everything: versions, their days, what changed."""
    with exits():
        from engine.base.diagnostic import CommandLine, InvalidInput, did_you_mean
        from engine.base.diagnostics import Diagnostics
        from engine.loading.folder import find_folder, list_files
        from engine.loading.read_folder import read_policies
        from engine.versioning.timeline import timelines

        place = find_folder(folder)
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
        if form == "json":
            from engine.rendering.as_json import json_text

            write(json_text(_as_data(chosen, day)))
        else:
            print_text("\n".join(_lines(chosen, notes=policy is not None)) + "\n")


_REMARKS = {
    "edited": "edited since its release",
    "unreleased": "never released",
    "draft": "draft",
    "retired": "retired: in force no more",
}


def _lines(chosen: tuple[Timeline, ...], *, notes: bool) -> Iterator[str]:
    from engine.rendering.neutral import neutral_text

    for line in chosen:
        yield f"{line.name}  {neutral_text(line.title)}"
        for span in line.spans:
            file_version = span.file_version
            mark = "▶" if span.in_force else " "
            days = f"{file_version.effective_from} to {span.ends or '…'!s:10}"
            states = dict.fromkeys((span.release, file_version.status))  # a draft is both
            remarks = ", ".join(_REMARKS[state] for state in states if state in _REMARKS)
            about = f"  ({remarks})" if remarks else ""
            yield f"  {mark} {file_version.version:8} {days}  {file_version.path}{about}"
            for change in _changes(file_version) if notes else ():
                yield f"               {neutral_text(_change_line(change))}"


def _changes(file_version: FileVersion) -> Iterator[ChangeNote]:
    return (change for change in file_version.changes if change.version == file_version.version)


def _change_line(change: ChangeNote) -> str:
    by = f", by {change.by}" if change.by else ""
    approved = f", approved by {change.approved_by}" if change.approved_by else ""
    return f"{change.note} ({change.date}{by}{approved})"


def _as_data(chosen: tuple[Timeline, ...], day: date) -> dict[str, Any]:
    return {
        "versions_format": 1,
        "as_of": day,
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


def _version(span: Span) -> dict[str, Any]:
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
