"""`advise audit`: what was recorded with `advise FACTS --record`, one verb a function."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

import click

from engine.base.counted import counted
from engine.commands.exits import FELL_SHORT, NOT_RECORDED, exits
from engine.commands.options import (
    Command,
    IsoDate,
    PlainText,
    as_of_option,
    audit_option,
    chosen_audit,
    file_names,
    format_option,
    policies_option,
)
from engine.commands.printing import is_wanted, print_as, print_outline, print_text, tell, write, write_each

if TYPE_CHECKING:
    from engine.audit.file import AuditFile
    from engine.language.field_words import FieldWords, Noun

NUMBER = click.IntRange(min=1, max=2**63 - 1)
"""What SQLite can count."""


@click.group("audit")
def command() -> None:
    """What was recorded: found, shown, checked, made again, decided on, handed out, forgotten."""


def _words(folder: str | None = None) -> FieldWords:
    from engine.loading.load import words_of

    return words_of(folder, date.today())


def whom(folder: str | None = None) -> Noun:
    """The word for whom advice is for, of the policy folder; a neutral one where it cannot be read."""
    from engine.language.field_words import Noun
    from engine.rendering.neutral import neutral_text

    word = _words(folder).subject
    return Noun(neutral_text(word.one), neutral_text(word.many), neutral_text(word.article))


def subject_option(help: str) -> Callable[[Command], Command]:
    """`--subject`; `--applicant`, as it was called, stays."""
    return click.option("--subject", "--applicant", "applicant", type=PlainText(), help=help)


@contextmanager
def _opened(named: str | None, *, writable: bool = False) -> Iterator[AuditFile]:
    """The audit file; problems end as everywhere, and what cannot be written with exit 3."""
    with exits():
        from engine.audit.database import AuditFailed
        from engine.audit.file import AuditFile
        from engine.base.diagnostic import InvalidInput, Location

        path = chosen_audit(named)
        if writable and not path.exists():
            raise InvalidInput.error("audit-file", "There is no such audit file.", Location(str(path), 0))
        try:
            with AuditFile(path, writable=writable) as audit:
                yield audit
        except AuditFailed as failed:
            tell(f"{path}: {failed}.")
            raise click.exceptions.Exit(NOT_RECORDED) from None


@command.command("list")
@subject_option("Only records of this subject (whom a report is for), as reports name it.")
@click.option("--rule", help="Only reports that show an item of this rule.")
@click.option("--policy", help="Only reports on this policy: an id, or id@version.")
@click.option("--cites", help="Only reports with an item that rests on this source, or source#passage.")
@click.option("--since", type=IsoDate(), help="Only reports for this day and later.")
@click.option("--until", type=IsoDate(), help="Only reports for this day and earlier.")
@click.option("--limit", type=NUMBER, default=50, show_default=True, help="At most so many.")
@click.option("--all", "everything", is_flag=True, help="No limit.")
@format_option
@audit_option
def list_(
    applicant: str | None,
    rule: str | None,
    policy: str | None,
    cites: str | None,
    since: date | None,
    until: date | None,
    limit: int,
    everything: bool,
    form: str,
    audit: str | None,
) -> None:
    """Lists records, the newest first."""
    with _opened(audit) as file:
        from engine.audit.search import RecordQuery, known_rules, list_records
        from engine.audit.view import records_as_data, records_outline
        from engine.language.rule_names import full_name

        id_, _, version = (policy or "").partition("@")
        rules = (full_name(rule, known_rules(file)),) if rule else ()
        which = RecordQuery(applicant, rules, id_ or None, version or None, cites, since, until)
        bound = None if everything else limit
        records = list_records(file, which, bound + 1 if bound else None)
        shown = records[:bound]
        more = len(records) > len(shown)
        print_as(
            form, lambda: records_outline(shown, whom, more=more), lambda: records_as_data(shown, more=more)
        )


@command.command()
@click.argument("number", metavar="ID", type=NUMBER)
@click.option(
    "--part",
    type=click.Choice(["all", "facts", "report"]),
    default="all",
    help="`facts` and `report` write the recorded JSON as it is.",
)
@audit_option
def show(number: int, part: str, audit: str | None) -> None:
    """Shows a record: who, when, on which policies, the facts, the advice, the decisions on it."""
    with _opened(audit) as file:
        from engine.audit.view import facts_json, record_outline, report_json

        if part == "all":
            print_outline(record_outline(file, number, whom))
        else:
            write((facts_json if part == "facts" else report_json)(file, number))


@command.command()
@click.argument("name", metavar="POLICY/RULE")
@click.option("--version", help="Only those given on this version of the policy.")
@click.option(
    "--limit",
    type=NUMBER,
    default=200,
    show_default=True,
    help="At most so many lines of text.",
)
@click.option("--all", "everything", is_flag=True, help="No limit.")
@click.option(
    "--format",
    "form",
    type=click.Choice(["text", "csv", "json"]),
    default="text",
    help="csv: everybody; json: every report; both without a limit.",
)
@policies_option()
@audit_option
def rule(
    name: str,
    version: str | None,
    limit: int,
    everything: bool,
    form: str,
    folder: str | None,
    audit: str | None,
) -> None:
    """Lists who was given a rule's item: whom to call when the rule was wrong.

    First how many there are, by version; then a line for each of them, with the newest report, the newest
    first. Former names of the rule (`formerly`, in the policy folder) count too.
    """
    with _opened(audit) as file:
        from engine.audit.recipients import given_to, recipients_of
        from engine.audit.recipients_view import check_rule, given_json, recipients_csv, recipients_text
        from engine.audit.search import known_rules
        from engine.language.rule_names import full_name
        from engine.loading.former_names import names_of

        names = names_of(full_name(name, known_rules(file)), folder)
        check_rule(file, names)
        if form == "json":
            write_each(given_json(given_to(file, names, version), names))
            return
        recipients = recipients_of(file, names, version)
        if form == "csv":
            write_each(recipients_csv(file, recipients, names, whom(folder)))
        else:
            for text in recipients_text(file, recipients, names, None if everything else limit, whom(folder)):
                print_text(text)


@command.command()
@click.option(
    "--head",
    help="A head kept elsewhere (`advise audit head`), or a file with it.",
    shell_complete=file_names,
)
@click.option(
    "--public-key",
    help="A public key, or a file with it: its signatures are held against the chain.",
    shell_complete=file_names,
)
@audit_option
def verify(head: str | None, public_key: str | None, audit: str | None) -> None:
    """Checks that nothing was altered, removed or reordered; exit 1 when something was.

    Exit 1, too, while what was to be forgotten still lies on the disk.
    """
    with _opened(audit) as file:
        from engine.audit.verify import verify as verify_file
        from engine.audit.view import kept_head, verified_lines

        verified = verify_file(file, kept_head(head) if head else None)
        signed = None
        if public_key:
            from engine.audit.sign import verify_signatures

            signed = verify_signatures(file, public_key)
        print_text("\n".join(verified_lines(verified, signed)) + "\n")
        if verified.problems or verified.pending or (signed and signed.problems):
            raise click.exceptions.Exit(FELL_SHORT)


@command.command()
@audit_option
def head(audit: str | None) -> None:
    """Prints the head: kept elsewhere, it shows whether records were removed at the end."""
    with _opened(audit) as file:
        newest = file.head()
        if newest is None:
            tell("The audit file is empty.")
        else:
            print_text(f"{newest}\n")


@command.command()
@click.argument("key_file", metavar="FILE", type=click.Path(path_type=Path))
def key(key_file: Path) -> None:
    """Writes a new private signing key to FILE and prints the public key."""
    with exits():
        from engine.audit.sign import make_key

        print_text(f"{make_key(key_file)}\n")


@command.command()
@click.option("--key", "key_file", required=True, type=click.Path(path_type=Path), help="The private key.")
@audit_option
def sign(key_file: Path, audit: str | None) -> None:
    """Signs the head, so that a chain that was written anew is found."""
    with _opened(audit, writable=True) as file:
        from engine.audit.sign import sign_head

        signed, public = sign_head(file, key_file)
        file.sync()
        print_text(f"Record {signed.id} and all before it are signed with the key {public}.\n")


@command.command()
@click.argument("number", metavar="ID", type=NUMBER)
@click.option(
    "--with",
    "with_",
    type=click.Choice(["recorded", "current"]),
    default="recorded",
    help="On which policies.",
)
@as_of_option("With the current policies: the day; default: today.")
@policies_option()
@audit_option
def replay(number: int, with_: str, as_of: date | None, folder: str | None, audit: str | None) -> None:
    """Makes a report again; exit 1 when it does not come out the same.

    With --with current: what would be said today, and why it differs (exit 0).
    """
    with _opened(audit) as file:
        from engine.audit.replay import read_recorded
        from engine.audit.replay import replay as replay_recorded
        from engine.audit.view import replayed_outline

        replayed = replay_recorded(read_recorded(file, number))
        if with_ == "recorded":
            print_outline(replayed_outline(replayed))
            if not (replayed.same_bytes if replayed.same_tool else replayed.same_decisions):
                raise click.exceptions.Exit(FELL_SHORT)
            return
        from engine.audit.today import today_outline

        print_outline(today_outline(replayed, folder, as_of or date.today()))


@command.command()
@click.argument("number", metavar="ID", type=NUMBER)
@click.argument("item")
@click.option("--accepted", "accepted", flag_value="yes", help="It was followed.")
@click.option("--overridden", "accepted", flag_value="no", help="It was decided otherwise.")
@click.option("--reason", type=PlainText(), help="Why; needed with --overridden.")
@audit_option
def outcome(number: int, item: str, accepted: str | None, reason: str | None, audit: str | None) -> None:
    """Records what was decided on an item of a report: ITEM is its rank or its rule."""
    if accepted is None:
        raise click.UsageError("Say --accepted or --overridden.")
    if accepted == "no" and not (reason or "").strip():
        raise click.UsageError('Say why it was overridden: --reason "…".')
    with _opened(audit, writable=True) as file:
        from engine.audit.outcomes import record_outcome

        entry, rule = record_outcome(file, number, item, accepted=accepted == "yes", reason=reason or "")
        file.sync()
        tell(f"Recorded as {entry.id}: {rule} of record {number}.")


@command.command()
@format_option
@audit_option
def overrides(form: str, audit: str | None) -> None:
    """Lists which rules are overridden most, with their reasons."""
    with _opened(audit) as file:
        from engine.audit.search import overrides as overridden
        from engine.audit.view import overrides_as_data, overrides_outline

        rules = overridden(file)
        print_as(form, lambda: overrides_outline(rules, _words()), lambda: overrides_as_data(rules))


@command.command()
@subject_option("Only records of this subject.")
@audit_option
def export(applicant: str | None, audit: str | None) -> None:
    """Writes all records as JSON lines."""
    with _opened(audit) as file:
        from engine.audit.view import exported

        write_each(f"{json.dumps(line, ensure_ascii=False)}\n" for line in exported(file, applicant))


@command.command()
@click.argument("applicant", metavar="[SUBJECT]", type=PlainText(), required=False)
@click.option("--id", "number", type=NUMBER, help="This record, and the decisions on it.")
@click.option("--yes", is_flag=True, help="Do not ask.")
@audit_option
def forget(applicant: str | None, number: int | None, yes: bool, audit: str | None) -> None:
    """Removes all that is kept of whom reports are for, for good; that it was done stays on record."""
    if (applicant is None) == (number is None):
        raise click.UsageError(f"Say whose records: {whom()}, or --id NUMBER.")
    with _opened(audit, writable=True) as file:
        from engine.audit.outcomes import forget as forget_records

        whose = f"the {whom().one} {applicant}" if applicant is not None else f"record {number}"
        if not (yes or is_wanted(f"Remove all that is kept of {whose}, for good?")):
            raise click.Abort
        entry = forget_records(file, applicant, number)
        tell(f"{counted(len(entry.about), 'record')} emptied; recorded as {entry.id}.")
