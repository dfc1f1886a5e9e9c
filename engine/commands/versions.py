"""`advise versions`: which version of what is in force when."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from datetime import date
from typing import TYPE_CHECKING, Any

import click

from engine.commands.exits import exits
from engine.commands.options import as_of_option, policies_option

if TYPE_CHECKING:
    from engine.timeline import Span, Timeline


@click.command("versions")
@click.argument("policy", required=False)
@click.option("--format", "form", type=click.Choice(["text", "json"]), default="text")
@policies_option()
@as_of_option("The day that counts as today; default: today.")
def command(policy: str | None, form: str, folder: str | None, as_of: date | None) -> None:
    """Shows the time line of a policy, or of everything: versions, their days, what changed."""
    with exits():
        from engine.diagnostic import Diagnostic, Location, Refused, did_you_mean
        from engine.folder import find_folder, list_files
        from engine.load import seen_from_here
        from engine.read import read_policies
        from engine.timeline import timelines

        place = find_folder(folder)
        try:
            policies = read_policies(list_files(place))
        except Refused as refused:
            raise Refused(seen_from_here(refused.diagnostics, place)) from None
        found = timelines(policies, as_of or date.today())
        if policy is not None:
            names = [line.name for line in found]
            found = tuple(line for line in found if policy in (line.name, line.name.partition(":")[0]))
            if not found:
                message = f"There is no policy `{policy}`."
                at = Location("advise versions", 0)
                raise Refused([Diagnostic("no-side", message, at, did_you_mean(policy, names))])
        lines = _json(found) if form == "json" else _lines(found, notes=policy is not None)
        sys.stdout.buffer.write(("\n".join(lines) + "\n").encode(errors="replace"))


_STANDINGS = {
    "edited": "edited since its release",
    "unreleased": "never released",
    "draft": "draft",
}


def _lines(found: tuple[Timeline, ...], *, notes: bool) -> Iterator[str]:
    from engine.render.neutral import neutral_text

    for line in found:
        yield f"{line.name}  {neutral_text(line.title)}"
        for span in line.spans:
            edition = span.edition
            mark = "▶" if span.in_force else " "
            days = f"{edition.effective_from} to {span.ends or '…'!s:10}"
            said = [word for word in (_STANDINGS.get(span.standing), _retired(edition.status)) if word]
            about = f"  ({', '.join(said)})" if said else ""
            yield f"  {mark} {edition.version:8} {days}  {edition.path}{about}"
            if notes:
                yield from (f"               {neutral_text(text)}" for text in _changes(span))


def _retired(status: str) -> str:
    return "retired: in force no more" if status == "retired" else ""


def _changes(span: Span) -> Iterator[str]:
    for change in span.edition.changes:
        if change.version == span.edition.version:
            by = f", by {change.by}" if change.by else ""
            approved = f", approved by {change.approved_by}" if change.approved_by else ""
            yield f"{change.note} ({change.date}{by}{approved})"


def _json(found: tuple[Timeline, ...]) -> Iterator[str]:
    data: Any = [
        {
            "name": line.name,
            "title": line.title,
            "versions": [
                {
                    "version": span.edition.version,
                    "status": span.edition.status,
                    "from": span.edition.effective_from.isoformat(),
                    "to": span.ends and span.ends.isoformat(),
                    "in_force": span.in_force,
                    "standing": span.standing,
                    "path": span.edition.path,
                    "digest": f"sha256:{span.edition.digest}",
                    "review_by": span.edition.review_by and span.edition.review_by.isoformat(),
                    "changes": list(_changes(span)),
                }
                for span in line.spans
            ],
        }
        for line in found
    ]
    yield json.dumps(data, indent=2, ensure_ascii=False)
