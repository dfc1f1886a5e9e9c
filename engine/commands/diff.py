"""`advise diff`: two states of the policies, by what they mean."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

import click

from engine.base.counted import counted
from engine.commands.exits import FELL_SHORT, exits
from engine.commands.options import as_of_option, file_names, format_option, own_policies_option
from engine.commands.printing import tell

if TYPE_CHECKING:
    from engine.language.field_words import Noun


@click.command("diff")
@click.argument("old", shell_complete=file_names)
@click.argument("new", shell_complete=file_names)
@click.option(
    "--cohort",
    type=click.Path(path_type=Path),
    help="A cohort (JSON lines, or CSV with facts as its columns): whose advice changes, and why.",
)
@click.option("--everybody", is_flag=True, help="Name all whose advice changes, not the first only.")
@format_option
@click.option(
    "--prove/--no-prove",
    default=True,
    help="Whether to prove for whom rules hold; else nothing is claimed of rules that are written otherwise.",
)
@own_policies_option()
@as_of_option("The day both sides are compared on, where they name none; default: today.")
def command(
    old: str,
    new: str,
    cohort: Path | None,
    everybody: bool,
    form: str,
    prove: bool,
    folder: str | None,
    as_of: date | None,
) -> None:
    """Compares OLD and NEW by what they mean: rules, thresholds, texts, and, with a cohort, people.

    Each is a folder, a version (POLICY@1.0.0), a day (2026-06-03), last-release, or a git revision of the
    policy folder. Order, layout and comments make no difference.
    """
    with exits():
        from engine.commands.printing import print_as
        from engine.versioning.diff.cohort import compare_cohort, read_cohort
        from engine.versioning.diff.difference import difference
        from engine.versioning.diff.revisions import revisions
        from engine.versioning.diff.view import FEW, FEW_ON_A_PAGE, DiffResult, as_data, outline, unproved

        day = as_of or date.today()
        before, after = revisions(old, new, folder, day)
        changes = difference(before, after, prove=prove)
        affected = None
        if cohort is not None:
            declared = {**before.policy_set.facts, **after.policy_set.facts}
            rows = read_cohort(cohort, declared)
            progress = _progress(len(rows), after.policy_set.words.subject)
            affected = compare_cohort(before, after, rows, changes, str(cohort), progress)
        compared = DiffResult(before, after, changes, affected)
        most = None if everybody else FEW_ON_A_PAGE if form == "html" else FEW
        print_as(form, lambda: outline(compared, most), lambda: as_data(compared))
        if number := unproved(compared):
            tell(_left_open(number, prove))
        if affected is not None and affected.refused:
            raise click.exceptions.Exit(FELL_SHORT)


def _left_open(number: int, prove: bool) -> str:
    """That for some rules nothing is claimed, and what would prove more."""
    rules = counted(number, "rule")
    note = f"How {rules} changed is not proved; “changed” may be looser, stricter, or no change at all."
    return f"{note} " + ("The solver left them open." if prove else "--no-prove left the solver out.")


def _progress(total: int, whom: Noun) -> Callable[[], None]:
    """Tells on stderr how far it is, once it has taken a second; on a terminal in one line."""
    begun = shown = time.monotonic()
    count = 0
    terminal = sys.stderr.isatty()

    def tick() -> None:
        nonlocal count, shown
        count += 1
        moment = time.monotonic()
        pause = 0.2 if terminal else 2
        last = count == total and shown > begun
        if last or (moment - begun > 1 and moment - shown > pause):
            shown = moment
            start, end = ("\r", "\n" if last else "") if terminal else ("", "\n")
            tell(f"{count:,} of {counted(total, whom.one, whom.many)}", end, start)

    return tick
