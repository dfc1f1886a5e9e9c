"""The main job at the edge: a facts file in, with the policies of its day; the complete report out."""

from __future__ import annotations

import sys
from datetime import date
from functools import cached_property
from pathlib import Path
from typing import Final

from engine.advising.advisor import Advisor, Case, EngineChoice
from engine.analysis.certainty.report_certainty import ReportCertainty
from engine.base.diagnostic import Diagnostic, InvalidInput, Location, joined
from engine.base.read import MAX_BYTES, Document, InvalidDocument, read_bytes, read_document
from engine.base.record import record, replace
from engine.language.facts import Facts, as_of_in, facts_from_source
from engine.language.policy_set import PolicySet
from engine.language.report import Report
from engine.loading import policy_cache
from engine.loading.folder import find_folder
from engine.loading.load import load

STANDARD_INPUT: Final = "<standard input>"
_TABLES: Final = (".csv", ".tsv", ".xlsx", ".xls", ".ods")


@record
class Options:
    """On which policies: of what folder (None: as the command finds it), for what day, fired by what.

    `as_of` None is the day that the facts name, else today.
    """

    folder: str | None = None
    as_of: date | None = None
    engine: EngineChoice = "durable-rules"
    with_drafts: bool = False


@record
class Session:
    """One applicant's facts, and what advises on them on the policies of their day."""

    facts: Facts
    advisor: Advisor
    folder: Path

    @classmethod
    def open(cls, facts: str | Document, options: Options) -> Session:
        """From a facts file (`-`: standard input), or one already read. Raises InvalidInput."""
        problems: tuple[Diagnostic, ...] = ()
        source: Document | None = None
        try:
            source = facts if isinstance(facts, Document) else _read(facts)
        except InvalidInput as invalid:
            problems = invalid.diagnostics
            source = invalid.source if isinstance(invalid, InvalidDocument) else None
        day = options.as_of or (as_of_in(source.data) if source else None) or date.today()
        try:
            folder = find_folder(options.folder)
            cache = policy_cache.default_folder()
            policies = load(folder, day, keep_in=cache, with_drafts=options.with_drafts)
            given = facts_from_source(source, policies.facts) if source else None
        except InvalidInput as invalid:
            raise InvalidInput(joined(problems, invalid.diagnostics)) from None
        if problems or given is None:
            raise InvalidInput(problems)
        return cls(given, Advisor(policies, engine=options.engine), folder)

    @property
    def policies(self) -> PolicySet:
        """What is in force on the day."""
        return self.advisor.policies

    def policies_on(self, day: date) -> PolicySet:
        """What is in force on another day. Raises InvalidInput."""
        policies = self.policies
        begun = policies.since is None or policies.since <= day
        if begun and (policies.changes_on is None or day < policies.changes_on):
            return replace(policies, as_of=day)
        return load(self.folder, day, keep_in=policy_cache.default_folder())

    @cached_property
    def case(self) -> Case:
        """The case, complete: with how certain each item is. Raises as `Advisor.report` does."""
        return ReportCertainty(self.advisor).case(self.facts)

    @property
    def report(self) -> Report:
        """The complete report."""
        return self.case.report


def read_facts_file(path: str) -> Document:
    """A facts file, parsed. Raises InvalidInput."""
    content = read_bytes(Path(path), path, waiting=True)
    if path.lower().endswith(_TABLES):
        message = "This is a table; a facts file holds the facts of one applicant, as JSON or YAML."
        help_text = (
            "Write a facts file for each applicant. A table (CSV) is for `advise diff OLD NEW --cohort FILE`:"
            " it tells whose advice changes."
        )
        raise InvalidInput.error("not-an-object", message, Location(path), help_text)
    return read_document(content, path)


def _read(facts: str) -> Document:
    return read_document(_standard_input(), STANDARD_INPUT) if facts == "-" else read_facts_file(facts)


def _standard_input() -> bytes:
    try:
        if sys.stdin is None:  # closed by whoever started us
            raise OSError("it is closed")
        return sys.stdin.buffer.read(MAX_BYTES + 1)
    except OSError as error:
        message = f"It cannot be read: {error.strerror or error}."
        raise InvalidInput.error("unreadable", message, Location(STANDARD_INPUT)) from None
