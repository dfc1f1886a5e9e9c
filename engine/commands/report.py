"""`advise FACTS`: the report on one applicant."""

from __future__ import annotations

import gc
import os
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from engine.commands.exits import NOT_RECORDED, exits
from engine.commands.options import audit_option, chosen_audit, facts_argument, session_options
from engine.commands.printing import has_colours, print_coloured, print_text, tell, terminal_width, write

if TYPE_CHECKING:
    from engine.analysis.session import Session


@click.command("report")
@facts_argument
@session_options
@click.option("--top", type=click.IntRange(min=1), help="Show only the first N items (text and markdown).")
@click.option(
    "--all",
    "show_all",
    is_flag=True,
    help="Show everything: all items, what was outranked, all that cannot be told.",
)
@click.option(
    "--engine",
    type=click.Choice(["durable-rules", "evaluator"]),
    default="durable-rules",
    help="`evaluator` leaves durable-rules out.",
)
@click.option("--with-drafts", is_flag=True, help="Let draft policies take part; the report says so.")
@click.option("--record", is_flag=True, help="Append facts and report to the audit file.")
@audit_option
def command(
    facts: str,
    form: str,
    as_of: date | None,
    folder: str | None,
    top: int | None,
    show_all: bool,
    engine: Any,
    with_drafts: bool,
    record: bool,
    audit: str | None,
) -> None:
    """Advice on the facts of one case (the default command)."""
    with exits("; no advice is given"):
        # One report makes no garbage worth looking for, and looking takes a tenth of the run.
        gc.disable()
        from engine.analysis.session import Options, Session

        _not_a_command(facts)
        if audit and not record:
            raise click.UsageError("Only --record records; --audit names the file.")
        audit_file = chosen_audit(audit) if record else None
        session = Session.open(facts, Options(folder, as_of, engine, with_drafts))
        session.case  # noqa: B018  # whatever is wrong with the facts comes before a file is touched
        # First recorded, then shown: nothing is ever said that is not on record, unless it is told below.
        recorded, record_note = _record(session, audit_file, with_drafts) if audit_file else (True, "")
        _print(session, form, top, show_all)
        for note in (*notes_on_day(session, date.today()), *([record_note] if audit_file else [])):
            tell(note)
        if not recorded:
            raise click.exceptions.Exit(NOT_RECORDED)


def _record(session: Session, path: Path, with_drafts: bool) -> tuple[bool, str]:
    """Appends the report to the audit file: whether it is there, and a note of it.

    Whatever hinders it, the report will still be shown.
    """
    from engine.audit.database import AuditFailed
    from engine.audit.file import AuditFile
    from engine.audit.recording import record_report
    from engine.base.diagnostic import InvalidInput
    from engine.loading.folder import list_files

    try:
        with AuditFile(path, writable=True) as audit:
            files = lambda: list_files(session.folder)  # noqa: E731  # asked only for policies not kept yet
            entry = record_report(audit, session.report, session.facts, files, with_drafts=with_drafts)
    except AuditFailed as failed:
        return False, f"Not recorded in {path}: {failed}."
    except InvalidInput as refused:
        return False, f"Not recorded in {path}: {refused.diagnostics[0].message}"
    return True, f"Recorded as {entry.id} in {path}."


def _not_a_command(facts: str) -> None:
    """A word that is no file and nearly a command is taken for a slip. Raises UsageError."""
    if "." in facts or os.path.exists(facts):
        return
    from engine.base.diagnostic import did_you_mean

    context = click.get_current_context().find_root()
    verbs = context.command.list_commands(context) if isinstance(context.command, click.Group) else []
    help_text = did_you_mean(facts, verbs)
    if help_text:
        raise click.UsageError(f"There is no command and no file `{facts}`. {help_text}")


def _print(session: Session, form: str, top: int | None, show_all: bool) -> None:
    from engine import rendering

    report = session.report
    if form == "text":
        colour = has_colours()
        width = terminal_width()
        text = rendering.render_text(report, top=top, all_items=show_all, width=width, colour=colour)
        (print_coloured if colour else print_text)(text)
        return
    if form == "json":
        text = rendering.render_json(report)
    elif form == "markdown":
        text = rendering.render_markdown(report, top=top, all_items=show_all)
    else:
        from engine.analysis.explain.explainer import Explainer, with_context
        from engine.analysis.explain.view import unfolded

        explained = Explainer(session.policies).items(session.case)
        complete = with_context(explained, session.case, session.advisor)
        text = rendering.render_html(report, unfolded(complete))
    write(text)


def notes_on_day(session: Session, today: date) -> tuple[str, ...]:
    """What to tell somebody who reads today a report that is for another day."""
    report = session.report
    if report.as_of == today:
        return ()
    written = report.words.formats.short_day
    lines = [f"This advice is for {written(report.as_of)}; today is {written(today)}."]
    from engine.advising.freshness import banners
    from engine.base.diagnostic import InvalidInput
    from engine.rendering.banners import warned

    try:
        policies = session.policies_on(today)
    except InvalidInput:
        return (*lines, "As of today: the policies cannot be used; `advise check` tells why.")
    texts = {banner.text for banner in report.banners}
    more = (banner for banner in banners(policies, today, policies.lapsed) if banner.text not in texts)
    return (
        *lines,
        *(f"As of today: {warning.text}" for warning in warned(more, report.words, everything=False)),
    )
