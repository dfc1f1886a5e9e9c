"""`advise versions`: which version of what is in force when."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from datetime import date
from typing import TYPE_CHECKING, Any

import click

from engine.commands.exits import exits
from engine.commands.options import as_of_option, policies_option

if TYPE_CHECKING:
    from engine.language.model import ChangeNote, FileVersion
    from engine.versioning.timeline import Span, Timeline


@click.command("versions")
@click.argument("policy", required=False)
@click.option("--format", "form", type=click.Choice(["text", "json"]), default="text")
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
        found = timelines(policies, day)
        if policy is not None:
            names = [line.name for line in found]
            found = tuple(line for line in found if policy in (line.name, line.name.partition(":")[0]))
            if not found:
                message = f"There is no policy `{policy}`."
                at = CommandLine("advise versions")
                raise InvalidInput.error("no-side", message, at, did_you_mean(policy, names))
        if form == "json":
            from engine.rendering.as_json import json_text

            text = json_text(_data(found, day))
        else:
            text = "\n".join(_lines(found, notes=policy is not None)) + "\n"
        sys.stdout.buffer.write(text.encode(errors="replace"))


_RELEASE = {
    "edited": "edited since its release",
    "unreleased": "never released",
    "draft": "draft",
}


def _lines(found: tuple[Timeline, ...], *, notes: bool) -> Iterator[str]:
    from engine.rendering.neutral import neutral_text

    for line in found:
        yield f"{line.name}  {neutral_text(line.title)}"
        for span in line.spans:
            file_version = span.file_version
            mark = "▶" if span.in_force else " "
            days = f"{file_version.effective_from} to {span.ends or '…'!s:10}"
            said = [word for word in (_RELEASE.get(span.release), _retired(file_version.status)) if word]
            about = f"  ({', '.join(said)})" if said else ""
            yield f"  {mark} {file_version.version:8} {days}  {file_version.path}{about}"
            if notes:
                yield from (
                    f"               {neutral_text(_said(change))}" for change in _changes(file_version)
                )


def _retired(status: str) -> str:
    return "retired: in force no more" if status == "retired" else ""


def _changes(file_version: FileVersion) -> Iterator[ChangeNote]:
    return (change for change in file_version.changes if change.version == file_version.version)


def _said(change: ChangeNote) -> str:
    by = f", by {change.by}" if change.by else ""
    approved = f", approved by {change.approved_by}" if change.approved_by else ""
    return f"{change.note} ({change.date}{by}{approved})"


def _data(found: tuple[Timeline, ...], day: date) -> dict[str, Any]:
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
            for line in found
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
