"""`advise FACTS`: the report on one applicant."""

from __future__ import annotations

import gc
import os
import sys
from datetime import date
from pathlib import Path
from typing import Any, NamedTuple

import click

from engine.commands.exits import NOT_RECORDED, exits
from engine.commands.options import as_of_option, audit_option, chosen_audit, policies_option


@click.command("report")
@click.argument("facts")
@click.option(
    "--format",
    "form",
    type=click.Choice(["text", "json", "markdown", "html"]),
    default="text",
    show_default=True,
)
@as_of_option("The day the advice is for; default: the file's as_of, else today.")
@policies_option()
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
    """Advice for one applicant (the default command)."""
    with exits("; no advice is given"):
        # One report makes no garbage worth looking for, and looking takes a tenth of the run.
        gc.disable()
        from engine.advising.session import advise_file, notes_on_day
        from engine.analysis.certainty.report_certainty import ReportCertainty
        from engine.base.record import replace

        _not_a_command(facts)
        if audit and not record:
            raise click.UsageError("Only --record records; --audit names the file.")
        audit_file = chosen_audit(audit) if record else None
        result = advise_file(
            facts,
            folder=folder,
            as_of=as_of,
            engine=engine,
            with_drafts=with_drafts,
            read_stdin=_read_stdin,
        )
        result = replace(result, case=ReportCertainty(result.advisor).judged(result.case))
        # First recorded, then shown: nothing is ever said that is not on record, unless it is told below.
        told = _record(result, audit_file, with_drafts) if audit_file else None
        _print(result, form, top, show_all)
        for note in notes_on_day(result, date.today()):
            click.echo(note, err=True)
        if told is not None:
            click.echo(told.note, err=True)
            if not told.recorded:
                raise click.exceptions.Exit(NOT_RECORDED)


class _Told(NamedTuple):
    recorded: bool
    note: str


def _record(result: Any, path: Path, with_drafts: bool) -> _Told:
    """Appends the report to the audit file; whatever hinders it, the report will still be shown."""
    from engine.audit.file import AuditFailed, AuditFile
    from engine.audit.recording import record_report
    from engine.base.diagnostic import InvalidInput
    from engine.loading.folder import list_files

    try:
        with AuditFile(path, writable=True) as audit:
            files = lambda: list_files(result.folder)  # noqa: E731  # asked only for policies not kept yet
            entry = record_report(audit, result.report, result.facts, files, with_drafts=with_drafts)
    except AuditFailed as failed:
        return _Told(False, f"Not recorded in {path}: {failed}.")
    except InvalidInput as refused:
        return _Told(False, f"Not recorded in {path}: {refused.diagnostics[0].message}")
    return _Told(True, f"Recorded as {entry.id} in {path}.")


def _read_stdin(limit: int) -> bytes:
    """At most so many bytes of standard input. Raises OSError where there is none."""
    if sys.stdin is None:  # closed by whoever started us
        raise OSError("it is closed")
    return sys.stdin.buffer.read(limit)


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


def _print(result: Any, form: str, top: int | None, show_all: bool) -> None:
    from engine import rendering

    found = result.report
    if form == "text":
        from shutil import get_terminal_size

        width = max(60, min(120, get_terminal_size((100, 24)).columns))
        colour = sys.stdout.isatty() and not os.environ.get("NO_COLOR")
        click.echo(
            rendering.render_text(found, top=top, all_items=show_all, width=width, colour=colour),
            nl=False,
            color=colour,
        )
        return
    if form == "json":
        text = rendering.render_json(found)
    elif form == "markdown":
        text = rendering.render_markdown(found, top=top, all_items=show_all)
    else:
        from engine.analysis.explain.context import explanation_context
        from engine.analysis.explain.explainer import Explainer
        from engine.analysis.explain.view import unfolded

        explained = Explainer(result.policies).items(result.case)
        besides = explanation_context(explained, result.case, result.advisor)
        text = rendering.render_html(found, unfolded(explained, besides))
    sys.stdout.buffer.write(text.encode())
    sys.stdout.buffer.flush()  # here, where a closed pipe is still taken for what it is
