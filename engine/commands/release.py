"""`advise release`: the next version of a policy, or of another file."""

from __future__ import annotations

from datetime import date
from typing import Any

import click

from engine.commands.exits import exits
from engine.commands.options import IsoDate, PlainText, own_policies_option
from engine.commands.printing import print_text, tell


@click.command("release")
@click.argument("names", nargs=-1, metavar="[POLICY]…")
@click.option("--patch", "level", flag_value="patch", help="Wording; the advice means the same.")
@click.option("--minor", "level", flag_value="minor", help="Rules added or moved.")
@click.option("--major", "level", flag_value="major", help="Advice is turned round, or names change.")
@click.option(
    "--first",
    is_flag=True,
    help="The first release, with the version as it stands; of all files if none is named.",
)
@click.option("--note", type=PlainText(), help="What changed and why; written into the file's `changes`.")
@click.option(
    "--approved-by",
    type=PlainText(),
    help="Who else looked at it; needed for official rules and rules that silence.",
)
@click.option("--by", type=PlainText(), help="Who releases; default: your name on this system.")
@click.option(
    "--from",
    "begins",
    type=IsoDate(),
    help="The day it is in force from; default: today, or as the file says.",
)
@click.option("--review-by", type=IsoDate(), help="By when it must be reviewed again.")
@click.option("--retire", is_flag=True, help="The new version ends the policy from its day on.")
@click.option("--finish", is_flag=True, help="Only end a release that was interrupted.")
@click.option(
    "--undo", is_flag=True, help="Take back the last release, on its day; its number is not given again."
)
@own_policies_option()
def command(
    names: tuple[str, ...],
    level: Any,
    first: bool,
    note: str | None,
    approved_by: str | None,
    by: str | None,
    begins: date | None,
    review_by: date | None,
    retire: bool,
    finish: bool,
    undo: bool,
    folder: str | None,
) -> None:
    """Releases a version: checks, tests, raises the number, archives the former one, locks it.

    POLICY is a policy's id, or vocabulary, sources, ranking or calendar; several are released together. The
    text of the file stays as it is but for its head. All of it is done, or nothing.
    """
    with exits("; nothing is released"):
        from engine.base.diagnostic_text import format_diagnostics
        from engine.loading.folder import find_own_folder
        from engine.versioning.left_behind import RELEASE, remove_left_behind
        from engine.versioning.release.plan import ReleaseRequest
        from engine.versioning.release.run import finish_release, release

        place = find_own_folder(folder)
        for copy in remove_left_behind(RELEASE, place.absolute().parent):
            tell(f"Removed {copy}, which a release that was ended half way had left behind.")
        if finish:
            written = finish_release(place)
            print_text("".join(f"Finished {path}\n" for path in written) or "Nothing was left to do.\n")
            return
        if undo:
            if level is not None or first:
                raise click.UsageError("--undo takes a release back, and makes none.")
            from engine.versioning.release.undo import undo_release

            for undone in undo_release(place, names, date.today()):
                former = (
                    f"{undone.former} is in force again" if undone.former else "it is not released any more"
                )
                what = f"{undone.name} {undone.version} is taken back; {former}"
                path = (place / undone.path).as_posix()
                print_text(f"{what}. Your text stays in {path}, as an edit.\n")
            return
        _require_sense(names, level, first, note)
        from engine.base.counted import counted
        from engine.base.os_user import user_name

        note = (note or "First release.").strip()
        today = date.today()
        request = ReleaseRequest(
            level, note, by or user_name(), approved_by, today, begins, review_by, retire
        )
        done = release(place, names, request)
        if done.warnings:
            tell(f"{format_diagnostics(done.warnings)}\n")
        for released in done.released:
            versions = f"{released.former} → {released.version}" if released.former else released.version
            path = (place / released.path).as_posix()
            print_text(f"{released.name} {versions}, in force from {released.begins} ({path})\n")
        tell(f"{counted(done.passed, 'test')} passed.")
        if done.of_edits:
            tell(f"Only with edits that are not released pass: {'; '.join(done.of_edits)}")


def _require_sense(names: tuple[str, ...], level: str | None, first: bool, note: str | None) -> None:
    """Raises UsageError."""
    if first == (level is not None):
        raise click.UsageError(
            "Say how much changes: --patch, --minor or --major; or --first for a first release."
        )
    if level is not None and not names:
        raise click.UsageError(
            "Say what to release: a policy's id, vocabulary, sources, ranking or calendar."
        )
    if level is not None and not (note or "").strip():
        raise click.UsageError('Say what changed and why: --note "…".')
    if note and not note.isprintable():
        raise click.UsageError("The note is one line of plain text.")
